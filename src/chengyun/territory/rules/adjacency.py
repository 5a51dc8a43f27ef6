"""Which areas share borders: what a management grid needs. Pure geometry in EPSG:4490."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

_REACH_DEG = 2e-7  # 2 cm: borders that lie closer are one
_LEAST_BORDER_DEG = 1e-5  # 1 m: less is a corner
_SNAP_DEG = 1e-7


def pieces_of(shapes: Sequence[BaseGeometry]) -> list[list[int]]:
    """Return the places of the shapes by piece of ground that hangs together, the largest first.

    Shapes hang together over a border of a metre or more; a common corner is none.
    """
    links = _links(np.array(shapes, dtype=object)) if len(shapes) > 1 else []
    heads = list(range(len(shapes)))

    def head(place: int) -> int:
        while heads[place] != place:
            heads[place] = heads[heads[place]]
            place = heads[place]
        return place

    for first, second in links:
        heads[head(first)] = head(second)
    pieces: dict[int, list[int]] = {}
    for place in range(len(shapes)):
        pieces.setdefault(head(place), []).append(place)
    return sorted(pieces.values(), key=lambda piece: (-len(piece), piece[0]))


def dissolved(shapes: Sequence[BaseGeometry]) -> MultiPolygon:
    """Return the ground of all shapes without the borders between them."""
    whole = shapely.union_all(np.array(shapes, dtype=object), grid_size=_SNAP_DEG)
    parts = [part for part in shapely.get_parts(whole) if isinstance(part, Polygon)]
    return MultiPolygon(parts)


def _links(shapes: Any) -> list[tuple[int, int]]:
    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_REACH_DEG)
    pairs = pairs[:, pairs[0] < pairs[1]]
    wider = shapely.buffer(shapes, _REACH_DEG, quad_segs=2)
    common = shapely.area(shapely.intersection(wider[pairs[0]], shapes[pairs[1]]))
    shared = pairs[:, common / _REACH_DEG >= _LEAST_BORDER_DEG]
    return [(int(first), int(second)) for first, second in shared.T]
