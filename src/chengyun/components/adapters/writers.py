"""Files of components out: CSV, XLSX, GeoJSON, GeoPackage, zipped Shapefiles.

Their columns are those that the shipped mapping `chengyun` reads. Text never becomes a formula.
source : OGC 12-128r18 (GeoPackage 1.3)
"""

from __future__ import annotations

import csv
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pyogrio
import shapely
from pyproj import CRS

from chengyun.kernel.cells import without_formula, xml_text

_SRS: Final = 4490
_LONGEST: Final = 254  # bytes of a text in a .dbf
_AT_ONCE: Final = 10_000
# Kinds of Shapefiles by the number of a geometry's type; a Shapefile's lines and areas are many.
_KINDS: Final = {
    0: "Point",
    1: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "LineString",
    6: "Polygon",
}
_GEOPACKAGE: Final = """
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
    organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,
    definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL,
    identifier TEXT UNIQUE, description TEXT DEFAULT '',
    last_change DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT PRIMARY KEY, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL,
    m TINYINT NOT NULL);
INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)
    VALUES ('components', 'features', 'components', 4490);
INSERT INTO gpkg_geometry_columns VALUES ('components', 'geom', 'GEOMETRY', 4490, 0, 0);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class OutRow:
    """A component as it is written: values in the order of the columns, its geometry as WKB."""

    values: tuple[Any, ...]
    geometry: bytes


Writer = Callable[[Path, list[str], Iterable[OutRow]], None]


def write_csv(path: Path, columns: list[str], rows: Iterable[OutRow]) -> None:
    """Write a CSV in UTF-8 with a mark, as spreadsheet programs want it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row.values] for row in rows)


def write_xlsx(path: Path, columns: list[str], rows: Iterable[OutRow]) -> None:
    """Write a workbook of one sheet."""
    from openpyxl import Workbook  # slow to import

    book = Workbook(write_only=True)
    sheet = book.create_sheet("components")
    sheet.append(columns)
    for row in rows:
        sheet.append([_cell(value) for value in row.values])
    book.save(path)


def write_geojson(path: Path, columns: list[str], rows: Iterable[OutRow]) -> None:
    """Write a FeatureCollection, one feature a line."""
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","crs":{"type":"name","properties":')
        file.write(b'{"name":"urn:ogc:def:crs:EPSG::4490"}},"features":[\n')
        for number, row in enumerate(rows):
            feature = {
                "type": "Feature",
                "properties": dict(zip(columns, row.values, strict=True)),
                "geometry": orjson.Fragment(shapely.to_geojson(shapely.from_wkb(row.geometry))),
            }
            file.write((b",\n" if number else b"") + orjson.dumps(feature, default=str))
        file.write(b"\n]}\n")


def write_geopackage(path: Path, columns: list[str], rows: Iterable[OutRow]) -> None:
    """Write a GeoPackage of one layer."""
    path.unlink(missing_ok=True)
    header = b"GP\x00\x01" + struct.pack("<i", _SRS)
    places = ", ".join("?" for _ in range(len(columns) + 1))
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript(_GEOPACKAGE)
        wkt = CRS.from_epsg(_SRS).to_wkt("WKT1_GDAL")
        for srs in (-1, 0, _SRS):
            known = ("EPSG", wkt) if srs == _SRS else ("NONE", "undefined")
            values = [f"{known[0]}:{srs}", srs, known[0], srs, known[1], None]
            file.execute("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", values)
        names = ", ".join(f'"{name}"' for name in columns)
        file.execute(f"CREATE TABLE components (fid INTEGER PRIMARY KEY, geom BLOB, {names})")
        file.executemany(
            f"INSERT INTO components (geom, {names}) VALUES ({places})",
            ((header + row.geometry, *map(_plain, row.values)) for row in rows),
        )


def write_shapefiles(path: Path, columns: list[str], rows: Iterable[OutRow]) -> None:
    """Write a zip of one Shapefile for each kind of geometry there is (UTF-8, EPSG:4490)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_parts(folder, columns, rows)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(folder.iterdir()):
                archive.write(part, part.name)


WRITERS: Final[dict[str, Writer]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "geojson": write_geojson,
    "gpkg": write_geopackage,
    "shp": write_shapefiles,
}
ENDINGS: Final = {"csv": "csv", "xlsx": "xlsx", "geojson": "geojson", "gpkg": "gpkg", "shp": "zip"}


def _write_parts(folder: Path, columns: list[str], rows: Iterable[OutRow]) -> None:
    """Write each component into the Shapefile of its kind."""
    waiting: dict[str, list[OutRow]] = {}
    begun: set[str] = set()
    for row in rows:
        kind = _KINDS[int(shapely.get_type_id(shapely.from_wkb(row.geometry)))]
        waiting.setdefault(kind, []).append(row)
        if len(waiting[kind]) >= _AT_ONCE:
            _append(folder, kind, columns, waiting.pop(kind), begun)
    for kind, left in waiting.items():
        _append(folder, kind, columns, left, begun)


def _append(
    folder: Path, kind: str, columns: list[str], rows: list[OutRow], begun: set[str]
) -> None:
    """Add rows to the Shapefile of a kind; the library writes them in one go."""
    texts = [[_short(value) for value in column] for column in zip(*_values(rows), strict=True)]
    pyogrio.raw.write(
        folder / f"components_{kind.lower()}.shp",
        geometry=np.array([row.geometry for row in rows], dtype=object),
        field_data=[np.array(column, dtype=object) for column in texts],
        fields=[name[:10] for name in columns],
        geometry_type=kind,
        crs=f"EPSG:{_SRS}",
        driver="ESRI Shapefile",
        encoding="UTF-8",
        append=kind in begun,
    )
    begun.add(kind)


def _values(rows: list[OutRow]) -> Iterable[tuple[Any, ...]]:
    return (row.values for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return without_formula(xml_text(value))
    return _plain(value)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _short(value: Any) -> str:
    """Return a text that fits a .dbf: whole signs, at most 254 bytes."""
    text = "" if value is None else str(value)
    return text.encode()[:_LONGEST].decode("utf-8", "ignore")
