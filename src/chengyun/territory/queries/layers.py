"""What the base map holds: layers with versions and attribution, outside base maps."""

from __future__ import annotations

from typing import Any

from django.db import connection

from chengyun.administration.queries import base_map_key, node, setting
from chengyun.administration.rules.actor import Actor
from chengyun.kernel.errors import NotFound
from chengyun.territory.adapters.base_maps import Picture, fetch_tile, tile_template
from chengyun.territory.models import LayerVersion, MapLayer
from chengyun.territory.rules.scope import READ
from chengyun.territory.rules.zooms import layer_texts

_RELAY = "/api/v1/territory/base-maps/{code}/{{z}}/{{x}}/{{y}}"
_GRID_BOUNDS = """
SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)
FROM (SELECT ST_Extent(geometry) AS e FROM territory_divisionarea WHERE level = 'county') b
WHERE e IS NOT NULL
"""


def list_layers(*, actor: Actor) -> list[dict[str, Any]]:
    """Return the imported layers of the base map in drawing order."""
    actor.require(READ)
    order = list(layer_texts())
    rows = sorted(MapLayer.objects.all(), key=lambda row: (order.index(row.name), row.name))
    return [
        {
            "name": row.name,
            "zh": row.zh,
            "en": row.en,
            "attribution": row.attribution,
            "crs": row.crs,
            "features": row.features,
            "repaired": row.repaired,
            "rejected": row.rejected,
            "bounds": _bounds(row),
            "imported_at": row.imported_at,
        }
        for row in rows
    ]


def describe_map(*, actor: Actor) -> dict[str, Any]:
    """Return what a map page needs: place, layers, versions, who must be named, base maps.

    bounds : as set for the platform, else those of the grids, else of the layers, else None
    """
    layers = list_layers(actor=actor)
    place = node()["map"]
    bounds = place["bounds"] or _grid_bounds() or _around([one["bounds"] for one in layers])
    names = dict.fromkeys(one["attribution"] for one in layers if one["attribution"])
    return {
        "centre": place["centre"],
        "zoom": place["zoom"],
        "bounds": bounds,
        "attribution": list(names),
        "versions": dict(LayerVersion.objects.values_list("layer", "version")),
        "layers": layers,
        "base_maps": list_base_maps(actor=actor),
    }


def list_base_maps(*, actor: Actor) -> list[dict[str, Any]]:
    """Return the outside base maps; `url` is ready for {z}/{x}/{y}, keys stay inside."""
    actor.require(READ)
    return [_shown(base_map) for base_map in setting("node.base_maps")]


def relay_tile(*, actor: Actor, code: str, z: int, x: int, y: int) -> Picture:
    """Return a tile of an outside base map that needs a key; raise NotFound."""
    actor.require(READ)
    for base_map in setting("node.base_maps"):
        if base_map["code"] == code and _is_keyed(base_map):
            return fetch_tile(base_map, base_map_key(code), z, x, y)
    raise NotFound(what=f"底图 {code}")


def _shown(base_map: dict[str, Any]) -> dict[str, Any]:
    keyed = _is_keyed(base_map)
    return {
        **base_map,
        "kind": "xyz",
        "url": _RELAY.format(code=base_map["code"]) if keyed else tile_template(base_map),
        "relayed": keyed,
    }


def _is_keyed(base_map: dict[str, Any]) -> bool:
    return "{key}" in str(base_map.get("url", ""))


def _bounds(row: MapLayer) -> list[float] | None:
    edges = (row.west, row.south, row.east, row.north)
    return [edge for edge in edges if edge is not None] if None not in edges else None


def _grid_bounds() -> list[float] | None:
    with connection.cursor() as cursor:
        cursor.execute(_GRID_BOUNDS)
        row = cursor.fetchone()
    return list(row) if row else None


def _around(bounds: list[list[float] | None]) -> list[float] | None:
    known = [one for one in bounds if one]
    if not known:
        return None
    west, south, east, north = zip(*known, strict=True)
    return [min(west), min(south), max(east), max(north)]
