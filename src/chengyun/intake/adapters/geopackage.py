"""GeoPackage in: an SQLite file, opened read-only and without trusting its schema.

source : OGC 12-128r18 (GeoPackage 1.3), binary geometries after clause 2.1.3
"""

from __future__ import annotations

import math
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry.base import BaseGeometry

from chengyun.intake.rules.source import (
    Described,
    Layout,
    Row,
    cell_text,
    checked_columns,
    unreadable,
)

_LAYERS: Final = """
SELECT c.table_name, g.column_name, g.srs_id FROM gpkg_contents c
JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table'
WHERE c.data_type = 'features' ORDER BY c.table_name
"""
_HEADER: Final = 8
_POINT: Final = b"\x01\x01\x00\x00\x00"
_POINT_BYTES: Final = 21
# Bytes of the envelope by its kind (bits 1 to 3 of the flags).
_ENVELOPE: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}


class GeoPackageSource:
    """One layer of features."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path = path
        self._layer = layout.layer

    def described(self) -> Described:
        """Return the layer's columns, its system and the number of its rows."""
        with self._opened() as file:
            table, geometry, srs = self._chosen(file)
            columns = [name for name in _columns(file, table) if name != geometry]
            count = file.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()[0]
            return Described(columns=checked_columns(columns), crs=_crs(file, srs), rows=count)

    def counted(self) -> int | None:
        """Return the number of rows."""
        return self.described().rows

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the layer in the order of the file."""
        with self._opened() as file:
            table, geometry, _ = self._chosen(file)
            names = _columns(file, table)
            cursor = file.execute(f"SELECT * FROM {_quoted(table)}")
            for number, found in enumerate(_each(cursor), start=1):
                values = dict(zip(names, found, strict=True))
                blob = values.pop(geometry, None)
                texts = {name.strip(): cell_text(value) for name, value in values.items()}
                point = _point(blob)
                shape = None if point else _geometry(blob)
                yield Row(number=number, values=texts, geometry=shape, point=point)

    def _opened(self) -> closing[sqlite3.Connection]:
        try:
            uri = f"file:{quote(str(self._path))}?mode=ro&immutable=1"
            file = sqlite3.connect(uri, uri=True)
            file.execute("PRAGMA trusted_schema = OFF")
            file.execute("PRAGMA cell_size_check = ON")
        except sqlite3.Error as error:
            raise _broken(error) from error
        return closing(file)

    def _chosen(self, file: sqlite3.Connection) -> tuple[str, str, int]:
        try:
            layers = file.execute(_LAYERS).fetchall()
        except sqlite3.Error as error:
            raise _broken(error) from error
        found = [one for one in layers if not self._layer or one[0] == self._layer]
        if len(found) != 1:
            told = "、".join(str(one[0]) for one in layers[:20])
            raise unreadable(
                f"请在映射的 table.layer 中指明图层：{told}",
                f"name one layer in table.layer: {told}",
            )
        table, geometry, srs = found[0]
        return str(table), str(geometry), int(srs)


def _each(cursor: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
    try:
        yield from cursor
    except (sqlite3.Error, OverflowError) as error:
        raise _broken(error) from error


def _columns(file: sqlite3.Connection, table: str) -> list[str]:
    try:
        return [str(row[1]) for row in file.execute(f"PRAGMA table_info({_quoted(table)})")]
    except sqlite3.Error as error:
        raise _broken(error) from error


def _crs(file: sqlite3.Connection, srs: int) -> str:
    try:
        row = file.execute(
            "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys"
            " WHERE srs_id = ?",
            [srs],
        ).fetchone()
    except sqlite3.Error:
        return ""
    return f"EPSG:{row[1]}" if row and str(row[0]).upper() == "EPSG" else ""


def _point(blob: object) -> tuple[float, float] | None:
    """Return a little-endian two-dimensional point, as nearly every file writes it."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < _HEADER:
        return None
    start = _HEADER + _ENVELOPE.get(blob[3] >> 1 & 7, 0)
    if blob[start : start + 5] != _POINT or len(blob) < start + _POINT_BYTES:
        return None
    x, y = struct.unpack_from("<dd", blob, start + 5)
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None


def _geometry(blob: object) -> BaseGeometry | None:
    if not isinstance(blob, bytes) or len(blob) < _HEADER or blob[:2] != b"GP":
        return None
    start = _HEADER + _ENVELOPE.get(blob[3] >> 1 & 7, 0)
    try:
        found: BaseGeometry = shapely.from_wkb(blob[start:])
    except (GEOSException, ShapelyError, ValueError):
        return None
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _broken(error: Exception) -> Exception:
    told = str(error)[:120]
    return unreadable(f"不是有效的 GeoPackage（{told}）", f"no GeoPackage ({told})")
