from __future__ import annotations

import gzip
import hashlib
import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import pytest

from chengyun.server.tests.serving import fetch, raw, serving, wait_until

MIB = 2**20


class Streamed:
    """A streaming answer that knows how much of it was taken and whether it was closed."""

    streaming = True

    def __init__(self, parts: int, size: int = 64 * 1024) -> None:
        self.parts = parts
        self.size = size
        self.made = 0
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self.parts):
            self.made += 1
            yield b"x" * self.size

    def close(self) -> None:
        self.closed.set()


class App:
    """A WSGI application for the tests."""

    def __init__(self) -> None:
        self.environ: dict[str, Any] = {}
        self.last: Streamed | None = None
        self.hold = threading.Event()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self.environ = environ
        answer = getattr(self, environ["PATH_INFO"].strip("/").split("/")[0], self.echo)
        return answer(environ, start)

    def echo(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        body = environ["wsgi.input"].read()
        start("200 OK", [("Content-Type", "application/json"), ("ETag", '"a"')])
        kept = {k: v for k, v in environ.items() if isinstance(v, str)}
        return [json.dumps({**kept, "digest": hashlib.sha256(body).hexdigest()}).encode()]

    def empty(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        start("204 No Content", [])
        return []

    def stream(self, environ: dict[str, Any], start: Any) -> Streamed:
        start("200 OK", [("Content-Type", "application/octet-stream")])
        self.last = Streamed(int(environ["QUERY_STRING"]))
        return self.last

    def file(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        size = int(environ["QUERY_STRING"])
        file = BytesIO(b"y" * size)
        start("200 OK", [("Content-Length", str(size)), ("Content-Type", "video/mp4")])
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](file)
        return wrapped

    def broken(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        raise RuntimeError("broken")

    def held(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        self.hold.wait(10)
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"late"]


@pytest.fixture
def app() -> App:
    return App()


def test_a_small_request_and_its_answer(app: App) -> None:
    with serving(app) as port:
        status, headers, body = fetch(port, "/a?b=1&c=%E4%B8%AD", X_Test="1")
    seen = json.loads(body)
    assert status == 200
    assert headers["content-length"] == str(len(body))
    assert (seen["PATH_INFO"], seen["QUERY_STRING"]) == ("/a", "b=1&c=%E4%B8%AD")
    assert (seen["HTTP_X_TEST"], seen["REMOTE_ADDR"]) == ("1", "127.0.0.1")


def test_a_unicode_path_arrives_as_utf8_bytes(app: App) -> None:
    with serving(app) as port:
        fetch(port, "/%E4%B8%AD%E6%96%87/%FF")
    assert app.environ["PATH_INFO"].encode("latin-1") == "/中文/".encode() + b"\xff"


@pytest.mark.parametrize("size", [0, 10, MIB, MIB + 1, 5 * MIB])
def test_a_body_arrives_whole(app: App, size: int) -> None:
    sent = b"z" * size
    with serving(app) as port:
        status, _, body = fetch(port, "/a", method="POST", body=sent)
    assert status == 200
    assert json.loads(body)["digest"] == hashlib.sha256(sent).hexdigest()


def test_a_body_in_chunks_has_its_length_declared(app: App) -> None:
    with serving(app) as port:
        _, _, body = fetch(port, "/a", method="POST", body=iter([b"ab", b"cd"]))
    assert json.loads(body)["CONTENT_LENGTH"] == "4"


def test_a_big_body_is_not_kept_in_memory(app: App) -> None:
    with serving(app) as port:
        fetch(port, "/a", method="POST", body=b"z" * (3 * MIB))
    assert isinstance(app.environ["wsgi.input"], tempfile.SpooledTemporaryFile)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_beyond_the_limit_is_refused(app: App, chunked: bool) -> None:
    sent: Any = iter([b"z" * MIB] * 3) if chunked else b"z" * (3 * MIB)
    with serving(app, body_limit=2 * MIB) as port:
        status, headers, body = fetch(port, "/a", method="POST", body=sent, Accept_Language="en")
    assert status == 413
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["code"] == "body_too_big"
    assert app.environ == {}


def test_a_body_that_stops_coming_is_refused(app: App) -> None:
    head = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"
    with serving(app, stall_s=0.2) as port:
        answer = raw(port, head)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert app.environ == {}


def test_head_is_get_without_a_body(app: App) -> None:
    with serving(app) as port:
        status, headers, body = fetch(port, "/a", method="HEAD")
        whole = fetch(port, "/a")[2]
        stream = fetch(port, "/stream?9", method="HEAD")
    assert (status, body) == (200, b"")
    assert headers["content-length"] == str(len(whole))
    assert (stream[0], stream[2]) == (200, b"")
    assert app.last is not None
    assert app.last.closed.wait(5)


def test_no_content_has_no_length(app: App) -> None:
    with serving(app) as port:
        status, headers, body = fetch(port, "/empty")
    assert (status, body) == (204, b"")
    assert "content-length" not in headers


def test_a_long_stream_arrives_whole(app: App) -> None:
    with serving(app) as port:
        status, headers, body = fetch(port, "/stream?100")
    assert (status, len(body)) == (200, 100 * 64 * 1024)
    assert headers["transfer-encoding"] == "chunked"
    assert app.last is not None
    assert app.last.closed.is_set()


def test_a_stream_waits_for_a_slow_client(app: App) -> None:
    with (
        serving(app, stall_s=20) as port,
        socket.create_connection(("127.0.0.1", port)) as client,
    ):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(b"GET /stream?2000 HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: app.last is not None)
        time.sleep(0.5)
        assert app.last is not None
        assert app.last.made < 300  # 2000 parts are 125 MiB
        client.close()
        assert app.last.closed.wait(10)


def test_a_stream_ends_when_the_client_takes_nothing(app: App) -> None:
    with (
        serving(app, stall_s=0.3) as port,
        socket.create_connection(("127.0.0.1", port)) as client,
    ):
        client.sendall(b"GET /stream?2000 HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: app.last is not None)
        assert app.last is not None
        assert app.last.closed.wait(10)


@pytest.mark.parametrize("size", [0, 1000, 256 * 1024, 5 * MIB])
def test_a_file_arrives_whole(app: App, size: int) -> None:
    with serving(app) as port:
        status, headers, body = fetch(port, f"/file?{size}")
    assert (status, body) == (200, b"y" * size)
    assert headers["content-length"] == str(size)


def test_a_file_being_sent_holds_no_thread(app: App) -> None:
    with serving(app, threads=1) as port, socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET /file?50000000 HTTP/1.1\r\nHost: x\r\n\r\n")
        slow.recv(100)
        assert fetch(port, "/a")[0] == 200


def test_json_is_packed_for_those_who_take_it(app: App) -> None:
    with serving(app) as port:
        status, headers, body = fetch(port, "/a?" + "q" * 2000, Accept_Encoding="gzip")
        plain = fetch(port, "/a?" + "q" * 2000)
    assert (status, headers["content-encoding"], headers["etag"]) == (200, "gzip", 'W/"a"')
    assert json.loads(gzip.decompress(body))["PATH_INFO"] == "/a"
    assert "content-encoding" not in plain[1]
    assert plain[1]["vary"] == "Accept-Encoding"


def test_too_many_waiting_requests_are_refused_at_once(app: App) -> None:
    with serving(app, threads=1, queue_limit=1) as port:
        held = threading.Thread(target=fetch, args=(port, "/held"))
        held.start()
        wait_until(lambda: app.environ.get("PATH_INFO") == "/held")
        status, headers, body = fetch(port, "/a")
        app.hold.set()
        held.join()
    assert (status, headers["retry-after"], json.loads(body)["code"]) == (503, "1", "too_busy")


def test_the_server_lives_on_after_a_broken_application(app: App) -> None:
    with serving(app) as port:
        status, _, body = fetch(port, "/broken")
        assert (status, json.loads(body)["code"]) == (500, "internal_error")
        assert b"broken" not in body.replace(b'"/broken"', b"")
        assert fetch(port, "/a")[0] == 200


def test_a_header_with_an_underscore_cannot_pass_for_another(app: App) -> None:
    with serving(app) as port:
        raw(port, b"GET /a HTTP/1.1\r\nHost: x\r\nX_Forwarded_For: 9\r\nConnection: close\r\n\r\n")
    assert "HTTP_X_FORWARDED_FOR" not in app.environ


@pytest.mark.parametrize(
    ("trusted", "told", "scheme"),
    [
        (set(), "https", "http"),
        ({"127.0.0.1"}, "https", "https"),
        ({"127.0.0.1"}, "gopher", "http"),
        ({"10.0.0.1"}, "https", "http"),
    ],
)
def test_only_a_trusted_proxy_tells_the_scheme(
    app: App, settings: Any, trusted: set[str], told: str, scheme: str
) -> None:
    settings.TRUSTED_PROXIES = frozenset(trusted)
    with serving(app) as port:
        fetch(port, "/a", X_Forwarded_Proto=told)
    assert app.environ["wsgi.url_scheme"] == scheme


def test_repeated_headers_are_joined(app: App) -> None:
    lines = b"GET /a HTTP/1.1\r\nHost: x\r\nCookie: a=1\r\nCookie: b=2\r\nX-A: 1\r\nX-A: 2\r\n"
    with serving(app) as port:
        raw(port, lines + b"Connection: close\r\n\r\n")
    assert (app.environ["HTTP_COOKIE"], app.environ["HTTP_X_A"]) == ("a=1; b=2", "1,2")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET /中 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        b"GET /a HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
    ],
)
def test_a_malformed_request_is_refused(app: App, request_bytes: bytes) -> None:
    with serving(app, stall_s=0.5) as port:
        answer = raw(port, request_bytes, wait_s=3)
        assert answer.startswith(b"HTTP/1.1 4") or answer == b""
        assert fetch(port, "/a")[0] == 200


def test_a_client_that_leaves_in_the_middle_of_its_body_harms_nobody(app: App) -> None:
    with serving(app) as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc")
        assert fetch(port, "/b")[0] == 200
    assert app.environ["PATH_INFO"] == "/b"


def test_alive_is_answered_while_every_thread_is_busy(app: App) -> None:
    with serving(app, threads=1) as port:
        held = threading.Thread(target=fetch, args=(port, "/held"))
        held.start()
        wait_until(lambda: app.environ.get("PATH_INFO") == "/held")
        status, _, body = fetch(port, "/health/live")
        app.hold.set()
        held.join()
    assert (status, body) == (200, b'{"status":"live"}')
