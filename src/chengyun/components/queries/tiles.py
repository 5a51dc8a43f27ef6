"""The layer `components` of the vector tiles: near the components, far their sums.

Layers of a tile: `components` (points from SINGLE_FROM on, sums below), `component_shapes` (lines
and areas, near only). Below CELLS_FROM sums stand at the names of streets and districts. What the
layer holds is told in docs/reference/components.md.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.components.queries.conditions import ComponentFilter, Conditions, conditions_for
from chengyun.components.rules.access import READ
from chengyun.kernel.errors import Invalid
from chengyun.territory.queries.tiles import layer_version
from chengyun.territory.rules.tiles import EXTENT, Tile

LAYER: Final = "components"
SINGLE_FROM: Final = 15
CELLS_FROM: Final = 13
STREETS_FROM: Final = 10
CELLS_PER_SIDE: Final = 8
MOST_POINTS: Final = 20_000
_WORDS: Final = frozenset({"type", "state", "source", "division", "grid", "q"})
_NUMBERS: Final = frozenset({"competent", "owner", "maintainer"})
_RETIRED: Final = {"no": False, "yes": True, "all": None}

# In the tile's own grid, so that nothing is to be projected. CGCS2000 is WGS 84 at this scale.
_X = "((ST_X(c.position) + 180) / 360 * {tiles} - {x}) * {extent}"
_Y = "((1 - asinh(tan(radians(ST_Y(c.position)))) / pi()) / 2 * {tiles} - {y}) * {extent}"
_POINTS = """
SELECT ST_AsMVT(f, 'components', {extent}, 'geom') FROM (
    SELECT c.id, c.code, c.name, t.code AS type, t.class_code AS class, c.state,
        c.shape IS NOT NULL AS drawn, c.retired_at IS NOT NULL AS retired,
        ST_MakePoint(round({column}), round({row})) AS geom
    FROM components_component c JOIN components_componenttype t ON t.id = c.type_id
    WHERE {conditions} LIMIT {most}
) f
"""
_SHAPES = """
SELECT ST_AsMVT(f, 'component_shapes', {extent}, 'geom') FROM (
    SELECT c.id, c.code, t.class_code AS class, c.state,
        ST_AsMVTGeom(ST_Transform(c.shape, 3857), {envelope}, {extent}, 64, true) AS geom
    FROM components_component c JOIN components_componenttype t ON t.id = c.type_id
    WHERE {conditions} LIMIT {most}
) f WHERE geom IS NOT NULL
"""
_SUMS = """
SELECT ST_AsMVT(f, 'components', {extent}, 'geom') FROM (
    SELECT count(*) AS count, count(*) FILTER (WHERE p.state <> 'intact') AS unsound,
        ST_MakePoint(round(avg(p.x)), round(avg(p.y))) AS geom
    FROM (SELECT {column} AS x, {row} AS y, c.state
          FROM components_component c WHERE {conditions}) p
    GROUP BY floor(p.x / {cell}), floor(p.y / {cell})
) f
"""
_BY_DIVISION = """
SELECT ST_AsMVT(f, 'components', {extent}, 'geom') FROM (
    SELECT a.code AS division, d.zh, d.en, n.count, n.unsound,
        ST_AsMVTGeom(a.label, {envelope}, {extent}, 0, true) AS geom
    FROM territory_divisionarea a
    JOIN (SELECT c.{division} AS code, count(*) AS count,
              count(*) FILTER (WHERE c.state <> 'intact') AS unsound
          FROM components_component c
          WHERE {conditions} AND c.{division} IN (
              SELECT l.code FROM territory_divisionarea l
              WHERE l.level = '{level}' AND l.label && {envelope})
          GROUP BY 1) n ON n.code = a.code
    LEFT JOIN territory_division d ON d.code = a.code
    WHERE a.level = '{level}'
) f WHERE geom IS NOT NULL
"""
_EVERYTHING: Final = ComponentFilter()


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentTiles:
    """Components in use: points near, sums far."""

    wanted: ComponentFilter = _EVERYTHING

    @property
    def permission(self) -> str:
        """Return the permission that reading the layer needs."""
        return READ

    @property
    def cacheable(self) -> bool:
        """Tell that tiles are not kept: they differ by what the reader may see."""
        return False

    def narrowed(self, words: Mapping[str, str]) -> ComponentTiles:
        """Return the layer narrowed by the filters of a list; raise Invalid, naming the field."""
        return ComponentTiles(wanted=_parsed(words))

    def version(self, actor: Actor) -> str:
        """Return the version of the components' data."""
        return layer_version(LAYER)

    def scope(self, actor: Actor) -> str:
        """Return the digest of what the actor may see of the layer."""
        seen = conditions_for(actor, self.wanted)
        return hashlib.sha256(repr((seen.texts, seen.values)).encode()).hexdigest()

    def render(self, actor: Actor, tile: Tile) -> bytes:
        """Return the tile.

        raises : Forbidden
        """
        if tile.z < CELLS_FROM:
            return self._by_division(actor, tile)
        conditions = conditions_for(actor, self.wanted)
        _add_tile(conditions, tile)
        place: dict[str, Any] = {"tiles": 2**tile.z, "x": tile.x, "y": tile.y, "extent": EXTENT}
        parts = {
            "column": _X.format(**place),
            "row": _Y.format(**place),
            "extent": EXTENT,
            "conditions": conditions.text(),
        }
        if tile.z < SINGLE_FROM:
            cell = EXTENT // CELLS_PER_SIDE
            return _rendered(_SUMS.format(cell=cell, **parts), conditions.values)
        points = _rendered(_POINTS.format(most=MOST_POINTS, **parts), conditions.values)
        return points + self._shapes(actor, tile)

    def _shapes(self, actor: Actor, tile: Tile) -> bytes:
        conditions = conditions_for(actor, self.wanted)
        west, south, east, north = _degrees(tile)
        conditions.add("c.shape && ST_MakeEnvelope(%s, %s, %s, %s, 4490)", west, south, east, north)
        statement = _SHAPES.format(
            conditions=conditions.text(), envelope=_web(tile), extent=EXTENT, most=MOST_POINTS
        )
        return _rendered(statement, conditions.values)

    def _by_division(self, actor: Actor, tile: Tile) -> bytes:
        conditions = conditions_for(actor, self.wanted)
        near = tile.z >= STREETS_FROM
        statement = _BY_DIVISION.format(
            conditions=conditions.text(),
            division="street_code" if near else "district_code",
            level="street" if near else "county",
            envelope=_web(tile),
            extent=EXTENT,
        )
        return _rendered(statement, conditions.values)


def _parsed(words: Mapping[str, str]) -> ComponentFilter:
    given: dict[str, Any] = {}
    for name, text in words.items():
        if name in _WORDS and "\x00" not in text:
            given[name] = text[:60]
        elif name in _NUMBERS and text.isascii() and text.isdigit() and int(text) < 2**63:
            given[name] = int(text)
        elif name == "retired" and text in _RETIRED:
            given[name] = _RETIRED[text]
        else:
            raise Invalid(
                field=name[:30], reason_zh="地图不能这样筛选", reason_en="does not narrow the map"
            )
    return ComponentFilter(**given)


def _add_tile(conditions: Conditions, tile: Tile) -> None:
    """Add what holds for the components of a tile; its east and south edges are the next's."""
    west, south, east, north = _degrees(tile)
    conditions.add(
        "c.position && ST_MakeEnvelope(%s, %s, %s, %s, 4490)"
        " AND ST_X(c.position) < %s AND ST_Y(c.position) > %s",
        *(west, south, east, north, east, south),
    )


def _degrees(tile: Tile) -> tuple[float, float, float, float]:
    west, east = ((tile.x + step) / float(2**tile.z) * 360 - 180 for step in (0, 1))
    north, south = (
        math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (tile.y + step) / float(2**tile.z)))))
        for step in (0, 1)
    )
    return west, south, east, north


def _web(tile: Tile) -> str:
    edges = ", ".join(repr(edge) for edge in tile.envelope())
    return f"ST_MakeEnvelope({edges}, 3857)"


def _rendered(statement: str, values: list[Any]) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return bytes(row[0]) if row and row[0] else b""
