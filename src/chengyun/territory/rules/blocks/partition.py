"""Cutting one area into blocks: along lines first, straight where there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from chengyun.territory.rules.blocks.cutting import cut_up
from chengyun.territory.rules.blocks.merging import merged
from chengyun.territory.rules.blocks.network import CutLine, Mesh, bonds_of, mesh_of
from chengyun.territory.rules.blocks.seam import Piece, seamed
from chengyun.territory.rules.blocks.sizes import Sizes

_REACH = 0.6  # how far a dead end is drawn on, as a multiple of the side
_ROUNDS = 3
_EASIER = 0.6  # how much thinner a part of a cut strip may be than a strip that stands alone


def blocks_of(region: BaseGeometry, lines: Sequence[CutLine], sizes: Sizes) -> list[Polygon]:
    """Return blocks that cover the region without gap or overlap.

    region : Polygon or MultiPolygon [m]; a part of it smaller than the least area stays whole
    returns : areas between the bounds of `sizes`, but for what the region's own shape forbids
    """
    blocks = merged(mesh_of(region, lines, _REACH * sizes.side_m), sizes)
    eased = replace(sizes, thinnest=_EASIER * sizes.thinnest)
    for _ in range(_ROUNDS):
        if all(_is_right(block, eased) for block in blocks):
            break
        parts = [part for block in blocks for part in cut_up(block, eased)]
        whole = [one.shape for one in seamed([Piece(shape=part, region=0) for part in parts])]
        blocks = merged(Mesh(faces=whole, bonds=bonds_of(whole, lines)), eased)
    return blocks


def _is_right(block: Polygon, sizes: Sizes) -> bool:
    return block.area <= sizes.roomy_m2 and not sizes.is_sliver(block.area, block.length)
