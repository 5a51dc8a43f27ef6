"""The load: a light HTTP client in a process of its own, `python -m chengyun.cases.bench.load`.

Reads a plan as one JSON object from standard input and prints what it measured as another. Each
connection sends its next request when the answer to the last one is complete. It shares the cores
with what it measures, so it parses answers only as far as it must.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httptools
import uvloop

_KEPT_BODIES = 20_000


@dataclass(kw_only=True)
class Tally:
    """What all connections of a run measured. `latencies` in seconds."""

    until: float
    keep_bodies: bool = False
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    bytes: int = 0
    bodies: list[str] = field(default_factory=list)
    fault: str = ""


class Connection(asyncio.Protocol):
    """One persistent connection."""

    def __init__(self, requests: Iterator[bytes], tally: Tally) -> None:
        """Send `requests` one after the other."""
        self.requests = requests
        self.tally = tally
        self.done = asyncio.get_running_loop().create_future()
        self._parser: Any = None
        self._body: list[bytes] = []
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport: Any = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Parse a part of an answer."""
        self.tally.bytes += len(data)
        self._parser.feed_data(data)

    def on_body(self, part: bytes) -> None:
        """Keep a part of the body where bodies are wanted."""
        if self.tally.keep_bodies:
            self._body.append(part)

    def on_message_complete(self) -> None:
        """Count the answer, send the next request."""
        tally, status = self.tally, self._parser.get_status_code()
        tally.latencies.append(time.perf_counter() - self._sent_at)
        tally.statuses[status] += 1
        if status >= 400 and not tally.fault:  # noqa: PLR2004 - errors begin here
            tally.fault = b"".join(self._body).decode("utf-8", "replace")[:500] or str(status)
        if tally.keep_bodies and len(tally.bodies) < _KEPT_BODIES:
            tally.bodies.append(b"".join(self._body).decode("utf-8", "replace"))
        self._next()

    def connection_lost(self, _error: Exception | None) -> None:
        """Notice that the server went away."""
        if not self.done.done():
            self.tally.fault = self.tally.fault or "connection lost"
            self.done.set_result(None)

    def _next(self) -> None:
        request = next(self.requests, None)
        if request is None or time.perf_counter() >= self.tally.until:
            if not self.done.done():
                self.done.set_result(None)
            self._transport.close()
            return
        self._body = []
        self._parser = httptools.HttpResponseParser(self)
        self._sent_at = time.perf_counter()
        self._transport.write(request)


async def run(plan: dict[str, Any]) -> dict[str, Any]:
    """Carry out a plan: {host, port, seconds, connections, requests, once, keep_bodies}."""
    requests = [text.encode() for text in plan["requests"]]
    endless = not plan.get("once")
    started = time.perf_counter()
    tally = Tally(until=started + plan["seconds"], keep_bodies=plan.get("keep_bodies", False))
    source = _endless(requests) if endless else iter(requests)
    loop = asyncio.get_running_loop()
    lines = []
    for _ in range(plan["connections"]):
        _, line = await loop.create_connection(
            lambda: Connection(source, tally), plan["host"], plan["port"]
        )
        lines.append(line.done)
    await asyncio.gather(*lines)
    return _result(tally, time.perf_counter() - started)


def _endless(requests: list[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


def _result(tally: Tally, took_s: float) -> dict[str, Any]:
    ordered = sorted(tally.latencies)

    def share(part: float) -> float:
        return round(ordered[int(part * (len(ordered) - 1))] * 1000, 2) if ordered else 0.0

    return {
        "count": len(ordered),
        "seconds": took_s,
        "rps": round(len(ordered) / took_s, 1) if took_s else 0.0,
        "p50_ms": share(0.5),
        "p95_ms": share(0.95),
        "p99_ms": share(0.99),
        "max_ms": share(1.0),
        "statuses": {str(status): count for status, count in tally.statuses.items()},
        "bytes": tally.bytes,
        "fault": tally.fault,
        "bodies": tally.bodies,
    }


def main() -> None:
    """Read the plan, run it, print the result."""
    plan = json.load(sys.stdin)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(run(plan))
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
