"""Measures reading components: near a point, in an area, page by page, counted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import shapely
from django.db import connection

from chengyun.components.operations.figures import refresh_counts
from chengyun.components.queries.conditions import ComponentFilter
from chengyun.components.queries.objects import (
    get_component_by_code,
    list_components,
    list_in_area,
    nearest_components,
)
from chengyun.components.queries.statistics import GROUPINGS, count_components
from chengyun.components.rules.access import COMMAND_LINE
from chengyun.demo.address_bench import Figure, spread, timed

_CALLS: Final = 200
_COUNTS_OF_EACH: Final = 10
_ASIDE_DEG: Final = 0.0005
_HALF_AREA_DEG: Final = 0.0025  # a square of about 500 m
_SAMPLE: Final = """
SELECT code, ST_X(position), ST_Y(position), district_code, grid_code
FROM components_component WHERE id %% %s = 0 ORDER BY id LIMIT %s
"""
Act = Callable[[], object]


def measure_reads(rows: int, *, seed: int = 3) -> Iterator[Figure]:
    """Yield the figures of reading, the 95th of a hundred calls of each [ms].

    In this process with one connection, unscoped; CPU is of both. The kept numbers are counted
    first, as the worker does every five minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE components_component")
        cursor.execute(_SAMPLE, [max(rows // (_CALLS * 2), 1), _CALLS])
        sample = cursor.fetchall()
    counting, worked = timed([refresh_counts])
    yield spread("components.count_all", counting, rows, worked)
    for name, acts in _acts(sample, random.Random(seed)).items():  # noqa: S311 - the same places in every run
        for act in acts[:3]:  # what a process keeps is there
            act()
        times, worked = timed(acts)
        yield spread(f"components.{name}", times, rows, worked)


def _acts(sample: list[tuple[Any, ...]], draw: random.Random) -> dict[str, list[Act]]:
    every = ComponentFilter()
    near, inside, pages = list[Act](), list[Act](), list[Act]()
    coded, counted = list[Act](), list[Act]()
    for code, lon, lat, district, grid in sample:
        x = lon + draw.uniform(-_ASIDE_DEG, _ASIDE_DEG)
        y = lat + draw.uniform(-_ASIDE_DEG, _ASIDE_DEG)
        near.append(partial(nearest_components, actor=COMMAND_LINE, lon=x, lat=y, wanted=every))
        area = _area(x, y)
        inside.append(partial(list_in_area, actor=COMMAND_LINE, area=area, wanted=every))
        for wanted in (every, ComponentFilter(division=district), ComponentFilter(grid=grid)):
            pages.append(partial(list_components, actor=COMMAND_LINE, wanted=wanted))
        coded.append(partial(get_component_by_code, actor=COMMAND_LINE, code=code))
    for by in GROUPINGS:
        count = partial(count_components, actor=COMMAND_LINE, by=by)
        for *_, district, _ in sample[:_COUNTS_OF_EACH]:
            within = ComponentFilter(division=district)
            counted += [partial(count, wanted=every), partial(count, wanted=within)]
    return {
        "nearest": near,
        "in_area": inside,
        "list50": pages,
        "by_code": coded,
        "statistics": counted,
    }


def _area(lon: float, lat: float) -> str:
    half = _HALF_AREA_DEG
    square = shapely.box(lon - half, lat - half, lon + half, lat + half)
    return str(shapely.to_wkb(shapely.set_srid(square, 4490), hex=True, include_srid=True))
