"""Is the platform ready: database, migrations, worker."""

from __future__ import annotations

import time
from http import HTTPStatus

import orjson
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

HEARTBEAT_S = 60.0
_RECHECK_S = 30.0
_WORKER = "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"


class _Migrations:
    """Remember for a while that nothing is left to migrate: finding out takes 50 ms."""

    good_until = 0.0

    @classmethod
    def are_done(cls) -> bool:
        if time.monotonic() < cls.good_until:
            return True
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        cls.good_until = time.monotonic() + _RECHECK_S
        return True


def ready(request: HttpRequest) -> HttpResponse:
    """Answer /health/ready: 200 when everything that a desk needs is there, else 503."""
    checks = check()
    good = all(state == "ok" for state in checks.values())
    body = {"status": "ready" if good else "not_ready", "checks": checks}
    status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
    return HttpResponse(
        orjson.dumps(body),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"} | ({} if good else {"Retry-After": "1"}),
    )


def check() -> dict[str, str]:
    """Return name → "ok" or what is wrong, as a code."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _Migrations.are_done():
            return {"database": "ok", "migrations": "pending", "worker": "unknown"}
        return {"database": "ok", "migrations": "ok", "worker": _worker()}
    except DatabaseError:
        return {"database": "unavailable", "migrations": "unknown", "worker": "unknown"}


def _worker() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_WORKER)
        age_s = cursor.fetchone()[0]
    if age_s is None:
        return "absent"
    return "ok" if float(age_s) < HEARTBEAT_S else "stale"
