"""GeoJSON in: a collection as a whole, or one feature a line, of any length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry.base import BaseGeometry

from chengyun.components.adapters.source import (
    Described,
    Row,
    cell_text,
    checked_columns,
    unreadable,
)

MAX_COLLECTION: Final = 192 * 1024**2
MAX_LINE: Final = 4 * 1024**2
_COLUMNS_FROM: Final = 1000
_URN: Final = re.compile(r"EPSG:[0-9.]*:?(\d+)$", re.IGNORECASE)
_POINT_AXES: Final = 2


class GeoJsonSource:
    """A FeatureCollection, or features line by line (GeoJSON text sequence without marks)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._whole: dict[str, Any] | None = None if self._is_by_line() else self._read()

    def described(self) -> Described:
        """Return the columns of the first thousand features, and the stated system."""
        names: dict[str, None] = {}
        for row in self._features(_COLUMNS_FROM):
            names.update(dict.fromkeys(_properties(row)))
        crs = _stated(self._whole) if self._whole else ""
        rows = len(self._whole["features"]) if self._whole else None
        return Described(columns=checked_columns(list(names)), crs=crs, rows=rows)

    def rows(self) -> Iterator[Row]:
        """Yield the features; one that is none has neither values nor a geometry."""
        for number, feature in enumerate(self._features(None), start=1):
            values = {name: cell_text(value) for name, value in _properties(feature).items()}
            point = _point(feature)
            shape = None if point else _geometry(feature)
            yield Row(number=number, values=values, geometry=shape, point=point)

    def _features(self, most: int | None) -> Iterator[Any]:
        found = iter(self._whole["features"]) if self._whole else self._by_line()
        for number, feature in enumerate(found):
            if most is not None and number >= most:
                return
            yield feature

    def _is_by_line(self) -> bool:
        with self._path.open("rb") as file:
            first = file.readline(MAX_LINE).removeprefix(b"\xef\xbb\xbf")
        try:
            found = orjson.loads(first)
        except orjson.JSONDecodeError:
            return False
        return isinstance(found, dict) and found.get("type") == "Feature"

    def _by_line(self) -> Iterator[Any]:
        with self._path.open("rb") as file:
            while line := file.readline(MAX_LINE):
                if len(line) >= MAX_LINE:
                    raise unreadable("有一行过长", "a line is too long")
                if line.strip():
                    yield _loaded(line.removeprefix(b"\xef\xbb\xbf"))

    def _read(self) -> dict[str, Any]:
        if self._path.stat().st_size > MAX_COLLECTION:
            raise unreadable(
                "GeoJSON 超过 192 MB，请改用每行一个要素的 GeoJSON（.geojsonl）、GeoPackage 或 CSV",
                "over 192 MB: write one feature a line (.geojsonl), a GeoPackage or CSV",
            )
        found = _loaded(self._path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        if not isinstance(found, dict) or not isinstance(found.get("features"), list):
            raise unreadable("不是 GeoJSON 要素集", "it is no GeoJSON FeatureCollection")
        return found


def _loaded(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise unreadable(f"JSON 有误：{error}", f"bad JSON: {error}") from error


def _properties(feature: object) -> dict[str, Any]:
    found = feature.get("properties") if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _geometry(feature: object) -> BaseGeometry | None:
    found = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(found, dict):
        return None
    try:
        shape: BaseGeometry = shapely.from_geojson(orjson.dumps(found))
    except (GEOSException, ShapelyError, TypeError, ValueError):
        return None
    return shape


def _point(feature: object) -> tuple[float, float] | None:
    found = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(found, dict) or found.get("type") != "Point":
        return None
    pair = found.get("coordinates")
    if not isinstance(pair, list) or len(pair) < _POINT_AXES:
        return None
    x, y = pair[0], pair[1]
    if not (isinstance(x, int | float) and isinstance(y, int | float)):
        return None
    return float(x), float(y)


def _stated(whole: dict[str, Any]) -> str:
    crs = whole.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if "CRS84" in name.upper():
        return "EPSG:4326"
    found = _URN.search(name)
    return f"EPSG:{found[1]}" if found else name[:40]
