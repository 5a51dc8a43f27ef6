"""What is measured while the city lives: memory, connections, sizes, the time of two pages."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import psutil

from chengyun.cases.bench.installation import HOST, BenchFailed, Installation

MIB: Final = 2**20
PAGES: Final = ("/api/v1/cases?limit=50", "/api/v1/cases/queues")
_METRICS: Final = {
    "connections": "chengyun_database_connections",
    "database_mib": "chengyun_database_bytes",
    "live_lines": "chengyun_live_subscribers",
}


@dataclass(kw_only=True)
class Watch:
    """Series of measurements by name; memory in MiB.

    web, worker, supervisor, other : proportional memory (PSS) of the program's processes
    database : memory that its processes have for themselves (USS), without the shared buffers
    everything : proportional memory of all of them
    """

    platform: Installation
    headers: dict[str, str]
    series: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    unanswered: int = 0
    _began: float = field(default_factory=time.monotonic)

    def sample(self) -> None:
        """Measure once; a page that is not answered is counted."""
        at = time.monotonic() - self._began
        found = dict(_memory(self.platform.process.pid))
        try:
            found |= self._figures() | self._pages()
        except (OSError, http.client.HTTPException, BenchFailed):
            self.unanswered += 1
        for name, value in found.items():
            self.series.setdefault(name, []).append((at, value))

    def _figures(self) -> dict[str, float]:
        line = http.client.HTTPConnection(HOST, self.platform.port, timeout=30)
        line.request("GET", "/metrics")
        values = dict(_values(line.getresponse().read().decode()))
        line.close()
        found = {ours: values[theirs] for ours, theirs in _METRICS.items() if theirs in values}
        if "database_mib" in found:
            found["database_mib"] /= MIB
        return found

    def _pages(self) -> dict[str, float]:
        took = {}
        for page in PAGES:
            began = time.monotonic()
            self.platform.get(page, self.headers)
            name = page.rpartition("/")[2].partition("?")[0]
            took[f"{name}_ms"] = (time.monotonic() - began) * 1_000
        return took


def _memory(supervisor: int) -> Iterator[tuple[str, float]]:
    """Yield the memory of each group of processes [MiB]."""
    found: dict[str, float] = {}
    parent = psutil.Process(supervisor)
    for one in (parent, *parent.children(recursive=True)):
        try:
            info, group = one.memory_full_info(), _group(one, supervisor)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        size = info.uss if group == "database" else info.pss
        found[group] = found.get(group, 0.0) + size / MIB
        found["everything"] = found.get("everything", 0.0) + info.pss / MIB
    yield from found.items()


def _group(process: psutil.Process, supervisor: int) -> str:
    if process.pid == supervisor:
        return "supervisor"
    if "postgres" in process.name():
        return "database"
    words = process.cmdline()
    return next((name for name in ("web", "worker") if name in words), "other")


def _values(text: str) -> Iterator[tuple[str, float]]:
    """Yield name and value of the metrics without labels."""
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name and not name.startswith("#") and "{" not in name:
            yield name, float(value)
