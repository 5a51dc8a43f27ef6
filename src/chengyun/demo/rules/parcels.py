"""The land that is left of each block between its roads, rails and canals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from chengyun.demo.rules.fabric import Fabric
from chengyun.demo.rules.growth import Block
from chengyun.demo.rules.roads import WIDTH_M
from chengyun.demo.rules.shapes import Geometries, dissolved

_MOAT_FROM_M, _MOAT_TO_M, _MOAT_SIDE_M = 30.0, 48.0, 8.0


@dataclass(slots=True, kw_only=True)
class Parcels:
    """Blocks and their land, aligned with `blocks`.

    whole : the block up to the middle of its roads
    land : what is left inside the roads
    """

    blocks: list[Block]
    whole: Geometries
    land: Geometries


def cut_parcels(fabric: Fabric, blocks: Sequence[Block], moat: BaseGeometry) -> Parcels:
    """Return the land of blocks: their outline less half of every road beside them."""
    whole = _outlines(fabric, blocks)
    land = whole.copy()
    for kind, width in WIDTH_M.items():
        if width > 0:
            index, lines = _lines_of(fabric, blocks, kind)
            if len(index):
                swathe = shapely.buffer(lines, width / 2, quad_segs=2, join_style="mitre")
                land[index] = shapely.difference(land[index], swathe)
    if not moat.is_empty:
        wet = moat.buffer(_MOAT_SIDE_M)
        shapely.prepare(wet)
        touched = np.flatnonzero(shapely.intersects(land, wet))
        land[touched] = shapely.difference(land[touched], wet)
    return Parcels(blocks=list(blocks), whole=whole, land=land)


def _outlines(fabric: Fabric, blocks: Sequence[Block]) -> Geometries:
    faces = [face for block in blocks for face in block.cells]
    polygons = fabric.polygons(faces)
    made = np.empty(len(blocks), dtype=object)
    at = 0
    for k, block in enumerate(blocks):
        count = len(block.cells)
        made[k] = polygons[at] if count == 1 else dissolved(polygons[at : at + count])
        at += count
    return made


def _lines_of(
    fabric: Fabric, blocks: Sequence[Block], kind: str
) -> tuple[NDArray[np.int64], Geometries]:
    mark_of = fabric.plan.mesh.mark_of
    found = [
        (k, a, b)
        for k, block in enumerate(blocks)
        for face in block.cells
        for a, b, _ in fabric.neighbours(face)
        if mark_of(a, b).kind == kind
    ]
    index = [k for k, _, _ in found]
    starts, ends = [a for _, a, _ in found], [b for _, _, b in found]
    if not index:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=object)
    points = np.stack(
        [
            np.column_stack([fabric.x[starts], fabric.y[starts]]),
            np.column_stack([fabric.x[ends], fabric.y[ends]]),
        ],
        axis=1,
    )
    segments = cast(Geometries, shapely.linestrings(points))
    keys, inverse = np.unique(np.array(index, dtype=np.int64), return_inverse=True)
    bundles = cast(Geometries, shapely.multilinestrings(segments, indices=inverse))
    return keys, shapely.line_merge(bundles)


def dig_moat(fabric: Fabric) -> BaseGeometry:
    """Return the water around the old towns, away from the river."""
    faces = [face for block in fabric.blocks if block.zone == "old_town" for face in block.cells]
    if not faces or fabric.plan.size.grids < 1_000:
        return shapely.Polygon()
    old = dissolved(fabric.polygons(faces))
    ring = old.buffer(_MOAT_TO_M, join_style="mitre", mitre_limit=2).difference(
        old.buffer(_MOAT_FROM_M, join_style="mitre", mitre_limit=2)
    )
    river_side = [
        face
        for block in fabric.blocks
        if block.zone in ("riverside", "river")
        for face in block.cells
    ]
    near_river = dissolved(fabric.polygons(river_side)).buffer(1)
    return ring.difference(near_river)


def largest_part(geometries: Geometries) -> Geometries:
    """Return the largest polygon of each geometry; an empty polygon where there is none."""
    parts, index = shapely.get_parts(geometries, return_index=True)
    keep = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, index = parts[keep], index[keep]
    order = np.lexsort((shapely.area(parts), index))
    made: Geometries = np.full(len(geometries), shapely.Polygon(), dtype=object)
    made[index[order]] = parts[order]
    return made
