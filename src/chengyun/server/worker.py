"""The worker process, started by the supervisor: `process worker`.

Jobs are taken through psycopg's own pool; what a job defers goes through Django's connection, in
the job's transaction. Tasks live in the contexts' `tasks.py`, never in the main module.

A worker that is killed leaves its jobs "doing", and with them their locks. Each writes down its id
before its first job; the next one of the same data folder gives the jobs back before it begins.
"""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import structlog

from chengyun.server import child, environment

HEARTBEAT_S = 10.0
GRACE_S = 20.0
STALLED_S = 120.0
_PRUNED_S = 60.0
_log = structlog.get_logger("chengyun.worker")


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
    note = environment.data_dir() / f"{os.environ.get(child.PROCESS, 'worker')}.id"
    async with working.open_async():
        await give_back_jobs(working, note)
        await working.run_worker_async(
            name=os.environ.get(child.PROCESS, "worker"),
            concurrency=int(os.environ.get("CHENGYUN_WORKER_JOBS", "2")),
            fetch_job_polling_interval=5.0,
            shutdown_graceful_timeout=GRACE_S,
            update_heartbeat_interval=HEARTBEAT_S,
            stalled_worker_timeout=_PRUNED_S,
            delete_jobs="successful",
            task_middleware=[_fresh_connections],
            worker_middleware=[_noting(note)],
        )


async def give_back_jobs(app: Any, note: Path) -> int:
    """Give the jobs back that the former worker of this data folder left; return how many.

    note : the file in which it wrote its id
    """
    manager = app.job_manager
    former = _read(note)
    if former is not None:
        await manager.unregister_worker(former)
    left = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S))
    for job in left:
        await manager.retry_job(job)
    if left:
        _log.warning("jobs.given_back", count=len(left), jobs=[job.id for job in left])
    return len(left)


def _read(note: Path) -> int | None:
    text = note.read_text().strip() if note.exists() else ""
    return int(text) if text.isdigit() else None


def _write(note: Path, worker_id: int) -> None:
    note.write_text(str(worker_id))


def _noting(note: Path) -> Any:
    """Return a middleware that writes the worker's id down before its first job."""
    noted: set[int] = set()

    async def middleware(process: Any, _context: Any, worker: Any) -> Any:
        if worker.worker_id not in noted:
            _write(note, worker.worker_id)
            noted.add(worker.worker_id)
        return await process()

    return middleware


def _fresh_connections(process: Any, _context: Any, _worker: Any) -> Any:
    """Run a job on connections that live, and give them back in order."""
    from django.db import close_old_connections

    from chengyun.server.connections import close_dead_connections

    close_dead_connections()
    try:
        return process()
    finally:
        close_old_connections()
