from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from chengyun.server import announce, roster
from chengyun.server.children import Backoff, Child
from chengyun.server.lock import AlreadyRunning, FolderLock
from chengyun.server.supervisor import AddressNotUsable, PortInUse, listen
from chengyun.server.tests.serving import wait_until


def python(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code])


def test_the_wait_doubles_is_bounded_and_starts_again_after_a_healthy_run() -> None:
    backoff = Backoff()
    assert [backoff.after_run(1) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert backoff.after_run(11) == 0.5
    assert backoff.after_run(1) == 1


def test_a_child_that_dies_is_started_again() -> None:
    child = Child(name="c", start=lambda: python("import time; time.sleep(60)"))
    child.begin()
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    wait_until(child.look_after)
    assert child.start_again_at is not None
    wait_until(child.look_after)
    assert child.process.pid != first
    child.ask_to_stop()
    child.wait_stopped(hurry=lambda: False)
    assert child.process.returncode == -signal.SIGTERM
    assert child.look_after() is True  # it died: the supervisor no longer asks by then


def test_a_child_that_cannot_be_started_is_tried_again_later() -> None:
    calls: list[int] = []

    def start() -> subprocess.Popen[bytes]:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("no room")
        return python("pass")

    child = Child(name="c", start=start)
    child.begin()
    wait_until(child.look_after)
    wait_until(child.look_after)
    assert len(calls) == 2
    wait_until(child.look_after)
    assert len(calls) == 3
    child.wait_stopped(hurry=lambda: False)


def test_a_child_that_does_not_stop_is_killed_after_its_grace() -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); "
    code = deaf + "print(1, flush=True); time.sleep(60)"
    child = Child(
        name="c",
        start=lambda: subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE),
        grace_s=0.2,
    )
    child.begin()
    assert child.process is not None
    assert child.process.stdout is not None
    child.process.stdout.readline()
    child.ask_to_stop()
    child.wait_stopped(hurry=lambda: False)
    child.process.stdout.close()
    assert child.process.returncode == -signal.SIGKILL


def test_one_holder_per_folder(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.take()
    with pytest.raises(AlreadyRunning) as refused:
        second.take()
    assert str(os.getpid()) in refused.value.text("zh")
    first.give_back()
    second.take()
    assert second.left_behind is None
    second.give_back()


def test_a_lock_left_behind_is_taken_over(tmp_path: Path) -> None:
    dead = python("pass")
    dead.wait()
    (tmp_path / "lock").write_text(str(dead.pid))
    lock = FolderLock(tmp_path)
    lock.take()
    assert lock.left_behind == dead.pid
    lock.give_back()


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortInUse) as refused:
            listen("127.0.0.1", port)
    assert f"Port {port} is in use" in refused.value.text("en")
    assert f", {os.getpid()})" in refused.value.text("en")


def test_an_address_of_another_machine_is_not_usable() -> None:
    with pytest.raises(AddressNotUsable):
        listen("192.0.2.1", 8100)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("0.0.0.0", "127.0.0.1"), ("::1", "[::1]"), ("::", "127.0.0.1"), ("city.gov", "city.gov")],
)
def test_an_address_to_type(host: str, shown: str) -> None:
    assert announce._reachable(host) == shown


def test_the_roster_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGYUN_DATA_DIR", str(tmp_path))
    assert roster.read() == {"web": os.getpid()}
    roster.write({"web-1": 5})
    assert roster.read() == {"web-1": 5}
    roster.path().write_text("{broken")
    assert roster.read() == {"web": os.getpid()}
