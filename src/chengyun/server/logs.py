"""Structured logs: JSON lines per process under the data folder, readable lines on the console."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path
from typing import Any

import orjson
import structlog

_BYTES = 10 * 1024 * 1024
_KEEP = 5
_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(process: str, *, folder: Path | None, console_level: int = logging.WARNING) -> None:
    """Send every log of this process to `<folder>/<process>.log` and to the console.

    process : its name, stable over restarts: each process has a file of its own, so that rotation
        needs no lock between processes
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = [_console(console_level)]
    if folder is not None:
        root.addHandler(_file(folder, process))
    root.setLevel(logging.INFO)
    for noisy in ("uvicorn.error", "procrastinate", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("django.request").setLevel(logging.CRITICAL)  # problems.py tells of errors


def _file(folder: Path, process: str) -> logging.Handler:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{process}.log"
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=_BYTES, backupCount=_KEEP)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,  # without locals: they hold personal data
                structlog.processors.JSONRenderer(serializer=_json),
            ],
        )
    )
    return handler


def _console(level: int) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
                ),
            ],
        )
    )
    return handler


def _json(event: dict[str, Any], **_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()
