"""What is to be done when: duties in order of time, so many at once and no more."""

import asyncio
import heapq
import time
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

from chengyun.demo.live.door import Stopped
from chengyun.kernel.errors import Fault

Duty = Callable[[], Coroutine[Any, Any, None]]
_LONGEST_NAP_S = 1.0


class Agenda:
    """Duties by the moment at which they are due [s of the monotonic clock]."""

    def __init__(
        self, most: int, stopping: asyncio.Event, on_fault: Callable[[Fault], None]
    ) -> None:
        """Have at most `most` duties under way at once, none begun after `stopping`.

        on_fault : told of the expected errors of duties; any other error ends the run
        """
        self._on_fault = on_fault
        self._most = most
        self._stopping = stopping
        self._waiting: list[tuple[float, int, Duty]] = []
        self._number = count()
        self._running: set[asyncio.Task[None]] = set()
        self._bell = asyncio.Event()
        self._fault: BaseException | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def after(self, seconds: float, duty: Duty) -> float:
        """Have a duty done in so many seconds; return the moment."""
        at = time.monotonic() + max(0.0, seconds)
        heapq.heappush(self._waiting, (at, next(self._number), duty))
        self._bell.set()
        return at

    async def run(self) -> None:
        """Do what is due until it is stopped; raises what a duty raised."""
        while not self._stopping.is_set():
            self._begin_due()
            self._bell.clear()
            await _rung(self._bell, self._nap_s())

    async def finish(self, grace_s: float) -> None:
        """Wait for what is under way, then give it up."""
        if self._running:
            await asyncio.wait(self._running, timeout=grace_s)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        if self._fault is not None:
            raise self._fault

    def _begin_due(self) -> None:
        while self._waiting and len(self._running) < self._most:
            if self._waiting[0][0] > time.monotonic():
                return
            _, _, duty = heapq.heappop(self._waiting)
            task = asyncio.create_task(duty())
            self._running.add(task)
            task.add_done_callback(self._done)

    def _nap_s(self) -> float:
        if not self._waiting or len(self._running) >= self._most:
            return _LONGEST_NAP_S
        return min(_LONGEST_NAP_S, max(0.0, self._waiting[0][0] - time.monotonic()))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._bell.set()
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Fault):
            self._on_fault(error)
        elif error is not None and not isinstance(error, Stopped):
            self._fault = self._fault or error
            self._stopping.set()


async def _rung(bell: asyncio.Event, for_s: float) -> None:
    try:
        await asyncio.wait_for(bell.wait(), for_s)
    except TimeoutError:
        return
