"""Shapes in the plane, with plain types over shapely's vectorised functions."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

Array = NDArray[np.float64]
Geometries = NDArray[np.object_]


def line_through(x: Array, y: Array, vertices: Sequence[int]) -> LineString:
    """Return the line through vertices."""
    return LineString(np.column_stack([x[list(vertices)], y[list(vertices)]]))


def joined(lines: Sequence[LineString]) -> BaseGeometry:
    """Return lines joined where their ends meet."""
    return shapely.line_merge(shapely.MultiLineString(list(lines)))


def dissolved(polygons: Geometries) -> BaseGeometry:
    """Return the union of polygons that share their borders exactly."""
    return shapely.coverage_union_all(polygons)


def point_along(line: LineString, share: float) -> tuple[float, float]:
    """Return the point at a share of a line's length."""
    point = line.interpolate(min(1.0, max(0.0, share)), normalized=True)
    return float(point.x), float(point.y)


def parts_of(shape: BaseGeometry) -> list[BaseGeometry]:
    """Return the single parts of a shape."""
    return list(shapely.get_parts(shape))
