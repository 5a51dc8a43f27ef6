"""Geometries of GeoJSON features, checked: form, range, size; no geometry gets in unchecked."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry.base import BaseGeometry

from chengyun.territory.adapters.crs import Converter

MAX_POINTS = 200_000
_LON, _LAT = 180.0, 90.0
_WIDEST = 180.0  # a wider shape crosses the antimeridian the wrong way round


class ShapeFault(ValueError):
    """A geometry cannot be used; `reason` is a stable word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason} {detail}".strip())


def read_shape(geometry: object, convert: Converter) -> BaseGeometry:
    """Return the geometry in EPSG:4490, two-dimensional, perhaps not valid.

    raises : ShapeFault with reason geometry_missing, geometry_malformed, geometry_empty,
        too_many_points, out_of_range, antimeridian
    """
    if isinstance(geometry, BaseGeometry):
        shape = shapely.force_2d(geometry)
    elif isinstance(geometry, dict) and geometry:
        shape = _parsed(geometry)
    else:
        raise ShapeFault("geometry_missing")
    if shape.is_empty:
        raise ShapeFault("geometry_empty")
    count = int(shapely.get_num_coordinates(shape))
    if count > MAX_POINTS:
        raise ShapeFault("too_many_points", f"{count} > {MAX_POINTS}")
    moved = shapely.transform(shape, convert)
    _check_range(shapely.get_coordinates(moved))
    return moved


def _parsed(geometry: dict[str, Any]) -> BaseGeometry:
    try:
        shape = shapely.from_geojson(orjson.dumps(geometry))
    except (GEOSException, ShapelyError, TypeError, ValueError) as error:
        raise ShapeFault("geometry_malformed", str(error)[:120]) from error
    if shape is None:
        raise ShapeFault("geometry_malformed")
    return shapely.force_2d(shape)


def _check_range(points: np.ndarray[Any, Any]) -> None:
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    inside = -_LON <= west <= east <= _LON and -_LAT <= south <= north <= _LAT
    if not inside:  # also catches NaN and infinity
        raise ShapeFault("out_of_range", f"{west:.6g} {south:.6g} {east:.6g} {north:.6g}")
    if east - west > _WIDEST:
        raise ShapeFault("antimeridian")
