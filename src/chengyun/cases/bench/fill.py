"""Fill the bench's city with cases: two processes, each with its own connection."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime

from django.db import connection, transaction

from chengyun.cases.bench.city import City
from chengyun.cases.bench.history import HistoryMaker
from chengyun.cases.bench.reference import standards_in_use
from chengyun.cases.operations.bulk import insert_history

BATCH = 1_000


def fill(
    *, city: City, first: int, count: int, now: datetime, progress: Callable[[int], None]
) -> None:
    """Write `count` cases numbered from `first`, on every core."""
    workers = max(1, min(os.cpu_count() or 1, count // BATCH))
    batches = [
        range(start, min(start + BATCH, first + count))
        for start in range(first, first + count, BATCH)
    ]
    connection.close()
    context = multiprocessing.get_context("fork")  # Django is set up already
    with ProcessPoolExecutor(workers, context, _begin, (city, now)) as pool:
        for done in pool.map(_write, batches):
            progress(done)
    _analyse()


_makers: list[HistoryMaker] = []


def _begin(city: City, now: datetime) -> None:
    _makers.append(HistoryMaker(city=city, standards=standards_in_use(), now=now))
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")


def _write(numbers: range) -> int:
    with transaction.atomic():
        insert_history(list(_makers[0].cases(numbers)))
    return len(numbers)


def _analyse() -> None:
    with connection.cursor() as cursor:
        for table in ("case", "logentry", "clock", "task", "reporter", "attachment"):
            cursor.execute(f"VACUUM ANALYZE cases_{table}")
