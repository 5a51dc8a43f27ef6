"""The worker process, started by the supervisor: `process worker`.

Jobs are taken through psycopg's own pool; what a job defers goes through Django's connection, in
the job's transaction. Tasks live in the contexts' `tasks.py`, never in the main module.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from chengyun.server import child

HEARTBEAT_S = 10.0
GRACE_S = 20.0
_STALLED_S = 60.0


def main(_arguments: list[str]) -> None:
    """Work until told to stop."""
    child.when_orphaned(lambda: os.kill(os.getpid(), signal.SIGTERM))
    asyncio.run(_work())


async def _work() -> None:
    from procrastinate import PsycopgConnector
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.utils import connector_params

    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=4)
    working = app.with_connector(connector)
    async with working.open_async():
        await working.run_worker_async(
            name=os.environ.get(child.PROCESS, "worker"),
            concurrency=int(os.environ.get("CHENGYUN_WORKER_JOBS", "2")),
            fetch_job_polling_interval=5.0,
            shutdown_graceful_timeout=GRACE_S,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=_STALLED_S,
            delete_jobs="successful",
            task_middleware=[_fresh_connections],
        )


def _fresh_connections(process: Any, _context: Any, _worker: Any) -> Any:
    """Run a job on connections that live, and give them back in order."""
    from django.db import close_old_connections

    from chengyun.server.connections import close_dead_connections

    close_dead_connections()
    try:
        return process()
    finally:
        close_old_connections()
