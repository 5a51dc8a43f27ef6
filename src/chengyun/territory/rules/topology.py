"""Do areas overlap, and do they leave gaps: pure geometry on EPSG:4490, measured in m²."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

TOLERANCE_M2 = 1.0
_METRES_PER_DEGREE = 111_320.0
_PAIRS_AT_ONCE = 50_000
_SNAP_DEG = 1e-7  # 1 cm: neighbours that differ by less share their border
_WIDEST_GAP_M2 = 50_000.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlap:
    """Two areas (by their places in the sequences) that share ground, and that ground."""

    first: int
    second: int
    area_m2: float
    shape: BaseGeometry


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A hole between areas: a point inside, its size and shape."""

    lon: float
    lat: float
    area_m2: float
    shape: BaseGeometry


def area_m2(shape: BaseGeometry) -> float:
    """Return the area on the ground [m²], good to a percent for shapes of a few kilometres."""
    if shape.is_empty:
        return 0.0
    _, south, _, north = shape.bounds
    shrink = math.cos(math.radians((south + north) / 2))
    return float(shape.area) * _METRES_PER_DEGREE**2 * shrink


def overlaps_among(shapes: Sequence[BaseGeometry]) -> list[Overlap]:
    """Return every pair of the shapes that shares more than a square metre."""
    return list(_overlaps(shapes, shapes, among=True))


def overlaps_between(
    shapes: Sequence[BaseGeometry], others: Sequence[BaseGeometry]
) -> list[Overlap]:
    """Return every pair of a shape and another that shares more than a square metre."""
    return list(_overlaps(shapes, others, among=False))


def gaps_of(shapes: Sequence[BaseGeometry]) -> list[Gap]:
    """Return the holes that the shapes enclose, largest first; big ones count as meant."""
    if not shapes:
        return []
    whole = shapely.union_all(np.array(shapes), grid_size=_SNAP_DEG)
    holes = [
        Polygon(ring)
        for part in shapely.get_parts(whole)
        for ring in getattr(part, "interiors", ())
    ]
    found = [(area_m2(hole), shapely.point_on_surface(hole), hole) for hole in holes]
    gaps = [
        Gap(lon=round(point.x, 7), lat=round(point.y, 7), area_m2=round(size, 1), shape=hole)
        for size, point, hole in found
        if TOLERANCE_M2 < size < _WIDEST_GAP_M2
    ]
    return sorted(gaps, key=lambda gap: -gap.area_m2)


def _overlaps(
    shapes: Sequence[BaseGeometry], others: Sequence[BaseGeometry], *, among: bool
) -> Iterator[Overlap]:
    if not shapes or not others:
        return
    own, their = np.array(shapes), np.array(others)
    pairs = shapely.STRtree(their).query(own, predicate="intersects")
    if among:
        pairs = pairs[:, pairs[0] < pairs[1]]
    for start in range(0, pairs.shape[1], _PAIRS_AT_ONCE):
        part = pairs[:, start : start + _PAIRS_AT_ONCE]
        yield from _measured(own, their, part)


def _measured(own: Any, their: Any, pairs: Any) -> Iterator[Overlap]:
    common = shapely.intersection(own[pairs[0]], their[pairs[1]])
    for place in np.flatnonzero(shapely.area(common) > 0):
        size = area_m2(common[place])
        if size > TOLERANCE_M2:
            first, second = (int(number) for number in pairs[:, place])
            yield Overlap(first=first, second=second, area_m2=round(size, 1), shape=common[place])
