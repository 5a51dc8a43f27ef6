"""Splitting and joining unit grids: pure geometry in EPSG:4490."""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from chengyun.territory.rules.topology import area_m2

LEAST_PART_M2 = 50.0
_ROUNDED_DEG = 1e-8  # 1 mm


def parts_along(shape: BaseGeometry, line: LineString) -> list[BaseGeometry]:
    """Return the parts into which the line cuts the shape, from the west; one when it does not.

    shape : Polygon or MultiPolygon; the islands of one side stay together
    """
    network = shapely.union_all([shape.boundary, line])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    inside = [face for face in faces if shape.contains(face.representative_point())]
    if len(inside) <= 1:
        return [shape]
    rounded = [shapely.set_precision(face, _ROUNDED_DEG) for face in inside]
    return sorted(rounded, key=lambda part: (part.centroid.x, -part.centroid.y))


def is_proper(parts: Sequence[BaseGeometry]) -> bool:
    """Whether every part is an area large enough to stand alone."""
    return len(parts) > 1 and all(
        isinstance(part, Polygon) and part.is_valid and area_m2(part) >= LEAST_PART_M2
        for part in parts
    )


def joined_area(shapes: Sequence[BaseGeometry]) -> Polygon | None:
    """Return the shapes as one area, None when they do not share borders all together."""
    whole = shapely.union_all(list(shapes), grid_size=_ROUNDED_DEG)
    if isinstance(whole, MultiPolygon) and len(whole.geoms) == 1:
        whole = whole.geoms[0]
    return whole if isinstance(whole, Polygon) and not whole.is_empty else None
