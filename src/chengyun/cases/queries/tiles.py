"""The layer `cases` of the vector tiles: open cases that the actor may read.

Near tiles hold the cases, far ones their sums by cell, so that a tile stays small. Lights follow
the instant of reading. What the layer holds is told in docs/reference/tiles.md.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.change_mark import change_mark
from chengyun.cases.queries.fetching import fetch_row
from chengyun.cases.queries.filters import CaseFilter, add_filter, parse_filter
from chengyun.cases.queries.scope import Conditions, reading_scope
from chengyun.cases.rules.access import READ
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Invalid
from chengyun.territory.rules.tiles import EXTENT, Tile

SINGLE_FROM: Final = 14
CELLS_PER_SIDE: Final = 8
MOST_POINTS: Final = 20_000
# Lights turn without an event when no worker runs, and duties are no events: ask anew each minute.
_MINUTE_S: Final = 60

# In the tile's own grid, so that nothing is to be projected. CGCS2000 is WGS 84 at this scale.
_X = "((ST_X(c.position) + 180) / 360 * {tiles} - {x}) * {extent}"
_Y = "((1 - asinh(tan(radians(ST_Y(c.position)))) / pi()) / 2 * {tiles} - {y}) * {extent}"
_LIGHT = """CASE WHEN c.due_at IS NULL THEN 'none' WHEN c.due_at < %s THEN 'red'
    WHEN c.yellow_at <= %s THEN 'yellow' ELSE 'green' END"""
_POINTS = """
SELECT ST_AsMVT(f, 'cases', {extent}, 'geom') FROM (
    SELECT c.id, c.number, c.title, c.state, {light} AS light, c.kind, t.class_code, c.urgent,
        ST_MakePoint(round({column}), round({row})) AS geom
    FROM cases_case c JOIN cases_mattertype t ON t.id = c.matter_type_id
    WHERE {conditions} LIMIT {most}
) f
"""
_SUMS = """
SELECT ST_AsMVT(f, 'cases', {extent}, 'geom') FROM (
    SELECT count(*) AS count,
        count(*) FILTER (WHERE p.light = 'red') AS red,
        count(*) FILTER (WHERE p.light = 'yellow') AS yellow,
        count(*) FILTER (WHERE p.light = 'green') AS green,
        count(*) FILTER (WHERE p.light = 'none') AS none,
        ST_MakePoint(round(avg(p.x)), round(avg(p.y))) AS geom
    FROM (SELECT {column} AS x, {row} AS y, {light} AS light
          FROM cases_case c WHERE {conditions}) p
    GROUP BY floor(p.x / {cell}), floor(p.y / {cell})
) f
"""


_EVERYTHING: Final = CaseFilter()


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseTiles:
    """Open cases: points from SINGLE_FROM on, below it sums with their lights."""

    wanted: CaseFilter = _EVERYTHING

    @property
    def permission(self) -> str:
        """Return the permission that reading the layer needs."""
        return READ

    @property
    def cacheable(self) -> bool:
        """Tell that tiles are not kept: they change with every act."""
        return False

    def narrowed(self, words: Mapping[str, str]) -> CaseTiles:
        """Return the layer narrowed by the filters of a list; queues are a desk's, not a map's.

        raises : Invalid, naming the field
        """
        wanted = parse_filter(words)
        if wanted.queue is not None:
            raise Invalid(
                field="queue", reason_zh="地图不按队列筛选", reason_en="a map has no queues"
            )
        return CaseTiles(wanted=wanted)

    def version(self, actor: Actor) -> str:
        """Return the mark of the last change, and the minute."""
        return f"{change_mark()}-{int(now().timestamp()) // _MINUTE_S}"

    def scope(self, actor: Actor) -> str:
        """Return the digest of the actor's scope."""
        scope = reading_scope(actor)
        whole = scope.everything and self.wanted == _EVERYTHING
        person_id = None if self.wanted.mine is None else actor.person_id
        seen = (scope.everything, scope.arms, self.wanted, person_id)
        return "" if whole else hashlib.sha256(repr(seen).encode()).hexdigest()

    def render(self, actor: Actor, tile: Tile) -> bytes:
        """Return the tile.

        raises : Forbidden
        """
        at = now()
        conditions = _within(tile)
        add_filter(conditions, self.wanted, person_id=actor.person_id, at=at)
        reading_scope(actor).add_to(conditions)
        parts: dict[str, Any] = {"tiles": 2**tile.z, "x": tile.x, "y": tile.y, "extent": EXTENT}
        statement = (_POINTS if tile.z >= SINGLE_FROM else _SUMS).format(
            column=_X.format(**parts),
            row=_Y.format(**parts),
            light=_LIGHT,
            conditions=conditions.text(),
            extent=EXTENT,
            cell=EXTENT // CELLS_PER_SIDE,
            most=MOST_POINTS,
        )
        row = fetch_row(statement, [at, at, *conditions.values])
        return bytes(row[0]) if row and row[0] else b""


def _within(tile: Tile) -> Conditions:
    """Return what holds for the open cases of a tile; its east and south edges are the next's."""
    west, east = (_longitude(tile.z, tile.x + step) for step in (0, 1))
    north, south = (_latitude(tile.z, tile.y + step) for step in (0, 1))
    conditions = Conditions()
    conditions.add(
        "c.is_open AND c.position && ST_MakeEnvelope(%s, %s, %s, %s, 4490)"
        " AND ST_X(c.position) < %s AND ST_Y(c.position) > %s",
        *(west, south, east, north, east, south),
    )
    return conditions


def _longitude(z: int, x: int) -> float:
    return x / float(2**z) * 360 - 180


def _latitude(z: int, y: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / float(2**z)))))
