"""A real server in a thread, for tests of the HTTP edge."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvloop

from chengyun.server.asgi import Application
from chengyun.server.bridge import Bridge
from chengyun.server.live import Hub
from chengyun.server.live_http import LiveRoute
from chengyun.server.web import Server


@contextmanager
def serving(wsgi: Any, *, hub: Hub | None = None, **options: Any) -> Iterator[int]:
    """Serve a WSGI application; yield the port."""
    live_options = {k: options.pop(k) for k in ("heartbeat_s", "recheck_s") if k in options}
    bridge = Bridge(wsgi, **{"threads": 3, "body_limit": 64 * 2**20, **options})
    hub = hub or Hub()
    server = Server(Application(bridge, hub, LiveRoute(hub, bridge, **live_options)))
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def run() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(server._serve([listener]))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield port
    finally:
        server.stop()
        thread.join(20)
        bridge.close()
        listener.close()
        assert not thread.is_alive()


def fetch(
    port: int, path: str, *, method: str = "GET", body: Any = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send one request; return status, headers (lower case) and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()


def raw(port: int, data: bytes, *, wait_s: float = 5) -> bytes:
    """Send bytes as they are; return what comes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait_s) as connection:
        connection.sendall(data)
        parts = []
        try:
            while part := connection.recv(65536):
                parts.append(part)
        except (TimeoutError, ConnectionResetError):
            pass
        return b"".join(parts)


def wait_until(condition: Any, *, for_s: float = 10) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + for_s
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)
