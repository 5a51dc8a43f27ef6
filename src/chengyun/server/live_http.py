"""`/live`: the open lines over HTTP, as server-sent events, answered in the event loop.

source : HTML Living Standard, server-sent events
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.db import Error as DatabaseError

from chengyun.administration.http import authenticate
from chengyun.administration.rules.actor import Actor
from chengyun.journal.queries import Cursor, JournalEvent
from chengyun.kernel.errors import Fault
from chengyun.server import environ, faults
from chengyun.server.bridge import Bridge, Receive, Scope, Send, refuse, wait_for_disconnect
from chengyun.server.connections import close_dead_connections
from chengyun.server.live import Hub, Line, as_id, as_text, is_after, may_see, parse_id

HEARTBEAT_S = 15.0
RECHECK_S = 60.0
STALL_S = 20.0
RETRY_MS = 2_000
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
_BEAT = b": beat\n\n"


class LiveRoute:
    """The ASGI application of /live."""

    def __init__(
        self,
        hub: Hub,
        bridge: Bridge,
        *,
        heartbeat_s: float = HEARTBEAT_S,
        recheck_s: float = RECHECK_S,
    ) -> None:
        """Feed lines from `hub`; check who asks in the threads of `bridge`."""
        self.hub = hub
        self.bridge = bridge
        self.heartbeat_s = heartbeat_s
        self.recheck_s = recheck_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: hold the line until either side ends it."""
        if scope["method"] not in {"GET", "HEAD"}:
            await refuse(scope, send, faults.MethodNotAllowed())
            return
        if self.hub.closing or len(self.hub.lines) >= self.hub.most_lines:
            await refuse(scope, send, faults.TooBusy(retry_after_s=5))
            return
        try:
            actor = await self._who(scope)
            line, start = await self.hub.open(actor)
        except Fault as fault:
            await refuse(scope, send, fault)
            return
        except DatabaseError:
            await refuse(scope, send, faults.DatabaseUnavailable(retry_after_s=3))
            return
        try:
            await self._hold(scope, receive, send, line, start)
        finally:
            self.hub.close_line(line)

    async def _who(self, scope: Scope) -> Actor:
        """Return who asks; raises the fault of administration when nobody known does."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.bridge.pool, _authenticate, scope)

    async def _hold(
        self, scope: Scope, receive: Receive, send: Send, line: Line, start: Cursor
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        tasks = [
            asyncio.ensure_future(self._feed(scope, send, line, start)),
            asyncio.ensure_future(self._keep_checking(scope, line)),
            asyncio.ensure_future(wait_for_disconnect(receive)),
            asyncio.ensure_future(line.ended.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _feed(self, scope: Scope, send: Send, line: Line, start: Cursor) -> None:
        """Send what was missed, then what comes."""
        last = environ.header(scope, b"last-event-id")
        place = await self._catch_up(send, line, last, start) if last else start
        if not last:
            await _push(send, f"retry: {RETRY_MS}\nid: {as_id(start)}\n\n".encode())
        while True:
            events = await self._next(line)
            fresh = [event for event in events if is_after(event.cursor, place)]
            await _push(send, b"".join(map(as_text, fresh)) or _BEAT)

    async def _next(self, line: Line) -> list[JournalEvent]:
        """Return the events that wait; none when the heartbeat is due first."""
        try:
            async with asyncio.timeout(self.heartbeat_s):
                events = [await line.waiting.get()]
        except TimeoutError:
            return []
        while not line.waiting.empty():
            events.append(line.waiting.get_nowait())
        return events

    async def _catch_up(self, send: Send, line: Line, last: str, start: Cursor) -> Cursor:
        """Send what came after `last`; return the place up to which the line now knows."""
        after = parse_id(last)
        missed = await self.hub.missed(after) if after else None
        if missed is None:
            await _push(send, f"id: {as_id(start)}\nevent: reset\ndata: {{}}\n\n".encode())
            return start
        seen = [event for event in missed if may_see(line.actor, event)]
        place = missed[-1].cursor if missed else start
        await _push(send, _joined(seen) + f"id: {as_id(place)}\n\n".encode())
        return place

    async def _keep_checking(self, scope: Scope, line: Line) -> None:
        """Return when the session has ended; take over changed grants."""
        next_check = time.monotonic() + self.recheck_s
        while True:
            await asyncio.sleep(max(0.0, next_check - time.monotonic()))
            next_check += self.recheck_s
            try:
                line.actor = await self._who(scope)
            except Fault:
                return
            except DatabaseError:
                continue


def _joined(events: Iterable[JournalEvent]) -> bytes:
    return b"".join(map(as_text, events))


async def _push(send: Send, text: bytes) -> None:
    """Send; a line that takes nothing for STALL_S raises TimeoutError and so ends."""
    async with asyncio.timeout(STALL_S):
        await send({"type": "http.response.body", "body": text, "more_body": True})


def _authenticate(scope: dict[str, Any]) -> Actor:
    close_dead_connections()
    return authenticate(WSGIRequest(environ.build(scope, None, 0)))
