"""An older version's database is brought up to date, and nothing of it is lost."""

from __future__ import annotations

import gzip
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from platform_under_test import clean_environment

from chengyun.kernel.text import query_terms, term_keys
from chengyun.server.cluster import Cluster

OLDER = Path(__file__).parent / "older" / "database.sql.gz"

_SEARCHED = "SELECT number, search FROM cases_case ORDER BY id"

pytestmark = pytest.mark.slow


@pytest.fixture
def older() -> Iterator[Cluster]:
    """A private cluster with the older database."""
    folder = Path(tempfile.mkdtemp(prefix="cyu"))
    folder.chmod(0o755)
    cluster = Cluster(data=folder / "pg", socket_dir=folder / "run", log=folder / "pg.log")
    cluster.ensure()
    process = cluster.start()
    cluster.create_database()
    asked(cluster, "", gzip.decompress(OLDER.read_bytes()).decode())
    yield cluster
    process.send_signal(signal.SIGINT)
    process.wait(30)
    shutil.rmtree(folder, ignore_errors=True)


def asked(cluster: Cluster, query: str, script: str = "") -> list[str]:
    """Return the lines that psql answers."""
    psql = [cluster.binary("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-U", "chengyun"]
    place = ["-h", str(cluster.socket_dir), "-d", "chengyun"]
    done = subprocess.run(
        [*psql, *place], input=script or query, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def run(cluster: Cluster, *words: str) -> str:
    """Run a module of the platform on the cluster's database."""
    folder = cluster.data.parent
    address = f"postgresql://chengyun@/chengyun?host={cluster.socket_dir}"
    done = subprocess.run(
        [sys.executable, "-m", *words],
        env={
            **clean_environment(folder),
            "CHENGYUN_DATABASE_URL": address,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_an_older_database_is_brought_up_to_date(older: Cluster) -> None:
    kept = "SELECT id, number, state FROM cases_case ORDER BY id"
    log = "SELECT count(*) FROM cases_logentry"
    cases, entries = asked(older, kept), asked(older, log)
    assert len(cases) == 5
    run(older, "chengyun.server.process", "prepare")
    assert asked(older, kept) == cases
    assert asked(older, log) == entries
    proof = json.loads(run(older, "chengyun", "check", "log", "--json"))
    assert (proof["cases"], proof["entries"]) == (5, int(entries[0]))
    assert proof["broken"] == []
    for number, keys in (line.split("|") for line in asked(older, _SEARCHED)):
        wanted = {str(key) for key in term_keys(query_terms(number))}
        assert wanted <= set(keys.strip("{}").split(","))
    runs = "SELECT kind, state, made, faulty FROM intake_importrun ORDER BY kind"
    assert asked(older, runs) == ["cases|done|1|1", "components|done|1|1"]
    assert asked(older, "SELECT count(*) FROM intake_importrow") == ["2"]
    gone = (
        "SELECT coalesce(to_regclass('cases_importrun'), to_regclass('components_componentimport'))"
    )
    assert asked(older, gone) == [""]
    assert asked(older, "SELECT count(*) FROM territory_address") == ["0"]
