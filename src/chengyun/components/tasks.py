"""Jobs of components."""

from __future__ import annotations

from procrastinate.contrib.django import app

from chengyun.components.operations.figures import refresh_counts
from chengyun.components.operations.photos import sweep_photos
from chengyun.kernel.clock import now


@app.periodic(cron="57 4 * * *")
@app.task(queueing_lock="components.sweep_photos", pass_context=False)
def sweep_component_photos(timestamp: int) -> None:
    """Remove photos that nothing names, nightly."""
    sweep_photos(now())


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="components.keep_counts", pass_context=False)
def keep_component_counts(timestamp: int) -> None:
    """Count the components anew when they changed since the last time."""
    refresh_counts()
