"""Layers that administrators add: what a person sees of them, their features, their tiles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.db import connection

from chengyun.administration.queries import setting
from chengyun.administration.rules.actor import Actor
from chengyun.kernel.errors import NotFound
from chengyun.territory.adapters.base_maps import Picture, tile_address, tile_template
from chengyun.territory.adapters.outside import Bounds, fetch
from chengyun.territory.models import LayerChoice, ThematicLayer
from chengyun.territory.queries.tiles import TileProvider
from chengyun.territory.rules.scope import MANAGE, READ, require_everywhere
from chengyun.territory.rules.thematic import OWN, RASTER, manages, may_see
from chengyun.territory.rules.tiles import Tile

_PICTURES = {"image/png", "image/jpeg", "image/webp", "image/gif"}
_TILES = {
    "application/vnd.mapbox-vector-tile",
    "application/x-protobuf",
    "application/octet-stream",
}
_TILE_BYTES, _TILE_S = 2 * 1024 * 1024, 10.0
_RELAY = "/api/v1/territory/thematic-layers/{code}/tiles/{{z}}/{{x}}/{{y}}"
_OWN_TILES = "/tiles/thematic/{{z}}/{{x}}/{{y}}.mvt?layer={code}&v={version}"
_MOST_IN_TILE = 20_000
_LEAST_UNITS = 4
_RENDER = """
SELECT ST_AsMVT(f, 'thematic', 4096, 'geom', 'id') FROM (
    SELECT t.id, t.attributes ->> %(label)s AS label,
        CASE WHEN jsonb_typeof(t.attributes -> %(value)s) = 'number'
            THEN (t.attributes ->> %(value)s)::float8 END AS value,
        ST_AsMVTGeom(CASE WHEN %(z)s < 15 THEN ST_Simplify(t.geometry_web, %(unit)s, true)
            ELSE t.geometry_web END, e.box, 4096, 64, true) AS geom
    FROM territory_thematicfeature t,
        (SELECT ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 3857) AS box) e
    WHERE t.layer_id = %(layer)s AND t.geometry_web && ST_Expand(e.box, %(margin)s)
      AND (ST_Dimension(t.geometry_web) = 0
           OR ST_XMax(t.geometry_web) - ST_XMin(t.geometry_web) > %(least)s
           OR ST_YMax(t.geometry_web) - ST_YMin(t.geometry_web) > %(least)s)
    LIMIT %(most)s
) f WHERE geom IS NOT NULL
"""


def list_visible_layers(*, actor: Actor) -> list[dict[str, Any]]:
    """Return the layers in use that the actor may see, from the lowest up, with his choices.

    `url` is ready for {z}/{x}/{y}; keys stay inside.
    """
    actor.require(READ)
    mine = LayerChoice.objects.filter(person_id=actor.person_id or 0)
    chosen = dict(mine.values_list("layer_id", "shown"))
    layers = ThematicLayer.objects.filter(active=True).order_by("sort", "id")
    return [
        {**_seen(layer), "on": chosen.get(layer.pk, layer.shown)}
        for layer in layers
        if _is_open(actor, layer)
    ]


def list_all_layers(*, actor: Actor) -> list[dict[str, Any]]:
    """Return every layer as its administrator set it, without keys."""
    require_everywhere(actor, MANAGE)
    return [describe_layer(layer) for layer in ThematicLayer.objects.order_by("sort", "id")]


def describe_layer(layer: ThematicLayer) -> dict[str, Any]:
    """Return a layer as its administrator set it; of the key only whether there is one."""
    return {
        **_seen(layer),
        "service": layer.service,
        "has_key": bool(layer.key),
        "active": layer.active,
        "shown": layer.shown,
        "role_codes": layer.role_codes,
        "organisation_ids": layer.organisation_ids,
        "crs": layer.crs,
        "rejected": layer.rejected,
        "sort": layer.sort,
        "updated_at": layer.updated_at,
        "filled_at": layer.filled_at,
    }


def find_visible(actor: Actor, code: str) -> ThematicLayer:
    """Return a layer that the actor may see; raise NotFound."""
    actor.require(READ)
    layer = ThematicLayer.objects.filter(code=code).first()
    if layer is None or not _is_open(actor, layer) or not (layer.active or manages(actor)):
        raise NotFound(what=f"图层 {code}")
    return layer


def get_feature(*, actor: Actor, code: str, feature_id: int) -> dict[str, Any]:
    """Return the attributes of a feature; raise NotFound."""
    layer = find_visible(actor, code)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, attributes, ST_AsGeoJSON(geometry, 7) FROM territory_thematicfeature"
            " WHERE layer_id = %s AND id = %s",
            [layer.pk, feature_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound(what=f"要素 {feature_id}")
    attributes = orjson.loads(row[1]) if isinstance(row[1], str) else row[1]
    return {"id": row[0], "attributes": attributes, "geometry": orjson.loads(row[2])}


def relay_layer_tile(*, actor: Actor, code: str, z: int, x: int, y: int) -> Picture:
    """Return a tile of a service that the browser must not ask itself; raise NotFound."""
    layer = find_visible(actor, code)
    if layer.source in OWN or not _is_relayed(layer):
        raise NotFound(what=f"图层 {code}")
    bounds = Bounds(
        most_bytes=_TILE_BYTES,
        most_s=_TILE_S,
        private=bool(setting("territory.private_services")),
        media_types=_PICTURES if layer.source in RASTER else _TILES,
    )
    content = bytearray()
    kind = fetch(tile_address(_base_map(layer), layer.key, z, x, y), bounds, content.extend)
    return Picture(content=bytes(content), media_type=kind)


def service_origins() -> list[str]:
    """Return the origins that browsers ask for tiles themselves, for the page's policy."""
    addresses = [
        urlsplit(str(layer.service.get("url", "")).replace("{s}", "*"))
        for layer in ThematicLayer.objects.filter(active=True)
        if layer.source not in OWN and not _is_relayed(layer)
    ]
    return sorted({f"{one.scheme}://{one.netloc}" for one in addresses if one.netloc})


def _is_open(actor: Actor, layer: ThematicLayer) -> bool:
    return may_see(actor, roles=layer.role_codes, organisations=layer.organisation_ids)


def _is_relayed(layer: ThematicLayer) -> bool:
    """Tell whether the platform fetches the tiles: for keys, closed layers, plain http."""
    url = str(layer.service.get("url", ""))
    closed = bool(layer.role_codes or layer.organisation_ids)
    return bool(layer.key) or closed or not url.startswith("https://")


def _base_map(layer: ThematicLayer) -> dict[str, Any]:
    return {"kind": layer.source, **layer.service}


def _seen(layer: ThematicLayer) -> dict[str, Any]:
    url = tile_template(_base_map(layer)) if layer.source not in OWN else ""
    if layer.source in OWN:
        url = _OWN_TILES.format(code=layer.code, version=layer.version)
    elif _is_relayed(layer):
        url = _RELAY.format(code=layer.code)
    own = layer.source in OWN
    return {
        "code": layer.code,
        "zh": layer.zh,
        "en": layer.en,
        "group_zh": layer.group_zh,
        "group_en": layer.group_en,
        "source": layer.source,
        "kind": "raster" if layer.source in RASTER else "vector",
        "url": url,
        "relayed": not own and _is_relayed(layer),
        "source_layer": "thematic" if own else str(layer.service.get("source_layer", "")),
        "min_zoom": int(layer.service.get("min_zoom", 0)),
        "max_zoom": int(layer.service.get("max_zoom", 16 if own else 18)),
        "style": layer.style,
        "attribution": layer.attribution,
        "features": layer.features,
        "attributes": layer.attributes,
        "bounds": layer.bounds,
    }


class ThematicTiles:
    """The features of one layer that the platform holds: ?layer=<code>."""

    permission = READ
    cacheable = False

    def __init__(self, code: str = "") -> None:
        self._code = code

    def narrowed(self, words: Mapping[str, str]) -> TileProvider:
        """Return the tiles of the layer named."""
        return ThematicTiles(words.get("layer", "")[:60])

    def version(self, actor: Actor) -> str:
        """Return the version of the layer; raise NotFound where the actor may not see it."""
        layer = find_visible(actor, self._code)
        digest = hashlib.sha256(orjson.dumps(layer.style)).hexdigest()[:12]
        return f"{layer.pk}-{layer.version}-{digest}"

    def scope(self, actor: Actor) -> str:
        """Return '': who may see the layer sees all of it."""
        return ""

    def render(self, actor: Actor, tile: Tile) -> bytes:
        """Return the features with what labels and colours need; a popup asks for the rest."""
        layer = find_visible(actor, self._code)
        west, south, east, north = tile.envelope()
        graduated = layer.style.get("graduated") or {}
        values: dict[str, Any] = {
            "layer": layer.pk,
            "label": layer.style.get("label", ""),
            "value": graduated.get("attribute", ""),
            "z": tile.z,
            "unit": tile.unit_m * 3,
            "least": tile.unit_m * _LEAST_UNITS,
            "margin": tile.unit_m * 64,
            "most": _MOST_IN_TILE,
            "w": west,
            "s": south,
            "e": east,
            "n": north,
        }
        with connection.cursor() as cursor:
            cursor.execute(_RENDER, values)
            row = cursor.fetchone()
        return bytes(row[0]) if row and row[0] else b""
