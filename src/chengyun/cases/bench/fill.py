"""Fill the bench's city: `python -m chengyun.cases.bench.fill --rows N`.

Works on the database that the environment names. Prints lines of JSON: progress, and at the end
what the load needs to know.

Cases are written by COPY on every core, each process with its own connection. As superuser (in a
private cluster) the check of foreign keys is left out, since every key comes from this program.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import datetime
from typing import Any

BATCH = 1_000


def main(arguments: list[str] | None = None) -> None:
    """Make the city if it is not there, add what lacks to N cases, print the facts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, required=True)
    rows = parser.parse_args(arguments).rows
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.server.settings")
    django.setup()
    from chengyun.cases.bench.city import make_city
    from chengyun.cases.bench.indexes import rebuild
    from chengyun.cases.bench.reference import count_cases, find_city, load_facts
    from chengyun.kernel.clock import now

    rebuild()
    city = find_city() or make_city()
    there = count_cases()
    for done in fill(city=city, first=there, count=max(0, rows - there), now=now()):
        _tell({"done": there + done, "rows": rows})
    _tell({"facts": asdict(load_facts(city))})


def fill(*, city: Any, first: int, count: int, now: datetime) -> Iterator[int]:
    """Write `count` cases numbered from `first`; yield how many are there so far."""
    from django.db import connection

    from chengyun.cases.bench.indexes import set_aside

    if not count:
        return
    batches = [
        range(start, min(start + BATCH, first + count))
        for start in range(first, first + count, BATCH)
    ]
    workers = max(1, min(os.cpu_count() or 1, len(batches)))
    context = multiprocessing.get_context("fork")  # Django is set up already
    done = 0
    with set_aside(count):
        connection.close()  # not to be shared with the children
        with ProcessPoolExecutor(workers, context, _begin, (city, now)) as pool:
            for written in pool.map(_write, batches):
                done += written
                yield done
    _analyse()


_makers: list[Any] = []


def _begin(city: Any, now: datetime) -> None:
    from django.db import connection

    from chengyun.cases.bench.history import HistoryMaker
    from chengyun.cases.bench.reference import standards_in_use

    _makers.append(HistoryMaker(city=city, standards=standards_in_use(), now=now))
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        if cursor.fetchone()[0]:
            cursor.execute("SET session_replication_role = replica")


def _write(numbers: range) -> int:
    from django.db import transaction

    from chengyun.cases.operations.bulk import insert_history

    with transaction.atomic():
        insert_history(list(_makers[0].cases(numbers)))
    return len(numbers)


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("case", "logentry", "clock", "task", "reporter", "attachment"):
            cursor.execute(f"VACUUM ANALYZE cases_{table}")


def _tell(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, default=str) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
