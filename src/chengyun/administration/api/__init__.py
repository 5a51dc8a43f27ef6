"""HTTP of administration."""

from ninja import Router

from chengyun.administration.api import session

routers: list[tuple[str, Router]] = [
    ("/session", session.router),
    ("/node", session.node_router),
]
