"""A whole platform as a process, for tests of the supervisor."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

from chengyun.server.tests.serving import fetch, wait_until

_numbers = count(1)


class PlatformProcess:
    """`chengyun up` in a folder of its own."""

    def __init__(self, folder: Path, port: int, **environment: str) -> None:
        self.folder = folder
        self.port = port
        ours = {k: v for k, v in os.environ.items() if not k.startswith("CHENGYUN_")}
        self.output = folder.parent / f"output-{next(_numbers)}.txt"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "chengyun.server.command", "up"),
                    *("--data-dir", str(folder), "--port", str(port)),
                ],
                stdout=output,
                stderr=output,
                env={**ours, "LANG": "en_US.UTF-8", **environment},
            )

    def text(self) -> str:
        return self.output.read_text()

    def wait_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.text()
            return "ready in" in self.text()

        wait_until(ready, for_s=150)

    def wait_end(self) -> int:
        return self.process.wait(60)

    def pids(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.folder / "processes.json").read_text())
        return found

    def get(self, path: str) -> tuple[int, bytes]:
        status, _, body = fetch(self.port, path)
        return status, body

    def answers(self, path: str = "/health/ready") -> bool:
        try:
            return self.get(path)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def log(self, name: str) -> list[dict[str, Any]]:
        lines = (self.folder / "log" / f"{name}.log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait_end()


def is_alive(pid: int) -> bool:
    """Tell whether the process lives (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        found: int = one.getsockname()[1]
    return found
