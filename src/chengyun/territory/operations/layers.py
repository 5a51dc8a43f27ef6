"""Versions and descriptions of layers."""

from __future__ import annotations

from typing import Any

from django.db import connection

from chengyun.kernel.clock import now
from chengyun.territory.rules.zooms import layer_texts

MAP, GRIDS = "map", "grids"

_RAISE = """
INSERT INTO territory_layerversion (layer, version, updated_at) VALUES (%s, 1, %s)
ON CONFLICT (layer) DO UPDATE SET version = territory_layerversion.version + 1,
    updated_at = excluded.updated_at
RETURNING version
"""
_DESCRIBE = """
INSERT INTO territory_maplayer (name, zh, en, attribution, crs, features, repaired, rejected,
    west, south, east, north, imported_at)
SELECT %s, %s, %s, %s, %s, e.count, %s, %s, ST_XMin(e.box), ST_YMin(e.box), ST_XMax(e.box),
    ST_YMax(e.box), %s
FROM (SELECT count(*) AS count, ST_Extent(geometry) AS box FROM territory_mapfeature
      WHERE layer = %s) e
ON CONFLICT (name) DO UPDATE SET zh = excluded.zh, en = excluded.en,
    attribution = excluded.attribution, crs = excluded.crs, features = excluded.features,
    repaired = excluded.repaired, rejected = excluded.rejected, west = excluded.west,
    south = excluded.south, east = excluded.east, north = excluded.north,
    imported_at = excluded.imported_at
"""


def raise_version(layer: str) -> int:
    """Count a layer's version up, in the caller's transaction; every tile of it is new then."""
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, [layer, now()])
        row: tuple[int] = cursor.fetchone()
    return row[0]


def describe_layer(
    layer: str,
    *,
    attribution: str = "",
    crs: str = "EPSG:4490",
    repaired: int = 0,
    rejected: int = 0,
) -> None:
    """Write what is known of an imported map layer; counts and bounds come from its features."""
    text = layer_texts().get(layer)
    zh, en = (text.zh, text.en) if text else (layer, layer)
    values: list[Any] = [layer, zh, en, attribution[:300], crs, repaired, rejected, now(), layer]
    with connection.cursor() as cursor:
        cursor.execute(_DESCRIBE, values)
