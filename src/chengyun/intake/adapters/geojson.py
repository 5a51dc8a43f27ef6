"""GeoJSON in: a collection, or one feature a line, of any length, one feature at a time."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson
import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry.base import BaseGeometry

from chengyun.intake.rules.json_stream import JsonStream
from chengyun.intake.rules.source import (
    Described,
    Row,
    TableUnreadable,
    cell_text,
    checked_columns,
    unreadable,
)

MAX_FEATURE: Final = 64 * 1024**2
MAX_LINE: Final = 4 * 1024**2
_CHUNK: Final = 256 * 1024
_COLUMNS_FROM: Final = 1000
_TAIL: Final = 64 * 1024
_URN: Final = re.compile(r"EPSG:[0-9.]*:?(\d+)$", re.IGNORECASE)
_POINT_AXES: Final = 2
_MARK: Final = b"\xef\xbb\xbf"


class GeoJsonSource:
    """A FeatureCollection, or features line by line (GeoJSON text sequence without marks)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._members: dict[str, Any] = {}
        self._is_by_line = _is_by_line(path)

    def described(self) -> Described:
        """Return the columns of the first thousand features, and the stated system."""
        names: dict[str, None] = {}
        for feature in islice(self._features(), _COLUMNS_FROM):
            names.update(dict.fromkeys(_properties(feature)))
        stated = "" if self._is_by_line else _stated(self._members) or _stated(_tail(self._path))
        return Described(columns=checked_columns(list(names)), crs=stated)

    def counted(self) -> int | None:
        """Return None: to know would be to read all."""
        return None

    def rows(self) -> Iterator[Row]:
        """Yield the features; one that is none has neither values nor a geometry."""
        for number, feature in enumerate(self._features(), start=1):
            values = {name: cell_text(value) for name, value in _properties(feature).items()}
            point = _point(feature)
            shape = None if point else _geometry(feature)
            yield Row(number=number, values=values, geometry=shape, point=point)

    def _features(self) -> Iterator[Any]:
        return self._by_line() if self._is_by_line else self._collected()

    def _by_line(self) -> Iterator[Any]:
        with self._path.open("rb") as file:
            while line := file.readline(MAX_LINE):
                if len(line) >= MAX_LINE:
                    raise unreadable("有一行过长", "a line is too long")
                if line.strip():
                    yield _loaded(line.removeprefix(_MARK))

    def _collected(self) -> Iterator[Any]:
        stream = JsonStream(_texts(self._path), longest=MAX_FEATURE, fault=_bad)
        stream.expect("{")
        found = False
        while (name := stream.next_name()) is not None:
            if name == "features":
                found = True
                yield from stream.elements()
            else:
                self._members[name] = stream.value()
        if not found:
            raise unreadable("不是 GeoJSON 要素集", "it is no GeoJSON FeatureCollection")


def _is_by_line(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline(MAX_LINE).removeprefix(_MARK)
    try:
        found = orjson.loads(first)
    except orjson.JSONDecodeError:
        return False
    return isinstance(found, dict) and found.get("type") == "Feature"


def _texts(path: Path) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise unreadable("编码不是 UTF-8", "not UTF-8 text") from error


def _tail(path: Path) -> dict[str, Any]:
    """Return the members that stand after the features, as far as the end of the file tells."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _TAIL, 0))
        rest = file.read().rpartition(b"]")[2].lstrip(b" \t\r\n,")
    try:
        found = orjson.loads(b"{" + rest)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _loaded(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad(str(error)) from error


def _bad(reason: str) -> TableUnreadable:
    return unreadable(f"JSON 有误：{reason}", f"bad JSON: {reason}")


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
    try:
        return float(x), float(y)
    except OverflowError:
        return None


def _stated(whole: dict[str, Any]) -> str:
    crs = whole.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if "CRS84" in name.upper():
        return "EPSG:4326"
    found = _URN.search(name)
    return f"EPSG:{found[1]}" if found else name[:40]
