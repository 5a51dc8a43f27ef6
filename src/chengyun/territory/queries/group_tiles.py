"""Vector tiles of management and evaluation grids in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.territory.queries.tiles import layer_version
from chengyun.territory.rules.grouping import Kind
from chengyun.territory.rules.scope import READ
from chengyun.territory.rules.tiles import Tile

_NAMED_FROM = 12
_LEAST_UNITS = 8  # what is smaller on the tile is a dot nobody sees
_AREAS = """
SELECT ST_AsMVT(f, %(name)s, 4096, 'geom') FROM (
    SELECT g.code, g.zh, nullif(g.en, '') AS en, g.area_class, g.unit_grids,
        ST_AsMVTGeom(ST_Simplify(g.geometry_web, %(unit)s), e.box, 4096, 64, true) AS geom
    FROM territory_gridgroup g, (SELECT ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 3857) AS box) e
    WHERE g.geometry_web && ST_Expand(e.box, %(margin)s) AND g.kind = %(kind)s
      AND g.valid_to IS NULL AND ST_XMax(g.geometry_web) - ST_XMin(g.geometry_web) > %(least)s
) f WHERE geom IS NOT NULL
"""
_NAMES = """
SELECT ST_AsMVT(f, %(names)s, 4096, 'geom') FROM (
    SELECT g.code, g.zh, nullif(g.en, '') AS en, g.area_class,
        ST_AsMVTGeom(ST_PointOnSurface(g.geometry_web), e.box, 4096, 0, true) AS geom
    FROM territory_gridgroup g, (SELECT ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 3857) AS box) e
    WHERE g.geometry_web && e.box AND g.kind = %(kind)s AND g.valid_to IS NULL
) f WHERE geom IS NOT NULL
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupTiles:
    """Areas, and from zoom 12 on points for their names."""

    kind: Kind
    permission: str = READ
    cacheable: bool = True

    @property
    def name(self) -> str:
        """Return the name of the layer."""
        return f"{self.kind}_grids"

    def version(self, actor: Actor) -> str:
        """Return the version of the grids of this kind."""
        return layer_version(self.name)

    def scope(self, actor: Actor) -> str:
        """Return '': everybody sees the same grids."""
        return ""

    def render(self, actor: Actor, tile: Tile) -> bytes:
        """Return areas, near with points for names."""
        west, south, east, north = tile.envelope()
        values: dict[str, Any] = {
            "kind": self.kind,
            "name": self.name,
            "names": f"{self.kind}_names",
            "unit": tile.unit_m * 3,
            "least": tile.unit_m * _LEAST_UNITS,
            "margin": tile.unit_m * 64,
            "w": west,
            "s": south,
            "e": east,
            "n": north,
        }
        content = _render(_AREAS, values)
        return content + _render(_NAMES, values) if tile.z >= _NAMED_FROM else content


def _render(statement: str, values: dict[str, Any]) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return bytes(row[0]) if row and row[0] else b""
