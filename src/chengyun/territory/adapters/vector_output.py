"""Writes areas to vector files: GeoJSON, Shapefile (zipped), GeoPackage, KML, in a chosen CRS."""

from __future__ import annotations

import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

from chengyun.kernel.coordinates import BD_09, GCJ_02, from_storage

SYSTEMS = ("EPSG:4490", "EPSG:4326", GCJ_02, BD_09)
_SHIFTED = {GCJ_02, BD_09}  # no EPSG code: files cannot state them, but their names do
_DIGITS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format: its driver, the suffix inside and outside of an archive, its media type."""

    driver: str
    suffix: str
    media_type: str


FORMATS = {
    "geojson": Format(driver="GeoJSON", suffix=".geojson", media_type="application/geo+json"),
    "shapefile": Format(driver="ESRI Shapefile", suffix=".shp", media_type="application/zip"),
    "geopackage": Format(
        driver="GPKG", suffix=".gpkg", media_type="application/geopackage+sqlite3"
    ),
    "kml": Format(
        driver="LIBKML", suffix=".kml", media_type="application/vnd.google-earth.kml+xml"
    ),
}


def file_name(name: str, kind: str, crs: str) -> str:
    """Return the name of the file, which tells the coordinate system."""
    suffix = ".zip" if kind == "shapefile" else FORMATS[kind].suffix
    return f"{name}_{crs.replace(':', '-')}{suffix}"


def vector_bytes(
    *, kind: str, crs: str, shapes: Sequence[BaseGeometry], columns: dict[str, list[Any]]
) -> bytes:
    """Return the file.

    kind : one of FORMATS
    crs : one of SYSTEMS; shapes come in EPSG:4490
    columns : values by name (at most ten characters, for the Shapefile), as many as shapes
    """
    moved = shapely.transform(np.array(shapes, dtype=object), _mover(crs))
    if kind == "geojson":
        return _geojson(moved, columns, crs)
    with tempfile.TemporaryDirectory(prefix="chengyun-") as folder:
        path = Path(folder) / f"grids{FORMATS[kind].suffix}"
        _write(path, kind, crs, moved, columns)
        return _zipped(Path(folder)) if kind == "shapefile" else path.read_bytes()


def _mover(crs: str) -> Any:
    def moved(points: npt.NDArray[Any]) -> npt.NDArray[Any]:
        there = [from_storage(float(x), float(y), crs) for x, y in points]
        return np.round(np.array(there, dtype=float).reshape(-1, 2), _DIGITS)

    return moved if crs in _SHIFTED else lambda points: points


def _geojson(shapes: Any, columns: dict[str, list[Any]], crs: str) -> bytes:
    names = list(columns)
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(names, values, strict=True)),
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for shape, values in zip(shapes, zip(*columns.values(), strict=True), strict=True)
    ]
    stated = crs if crs in _SHIFTED else f"urn:ogc:def:crs:EPSG::{crs.partition(':')[2]}"
    whole = {
        "type": "FeatureCollection",
        "name": "grids",
        "crs": {"type": "name", "properties": {"name": stated}},
        "features": features,
    }
    return json.dumps(whole, ensure_ascii=False).encode()


def _write(path: Path, kind: str, crs: str, shapes: Any, columns: dict[str, list[Any]]) -> None:
    # KML knows only WGS 84, and GDAL would convert to it; shifted coordinates are written as given.
    stated = "EPSG:4326" if kind == "kml" or crs in _SHIFTED else crs
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapes),
        field_data=[_column(values) for values in columns.values()],
        fields=list(columns),
        geometry_type="MultiPolygon",
        crs=stated,
        driver=FORMATS[kind].driver,
        encoding="UTF-8" if kind == "shapefile" else None,
        layer="grids",
    )
    if crs in _SHIFTED:
        _unstate(path)


def _unstate(path: Path) -> None:
    """Take the CRS out of a file: WGS 84 would be a lie of some hundred metres."""
    path.with_suffix(".prj").unlink(missing_ok=True)
    if path.suffix == ".gpkg":
        with closing(sqlite3.connect(path)) as database, database:
            for table in ("gpkg_contents", "gpkg_geometry_columns"):
                database.execute(f"UPDATE {table} SET srs_id = 0")  # undefined, geographic


def _column(values: list[Any]) -> npt.NDArray[Any]:
    is_number = all(isinstance(value, float) for value in values)
    return np.array(values, dtype=float if is_number else object)


def _zipped(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, part.name)
    return packed.getvalue()
