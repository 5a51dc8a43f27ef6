"""Jobs of cases."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from chengyun.cases.operations.attachments import sweep_attachments, sweep_unused_uploads
from chengyun.cases.operations.exports import fail_export, make_export_file, sweep_exports
from chengyun.cases.operations.lights import mark_lights
from chengyun.cases.operations.relaying import Span, relay_clocks
from chengyun.kernel.clock import now

# The database restarts: the job is done again.
_GOES_ON = RetryStrategy(
    max_attempts=20, wait=5, retry_exceptions={OperationalError, InterfaceError}
)


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="cases.mark_lights_of_clocks", lock="cases.mark_lights", pass_context=False)
def mark_lights_of_clocks(timestamp: int) -> None:
    """Mark the clocks that have turned yellow or red, every ten seconds."""
    mark_lights(at=now())


@app.task(pass_context=False, retry=_GOES_ON)
def relay_open_clocks(first: str | None, last: str | None) -> None:
    """Reckon the open clocks anew that run through edited days of the working calendar.

    first, last : days as YYYY-MM-DD, None = all
    """
    span = Span(
        first=date.fromisoformat(first) if first else None,
        last=date.fromisoformat(last) if last else None,
    )
    relay_clocks(at=now(), span=span)


@app.periodic(cron="53 * * * *")
@app.task(queueing_lock="cases.sweep_unused_attachments", pass_context=False)
def sweep_unused_attachments(timestamp: int) -> None:
    """Remove uploads that nobody used, hourly."""
    sweep_unused_uploads(at=now())


@app.periodic(cron="23 4 * * *")
@app.task(queueing_lock="cases.sweep_files_without_a_row", pass_context=False)
def sweep_files_without_a_row(timestamp: int) -> None:
    """Remove files that a crash left without a row, nightly: it lists the whole storage."""
    sweep_attachments(at=now())


@app.task(pass_context=False, retry=_GOES_ON)
def make_export(run_id: str) -> None:
    """Write the workbook of a long export; begin anew when the database went away meanwhile."""
    try:
        make_export_file(run_id=UUID(run_id))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        fail_export(run_id=UUID(run_id))
        raise


@app.periodic(cron="37 4 * * *")
@app.task(queueing_lock="cases.sweep_old_exports", pass_context=False)
def sweep_old_exports(timestamp: int) -> None:
    """Remove exports that nobody fetches any more, nightly."""
    sweep_exports(at=now())
