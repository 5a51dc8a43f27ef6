"""`chengyun up`: database, web and worker under one parent that restarts what dies.

The parent imports no Django: it stays small and has little that can fail. It binds the port and
hands the socket to the web processes, so that none is lost while one of them restarts.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import structlog

from chengyun.kernel.errors import Fault
from chengyun.server import announce, child, environment, logs, roster
from chengyun.server.children import Child
from chengyun.server.cluster import private_cluster
from chengyun.server.lock import FolderLock

TICK_S = 0.2
READY_S = 120.0
_log = structlog.get_logger("chengyun.supervisor")


class PortInUse(Fault):
    """Somebody else listens on the port."""

    code = "port_in_use"
    status = 409
    zh = "端口 {port} 已被占用{holder}。请停止占用者，或用 --port 指定另一端口（CHENGYUN_PORT）。"
    en = (
        "Port {port} is in use{holder}. "
        "Stop what uses it, or choose another with --port (CHENGYUN_PORT)."
    )


class AddressNotUsable(Fault):
    """The address cannot be listened on."""

    code = "address_not_usable"
    zh = "无法监听 {host}:{port}：{reason}"
    en = "Cannot listen on {host}:{port}: {reason}"


class NotPrepared(Fault):
    """Migration or the demo city failed; the log says why."""

    code = "not_prepared"
    status = 500
    zh = "数据库准备失败。详见 {log}。"
    en = "The database could not be prepared. See {log}."


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to run."""

    host: str = "127.0.0.1"
    port: int = 8000
    web_processes: int = 2
    web_threads: int = 5
    demo: str | None = None


class Supervisor:
    """Runs a plan until it is told to stop."""

    def __init__(self, plan: Plan) -> None:
        """Run `plan` in the data folder that the environment names."""
        self.plan = plan
        self.folder = environment.data_dir()
        self.lock = FolderLock(self.folder)
        self.children: list[Child] = []
        self.wanted_stops = 0
        self._began = time.monotonic()
        self._wake = threading.Event()
        self._lifeline = os.pipe()
        self._listener: socket.socket | None = None

    def run(self) -> None:
        """Start all, watch, stop all in order."""
        self.lock.take()
        logs.configure("supervisor", folder=self.folder / "log")
        if self.lock.left_behind is not None:
            announce.recovering(self.lock.left_behind)
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        try:
            self._listener = listen(self.plan.host, self.plan.port)
            self._start_all()
            while not self.wanted_stops:
                self._wake.wait(TICK_S)
                self._look_after()
        finally:
            self._stop_all()
            self.lock.give_back()

    def _start_all(self) -> None:
        _clear_metrics(self.folder / "metrics")
        if not os.environ.get("CHENGYUN_DATABASE_URL"):
            announce.step("database")
            database = _database_child(self.folder)
            database.begin()
            self.children.append(database)
            private_cluster(self.folder).create_database()
        if not self.wanted_stops:
            self._prepare()
        if self.wanted_stops:
            return
        announce.step("services")
        for name, arguments in self._programs():
            self._add(name, arguments)
        roster.write(self._pids())
        self._wait_ready()

    def _wait_ready(self) -> None:
        """Say that all is ready as soon as it is so; look after the children meanwhile."""
        end = time.monotonic() + READY_S
        while not self.wanted_stops and not announce.is_ready(self.plan.host, self.plan.port):
            if time.monotonic() > end:
                announce.not_ready(self.folder)
                return
            self._wake.wait(TICK_S)
            self._look_after()
        if not self.wanted_stops:
            announce.ready(self.plan.host, self.plan.port, self.folder, self._since())

    def _since(self) -> float:
        return time.monotonic() - self._began

    def _programs(self) -> list[tuple[str, list[str]]]:
        listener = self._listener
        descriptor = listener.fileno() if listener else -1
        web = ["web", "--fd", str(descriptor)]
        names = [f"web-{number + 1}" for number in range(self.plan.web_processes)]
        return [("worker", ["worker"]), *((name, web) for name in names)]

    def _add(self, name: str, arguments: list[str]) -> None:
        grace_s = 25.0 if name == "worker" else 15.0
        one = Child(name=name, start=lambda: self._spawn(name, arguments), grace_s=grace_s)
        one.begin()
        self.children.append(one)

    def _spawn(self, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        """Start a Python child; it keeps the listening socket and the lifeline."""
        read_end = self._lifeline[0]
        listener = [self._listener.fileno()] if self._listener else []
        return subprocess.Popen(
            [sys.executable, "-m", "chengyun.server.process", *arguments],
            env=self._environment(name),
            pass_fds=[read_end, *listener],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )

    def _environment(self, name: str) -> dict[str, str]:
        return {
            **os.environ,
            "CHENGYUN_DATA_DIR": str(self.folder),
            "CHENGYUN_WEB_THREADS": str(self.plan.web_threads),
            "PROMETHEUS_MULTIPROC_DIR": str(self.folder / "metrics"),
            "MALLOC_ARENA_MAX": "2",  # threads would else keep tens of MiB each
            child.PROCESS: name,
            child.LIFELINE: str(self._lifeline[0]),
        }

    def _prepare(self) -> None:
        """Migrate, seed, and make the demo city when asked to and when there is none."""
        announce.step("tables")
        arguments = ["prepare"]
        if self.plan.demo:
            arguments += ["--demo", self.plan.demo]
        process = self._spawn("prepare", arguments)
        while process.poll() is None:
            self._wake.wait(TICK_S)
            if self.wanted_stops:
                process.terminate()
                process.wait()
                return
        if process.returncode:
            raise NotPrepared(log=self.folder / "log" / "prepare.log")

    def _look_after(self) -> None:
        changed = [one for one in self.children if one.look_after()]
        if changed:
            roster.write(self._pids())

    def _pids(self) -> dict[str, int]:
        running = {one.name: one.process.pid for one in self.children if one.process}
        return {"supervisor": os.getpid(), **running}

    def _stop_all(self) -> None:
        """Stop web, then worker, the database last."""
        announce.step("stopping")
        if self._listener is not None:
            self._listener.close()
        web = [one for one in self.children if one.name.startswith("web")]
        others = [one for one in reversed(self.children) if one not in web]
        for group in (web, *([one] for one in others)):
            for one in group:
                one.ask_to_stop()
            for one in group:
                one.wait_stopped(hurry=self._is_hurried(one))
        roster.path().unlink(missing_ok=True)

    def _is_hurried(self, one: Child) -> Callable[[], bool]:
        """Return whether a second Ctrl-C asks to kill it; never the database."""
        return lambda: self.wanted_stops > 1 and one.name != "database"

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.wanted_stops += 1
        self._wake.set()
        _log.info("stop.wanted", signal=signal.Signals(number).name)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    raises : PortInUse, AddressNotUsable
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AddressNotUsable(host=host, port=port, reason=error.strerror) from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(port=port, holder=announce.holder_of(port)) from error
        raise AddressNotUsable(host=host, port=port, reason=error.strerror) from error
    listener.setblocking(False)
    return listener


def _database_child(folder: Path) -> Child:
    cluster = private_cluster(folder)

    def start() -> subprocess.Popen[bytes]:
        cluster.ensure()
        cluster.stop_left_behind()
        return cluster.start()

    return Child(name="database", start=start, stop_signal=signal.SIGINT, grace_s=60.0)


def _clear_metrics(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)
