"""COPY, the one way rows come in by the thousand, with a guard against asking meanwhile.

While rows are being sent the connection can answer nothing: a question asked over it waits for
ever for the end of the COPY that waits for it. Here such a question is refused at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class AskedWhileCopying(RuntimeError):
    """Something asked the database while rows were being sent to it over the same connection."""

    def __init__(self, question: str) -> None:
        """Name the question: whoever wrote it has to ask it before the COPY."""
        super().__init__(f"asked while rows were being copied: {question[:200]}")


@contextmanager
def copying(cursor: Any, statement: str) -> Iterator[Any]:
    """Give the driver's COPY of a statement; a question through Django meanwhile is an error.

    cursor : Django's; raises AskedWhileCopying
    """
    with cursor.db.execute_wrapper(_refuse), cursor.copy(statement) as copy:
        yield copy


def _refuse(
    _execute: Callable[..., Any], question: str, _values: Any, _many: bool, _context: dict[str, Any]
) -> Any:
    raise AskedWhileCopying(str(question))
