"""Notice a database connection that died while it was idle, without asking the database.

Django's own health check costs a round trip on each request. An idle connection has nothing to
read; when its socket is readable, the server has ended it (restart, administrator, time-out).
"""

from __future__ import annotations

import select
from typing import Any

from django.core.signals import request_started
from django.db import connections


def close_dead_connections(**_signal: Any) -> None:
    """Close this thread's connections whose other end is gone; Django opens new ones."""
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            continue
        if connection.connection is not None and _is_dead(connection.connection):
            connection.close()


def install() -> None:
    """Look before each request."""
    request_started.connect(close_dead_connections, dispatch_uid="chengyun.connections")


def _is_dead(raw: Any) -> bool:
    if raw.closed:
        return True
    poller = select.poll()
    poller.register(raw.fileno(), select.POLLIN | select.POLLERR | select.POLLHUP)
    return bool(poller.poll(0))
