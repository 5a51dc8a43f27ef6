"""Making areas one mesh: common borders get common points, slivers go to a neighbour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from chengyun.territory.rules.blocks.merging import joined
from chengyun.territory.rules.blocks.network import SNAP_M, Bond, bonds_of

_SLIVER_M = 0.5  # half the width of a gap that is a slip of the pen


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """An area [m] and the number of the region that it belongs to."""

    shape: BaseGeometry
    region: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """An area of the mesh [m]; `piece` is the place of the piece that it comes from."""

    shape: Polygon
    piece: int
    region: int


def seamed(pieces: Sequence[Piece]) -> list[Block]:
    """Return the pieces as one mesh: every point lies in one piece, neighbours share all points.

    Where pieces overlap, the first one wins; gaps narrower than a metre go to a neighbour, wider
    ones stay. A piece of several parts gives several blocks.
    """
    if not pieces:
        return []
    shapes = np.array([piece.shape for piece in pieces], dtype=object)
    atoms = _atoms(shapes)
    owner = _owners(atoms, shapes)
    bonds = bonds_of(atoms)
    regions = [piece.region for piece in pieces]
    _settle(atoms, owner, bonds, regions)
    return [
        Block(
            shape=joined([atoms[place] for place in places]),
            piece=owner[places[0]],
            region=regions[owner[places[0]]],
        )
        for places in _islands(owner, bonds)
        if owner[places[0]] >= 0
    ]


def _atoms(shapes: Any) -> list[Polygon]:
    borders = shapely.get_parts(shapely.boundary(shapes))
    network = shapely.union_all(borders, grid_size=SNAP_M)
    found = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    return [atom for atom in found if isinstance(atom, Polygon)]


def _owners(atoms: list[Polygon], shapes: Any) -> list[int]:
    """Return the piece of each atom, the first where several cover it, -1 where none does."""
    inner = shapely.point_on_surface(np.array(atoms, dtype=object))
    own, place = shapely.STRtree(shapes).query(inner, predicate="intersects")
    owner = np.full(len(atoms), len(shapes))
    np.minimum.at(owner, own, place)
    return [-1 if number == len(shapes) else int(number) for number in owner]


def _settle(
    atoms: list[Polygon], owner: list[int], bonds: list[dict[int, Bond]], regions: list[int]
) -> None:
    """Give slivers, and crumbs cut off from their piece, to the neighbour they share most with."""
    crumbs = [place for places in _islands(owner, bonds) for place in _crumbs(atoms, places, owner)]
    for place in sorted(crumbs, key=lambda number: atoms[number].area):
        neighbours = [(other, bond) for other, bond in bonds[place].items() if owner[other] >= 0]
        if not neighbours:
            continue
        mine = regions[owner[place]] if owner[place] >= 0 else None
        other, _ = max(
            neighbours,
            key=lambda pair: (
                regions[owner[pair[0]]] == mine,
                owner[pair[0]] != owner[place],
                pair[1].length_m,
            ),
        )
        owner[place] = owner[other]


def _crumbs(atoms: list[Polygon], places: list[int], owner: list[int]) -> Iterable[int]:
    area = sum(atoms[place].area for place in places)
    around = sum(atoms[place].length for place in places)
    is_thin = bool(around) and 2 * area / around < _SLIVER_M
    return places if is_thin else ()


def _islands(owner: list[int], bonds: list[dict[int, Bond]]) -> list[list[int]]:
    """Return the atoms of each piece that hang together."""
    seen = [False] * len(owner)
    found = []
    for start in range(len(owner)):
        if seen[start]:
            continue
        seen[start] = True
        island, waiting = [], [start]
        while waiting:
            place = waiting.pop()
            island.append(place)
            fresh = [o for o in bonds[place] if not seen[o] and owner[o] == owner[place]]
            for other in fresh:
                seen[other] = True
            waiting += fresh
        found.append(sorted(island))
    return found


def by_region(blocks: Iterable[Block]) -> dict[int, list[Block]]:
    """Return the blocks of each region."""
    found: defaultdict[int, list[Block]] = defaultdict(list)
    for block in blocks:
        found[block.region].append(block)
    return dict(found)
