"""A platform of the bench's own: started in a folder, filled, signed in to, stopped."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import psutil

from chengyun.kernel.errors import Fault

HOST: Final = "127.0.0.1"
_READY_S: Final = 1_800.0  # an older folder is brought up to date first
_STOP_S: Final = 60.0


class BenchFailed(Fault):
    """The bench cannot measure."""

    code = "bench_failed"
    status = 500
    zh = "无法测量：{reason}"
    en = "The bench cannot measure: {reason}"


@dataclass(kw_only=True)
class Installation:
    """A running platform."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    environ: dict[str, str]

    def fill(self, rows: int, tell: Callable[[int], None]) -> dict[str, Any]:
        """Bring it to `rows` cases; return the facts that the load needs."""
        command = [sys.executable, "-m", "chengyun.cases.bench.fill", "--rows", str(rows)]
        facts: dict[str, Any] = {}
        with subprocess.Popen(command, env=self.environ, stdout=subprocess.PIPE) as filler:
            for line in filler.stdout or ():
                told = json.loads(line)
                facts = told.get("facts", facts)
                if "done" in told:
                    tell(told["done"])
        if filler.returncode or not facts:
            raise BenchFailed(reason="the cases could not be written")
        return facts

    def sign_in(self, username: str, password: str) -> dict[str, str]:
        """Return the headers of a signed-in person's requests."""
        line = http.client.HTTPConnection(HOST, self.port, timeout=60)
        body = json.dumps({"username": username, "password": password})
        line.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
        answer = line.getresponse()
        answer.read()
        if answer.status != HTTPStatus.OK:
            raise BenchFailed(reason=f"sign-in of {username}: {answer.status}")
        cookies = [
            value.partition(";")[0]
            for name, value in answer.getheaders()
            if name.lower() == "set-cookie"
        ]
        csrf = next(part[10:] for part in cookies if part.startswith("csrftoken="))
        return {"Cookie": "; ".join(cookies), "X-CSRFToken": csrf}

    def get(self, path: str, headers: dict[str, str]) -> Any:
        """Return the JSON of an address."""
        line = http.client.HTTPConnection(HOST, self.port, timeout=60)
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        body = answer.read()
        if answer.status != HTTPStatus.OK:
            raise BenchFailed(reason=f"{path}: {answer.status} {body[:300]!r}")
        return json.loads(body)

    def load(
        self, requests: list[str], *, seconds: float, connections: int = 8, **more: Any
    ) -> Any:
        """Put load on it from a process of its own; return what that measured."""
        with self.start_load(requests, seconds=seconds, connections=connections, **more) as going:
            return going()

    @contextmanager
    def start_load(
        self, requests: list[str], *, seconds: float, connections: int, **more: Any
    ) -> Iterator[Callable[[], Any]]:
        """Start load; the value given waits for its end and returns what it measured."""
        plan = {
            "host": HOST,
            "port": self.port,
            "seconds": seconds,
            "connections": connections,
            "requests": requests,
            **more,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "chengyun.cases.bench.load"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if process.stdin:
            process.stdin.write(json.dumps(plan).encode())
            process.stdin.close()

        def finish() -> Any:
            output = process.stdout.read() if process.stdout else b""
            if process.wait():
                raise BenchFailed(reason="the load process failed")
            return json.loads(output)

        try:
            yield finish
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()

    def memory_mib(self) -> dict[str, float]:
        """Return the memory of each process [MiB], shared pages counted in parts, and `all`."""
        parent = psutil.Process(self.process.pid)
        found: dict[str, float] = {"all": 0.0}
        for one in (parent, *parent.children(recursive=True)):
            try:
                size = one.memory_full_info().pss / 2**20
                name = one.name()
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            found[name] = found.get(name, 0.0) + size
            found["all"] += size
        return {name: round(size, 1) for name, size in found.items()}

    def cpu_s(self) -> dict[str, float]:
        """Return the processor time used so far by the web processes and by the database [s]."""
        found = {"web": 0.0, "database": 0.0}
        for one in psutil.Process(self.process.pid).children(recursive=True):
            try:
                times, name = one.cpu_times(), one.name()
            except psutil.NoSuchProcess:
                continue
            found["database" if "postgres" in name else "web"] += times.user + times.system
        return found

    def stop(self) -> None:
        """Stop it in order."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def own_folder(given: Path | None) -> Iterator[Path]:
    """Give the folder of a measurement: a given one is kept, one of its own thrown away."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="cyb") as made:
        Path(made).chmod(0o755)  # the database may run as another user
        yield Path(made)


@contextmanager
def started(folder: Path, port: int, more: Sequence[str] = ()) -> Iterator[Installation]:
    """Start a platform in the folder, with a private cluster; stop it at the end.

    more : arguments of `chengyun up`
    """
    environ = {name: value for name, value in os.environ.items() if not _is_own(name)}
    environ |= {"CHENGYUN_DATA_DIR": str(folder), "CHENGYUN_TILE_CACHE_MB": "0"}
    environ["CHENGYUN_READ_LIMITS"] = "off"  # what the platform can do, not what one may ask
    command = [sys.executable, "-m", "chengyun.server.command", "up", "--port", str(port), *more]
    with (folder / "up.log").open("ab") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    made = Installation(folder=folder, port=port, process=process, environ=environ)
    try:
        _wait_until_ready(made)
        yield made
    finally:
        made.stop()


def _is_own(name: str) -> bool:
    own = ("DATABASE", "PORT", "DATA", "WEB")
    return name.startswith(tuple(f"CHENGYUN{mark}{part}" for mark in "_" for part in own))


def _wait_until_ready(made: Installation) -> None:
    end = time.monotonic() + _READY_S
    while time.monotonic() < end:
        if made.process.poll() is not None:
            break
        try:
            line = http.client.HTTPConnection(HOST, made.port, timeout=5)
            line.request("GET", "/health/ready")
            if line.getresponse().status == HTTPStatus.OK:
                return
        except OSError:
            pass
        time.sleep(0.3)
    raise BenchFailed(reason=f"the platform did not start; see {made.folder / 'up.log'}")
