"""Layers of vector tiles: the registry, and the layers `map` and `grids`.

An upper context adds a layer by registering a provider once, when Django is ready (its AppConfig):

    class CaseTiles:                                # in cases/queries/tiles.py
        cacheable = False                           # changes with every act
        permission = "case.read"

        def version(self, actor: Actor) -> str:     # part of the ETag; changes with the data
            return str(last_change_of_cases())

        def scope(self, actor: Actor) -> str:       # actors with equal scope see equal tiles
            return scope_digest(actor.scope_for(self.permission))

        def render(self, actor: Actor, tile: Tile) -> bytes:
            sql = "SELECT ST_AsMVT(f, 'cases', 4096, 'geom') FROM (…) f"
            …

    register_layer("cases", CaseTiles())

Coordinates inside come from columns in EPSG:3857 and `tile.envelope()`. What the layers hold is
told in docs/reference/tiles.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.territory.faults import UnknownTileLayer
from chengyun.territory.rules.scope import READ
from chengyun.territory.rules.tiles import Tile
from chengyun.territory.rules.zooms import HIDDEN

CELLS_FROM = 13
_UNCLIPPED_UP_TO = 15
_MAP_DEEPEST = 16
_SIMPLIFIED_BELOW = 15
_MOST_CELLS = 20_000
_MARGIN = 64
# Below this zoom: which divisions are outlined, which are named.
_LEVELS = (
    (9, ["county"], ["county"]),
    (10, ["county", "street"], ["county"]),
    (11, ["county", "street"], ["street"]),
    (CELLS_FROM, ["county", "street", "community"], ["street"]),
)
_NAME = re.compile(r"^[a-z_]{1,30}$")


class TileProvider(Protocol):
    """What makes the tiles of one layer."""

    @property
    def permission(self) -> str:
        """Return the permission that reading the layer needs."""

    @property
    def cacheable(self) -> bool:
        """Tell whether rendered tiles are worth keeping (the data changes seldom)."""

    def version(self, actor: Actor) -> str:
        """Return what changes whenever a tile may change."""

    def scope(self, actor: Actor) -> str:
        """Return a short text that is equal for actors who see equal tiles."""

    def render(self, actor: Actor, tile: Tile) -> bytes:
        """Return the tile; empty when nothing lies there."""


@runtime_checkable
class NarrowingProvider(TileProvider, Protocol):
    """A layer that can be narrowed by the words of an address (?state=filed&…)."""

    def narrowed(self, words: Mapping[str, str]) -> TileProvider:
        """Return the layer with what the words leave; raises Invalid."""


_providers: dict[str, TileProvider] = {}


def register_layer(name: str, provider: TileProvider) -> None:
    """Add a layer at /tiles/<name>/…; each name once."""
    if not _NAME.match(name):
        raise ValueError(f"{name!r} cannot be a layer's name")
    if name in _providers and type(_providers[name]) is not type(provider):
        raise ValueError(f"the layer {name} has a provider already")
    _providers[name] = provider


def get_layer(name: str) -> TileProvider:
    """Return the provider of a layer; raise UnknownTileLayer."""
    provider = _providers.get(name)
    if provider is None:
        raise UnknownTileLayer(layer=name[:30], layers=", ".join(sorted(_providers)))
    return provider


def layer_version(layer: str) -> str:
    """Return the version of a layer's data, '0' before the first import."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM territory_layerversion WHERE layer = %s", [layer])
        row = cursor.fetchone()
    return str(row[0]) if row else "0"


# One scan of all map layers by place; each group becomes one layer of the tile. What lies inside
# is moved and rounded; only what crosses the edge is clipped and made valid, which costs most.
# OFFSET 0 keeps the planner from working the geometry out twice.
_MAP = """
SELECT coalesce(string_agg(layer, ''::bytea), ''::bytea) FROM (
    SELECT ST_AsMVT(f, m.layer, 4096, 'geom') AS layer
    FROM (SELECT * FROM territory_mapfeature
          WHERE geometry_web && {margin} AND {shown} OFFSET 0) m
    CROSS JOIN LATERAL (
        SELECT m.kind, nullif(m.zh, '') AS zh, nullif(m.en, '') AS en, m.height_m, m.min_zoom,
            CASE WHEN jsonb_typeof(m.attributes -> 'min_height_m') = 'number'
                THEN (m.attributes ->> 'min_height_m')::float8 END AS min_height_m,
            m.attributes ->> 'colour' AS colour, m.attributes ->> 'ref' AS ref,
            nullif(m.attributes ->> 'bridge' = 'true', false) AS bridge,
            nullif(m.attributes ->> 'tunnel' = 'true', false) AS tunnel,
            CASE WHEN m.geometry_web @ {margin}
                THEN ST_SnapToGrid(ST_ForcePolygonCCW(ST_TransScale({geometry}, {move})), 1)
                ELSE ST_AsMVTGeom({geometry}, {exact}, 4096, 64, true) END AS geom
        OFFSET 0
    ) f
    WHERE NOT ST_IsEmpty(f.geom) GROUP BY m.layer ORDER BY m.layer
) layers
"""
# Cells are small: they are moved and rounded, not clipped, which costs a third. LIMIT keeps the
# planner from parallel workers, whose start takes longer than the tile.
_CELLS = """
SELECT ST_AsMVT(f, 'grids', 4096, 'geom') FROM (
    SELECT code, community_code AS community, area_class, {geometry} AS geom
    FROM territory_unitgrid WHERE geometry_web && {exact} AND valid_to IS NULL LIMIT {most}
) f
"""
_AREAS = """
SELECT ST_AsMVT(f, 'areas', 4096, 'geom') FROM (
    SELECT a.code, a.level, d.zh, d.en, a.grids,
        ST_AsMVTGeom(ST_Simplify(a.geometry_web, {unit} * 4), {exact}, 4096, 64, true) AS geom
    FROM territory_divisionarea a LEFT JOIN territory_division d ON d.code = a.code
    WHERE a.geometry_web && {margin} AND a.level IN ({levels})
) f WHERE geom IS NOT NULL
"""
_AREA_NAMES = """
SELECT ST_AsMVT(f, 'area_names', 4096, 'geom') FROM (
    SELECT a.code, a.level, d.zh, d.en, a.grids,
        ST_AsMVTGeom(a.label, {exact}, 4096, 0, true) AS geom
    FROM territory_divisionarea a LEFT JOIN territory_division d ON d.code = a.code
    WHERE a.geometry_web && {margin} AND a.level IN ({levels})
) f WHERE geom IS NOT NULL
"""


class MapTiles:
    """The base map: one layer of the tile per map layer."""

    permission = READ
    cacheable = True

    def version(self, actor: Actor) -> str:
        """Return the version of the imported map."""
        return layer_version("map")

    def scope(self, actor: Actor) -> str:
        """Return '': everybody sees the same map."""
        return ""

    def render(self, actor: Actor, tile: Tile) -> bytes:
        """Return what is drawn from this zoom on."""
        geometry = "m.geometry_web"
        if tile.z < _SIMPLIFIED_BELOW:
            geometry = f"ST_Simplify(m.geometry_web, {tile.unit_m * 3!r})"
        return _render(_MAP.format(shown=_shown(tile.z), geometry=geometry, **_parts(tile)))


class GridTiles:
    """Unit grids in force from zoom 13 on; below districts, streets and communities."""

    permission = READ
    cacheable = True

    def version(self, actor: Actor) -> str:
        """Return the version of grids and divisions."""
        return layer_version("grids")

    def scope(self, actor: Actor) -> str:
        """Return '': everybody sees the same grids."""
        return ""

    def render(self, actor: Actor, tile: Tile) -> bytes:
        """Return cells near, areas of divisions and their names far."""
        parts = _parts(tile)
        if tile.z >= CELLS_FROM:
            return _render(_CELLS.format(geometry=_cell(tile), most=_MOST_CELLS, **parts))
        outlines, names = _levels(tile.z)
        areas = _render(_AREAS.format(levels=_quoted(outlines), **parts))
        return areas + _render(_AREA_NAMES.format(levels=_quoted(names), **parts))


def _levels(z: int) -> tuple[list[str], list[str]]:
    """Return the levels outlined and the levels named at a zoom."""
    return next((outlined, named) for below, outlined, named in _LEVELS if z < below)


def _shown(z: int) -> str:
    """Return the condition on min_zoom; the bands match the partial indexes of the table."""
    if z >= _MAP_DEEPEST:
        return f"min_zoom < {HIDDEN}"  # the deepest tiles hold everything, the style chooses
    band = next((f" AND min_zoom <= {top}" for top in (10, 13) if z <= top), "")
    return f"min_zoom <= {z}{band}"


def _cell(tile: Tile) -> str:
    if tile.z > _UNCLIPPED_UP_TO:
        return f"ST_AsMVTGeom(geometry_web, {_envelope(tile)}, 4096, 64, true)"
    return f"ST_SnapToGrid(ST_TransScale(geometry_web, {_move(tile)}), 1)"


def _move(tile: Tile) -> str:
    """Return the arguments of ST_TransScale that bring EPSG:3857 into the tile's inner grid."""
    scale = 1 / tile.unit_m
    return f"{-tile.west!r}, {-tile.north!r}, {scale!r}, {-scale!r}"


def _parts(tile: Tile) -> dict[str, Any]:
    return {
        "exact": _envelope(tile),
        "margin": _envelope(tile, _MARGIN),
        "move": _move(tile),
        "unit": repr(tile.unit_m),
    }


def _envelope(tile: Tile, margin: int = 0) -> str:
    edges = ", ".join(repr(edge) for edge in tile.envelope(margin))
    return f"ST_MakeEnvelope({edges}, 3857)"


def _quoted(levels: list[str]) -> str:
    return ", ".join(f"'{level}'" for level in levels)


def _render(statement: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return bytes(row[0]) if row and row[0] else b""


register_layer("map", MapTiles())
register_layer("grids", GridTiles())
