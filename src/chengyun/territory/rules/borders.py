"""Areas from border lines: which district lies on which side.

Maps often bring borders as lines that name what lies to their left and right, cut off at the map's
edge. From these and the extent come areas, good enough to say in which district a square lies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

_REACH_DEG = 0.004  # ends that lie closer to the extent's edge are drawn on to it
_ASIDE_DEG = 1e-5  # where the sides of a segment are looked up


@dataclass(frozen=True, kw_only=True, slots=True)
class Border:
    """A border line with the names of what lies to its left and right, in drawing direction."""

    line: LineString
    left: str
    right: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedArea:
    """An area of a district within the extent."""

    name: str
    area: Polygon


def areas_from_borders(borders: Sequence[Border], extent: Polygon) -> list[NamedArea]:
    """Return the pieces into which the borders cut the extent, each with its district's name.

    A piece that no border names takes the name of the nearest named one. Empty without borders.
    """
    lines = [_drawn_on(border.line, borders, extent) for border in borders]
    network = shapely.union_all([*lines, extent.exterior])
    pieces = [
        piece
        for piece in shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
        if extent.contains(piece.representative_point())
    ]
    votes = _votes(borders, pieces)
    named = [
        NamedArea(name=counted.most_common(1)[0][0], area=piece)
        for piece, counted in zip(pieces, votes, strict=True)
        if counted
    ]
    nameless = [p for p, counted in zip(pieces, votes, strict=True) if not counted]
    return named + [_like_nearest(piece, named) for piece in nameless if named]


def _drawn_on(line: LineString, borders: Sequence[Border], extent: Polygon) -> LineString:
    others = shapely.union_all([b.line for b in borders if b.line is not line])
    points = list(line.coords)
    for place in (0, -1):
        end = Point(points[place])
        loose = others.is_empty or others.distance(end) > _ASIDE_DEG
        if loose and extent.contains(end) and extent.exterior.distance(end) < _REACH_DEG:
            on_edge = shapely.shortest_line(end, extent.exterior).coords[1]
            points.insert(0 if place == 0 else len(points), on_edge)
    return LineString(points)


def _votes(borders: Sequence[Border], pieces: Sequence[BaseGeometry]) -> list[Counter[str]]:
    votes: list[Counter[str]] = [Counter() for _ in pieces]
    tree = shapely.STRtree(list(pieces))
    for border in borders:
        for point, name in _sides(border):
            for place in tree.query(point, predicate="within"):
                votes[int(place)][name] += 1
    return votes


def _sides(border: Border) -> list[tuple[Point, str]]:
    found = []
    points = list(border.line.coords)
    for (x1, y1, *_), (x2, y2, *_) in pairwise(points):
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        if length == 0:
            continue
        east, north = (x2 - x1) / length * _ASIDE_DEG, (y2 - y1) / length * _ASIDE_DEG
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        found.append((Point(x - north, y + east), border.left))
        found.append((Point(x + north, y - east), border.right))
    return [(point, name) for point, name in found if name]


def _like_nearest(piece: Polygon, named: Sequence[NamedArea]) -> NamedArea:
    nearest = min(named, key=lambda other: other.area.distance(piece))
    return NamedArea(name=nearest.name, area=piece)
