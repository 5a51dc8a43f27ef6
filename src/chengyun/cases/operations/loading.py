"""Writing very many cases in one transaction: without indexes and keys, which are built afterwards.

Who rolls back has everything as it was. Other writers of cases wait meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from chengyun.territory.operations.loading import without_indexes

WORTHWHILE: Final = 20_000
TABLES: Final = (
    "cases_case",
    "cases_logentry",
    "cases_clock",
    "cases_task",
    "cases_reporter",
    "cases_attachment",
)


@contextmanager
def much_at_once(count: int) -> Iterator[None]:
    """Write `count` cases in the caller's transaction, if that many are worth while."""
    if count < WORTHWHILE:
        yield
        return
    with without_indexes(TABLES):
        yield
