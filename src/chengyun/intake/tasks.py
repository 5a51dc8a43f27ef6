"""Jobs of imports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from chengyun.intake.operations.runs import fail_import, perform_import, sweep_imports
from chengyun.kernel.clock import now

_DEAD_AFTER_S = 45
# The worker is being stopped, or the database restarts: the run goes on where it stands.
_GOES_ON = RetryStrategy(
    max_attempts=20, wait=5, retry_exceptions={JobAborted, OperationalError, InterfaceError}
)


@app.task(pass_context=True, retry=_GOES_ON)
def do_import(context: Any, run_id: str) -> None:
    """Do an import by upload, or go on with it."""
    try:
        is_over = perform_import(run_id=UUID(run_id), stopping=context.should_abort)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        fail_import(run_id=UUID(run_id))
        raise
    if not is_over:
        raise JobAborted


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="intake.resume_imports", pass_context=True)
async def resume_imports(context: Any, timestamp: int) -> None:
    """Give the imports of a worker that died to one that lives, every minute."""
    manager = context.app.job_manager
    stalled = await manager.get_stalled_jobs(
        task_name=do_import.name, seconds_since_heartbeat=_DEAD_AFTER_S
    )
    for job in stalled:
        await manager.retry_job(job)


@app.periodic(cron="43 4 * * *")
@app.task(queueing_lock="intake.sweep_old_imports", pass_context=False)
def sweep_old_imports(timestamp: int) -> None:
    """Remove what imports left behind, nightly."""
    sweep_imports(at=now())
