"""What every child of the supervisor does first: its logs, and an eye on the supervisor."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import structlog

from chengyun.server import environment, logs

LIFELINE = "CHENGYUN_LIFELINE"  # descriptor of a pipe that the supervisor holds open
PROCESS = "CHENGYUN_PROCESS"  # the child's name, such as web-1


def begin(default_name: str) -> None:
    """Set up the logs of this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.server.settings")
    name = os.environ.get(PROCESS, default_name)
    logs.configure(name, folder=environment.data_dir() / "log")
    sys.excepthook = _log_the_end


def _log_the_end(kind: type[BaseException], error: BaseException, _trace: Any) -> None:
    """Write what ended the process to its log, in one piece."""
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return
    structlog.get_logger("chengyun.process").critical("process.failed", exc_info=error)


def when_orphaned(act: Callable[[], None]) -> None:
    """Call `act` (in a thread) when the supervisor is gone, even killed outright."""
    descriptor = os.environ.get(LIFELINE)
    if descriptor is None:
        return

    def watch() -> None:
        os.read(int(descriptor), 1)  # returns at the end of the pipe only
        act()

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
