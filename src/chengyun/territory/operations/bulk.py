"""Writing much territory at once by COPY: for the demo city, benchmarks and big imports.

The caller has decided that the rows are right: codes, validity and overlap are not checked here.
Call inside one transaction (or let each function use its own); at the end call

    finish_bulk()   # dissolves division areas from the grids, raises layer versions, analyses

Signatures (each takes any iterable and returns the number of rows):

    copy_divisions(Iterable[DivisionRow]) -> int     parents before or after, order is free
    copy_grids(Iterable[GridRow]) -> int             geometry: shapely Polygon/MultiPolygon, 4490
    copy_duties(Iterable[DutyRow]) -> int
    copy_features(layer, Iterable[FeatureRow]) -> int   geometry: any shapely geometry, 4490
    describe_layer(layer, attribution=…, crs=…) -> None  once per map layer after copy_features

`FeatureRow.min_zoom` None means: by the layer's rules (rules/zooms.py) from kind, area and rank.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

import orjson
import shapely
from django.db import connection, transaction
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from chengyun.intake.operations.copying import copying
from chengyun.territory.models import STORAGE_SRID
from chengyun.territory.operations.areas import rebuild_areas
from chengyun.territory.operations.layers import describe_layer, raise_version
from chengyun.territory.rules.zooms import min_zoom_of

__all__ = [
    "DivisionRow",
    "DutyRow",
    "FeatureRow",
    "GridRow",
    "copy_divisions",
    "copy_duties",
    "copy_features",
    "copy_grids",
    "describe_layer",
    "finish_bulk",
]

Row = TypeVar("Row")
_CHUNK = 2_000
_LEVELS = {2: "province", 4: "city", 6: "county", 9: "street", 12: "community"}
_PARENT_WIDTHS = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}


@dataclass(frozen=True, kw_only=True, slots=True)
class DivisionRow:
    """A division: level and parent follow from the code's length (2, 4, 6, 9 or 12 digits)."""

    code: str
    zh: str
    en: str = ""
    source: str = ""
    geometry: Polygon | MultiPolygon | None = None
    valid_from: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GridRow:
    """A unit grid, first version. `area_m2` None = measured by the database."""

    code: str
    community_code: str
    geometry: Polygon | MultiPolygon
    valid_from: datetime
    area_class: str = "B"
    area_m2: float | None = None
    land_use: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyRow:
    """A person bound to a grid; `shift_id` None = at any time of the day."""

    grid_code: str
    person_id: int
    valid_from: datetime
    duty: str = "collector"
    shift_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureRow:
    """A feature of a map layer.

    kind : ours, see data/map_zooms.csv (roads: motorway, primary, residential, path …)
    attributes : what the tiles carry beside kind, name and height: min_height_m (buildings), ref,
        bridge, tunnel (roads), rank; anything else is kept but not drawn
    """

    geometry: BaseGeometry
    kind: str = ""
    zh: str = ""
    en: str = ""
    height_m: float | None = None
    min_zoom: int | None = None
    external_id: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    source: str = ""


def copy_divisions(rows: Iterable[DivisionRow]) -> int:
    """Write divisions; a code that is there already is an error of the caller."""
    return _copy(
        "territory_division (code, parent_code, level, zh, en, geometry, valid_from, source)",
        (
            (
                row.code,
                row.code[: _PARENT_WIDTHS[len(row.code)]],
                _LEVELS[len(row.code)],
                row.zh,
                row.en,
                None if row.geometry is None else _ewkb([_multi(row.geometry)])[0],
                row.valid_from,
                row.source,
            )
            for row in rows
        ),
    )


@transaction.atomic
def copy_grids(rows: Iterable[GridRow]) -> int:
    """Write unit grids, version 1."""
    count = load_grids(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO territory_unitgrid (code, community_code, street_code, district_code,
                   geometry, area_m2, area_class, land_use, note, version, valid_from)
               SELECT code, community, left(community, 9), left(community, 6), geometry,
                   area_m2, area_class, land_use, note, 1, valid_from
               FROM grids_in"""
        )
        cursor.execute("DROP TABLE grids_in")
    return count


def load_grids(rows: Iterable[GridRow]) -> int:
    """Put grids, measured, into the temporary table `grids_in` of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE grids_in (code text, community text, geometry geometry,"
            " area_m2 float8, area_class text, land_use text, note text, valid_from timestamptz)"
            " ON COMMIT DROP"
        )
        count = _copy("grids_in", _grid_rows(rows))
        cursor.execute(
            "UPDATE grids_in SET area_m2 = ST_Area(ST_SetSRID(geometry, 4326)::geography)"
            " WHERE area_m2 IS NULL"
        )
        cursor.execute("ANALYZE grids_in")
    return count


def copy_duties(rows: Iterable[DutyRow]) -> int:
    """Bind people to grids."""
    return _copy(
        "territory_gridduty (grid_code, person_id, duty, valid_from, shift_id)",
        ((row.grid_code, row.person_id, row.duty, row.valid_from, row.shift_id) for row in rows),
    )


def copy_features(layer: str, rows: Iterable[FeatureRow]) -> int:
    """Write features of a map layer beside those it has."""
    return _copy(
        "territory_mapfeature (layer, external_id, kind, zh, en, height_m, min_zoom, attributes,"
        " source, geometry)",
        _feature_rows(layer, rows),
    )


@transaction.atomic
def finish_bulk() -> None:
    """Dissolve the division areas, raise the versions of all layers, refresh statistics."""
    rebuild_areas()
    for layer in ("map", "grids"):
        raise_version(layer)
    with connection.cursor() as cursor:
        for table in ("division", "unitgrid", "gridduty", "mapfeature", "divisionarea"):
            cursor.execute(f"ANALYZE territory_{table}")


def _copy(target: str, rows: Iterable[tuple[Any, ...]]) -> int:
    count = 0
    with connection.cursor() as cursor, copying(cursor, f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _grid_rows(rows: Iterable[GridRow]) -> Iterator[tuple[Any, ...]]:
    for part in _chunks(rows):
        shapes = _ewkb([_multi(row.geometry) for row in part])
        for row, shape in zip(part, shapes, strict=True):
            yield (
                row.code,
                row.community_code,
                shape,
                row.area_m2,
                row.area_class,
                row.land_use,
                row.note,
                row.valid_from,
            )


def _feature_rows(layer: str, rows: Iterable[FeatureRow]) -> Iterator[tuple[Any, ...]]:
    for part in _chunks(rows):
        shapes = _ewkb([row.geometry for row in part])
        areas = shapely.area([row.geometry for row in part])
        for row, shape, area in zip(part, shapes, areas, strict=True):
            yield (
                layer,
                row.external_id[:80],
                row.kind[:40],
                row.zh[:120],
                row.en[:160],
                row.height_m,
                _zoom(layer, row, area),
                orjson.dumps(row.attributes).decode(),
                row.source[:100],
                shape,
            )


def _zoom(layer: str, row: FeatureRow, area: float) -> int:
    if row.min_zoom is not None:
        return row.min_zoom
    _, south, _, north = row.geometry.bounds
    return min_zoom_of(
        layer,
        row.kind,
        area_deg2=float(area),
        latitude=(south + north) / 2,
        named=bool(row.zh or row.en),
    )


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    part: list[Row] = []
    for row in rows:
        part.append(row)
        if len(part) == _CHUNK:
            yield part
            part = []
    if part:
        yield part


def _multi(shape: Polygon | MultiPolygon) -> MultiPolygon:
    return shape if isinstance(shape, MultiPolygon) else MultiPolygon([shape])


def _ewkb(shapes: list[Any]) -> list[str]:
    flat = shapely.set_srid(shapely.force_2d(shapes), STORAGE_SRID)
    return [str(text) for text in shapely.to_wkb(flat, hex=True, include_srid=True)]
