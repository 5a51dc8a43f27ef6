"""A whole platform for a test: `chengyun up` in a data folder of its own, on a free port."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

READY_S = 240
STOP_S = 60


def clean_environment(data_dir: Path) -> dict[str, str]:
    """Return the environment without what the unit tests set, for a platform of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CHENGYUN_", "DJANGO_"))}
    return {**kept, "CHENGYUN_DATA_DIR": str(data_dir)}


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(kw_only=True)
class Platform:
    """A running platform."""

    data_dir: Path
    port: int
    process: subprocess.Popen[bytes] | None

    @property
    def url(self) -> str:
        """Address of the console."""
        return f"http://127.0.0.1:{self.port}"

    def chengyun(self, *arguments: str, timeout_s: float = 600) -> str:
        """Run a `chengyun` command beside the platform; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "chengyun", *arguments],
            env=clean_environment(self.data_dir),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout

    def stop(self) -> None:
        """Stop everything in order."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOP_S)


def start_platform(*, demo: str | None = None, data_dir: Path | None = None) -> Platform:
    """Start a platform and wait until it is ready; `demo` makes a city of that size first."""
    folder = data_dir or Path(tempfile.mkdtemp(prefix="cyp"))
    folder.chmod(0o755)
    port = free_port()
    command = [sys.executable, "-m", "chengyun", "up", "--port", str(port)]
    if demo:
        command += ["--demo", demo]
    log = (folder / "up.log").open("wb")
    process = subprocess.Popen(
        command, env=clean_environment(folder), stdout=log, stderr=subprocess.STDOUT
    )
    log.close()
    platform = Platform(data_dir=folder, port=port, process=process)
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{platform.url}/health/ready", timeout=5).status_code == 200:
                return platform
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    process.kill()
    raise AssertionError((folder / "up.log").read_text(errors="replace")[-4000:])


def running_platform() -> Platform | None:
    """Return the platform that CHENGYUN_TEST_PLATFORM names (data folder:port), if it does."""
    running = os.environ.get("CHENGYUN_TEST_PLATFORM")
    if not running:
        return None
    folder, _, port = running.rpartition(":")
    return Platform(data_dir=Path(folder), port=int(port), process=None)


def throw_away(platform: Platform) -> None:
    """Stop a platform and remove its folder; one that was found running is left alone."""
    if platform.process is None:
        return
    try:
        platform.stop()
    finally:
        shutil.rmtree(platform.data_dir, ignore_errors=True)
