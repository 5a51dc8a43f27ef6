from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chengyun.server import cluster as module
from chengyun.server import environment
from chengyun.server.cluster import (
    Cluster,
    ClusterFault,
    FolderOutOfReach,
    Identity,
    ProgramMissing,
)
from chengyun.server.tests.platform_process import is_alive
from chengyun.server.tests.serving import wait_until

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has the choice")


def a_cluster(folder: Path) -> Cluster:
    return Cluster(data=folder / "pg", socket_dir=folder / "run", log=folder / "log" / "pg.log")


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="cyc"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_it_is_made_once_closed_to_others_and_keeps_its_data(folder: Path) -> None:
    one = a_cluster(folder)
    one.ensure()
    process = one.start()
    try:
        one.create_database()
        one.create_database()
        mode = (folder / "run").stat().st_mode & 0o777
        assert mode == 0o700
        assert {"wal_compression=lz4", "wal_compression=off"} & set(one.command())
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    one.ensure()


@AS_ROOT
def test_in_a_closed_folder_root_runs_it_in_a_namespace(folder: Path) -> None:
    folder.chmod(0o700)
    one = a_cluster(folder)
    try:
        assert one.identity() is Identity.NAMESPACE
    except FolderOutOfReach:
        pytest.skip("this machine allows no user namespaces")
    one.ensure()
    process = one.start()
    try:
        one.create_database()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    folder.chmod(0o755)
    assert one.identity() is Identity.NAMESPACE  # it stays with its owner


@AS_ROOT
def test_where_nothing_works_the_message_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.chmod(0o700)
    monkeypatch.setattr(module, "_namespaces_work", lambda: False)
    with pytest.raises(FolderOutOfReach) as refused:
        a_cluster(folder).ensure()
    assert "--data-dir" in refused.value.text("zh")


def test_a_server_left_behind_is_stopped(folder: Path) -> None:
    one = a_cluster(folder)
    one.ensure()
    process = one.start()
    one.stop_left_behind()
    assert process.wait(30) == 0
    one.stop_left_behind()


def test_a_pid_file_of_another_process_is_not_believed(folder: Path) -> None:
    (folder / "pg").mkdir()
    (folder / "pg" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    a_cluster(folder).stop_left_behind()
    assert is_alive(os.getpid())


def test_it_ends_with_its_parent(folder: Path) -> None:
    one = a_cluster(folder)
    one.ensure()
    code = (
        "import sys; from pathlib import Path; from chengyun.server.cluster import Cluster;"
        "f = Path(sys.argv[1]);"
        "c = Cluster(data=f / 'pg', socket_dir=f / 'run', log=f / 'log' / 'pg.log');"
        "print(c.start().pid, flush=True); sys.stdin.read()"
    )
    import sys

    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    parent.stdin.close()
    wait_until(lambda: not is_alive(pid), for_s=20)


def test_a_server_that_cannot_start_tells_why(folder: Path) -> None:
    one = a_cluster(folder)
    one.ensure()
    broken = Cluster(
        data=one.data, socket_dir=one.socket_dir, log=one.log, settings=("nonsense=1",)
    )
    with pytest.raises(ClusterFault) as refused:
        broken.start(timeout_s=10)
    assert "nonsense" in refused.value.text("en")


def test_a_socket_path_that_is_too_long_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGYUN_DATA_DIR", "/tmp/" + "d" * 120)
    place = environment.socket_dir()
    assert len(str(place / ".s.PGSQL.5432.lock")) <= 107
    assert place == environment.socket_dir()
    monkeypatch.setenv("CHENGYUN_DATA_DIR", "/tmp/" + "e" * 120)
    assert environment.socket_dir() != place


def test_a_missing_program_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KNOWN_PLACES", ())
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ProgramMissing) as refused:
        a_cluster(folder).binary("initdb")
    assert "make setup" in refused.value.text("en")


def test_a_database_url_may_name_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "CHENGYUN_DATABASE_URL", "postgresql://u%40x:p%2F@/city?host=/run/pg&sslmode=require"
    )
    found = environment.database_address()
    assert (found.user, found.password, found.name) == ("u@x", "p/", "city")
    assert (found.host, found.port, found.options) == ("/run/pg", "5432", {"sslmode": "require"})


def test_its_cache_follows_the_machine_s_memory() -> None:
    gib = 2**30
    assert module.memory_options(gib // 2) == (
        "shared_buffers=128MB",
        "effective_cache_size=256MB",
    )
    assert module.memory_options(24 * gib)[0] == "shared_buffers=3072MB"
    assert module.memory_options(999 * gib)[0] == "shared_buffers=4096MB"
