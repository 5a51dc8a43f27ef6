"""The ASGI application of a web process: `/live` and `/health/live` here, the rest by Django."""

from __future__ import annotations

import os
from typing import Any

from chengyun.server.bridge import Bridge, Receive, Scope, Send
from chengyun.server.live import Hub
from chengyun.server.live_http import LiveRoute

BODY_LIMIT_MIB = 256
_ALIVE = b'{"status":"live"}'


class Application:
    """Sends each request where it is answered."""

    def __init__(self, bridge: Bridge, hub: Hub, live: LiveRoute) -> None:
        """Put together the parts."""
        self.bridge = bridge
        self.hub = hub
        self.live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == "/live":
            await self.live(scope, receive, send)
        elif path == "/health/live":
            await _alive(send)
        else:
            await self.bridge(scope, receive, send)

    def shut_down(self) -> None:
        """End the open lines, so that the server can stop."""
        self.hub.shut_down()


def build(wsgi: Any = None) -> Application:
    """Return the application, with what the environment says of threads and limits."""
    from chengyun.server import connections

    connections.install()
    if wsgi is None:
        from chengyun.server.wsgi import build as build_wsgi

        wsgi = build_wsgi()
    bridge = Bridge(
        wsgi,
        threads=int(os.environ.get("CHENGYUN_WEB_THREADS", "5")),
        body_limit=int(os.environ.get("CHENGYUN_BODY_LIMIT_MIB", str(BODY_LIMIT_MIB))) * 2**20,
    )
    hub = Hub()
    return Application(bridge, hub, LiveRoute(hub, bridge))


async def _alive(send: Send) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(_ALIVE)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _ALIVE})
