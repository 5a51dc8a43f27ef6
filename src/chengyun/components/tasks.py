"""Jobs of components."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from chengyun.components.operations.figures import refresh_counts
from chengyun.components.operations.imports import fail_import, perform_import, sweep_imports
from chengyun.components.operations.photos import sweep_photos
from chengyun.kernel.clock import now

# The worker is being stopped, or the database restarts: the run goes on where it stands.
_GOES_ON = RetryStrategy(
    max_attempts=20, wait=5, retry_exceptions={JobAborted, OperationalError, InterfaceError}
)


@app.task(pass_context=True, retry=_GOES_ON)
def do_component_import(context: Any, run_id: str) -> None:
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


@app.periodic(cron="49 4 * * *")
@app.task(queueing_lock="components.sweep_imports", pass_context=False)
def sweep_component_imports(timestamp: int) -> None:
    """Remove what imports of components left behind, nightly."""
    sweep_imports()


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
