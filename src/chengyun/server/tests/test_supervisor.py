from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from chengyun.server.tests.platform_process import PlatformProcess, free_port, is_alive
from chengyun.server.tests.serving import fetch, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("supervisor")]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the system user may reach, whoever runs the tests."""
    made = Path(tempfile.mkdtemp(prefix="cys"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def platform(folder: Path) -> Iterator[PlatformProcess]:
    """A running platform, which tests leave as they found it."""
    one = PlatformProcess(folder / "var", free_port(), CHENGYUN_WEB_PROCESSES="2")
    one.wait_ready()
    yield one
    one.stop()


def test_it_says_where_to_go(platform: PlatformProcess) -> None:
    assert f"http://127.0.0.1:{platform.port}/" in platform.text()
    assert set(platform.pids()) == {"supervisor", "database", "worker", "web-1", "web-2"}


def test_it_is_ready_in_every_part(platform: PlatformProcess) -> None:
    wait_until(platform.answers, for_s=60)  # each web process finds out for itself
    status, body = platform.get("/health/ready")
    good = b'{"status":"ready","checks":{"database":"ok","migrations":"ok","worker":"ok"}}'
    assert (status, body) == (200, good)


def test_the_figures_are_those_of_all_web_processes(platform: PlatformProcess) -> None:
    def counted() -> float:
        text = platform.get("/metrics")[1].decode()
        name = 'chengyun_http_requests_total{method="GET",route="api/v1/node",status="200"} '
        return next((float(ln[len(name) :]) for ln in text.splitlines() if ln.startswith(name)), 0)

    before = counted()
    for _ in range(20):
        platform.get("/api/v1/node")
    assert counted() == before + 20


def test_the_worker_does_the_jobs_that_wait(platform: PlatformProcess) -> None:
    there = make_conninfo(dbname="chengyun", user="chengyun", host=str(platform.folder / "run"))
    with psycopg.connect(there, autocommit=True) as database:
        row = database.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES"
            " ('default', 'chengyun.server.tasks.retry_stalled_jobs', '{\"timestamp\": 0}')"
            " RETURNING id"
        ).fetchone()
        assert row is not None
        left = "SELECT count(*) FROM procrastinate_jobs WHERE id = %s"

        def done() -> bool:
            found = database.execute(left, [row[0]]).fetchone()
            return found == (0,)

        wait_until(done, for_s=30)


def test_the_job_of_a_killed_worker_is_given_to_the_next(platform: PlatformProcess) -> None:
    note = platform.folder / "worker.id"
    there = make_conninfo(dbname="chengyun", user="chengyun", host=str(platform.folder / "run"))
    job = (
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id) VALUES"
        " ('default', 'chengyun.server.tasks.retry_stalled_jobs', '{\"timestamp\": 0}', %s, %s)"
        " RETURNING id"
    )
    with psycopg.connect(there, autocommit=True) as database:
        database.execute(job, ["todo", None])
        wait_until(note.exists, for_s=30)  # written before its first job
        row = database.execute(job, ["doing", int(note.read_text())]).fetchone()
    assert row is not None
    os.kill(platform.pids()["worker"], signal.SIGKILL)
    wait_until(lambda: row[0] in _given_back(platform), for_s=60)


def _given_back(platform: PlatformProcess) -> list[int]:
    return [
        job
        for entry in platform.log("worker")
        if entry["event"] == "jobs.given_back"
        for job in entry["jobs"]
    ]


@pytest.mark.parametrize("name", ["web-1", "worker"])
def test_a_killed_child_comes_back(platform: PlatformProcess, name: str) -> None:
    before = platform.pids()[name]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: platform.pids()[name] != before, for_s=30)
    wait_until(platform.answers, for_s=60)
    deaths = [e for e in platform.log("supervisor") if e["event"] == "child.died"]
    # Others may die after it: a database killed by another test takes the worker along.
    assert [e["status"] for e in deaths if e["name"] == name][-1] == -signal.SIGKILL


def test_the_port_answers_while_one_web_process_restarts(platform: PlatformProcess) -> None:
    os.kill(platform.pids()["web-2"], signal.SIGKILL)
    assert [fetch(platform.port, "/health/live")[0] for _ in range(20)] == [200] * 20


def test_a_killed_database_comes_back(platform: PlatformProcess) -> None:
    before = platform.pids()["database"]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: platform.pids()["database"] != before, for_s=60)
    wait_until(platform.answers, for_s=60)


def test_a_second_one_on_the_same_folder_is_refused(platform: PlatformProcess) -> None:
    second = PlatformProcess(platform.folder, free_port())
    assert second.wait_end() == 1
    assert f"in use by process {platform.pids()['supervisor']}" in second.text()
    assert platform.answers()


def test_a_second_one_on_the_same_port_is_refused(platform: PlatformProcess, folder: Path) -> None:
    second = PlatformProcess(folder / "other", platform.port)
    assert second.wait_end() == 1
    assert f"Port {platform.port} is in use" in second.text()
    assert platform.answers()


def test_it_outlives_its_own_death_and_stops_in_order(folder: Path) -> None:
    port = free_port()
    first = PlatformProcess(folder / "killed", port, CHENGYUN_WEB_PROCESSES="1")
    first.wait_ready()
    pids = first.pids()
    os.kill(pids["supervisor"], signal.SIGKILL)
    first.wait_end()
    wait_until(lambda: not any(map(is_alive, pids.values())), for_s=40)

    second = PlatformProcess(folder / "killed", port, CHENGYUN_WEB_PROCESSES="1")
    second.wait_ready()
    assert f"the last run (process {pids['supervisor']}) did not end in order" in second.text()
    ended = second.pids()
    assert second.stop() == 0
    stopped = [e["name"] for e in second.log("supervisor") if e["event"] == "child.stopped"]
    assert stopped[-3:] == ["web-1", "worker", "database"]
    assert not any(map(is_alive, ended.values()))
    assert not (folder / "killed" / "processes.json").exists()
    assert (folder / "killed" / "lock").read_text() == ""


def test_it_uses_an_outside_database(platform: PlatformProcess, folder: Path) -> None:
    url = f"postgresql://chengyun@/chengyun?host={platform.folder / 'run'}"
    one = PlatformProcess(
        folder / "outside", free_port(), CHENGYUN_DATABASE_URL=url, CHENGYUN_WEB_PROCESSES="1"
    )
    one.wait_ready()
    assert set(one.pids()) == {"supervisor", "worker", "web-1"}
    assert not (folder / "outside" / "pg").exists()
    assert one.stop() == 0
