"""Joining faces that are too small or too thin with a neighbour, weakest border first."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from chengyun.territory.rules.blocks.network import Bond, Mesh
from chengyun.territory.rules.blocks.sizes import Sizes

_STRONG = 0.7  # what is merely small is not joined across a stronger border
_OVERSIZE = 0.3
_STRENGTH_COUNTS = 0.8


def merged(mesh: Mesh, sizes: Sizes) -> list[Polygon]:
    """Return the faces joined so that none is a sliver, as far as neighbours allow."""
    groups = _Groups(mesh, sizes)
    groups.run()
    return [joined([mesh.faces[place] for place in places]) for places in groups.members()]


def joined(faces: Sequence[Polygon]) -> Polygon:
    """Return the union of faces of one mesh that hang together; no point of theirs is lost."""
    whole: BaseGeometry = shapely.coverage_union_all(list(faces)) if len(faces) > 1 else faces[0]
    while isinstance(whole, MultiPolygon) and len(whole.geoms) == 1:
        whole = whole.geoms[0]
    if not isinstance(whole, Polygon):
        raise TypeError(whole.geom_type)
    return whole


class _Groups:
    """Faces joined step by step; a group is known by the number of its first face."""

    def __init__(self, mesh: Mesh, sizes: Sizes) -> None:
        self._sizes = sizes
        self._area = [face.area for face in mesh.faces]
        self._around = [face.length for face in mesh.faces]
        self._bonds = [dict(bonds) for bonds in mesh.bonds]
        self._members: list[list[int]] = [[place] for place in range(len(mesh.faces))]
        self._waiting = [(area, place) for place, area in enumerate(self._area)]
        heapq.heapify(self._waiting)

    def run(self) -> None:
        while self._waiting:
            area, place = heapq.heappop(self._waiting)
            if not self._members[place] or area != self._area[place]:
                continue
            other = self._partner(place)
            if other is not None:
                self._join(other, place)
                heapq.heappush(self._waiting, (self._area[other], other))

    def members(self) -> list[list[int]]:
        return [places for places in self._members if places]

    def _partner(self, place: int) -> int | None:
        must = self._sizes.is_sliver(self._area[place], self._around[place])
        if not must and self._area[place] >= self._sizes.small * self._sizes.target_m2:
            return None
        scored = [
            (self._score(place, other, bond), -other)
            for other, bond in self._bonds[place].items()
            if must or self._fits(place, other, bond)
        ]
        return -max(scored)[1] if scored else None

    def _fits(self, place: int, other: int, bond: Bond) -> bool:
        total = self._area[place] + self._area[other]
        return bond.strength < _STRONG and total <= self._sizes.full * self._sizes.target_m2

    def _score(self, place: int, other: int, bond: Bond) -> float:
        area = self._area[place] + self._area[other]
        around = self._around[place] + self._around[other] - 2 * bond.length_m
        round_as_circle = 4 * math.pi * area / max(around, 1e-9) ** 2
        too_large = _OVERSIZE if area > self._sizes.most_m2 else 1.0
        return round_as_circle * (1 - _STRENGTH_COUNTS * bond.strength) * too_large

    def _join(self, keeper: int, place: int) -> None:
        shared = self._bonds[keeper].pop(place)
        self._bonds[place].pop(keeper)
        self._area[keeper] += self._area[place]
        self._around[keeper] += self._around[place] - 2 * shared.length_m
        self._members[keeper] += self._members[place]
        self._members[place] = []
        for other, bond in self._bonds[place].items():
            whole = self._bonds[keeper].get(other, Bond()) + bond
            self._bonds[keeper][other] = whole
            self._bonds[other][keeper] = whole
            self._bonds[other].pop(place)
        self._bonds[place] = {}
