"""Pytest plugin: a private PostgreSQL with PostGIS for the tests, made and thrown away."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from chengyun.server.cluster import Cluster

# A busy machine is no fault of the code: property tests have no time limit of their own.
# `make test` draws the same examples each time; `make explore` draws new ones and keeps looking.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("steady", _PATIENT, derandomize=True)
settings.register_profile("exploring", _PATIENT)
settings.load_profile("exploring" if os.environ.get("CHENGYUN_EXPLORE") else "steady")

_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=256MB",
)


def _start() -> None:
    folder = Path(tempfile.mkdtemp(prefix="cyt"))
    folder.chmod(0o755)
    cluster = Cluster(
        data=folder / "pg", socket_dir=folder / "run", log=folder / "log" / "pg.log", settings=_FAST
    )
    cluster.ensure()
    process = cluster.start()
    cluster.create_database()
    os.environ["CHENGYUN_DATABASE_URL"] = f"postgresql://chengyun@/chengyun?host={folder / 'run'}"
    os.environ["CHENGYUN_DATA_DIR"] = str(folder / "data")
    os.environ["CHENGYUN_TESTING"] = "1"
    owner = os.getpid()

    def stop() -> None:
        if os.getpid() != owner:
            return
        process.send_signal(signal.SIGINT)  # fast shutdown: does not wait for open connections
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)


if not os.environ.get("CHENGYUN_TESTING"):
    _start()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: packed ones hold the time, so that no two runs agree."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True)
def fresh_copies() -> None:
    """Forget the in-process copies of settings, grants and calendar before each test.

    The sequences are not looked at meanwhile, so that counts of queries do not depend on timing.
    """
    from chengyun.administration.queries.freshness import watch

    watch().start_afresh(check_every_s=3600)
