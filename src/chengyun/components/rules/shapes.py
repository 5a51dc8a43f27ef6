"""Geometries of components: checked, in EPSG:4490, with the point that stands for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from chengyun.components.rules.faults import GeometryKindWrong, GeometryUnusable
from chengyun.kernel.coordinates import point_mover, to_storage

MAX_POINTS: Final = 20_000
_LON, _LAT, _WIDEST = 180.0, 90.0, 5.0
_POINT, _MULTI_POINT = "Point", "MultiPoint"
_KINDS: Final = {
    "point": frozenset({_POINT}),
    "line": frozenset({_POINT, "LineString", "MultiLineString"}),
    "polygon": frozenset({_POINT, "Polygon", "MultiPolygon"}),
}
_KIND_ZH: Final = {"point": "点", "line": "线", "polygon": "面"}


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredShape:
    """Where a component lies, EPSG:4490.

    shape : the line or area; None where only a point is known
    given_in : the system in which it was given
    """

    lon: float
    lat: float
    shape: BaseGeometry | None
    given_in: str

    def wkt(self) -> str | None:
        """Return the line or area as EWKT."""
        return None if self.shape is None else f"SRID=4490;{self.shape.wkt}"


def geometry_from(value: object) -> BaseGeometry:
    """Return the geometry of a GeoJSON object, two-dimensional; raise GeometryUnusable."""
    if not isinstance(value, dict):
        raise _unusable("不是 GeoJSON 图形", "it is no GeoJSON geometry")
    try:
        shape = shapely.from_geojson(orjson.dumps(value))
    except (GEOSException, ShapelyError, TypeError, ValueError, orjson.JSONEncodeError) as error:
        raise _unusable("不是 GeoJSON 图形", "it is no GeoJSON geometry") from error
    return plain(shape)


def plain(shape: BaseGeometry | None) -> BaseGeometry:
    """Return the geometry without heights, a single one of several; raise GeometryUnusable."""
    if shape is None or shape.is_empty:
        raise _unusable("图形为空", "it is empty")
    count = int(shapely.get_num_coordinates(shape))
    if count > MAX_POINTS:
        raise _unusable(f"超过 {MAX_POINTS} 个点", f"it has over {MAX_POINTS} points")
    flat = shapely.force_2d(shape)
    parts = shapely.get_parts(flat)
    only: BaseGeometry = parts[0]
    return only if len(parts) == 1 else flat


def stored_point(x: float, y: float, crs: str) -> StoredShape:
    """Return a point as stored; raise CoordinateOutOfRange, UnknownCrs."""
    found = to_storage(x, y, crs)
    return StoredShape(lon=found.lon, lat=found.lat, shape=None, given_in=found.given_in)


def stored_shape(shape: BaseGeometry, *, crs: str, kind: str, type_zh: str) -> StoredShape:
    """Return a geometry as stored.

    kind : point, line or polygon, as the type is drawn; a mere point is taken for every kind
    raises : GeometryKindWrong, GeometryUnusable, CoordinateOutOfRange, UnknownCrs
    """
    if shape.geom_type not in _KINDS.get(kind, _KINDS["point"]):
        raise GeometryKindWrong(
            field="geometry",
            type=type_zh,
            expected=kind,
            expected_zh=_KIND_ZH.get(kind, "点"),
            given=shape.geom_type,
        )
    if shape.geom_type == _POINT:
        x, y = shapely.get_coordinates(shape)[0]
        return stored_point(float(x), float(y), crs)
    moved = _moved(shape, crs)
    is_line = shape.geom_type.endswith("LineString")
    on_it = _middle(moved) if is_line else moved.representative_point()
    name = to_storage(*_first(shape), crs).given_in
    return StoredShape(lon=float(on_it.x), lat=float(on_it.y), shape=moved, given_in=name)


def _moved(shape: BaseGeometry, crs: str) -> BaseGeometry:
    mover = point_mover(crs)

    def move(points: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.array([mover(float(x), float(y)) for x, y in points]).reshape(-1, 2)

    moved = shapely.transform(shape, move)
    west, south, east, north = moved.bounds
    if not (-_LON <= west <= east <= _LON and -_LAT <= south <= north <= _LAT):
        raise _unusable("坐标超出范围", "it lies outside the world")
    if max(east - west, north - south) > _WIDEST:
        raise _unusable("图形大得不合理", "it is absurdly large")
    if not moved.is_valid:
        raise _unusable(
            f"图形自相交或无效（{shapely.is_valid_reason(moved)[:80]}）",
            f"it is not valid ({shapely.is_valid_reason(moved)[:80]})",
        )
    return moved


def _first(shape: BaseGeometry) -> tuple[float, float]:
    x, y = shapely.get_coordinates(shape)[0]
    return float(x), float(y)


def _middle(line: BaseGeometry) -> Point:
    longest = max(shapely.get_parts(line), key=lambda part: float(part.length))
    found: Point = longest.interpolate(0.5, normalized=True)
    return found


def _unusable(reason_zh: str, reason_en: str) -> GeometryUnusable:
    return GeometryUnusable(field="geometry", reason_zh=reason_zh, reason_en=reason_en)
