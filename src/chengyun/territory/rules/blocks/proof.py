"""Proof that blocks cover a region: in whole numbers inside, within a centimetre along the border.

Coordinates are multiples of 1e-8 degrees. Each valid ring encloses its ground once. When every
directed edge stands once, and every edge without its reverse runs along the region's border, then
the winding numbers of all blocks add up to one everywhere inside: each point of the region, but for
a centimetre along its border, lies in exactly one block.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from chengyun.territory.rules.blocks.network import segments_of
from chengyun.territory.rules.blocks.plane import DEGREE_DIGITS

_UNITS = 10**DEGREE_DIGITS
_NEAR_DEG = 1e-7  # a centimetre
Edge = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """What the proof found; all but `blocks` are 0 when the cover is exact.

    invalid : blocks whose ring touches or crosses itself
    overlaps : edges that two blocks claim from the same side
    strays : edges inside the region with a block on one side only (a gap or an overlap), and
        points of the region's border that no block reaches
    """

    blocks: int = 0
    invalid: int = 0
    overlaps: int = 0
    strays: int = 0

    def __add__(self, other: Cover) -> Cover:
        return Cover(
            blocks=self.blocks + other.blocks,
            invalid=self.invalid + other.invalid,
            overlaps=self.overlaps + other.overlaps,
            strays=self.strays + other.strays,
        )

    @property
    def is_exact(self) -> bool:
        """Whether every point of the region lies in exactly one block."""
        return not (self.invalid or self.overlaps or self.strays)


def cover_of(blocks: Sequence[Polygon], region: BaseGeometry) -> Cover:
    """Return whether the blocks [degrees, 8 digits] cover the region exactly.

    A point that stands twice in a ring, as rounding leaves it of two, makes no edge.
    """
    if not blocks:
        return Cover(strays=1)
    edges = _edges(blocks)
    rim = np.array([edge for edge in edges if _reverse(edge) not in edges], dtype=float)
    rim = rim.reshape(-1, 4) / _UNITS
    border = region.boundary
    shapely.prepare(border)
    stray = np.zeros(len(rim), dtype=bool)
    for middle in (rim[:, :2], rim[:, 2:], (rim[:, :2] + rim[:, 2:]) / 2):
        stray |= shapely.distance(shapely.points(middle), border) > _NEAR_DEG
    reached = shapely.multilinestrings([shapely.linestrings(rim.reshape(-1, 2, 2))])[0]
    corners = shapely.points(shapely.get_coordinates(border))
    missed = shapely.distance(corners, reached) > _NEAR_DEG
    return Cover(
        blocks=len(blocks),
        invalid=int(np.count_nonzero(~shapely.is_valid(np.array(blocks, dtype=object)))),
        overlaps=sum(count - 1 for count in edges.values()),
        strays=int(np.count_nonzero(stray) + np.count_nonzero(missed)),
    )


def _edges(shapes: Sequence[Polygon]) -> Counter[Edge]:
    segments, _ = segments_of(shapes)
    whole: npt.NDArray[Any] = np.rint(segments * _UNITS).astype(np.int64)
    lasting = whole[(whole[:, :2] != whole[:, 2:]).any(axis=1)]
    return Counter((int(a), int(b), int(c), int(d)) for a, b, c, d in lasting)


def _reverse(edge: Edge) -> Edge:
    return edge[2], edge[3], edge[0], edge[1]
