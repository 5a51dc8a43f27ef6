"""Jobs of cases."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from chengyun.cases.operations.attachments import sweep_attachments
from chengyun.cases.operations.exports import fail_export, make_export_file, sweep_exports
from chengyun.cases.operations.lights import mark_lights
from chengyun.kernel.clock import now


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="cases.mark_lights_of_clocks", lock="cases.mark_lights", pass_context=False)
def mark_lights_of_clocks(timestamp: int) -> None:
    """Mark the clocks that have turned yellow or red, every ten seconds."""
    mark_lights(at=now())


@app.periodic(cron="23 4 * * *")
@app.task(queueing_lock="cases.sweep_unused_attachments", pass_context=False)
def sweep_unused_attachments(timestamp: int) -> None:
    """Remove uploads that nobody used and files without a row, nightly."""
    sweep_attachments(at=now())


@app.task(pass_context=False)
def make_export(run_id: str) -> None:
    """Write the workbook of a long export."""
    try:
        make_export_file(run_id=UUID(run_id))
    except Exception:
        fail_export(run_id=UUID(run_id))
        raise


@app.periodic(cron="37 4 * * *")
@app.task(queueing_lock="cases.sweep_old_exports", pass_context=False)
def sweep_old_exports(timestamp: int) -> None:
    """Remove exports that nobody fetches any more, nightly."""
    sweep_exports(at=now())
