"""Kills processes of one platform, and no others: those its supervisor says are its children."""

from __future__ import annotations

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil

TARGETS: Final = ("web", "database", "worker", "backend")
_LOOKS_S: Final = 0.02
_BACK_S: Final = 120.0


def targets(kills: int, draw: random.Random) -> list[str]:
    """Return what to kill, in order: every kind comes up in each round."""
    rounds = -(-kills // len(TARGETS))
    drawn = [name for _ in range(rounds) for name in draw.sample(TARGETS, len(TARGETS))]
    first = [name for name in TARGETS if name != "backend"]  # a short run meets the processes
    return [*first, *drawn][:kills]


@dataclass(kw_only=True)
class Killer:
    """Kills at given counts of acknowledged acts.

    supervisor : pid of the platform's supervisor; only its offspring is killed
    """

    folder: Path
    supervisor: int
    draw: random.Random
    killed: Counter[str] = field(default_factory=Counter)

    def work(self, plan: list[tuple[int, str]], count: Callable[[], int | None]) -> None:
        """Carry out a plan of (count, target); `count` returns None when all is over."""
        for at, target in plan:
            while (done := count()) is not None and done < at:
                time.sleep(_LOOKS_S)
            if done is None or not self.kill(target):
                return

    def kill(self, target: str) -> bool:
        """Kill a process of this kind as soon as there is one."""
        end = time.monotonic() + _BACK_S
        while time.monotonic() < end:
            process = self._find(target)
            if process is not None and _end(process):
                self.killed[target] += 1
                return True
            time.sleep(_LOOKS_S)
        return False

    def _find(self, target: str) -> psutil.Process | None:
        """Return a living process of the kind that is the supervisor's child (or grandchild)."""
        try:
            roster = json.loads((self.folder / "processes.json").read_text())
            name = "database" if target == "backend" else target
            pids = [pid for key, pid in roster.items() if key.startswith(name)]
            process = psutil.Process(self.draw.choice(sorted(pids)))
            if process.ppid() != self.supervisor:
                return None
            if target != "backend":
                return process
            sessions = [one for one in process.children() if "idle" in " ".join(one.cmdline())]
            return self.draw.choice(sessions) if sessions else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None


def _end(process: psutil.Process) -> bool:
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.Error:
        return False
    return True
