"""A simple grid of squares over an extent, numbered into streets and communities.

It lets a map without grids be used at once; proper grids follow roads and borders of communities.
Streets carry numbers from 901 on, which no real list uses. Numbers run west to east, then north to
south.

source : ours
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shapely.geometry import Polygon, box

from chengyun.kernel.codes import CodeScheme

FIRST_STREET = 901
_STREET_SIDE = 3  # communities along the side of a street
_LARGEST_COMMUNITY = 10  # squares along the side of a community
_METRES_PER_DEGREE_NORTH = 110_950.0
_METRES_PER_DEGREE_EAST = 111_320.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Extent:
    """West, south, east, north [degrees]."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Square:
    """One square with its full code; `community` is the code of its community."""

    code: str
    community: str
    area: Polygon


@dataclass(frozen=True, slots=True)
class _Mesh:
    columns: int
    rows: int
    step_lon: float
    step_lat: float


def count_of(extent: Extent, side_m: float) -> int:
    """Return how many squares cover the extent."""
    mesh = _mesh(extent, side_m)
    return mesh.columns * mesh.rows


def squares_over(
    extent: Extent,
    side_m: float,
    scheme: CodeScheme,
    district_at: Callable[[float, float], str | None],
) -> Iterator[Square]:
    """Yield squares of `side_m` [m] that cover the extent, from its north-west corner.

    district_at : district code at a longitude and latitude, None = leave the square out
    raises : InvalidCodePart when a district has more streets than its scheme has numbers for
    """
    mesh = _mesh(extent, side_m)
    numbers = _Numbers(scheme)
    for row in range(mesh.rows):
        north = extent.north - row * mesh.step_lat
        south = extent.north - (row + 1) * mesh.step_lat
        for column in range(mesh.columns):
            west = extent.west + column * mesh.step_lon
            east = extent.west + (column + 1) * mesh.step_lon
            district = district_at((west + east) / 2, (south + north) / 2)
            if district is None:
                continue
            code, community = numbers.number(district, column, row)
            yield Square(
                code=code,
                community=community,
                area=box(round(west, 8), round(south, 8), round(east, 8), round(north, 8)),
            )


class _Numbers:
    """Gives numbers to streets, communities and squares as they are met."""

    def __init__(self, scheme: CodeScheme) -> None:
        self._scheme = scheme
        width = next(part.width for part in scheme.parts if part.name == "grid")
        self._side = min(_LARGEST_COMMUNITY, math.isqrt(10**width - 1))
        self._streets: dict[str, dict[tuple[int, int], int]] = {}
        self._communities: dict[tuple[str, int], dict[tuple[int, int], int]] = {}
        self._grids: dict[str, int] = {}

    def number(self, district: str, column: int, row: int) -> tuple[str, str]:
        block = (row // self._side, column // self._side)
        quarter = (block[0] // _STREET_SIDE, block[1] // _STREET_SIDE)
        streets = self._streets.setdefault(district, {})
        street = streets.setdefault(quarter, FIRST_STREET + len(streets))
        communities = self._communities.setdefault((district, street), {})
        community = communities.setdefault(block, 1 + len(communities))
        parts: dict[str, str | int] = {
            "district": district,
            "street": street,
            "community": community,
            "grid": 0,
        }
        whole = self._scheme.prefix(self._scheme.compose(parts), "community")
        parts["grid"] = self._grids[whole] = self._grids.get(whole, 0) + 1
        return self._scheme.compose(parts), whole


def _mesh(extent: Extent, side_m: float) -> _Mesh:
    shrink = math.cos(math.radians((extent.south + extent.north) / 2))
    step_lon = side_m / (_METRES_PER_DEGREE_EAST * shrink)
    step_lat = side_m / _METRES_PER_DEGREE_NORTH
    return _Mesh(
        max(1, math.ceil((extent.east - extent.west) / step_lon - 1e-9)),
        max(1, math.ceil((extent.north - extent.south) / step_lat - 1e-9)),
        step_lon,
        step_lat,
    )
