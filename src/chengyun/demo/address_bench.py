"""Measures addresses on a generated city: writing, searching, describing points."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from django.db import connection

from chengyun.demo.addresses import write_addresses
from chengyun.demo.operations import write_ground
from chengyun.demo.rules.addresses import PER_GRID
from chengyun.demo.rules.sizes import CitySize
from chengyun.demo.rules.town import build_town
from chengyun.kernel.clock import now
from chengyun.territory.queries.address_nearest import describe_point
from chengyun.territory.queries.address_search import geocode, search_addresses
from chengyun.territory.rules.scope import COMMAND_LINE

_OF_EACH: Final = 40
_LONG: Final = 4
_SAMPLE: Final = """
SELECT name, "full", ST_X(point), ST_Y(point) FROM territory_address
WHERE kind = %s AND id %% %s = 0 ORDER BY id LIMIT %s
"""
_READINGS: Final = """
SELECT name, pinyin, initials FROM territory_addressname WHERE id %% %s = 0 ORDER BY id LIMIT %s
"""
_FORMER: Final = """
SELECT name FROM territory_addressname WHERE NOT is_current ORDER BY id LIMIT %s
"""
Figure = dict[str, Any]


def measure(rows: int, *, seed: int = 2) -> Iterator[Figure]:
    """Fill an empty database with about so many addresses, then yield figures.

    Times are of this process and one connection; `cpu` figures add this process and its backend.
    """
    size = CitySize(name="bench", grids=max(rows // PER_GRID, 60), months=1, cases=1, open_cases=1)
    town = build_town(size, seed)
    write_ground(town, now())
    started, busy = time.perf_counter(), cpu_s()
    count = write_addresses(town, now(), rows)
    took, worked = time.perf_counter() - started, cpu_s() - busy
    yield figure("address.copy.rows_s", count / took, "rows/s", count, f"CPU {worked:.1f} s")
    yield from _searches(count, seed)
    yield from _points(count, seed)


def _searches(rows: int, seed: int) -> Iterator[Figure]:
    for name, questions in _questions(rows, seed).items():
        find = geocode if name in {"number", "missing_number", "crossing"} else search_addresses
        times, worked = timed([partial(find, actor=COMMAND_LINE, text=one) for one in questions])
        yield spread(f"address.search.{name}", times, rows, worked)
    every = [question for some in _questions(rows, seed + 1).values() for question in some]
    times, worked = timed(
        [partial(search_addresses, actor=COMMAND_LINE, text=one) for one in every]
    )
    yield spread("address.search", times, rows, worked)


def _points(rows: int, seed: int) -> Iterator[Figure]:
    draw = random.Random(seed)  # noqa: S311 - the same places in every run
    places = _sampled("door_plate", rows, 400)
    points = [
        (lon + draw.uniform(-0.001, 0.001), lat + draw.uniform(-0.001, 0.001))
        for *_, lon, lat in places
    ]
    times, worked = timed(
        [partial(describe_point, actor=COMMAND_LINE, lon=lon, lat=lat) for lon, lat in points]
    )
    yield spread("address.at", times, rows, worked)


def _questions(rows: int, seed: int) -> dict[str, list[str]]:
    """Return what people type, by kind; names are those of the city."""
    draw = random.Random(seed)  # noqa: S311 - the same questions in every run
    plates = _sampled("door_plate", rows, _OF_EACH)
    streets = [name for name, *_ in _sampled("street", rows // 200, _OF_EACH)]
    pois = [name for name, *_ in _sampled("poi", rows // 50, 2 * _OF_EACH) if len(name) >= _LONG]
    readings = _rows(_READINGS, [max(rows // 400, 1), _OF_EACH])
    return {
        "whole": [full for _, full, *_ in plates],
        "number": [f"{street}{draw.randint(1, 90)}号" for street in streets],
        "missing_number": [f"{street}{draw.randint(20, 90)}9号" for street in streets],
        "two_characters": [
            one[at : at + 2] for one in pois if (at := draw.randrange(len(one) - 1)) >= 0
        ],
        "one_character": [one[0] for one in pois],
        "middle": [one[1:4] for one in pois],
        "typo": [f"{one[:2]}啊{one[3:]}" for one in pois],
        "pinyin": [pinyin for _, pinyin, _ in readings],
        "initials": [initials for *_, initials in readings],
        "former": [name for (name,) in _rows(_FORMER, [_OF_EACH])],
        "crossing": [f"{one}与{other}交叉口" for one, other in pairwise(streets)],
        "nothing": [f"没有这个{one[::-1]}" for one in streets],
    }


def _sampled(kind: str, rows: int, count: int) -> list[tuple[Any, ...]]:
    return _rows(_SAMPLE, [kind, max(rows // (count * 3), 1), count])


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def timed(acts: list[Callable[[], object]]) -> tuple[list[float], float]:
    """Return the wall times [ms] of acts and the mean CPU time of one [ms]."""
    busy = cpu_s()
    times = []
    for act in acts:
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return times, (cpu_s() - busy) * 1000 / max(len(acts), 1)


def cpu_s() -> float:
    """Return the CPU seconds that this process and its database backend have used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    stat = Path(f"/proc/{pid}/stat")
    fields = stat.read_text().rsplit(")", 1)[1].split() if stat.exists() else ["0"] * 20
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread(name: str, times: list[float], rows: int, worked: float) -> Figure:
    """Return the 95th of a hundred times as a figure.

    times : of each call [ms]
    worked : the mean CPU time of one [ms]
    """
    if not times:
        return figure(f"{name}.p95_ms", 0.0, "ms", rows, "no such names")
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    middle = ordered[len(ordered) // 2]
    note = f"median {middle:.1f} ms, CPU {worked:.1f} ms, {len(times)} questions"
    return figure(f"{name}.p95_ms", p95, "ms", rows, note)


def figure(name: str, value: float, unit: str, rows: int, note: str) -> Figure:
    """Return a figure as it is told."""
    return {"name": name, "value": round(value, 2), "unit": unit, "rows": rows, "note": note}
