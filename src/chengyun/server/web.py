"""A web process, started by the supervisor: `process web --fd N`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import socket
from typing import Any

import uvicorn
import uvloop

from chengyun.server import asgi, child
from chengyun.server.asgi import Application

KEEP_ALIVE_S = 75
GRACE_S = 10  # for answers under way when the process stops


class Server(uvicorn.Server):
    """uvicorn, which ends the open lines before it waits for the rest."""

    def __init__(self, application: Application) -> None:
        """Serve `application`."""
        self.application = application
        super().__init__(
            uvicorn.Config(
                application,
                http="httptools",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: lines first."""
        self.application.shut_down()
        await super().shutdown(sockets)

    def stop(self) -> None:
        """Ask to stop, from any thread."""
        self.should_exit = True


def main(arguments: list[str]) -> None:
    """Serve on the listening socket `--fd` until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    listener = socket.socket(fileno=parser.parse_args(arguments).fd)
    server = Server(asgi.build())
    child.when_orphaned(server.stop)
    gc.collect()
    gc.freeze()
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(server.serve(sockets=[listener]))
    server.application.bridge.close()


def _new_loop() -> Any:
    return uvloop.new_event_loop()
