"""Where a point lies: grid, community, street, district, by the version valid at the moment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from chengyun.territory.faults import NoGridAtPoint

# The spatial test stands alone in a fenced subquery (OFFSET 0): beside the validity test, or with
# ORDER BY code LIMIT 1, the planner may walk other indexes. One table and no joins: planning takes
# longer than finding. A point has one grid, on a border two to four: the smallest is picked here.
_COLUMNS = "g.id, g.code, g.area_class, g.community_code, g.street_code, g.district_code"
_PLACE = f"""
SELECT {_COLUMNS}
FROM (SELECT * FROM territory_unitgrid
      WHERE ST_Covers(geometry, ST_SetSRID(ST_MakePoint(%s, %s), 4490)) OFFSET 0) g
WHERE g.valid_from <= %s AND (g.valid_to IS NULL OR g.valid_to > %s)
"""
_PLACES = f"""
SELECT p.ordinal, {_COLUMNS}
FROM unnest(%s::float8[], %s::float8[], %s::timestamptz[])
     WITH ORDINALITY AS p(lon, lat, at, ordinal)
CROSS JOIN LATERAL (
    SELECT * FROM territory_unitgrid
    WHERE ST_Covers(geometry, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4490)) OFFSET 0
) g
WHERE g.valid_from <= p.at AND (g.valid_to IS NULL OR g.valid_to > p.at)
"""
_BATCH = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedDivision:
    """A division's code with its names ('' when the division has no row)."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a point lies. `grid_id` is the version of the grid, which a case keeps for good.

    `community`, `street` and `district` read the names from the database when they are asked for.
    """

    grid_id: int
    grid_code: str
    area_class: str
    community_code: str
    street_code: str
    district_code: str

    @property
    def community(self) -> NamedDivision:
        """Return the community with its names."""
        return _named(self.community_code)

    @property
    def street(self) -> NamedDivision:
        """Return the street with its names."""
        return _named(self.street_code)

    @property
    def district(self) -> NamedDivision:
        """Return the district with its names."""
        return _named(self.district_code)


@dataclass(frozen=True, kw_only=True, slots=True)
class PointInTime:
    """A point in EPSG:4490 [degrees] and the moment whose grid version counts."""

    lon: float
    lat: float
    at: datetime


def find_place(*, lon: float, lat: float, at: datetime) -> Place | None:
    """Return where the point lies, or None when no grid covers it.

    lon, lat : EPSG:4490 [degrees]; convert before (kernel.coordinates)
    at : aware; the grid version valid at this moment counts
    returns : on a shared border the grid with the smallest code
    source : CJ/T 213, GB/T 30428.1 (border rule ours)
    """
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, [lon, lat, at, at])
        rows = cursor.fetchall()
    return _place(min(rows, key=lambda row: str(row[1]))) if rows else None


def get_place(*, lon: float, lat: float, at: datetime) -> Place:
    """Return where the point lies; raise NoGridAtPoint. See `find_place`."""
    place = find_place(lon=lon, lat=lat, at=at)
    if place is None:
        raise NoGridAtPoint(field="location", lon=lon, lat=lat)
    return place


def find_places(points: Sequence[PointInTime]) -> list[Place | None]:
    """Return the place of each point in the same order: the fast way for imports.

    See `find_place` for the rules.
    """
    places: list[Place | None] = [None] * len(points)
    for start in range(0, len(points), _BATCH):
        part = points[start : start + _BATCH]
        _fill(places, start, part)
    return places


def _fill(places: list[Place | None], start: int, part: Sequence[PointInTime]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _PLACES,
            [[p.lon for p in part], [p.lat for p in part], [p.at for p in part]],
        )
        rows = cursor.fetchall()
    for ordinal, *row in rows:
        index = start + ordinal - 1
        known = places[index]
        if known is None or row[1] < known.grid_code:
            places[index] = _place(tuple(row))


def _place(row: tuple[Any, ...]) -> Place:
    return Place(
        grid_id=row[0],
        grid_code=row[1],
        area_class=row[2],
        community_code=row[3],
        street_code=row[4],
        district_code=row[5],
    )


def _named(code: str) -> NamedDivision:
    with connection.cursor() as cursor:
        cursor.execute("SELECT zh, en FROM territory_division WHERE code = %s", [code])
        row = cursor.fetchone()
    return NamedDivision(code=code, zh=row[0] if row else "", en=row[1] if row else "")
