"""Jobs of the house itself: what a dead worker left, and what is done with."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app

from chengyun.server.worker import STALLED_S

KEPT_HOURS = 7 * 24


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="server.retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: Any, timestamp: int) -> None:
    """Give the jobs of workers that died to those that live."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="server.remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: Any, timestamp: int) -> None:
    """Forget finished jobs after a week."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
