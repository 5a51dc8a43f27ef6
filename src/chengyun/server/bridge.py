"""Django's WSGI application behind an ASGI server: each request makes one hop into a thread.

Django's own ASGI handler costs five to ten times as much per request; see
docs/adr/0010-wsgi-in-threads.md. Bodies are spooled to disk above MEMORY_LIMIT; answers up to
WINDOW bytes are handed over whole, larger ones as the client takes them, files without a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from itertools import chain
from typing import IO, Any, Protocol

import structlog

from chengyun.kernel.errors import Fault
from chengyun.server import environ, faults, metrics, problems
from chengyun.server.compression import compress

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MEMORY_LIMIT = 1024 * 1024  # [bytes] of a request body kept in memory
WINDOW = 256 * 1024  # [bytes] of an answer kept in memory
_DRAIN_LIMIT = 8 * 1024 * 1024
_DRAIN_S = 2.0
STALL_S = 30.0  # a client that takes or sends nothing for so long is dropped
_log = structlog.get_logger("chengyun.web")


class ClientGone(Exception):
    """The client went away in the middle."""


class WsgiApplication(Protocol):
    """A WSGI application."""

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Answer a request."""
        ...


@dataclass(kw_only=True)
class Answer:
    """What a thread made of a request: head, the first bytes, and what is left of it."""

    status: int = 500
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    rest: Iterator[bytes] | None = None
    file: IO[bytes] | None = None
    close: Callable[[], None] | None = None

    @property
    def whole(self) -> bool:
        """Whether `body` is all of it."""
        return self.rest is None and self.file is None

    def finish(self) -> None:
        """Close what the application opened (ends the request for Django)."""
        if self.close is not None:
            self.close()


class FileAnswer:
    """`wsgi.file_wrapper`: a file that the event loop sends without holding a thread."""

    def __init__(self, file: IO[bytes], block_size: int = 64 * 1024) -> None:
        self.file = file
        self.block_size = block_size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(self.block_size), b"")

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class Bridge:
    """An ASGI application that answers with a WSGI one."""

    def __init__(
        self,
        application: WsgiApplication,
        *,
        threads: int,
        body_limit: int,
        queue_limit: int = 400,
        stall_s: float = STALL_S,
    ) -> None:
        """Answer with `application`.

        body_limit : [bytes] of a request body
        queue_limit : requests under way and waiting; those beyond are refused with 503
        """
        self.application = application
        self.body_limit = body_limit
        self.queue_limit = queue_limit
        self.stall_s = stall_s
        self.under_way = 0
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="web")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self.under_way >= self.queue_limit:
            await refuse(scope, send, faults.TooBusy(retry_after_s=1))
            return
        self.under_way += 1
        metrics.UNDER_WAY.inc()
        body: IO[bytes] | None = None
        try:
            body, length = await self._read_body(scope, receive)
            await self._answer(scope, receive, send, body, length)
        except _Refusal as refusal:
            await _drain(receive)
            await refuse(scope, send, refusal.fault)
        except ClientGone:
            _log.debug("client.gone", path=scope["path"])
        finally:
            self.under_way -= 1
            metrics.UNDER_WAY.dec()
            if body is not None:
                body.close()

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, body: IO[bytes] | None, length: int
    ) -> None:
        loop = asyncio.get_running_loop()
        values = environ.build(scope, body, length)
        head_only = scope["method"] == "HEAD"
        try:
            answer = await loop.run_in_executor(self.pool, self._run, values, head_only)
        except Exception as error:  # the edge: whatever it was, the client gets a problem
            raise _Refusal(
                problems.note_unexpected(error, scope["method"], scope["path"])
            ) from error
        if answer.whole or head_only:
            await _send_whole(send, answer)
            return
        gone = loop.create_task(wait_for_disconnect(receive))
        try:
            await send(_start(answer))
            if answer.file is not None:
                await self._send_file(send, answer, answer.file, gone)
            elif answer.rest is not None:
                parts = chain([answer.body], answer.rest)
                channel = _Channel(send=send, loop=loop, gone=gone, stall_s=self.stall_s)
                await loop.run_in_executor(self.pool, _pump, answer, parts, channel)
        finally:
            gone.cancel()

    def _run(self, values: dict[str, Any], head_only: bool) -> Answer:
        """Call the application in this thread; close it unless some of the answer is left."""
        answer = Answer()

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> None:
            answer.status = int(status[:3])
            answer.headers = [
                (k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers
            ]

        values["wsgi.file_wrapper"] = FileAnswer
        result = self.application(values, start_response)
        answer.close = getattr(result, "close", None)
        try:
            _take_first(answer, result)
            if answer.whole:
                accepted = values.get("HTTP_ACCEPT_ENCODING", "")
                answer.body = compress(answer.body, answer.headers, accepted)
        except BaseException:
            answer.finish()
            raise
        if answer.whole or head_only:
            answer.finish()
        return answer

    async def _send_file(
        self, send: Send, answer: Answer, file: IO[bytes], gone: asyncio.Task[None]
    ) -> None:
        chunk = answer.body
        try:
            while chunk:
                if gone.done():
                    raise ClientGone
                async with asyncio.timeout(self.stall_s):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                chunk = await asyncio.to_thread(file.read, WINDOW)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError as error:
            raise ClientGone from error
        finally:
            await asyncio.get_running_loop().run_in_executor(self.pool, answer.finish)

    async def _read_body(self, scope: Scope, receive: Receive) -> tuple[IO[bytes] | None, int]:
        """Return the body and its length; (None, 0) without one."""
        declared = _declared_length(scope["headers"])
        if declared == 0:
            return None, 0
        if declared is not None and declared > self.body_limit:
            raise _Refusal(faults.BodyTooBig())
        body: IO[bytes] = (
            BytesIO()
            if declared is not None and declared <= MEMORY_LIMIT
            else tempfile.SpooledTemporaryFile(MEMORY_LIMIT)
        )
        try:
            length = await self._spool(body, receive)
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return body, length

    async def _spool(self, body: IO[bytes], receive: Receive) -> int:
        length = 0
        while True:
            try:
                async with asyncio.timeout(self.stall_s):
                    message = await receive()
            except TimeoutError as error:
                raise _Refusal(faults.BodyTooSlow()) from error
            if message["type"] == "http.disconnect":
                raise ClientGone
            chunk = message.get("body", b"")
            length += len(chunk)
            if length > self.body_limit:
                raise _Refusal(faults.BodyTooBig())
            body.write(chunk)
            if not message.get("more_body"):
                return length

    def close(self) -> None:
        """Let the threads end."""
        self.pool.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, kw_only=True)
class _Channel:
    """The way of a streamed answer from its thread to the event loop."""

    send: Send
    loop: asyncio.AbstractEventLoop
    gone: asyncio.Task[None]
    stall_s: float

    def push(self, chunk: bytes, *, more: bool) -> None:
        """Send a part; wait until the client has room for the next."""
        if self.gone.done():
            raise ClientGone
        message = {"type": "http.response.body", "body": chunk, "more_body": more}
        sent = asyncio.run_coroutine_threadsafe(_as_coroutine(self.send(message)), self.loop)
        try:
            sent.result(self.stall_s)
        except FutureTimeoutError as error:
            sent.cancel()
            raise ClientGone from error


def _pump(answer: Answer, parts: Iterable[bytes], channel: _Channel) -> None:
    """Send a streamed answer from this thread, no faster than the client takes it."""
    try:
        for part in parts:
            if part:
                channel.push(part, more=True)
        channel.push(b"", more=False)
    finally:
        answer.finish()


class _Refusal(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault)


def _declared_length(headers: Headers) -> int | None:
    """Return the declared length of the body, 0 for none, None when it comes in chunks."""
    length: int | None = 0
    for name, value in headers:
        if name == b"content-length":
            return int(value)
        if name == b"transfer-encoding":
            length = None
    return length


def _take_first(answer: Answer, result: Iterable[bytes]) -> None:
    """Read up to WINDOW bytes of the answer; keep the rest for later."""
    if isinstance(result, FileAnswer):
        answer.body = result.file.read(WINDOW)
        if len(answer.body) == WINDOW:
            answer.file = result.file
        return
    parts: list[bytes] = []
    size = 0
    rest = iter(result)
    streaming = getattr(result, "streaming", False)
    for part in rest:
        parts.append(part)
        size += len(part)
        if streaming and size >= WINDOW:
            answer.rest = rest
            break
    answer.body = parts[0] if len(parts) == 1 else b"".join(parts)


def _start(answer: Answer) -> dict[str, Any]:
    return {"type": "http.response.start", "status": answer.status, "headers": answer.headers}


async def _send_whole(send: Send, answer: Answer) -> None:
    if answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
        answer.body = b""
    elif answer.whole:
        answer.headers = [h for h in answer.headers if h[0] != b"content-length"]
        answer.headers.append((b"content-length", str(len(answer.body)).encode()))
    await send(_start(answer))
    await send({"type": "http.response.body", "body": answer.body})


async def refuse(scope: Scope, send: Send, fault: Fault) -> None:
    """Answer without Django, and end the connection: what follows may be the unread body."""
    language = problems.language_of_header(environ.header(scope, b"accept-language"))
    body = problems.body_of(fault, language, scope["path"])
    headers = [
        (b"content-type", problems.CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if "retry_after_s" in fault.values:
        headers.append((b"retry-after", str(fault.values["retry_after_s"]).encode()))
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _drain(receive: Receive) -> None:
    """Take some of the unwanted body, so that the client reads our answer before a reset."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_take(receive, _DRAIN_LIMIT), _DRAIN_S)


async def _take(receive: Receive, left: int) -> None:
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return


async def wait_for_disconnect(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _as_coroutine(awaitable: Awaitable[None]) -> None:
    await awaitable
