"""Live events: one reader of the journal per web process, fanned out to the open lines.

The journal is polled, not notified: NOTIFY takes one lock for the whole database at commit, so
that writers would queue behind each other. See docs/adr/0011-live-by-polling.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import orjson
import structlog
from django.db import Error as DatabaseError

from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.scope import is_collectors
from chengyun.journal import queries
from chengyun.journal.queries import Cursor, JournalEvent
from chengyun.server import metrics

POLL_S = 0.3
BATCH = 500
QUEUE = 500  # events that a slow line may lag behind before it is dropped
BACKFILL = 2_000  # events that a returning line is given; beyond it starts afresh
_SCOPED = {
    "case": ("case.read",),
    "component": ("components.read",),
    "census": (
        "components.census.plan",
        "components.census.collect",
        "components.census.accept",
    ),
}
_BY_PERMISSION = {"territory": "territory.read", "cases": "standards.read"}
_log = structlog.get_logger("chengyun.live")

Read = TypeVar("Read")
ReadAfter = Callable[[Cursor, int], list[JournalEvent]]


def may_see(actor: Actor, event: JournalEvent) -> bool:
    """Tell whether the actor's data scope covers the event; an unknown kind is seen by nobody."""
    family = event.kind.partition(".")[0]
    if family in _SCOPED:
        return any(_covers(actor, permission, event) for permission in _SCOPED[family])
    if family in _BY_PERMISSION:
        return actor.can(_BY_PERMISSION[family])
    if family == "administration":
        return any(one.startswith("administration.") for one in actor.permissions)
    return False


def _covers(actor: Actor, permission: str, event: JournalEvent) -> bool:
    """Tell whether the actor may read what it is about.

    A collector's grant reaches his own grids, which an event does not know: he hears of what he
    holds, held or reported, and so does everybody else beyond his grants.
    """
    if not actor.can(permission):
        return False
    if actor.person_id in event.payload.get("person_ids", ()):
        return True
    organisations = frozenset(event.organisation_ids)
    return any(
        grant.covers(
            division_code=event.division_code,
            organisation_ids=organisations,
            case_kind=event.case_kind,
        )
        for grant in actor.grants
        if permission in grant.permissions and not is_collectors(grant)
    )


def as_text(event: JournalEvent) -> bytes:
    """Return the event as a server-sent event."""
    data = orjson.dumps({"at": event.at, **event.payload}, option=orjson.OPT_UTC_Z)
    place = f"id: {as_id(event.cursor)}\nevent: {event.kind}\ndata: ".encode()
    return place + data + b"\n\n"


def as_id(cursor: Cursor) -> str:
    """Return a place in the journal as an event id."""
    return f"{cursor.xid}-{cursor.seq}"


def parse_id(text: str) -> Cursor | None:
    """Return the place that an event id names, None when it is not one."""
    xid, dash, seq = text.partition("-")
    if not dash or not (xid.isascii() and xid.isdigit() and seq.isascii() and seq.isdigit()):
        return None
    place = Cursor(xid=int(xid), seq=int(seq))
    return place if place.xid < 2**63 and place.seq < 2**63 else None


def is_after(event: Cursor, place: Cursor) -> bool:
    """Tell whether `event` comes after `place`."""
    return (event.xid, event.seq) > (place.xid, place.seq)


@dataclass(kw_only=True, eq=False)
class Line:
    """One open line: whose it is and what waits to be sent on it."""

    actor: Actor
    waiting: asyncio.Queue[JournalEvent] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """The reader of the journal and the lines it feeds; lives in the event loop."""

    def __init__(
        self,
        *,
        read_after: ReadAfter | None = None,
        read_end: Callable[[], Cursor] = queries.end_of_journal,
        poll_s: float = POLL_S,
        most_lines: int = 2_000,
    ) -> None:
        """Read with `read_after` and `read_end` in a thread of its own."""
        self.lines: set[Line] = set()
        self.most_lines = most_lines
        self.cursor: Cursor | None = None
        self.closing = False
        self._read_after = read_after or _read_after
        self._read_end = read_end
        self._poll_s = poll_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live")
        self._poller: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    async def open(self, actor: Actor) -> tuple[Line, Cursor]:
        """Open a line; return it with the place in the journal from which it is fed."""
        async with self._opening:
            if self.cursor is None:
                self.cursor = await self._in_thread(self._read_end)
            if self._poller is None or self._poller.done():
                self._poller = asyncio.get_running_loop().create_task(self._poll())
            line = Line(actor=actor)
            self.lines.add(line)
            metrics.SUBSCRIBERS.inc()
            return line, self.cursor

    def close_line(self, line: Line) -> None:
        """Forget a line. Without lines the journal is not read."""
        if line not in self.lines:
            return
        self.lines.discard(line)
        line.ended.set()
        metrics.SUBSCRIBERS.dec()
        if not self.lines and self._poller is not None:
            self._poller.cancel()
            self._poller = None
            self.cursor = None

    async def missed(self, after: Cursor) -> Sequence[JournalEvent] | None:
        """Return what came after a place; None when it is too much, or the place is unknown."""
        if is_after(after, await self._in_thread(self._read_end)):
            return None  # a place in the future: the database was restored
        found = await self._in_thread(lambda: self._read_after(after, BACKFILL + 1))
        return None if len(found) > BACKFILL else found

    def shut_down(self) -> None:
        """End every line, so that the process can stop."""
        self.closing = True
        for line in list(self.lines):
            self.close_line(line)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, read: Callable[[], Read]) -> Read:
        return await asyncio.get_running_loop().run_in_executor(self._thread, read)

    async def _poll(self) -> None:
        while True:
            try:
                more = await self._poll_once()
            except DatabaseError:
                _log.warning("live.database_unavailable")
                more = False
                await asyncio.sleep(1)
            if not more:
                await asyncio.sleep(self._poll_s)

    async def _poll_once(self) -> bool:
        """Read and hand out one batch; tell whether there may be more."""
        place = self.cursor or Cursor()
        events = await self._in_thread(lambda: self._read_after(place, BATCH))
        if events:
            self.cursor = events[-1].cursor
        for line in list(self.lines):
            for event in events:
                if may_see(line.actor, event):
                    self._hand_out(line, event)
        return len(events) == BATCH

    def _hand_out(self, line: Line, event: JournalEvent) -> None:
        try:
            line.waiting.put_nowait(event)
        except asyncio.QueueFull:
            metrics.DROPPED.inc()
            self.close_line(line)


def _read_after(place: Cursor, limit: int) -> list[JournalEvent]:
    from chengyun.server.connections import close_dead_connections

    close_dead_connections()
    return queries.events_after(cursor=place, limit=limit)
