"""Measures the territory's hot paths on the present database: for `chengyun bench`."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from chengyun.kernel.clock import now
from chengyun.territory.queries.locate import PointInTime, find_place, find_places
from chengyun.territory.queries.tiles import get_layer
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.rules.tiles import Tile, tile_at

_TILES = 60
_POINTS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured figure."""

    name: str
    value: float
    unit: str
    rows: int
    note: str = ""


def measure(*, seed: int = 1) -> Iterator[Figure]:
    """Yield figures of point lookup and of tiles at each zoom, in this process, uncached.

    Nothing is yielded without grids.
    """
    rows, bounds = _extent()
    if bounds is None:
        return
    draw = random.Random(seed)  # noqa: S311 - the same places in every run

    def point() -> tuple[float, float]:
        return draw.uniform(bounds[0], bounds[2]), draw.uniform(bounds[1], bounds[3])

    yield from _lookups(rows, point)
    for layer in ("map", "grids"):
        for z in (8, 10, 11, 12, 13, 14, 15, 16):
            yield from _tiles(layer, z, rows, point)


def tiles_around(z: int, count: int, *, seed: int = 1) -> list[Tile]:
    """Return tiles of a zoom at random places where grids are: what a load test asks for."""
    _, bounds = _extent()
    if bounds is None:
        return []
    draw = random.Random(seed)  # noqa: S311 - the same places in every run
    return [
        tile_at(z, draw.uniform(bounds[0], bounds[2]), draw.uniform(bounds[1], bounds[3]))
        for _ in range(count)
    ]


def _extent() -> tuple[int, tuple[float, float, float, float] | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count, ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (
                   SELECT sum(grids)::int AS count, ST_Extent(geometry) AS e
                   FROM territory_divisionarea WHERE level = 'county') b"""
        )
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return 0, None
    count, west, south, east, north = row
    return count, (west, south, east, north)


def _lookups(rows: int, point: Callable[[], tuple[float, float]]) -> Iterator[Figure]:
    at = now()
    points = [
        PointInTime(lon=lon, lat=lat, at=at) for lon, lat in (point() for _ in range(_POINTS))
    ]
    started = time.perf_counter()
    for one in points:
        find_place(lon=one.lon, lat=one.lat, at=one.at)
    took = time.perf_counter() - started
    yield Figure(name="place.find.ms", value=took / _POINTS * 1000, unit="ms", rows=rows)
    started = time.perf_counter()
    find_places(points)
    rate = _POINTS / (time.perf_counter() - started)
    yield Figure(name="place.find_many.per_s", value=rate, unit="points/s", rows=rows)


def _tiles(
    layer: str, z: int, rows: int, point: Callable[[], tuple[float, float]]
) -> Iterator[Figure]:
    provider = get_layer(layer)
    times: list[float] = []
    largest = 0
    for _ in range(_TILES):
        tile = tile_at(z, *point())
        started = time.perf_counter()
        largest = max(largest, len(provider.render(COMMAND_LINE, tile)))
        times.append(time.perf_counter() - started)
    name = f"tile.{layer}.z{z}"
    mean = sum(times) / len(times) * 1000
    yield Figure(name=f"{name}.mean_ms", value=mean, unit="ms", rows=rows, note="SQL, uncached")
    yield Figure(name=f"{name}.max_ms", value=max(times) * 1000, unit="ms", rows=rows)
    yield Figure(name=f"{name}.max_kb", value=largest / 1000, unit="kB", rows=rows)
