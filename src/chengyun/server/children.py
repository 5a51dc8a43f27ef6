"""Child processes of the supervisor: start, watch, restart with back-off, stop."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
HEALTHY_S = 10.0
_log = structlog.get_logger("chengyun.supervisor")


@dataclass(kw_only=True)
class Backoff:
    """How long to wait before the next start: doubling, reset by a healthy run."""

    failures: int = 0

    def after_run(self, lasted_s: float) -> float:
        """Return the wait [s] after a run that ended by itself."""
        if lasted_s >= HEALTHY_S:
            self.failures = 0
        wait_s: float = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**self.failures)
        self.failures += 1
        return wait_s


@dataclass(kw_only=True)
class Child:
    """One child.

    start : starts it and returns its process
    grace_s : between `stop_signal` and SIGKILL
    """

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 15.0
    process: subprocess.Popen[bytes] | None = None
    backoff: Backoff = field(default_factory=Backoff)
    started_at: float = 0.0
    start_again_at: float | None = None

    def begin(self) -> None:
        """Start it now."""
        self.start_again_at = None
        self.started_at = time.monotonic()
        self.process = self.start()
        _log.info("child.started", name=self.name, pid=self.process.pid)

    def look_after(self) -> bool:
        """Notice a death, start again when the wait is over; tell whether something changed."""
        now = time.monotonic()
        if self.start_again_at is not None:
            if now < self.start_again_at:
                return False
            self._try_again()
            return True
        if self.process is None or self.process.poll() is None:
            return False
        wait_s = self.backoff.after_run(now - self.started_at)
        self.start_again_at = now + wait_s
        _log.error(
            "child.died", name=self.name, status=self.process.returncode, start_again_in_s=wait_s
        )
        return True

    def _try_again(self) -> None:
        from chengyun.kernel.errors import Fault

        try:
            self.begin()
        except (Fault, OSError) as error:
            wait_s = self.backoff.after_run(0)
            self.start_again_at = time.monotonic() + wait_s
            _log.exception("child.not_started", name=self.name, reason=str(error))

    def ask_to_stop(self) -> None:
        """Send the stop signal."""
        self.start_again_at = None
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def wait_stopped(self, *, hurry: Callable[[], bool]) -> None:
        """Wait for the end; kill it after the grace, or at once when in a hurry."""
        if self.process is None:
            return
        end = time.monotonic() + self.grace_s
        while self.process.poll() is None:
            if time.monotonic() > end or hurry():
                _log.warning("child.killed", name=self.name, pid=self.process.pid)
                self.process.kill()
                self.process.wait()
                return
            time.sleep(0.05)
        _log.info("child.stopped", name=self.name, status=self.process.returncode)
