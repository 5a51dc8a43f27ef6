"""A proposal for a city: regions by the finest borders known, cut down to blocks with codes.

Where communities have no borders, proposed ones stand in: the region is cut along its main roads
and waters first to pieces of a street's size, then of a community's, then to blocks. Proposed
streets and communities carry numbers from 901 on, which no real list uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from chengyun.kernel.codes import CodeScheme
from chengyun.territory.rules.blocks.lines import Feature, lines_of
from chengyun.territory.rules.blocks.network import CutLine
from chengyun.territory.rules.blocks.partition import blocks_of
from chengyun.territory.rules.blocks.plane import LocalPlane
from chengyun.territory.rules.blocks.proof import Cover, cover_of
from chengyun.territory.rules.blocks.seam import Piece, seamed
from chengyun.territory.rules.blocks.sizes import Sizes

FIRST_PROPOSED = 901
_COUNTY, _STREET, _COMMUNITY = 6, 9, 12
_STRONG_ENOUGH = {_STREET: 0.7, _COMMUNITY: 0.5}
_PART = 3  # digits of a street or community below its parent
_FEWEST_NUMBERS = 99
Progress = Callable[[str, int, int], None]


class TooManyForCode(ValueError):
    """More grids, communities or streets than their part of the code has numbers for."""

    def __init__(self, above: str, count: int, most: int) -> None:
        self.above, self.count, self.most = above, count, most
        super().__init__(f"{above}: {count} > {most}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """A county, street or community with its area [degrees]."""

    code: str
    shape: BaseGeometry


@dataclass(frozen=True, kw_only=True, slots=True)
class CitySizes:
    """Areas wanted [m²]: of a unit grid, and of communities and streets where none are known."""

    grid_m2: float = 10_000.0
    community_m2: float = 400_000.0
    street_m2: float = 4_000_000.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposedGrid:
    """A block with its code; the shape in degrees, the area in m²."""

    code: str
    community: str
    shape: Polygon
    area_m2: float


@dataclass(kw_only=True)
class CityProposal:
    """Blocks by code, the codes of streets and communities that were made, and the proof."""

    grids: list[ProposedGrid] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    region_m2: float = 0.0
    cover: Cover = field(default_factory=Cover)


def propose_city(
    *,
    regions: Sequence[Region],
    features: Sequence[Feature],
    scheme: CodeScheme,
    sizes: CitySizes,
    taken: Mapping[str, int],
    progress: Progress = lambda _step, _done, _total: None,
) -> CityProposal:
    """Return blocks for the regions.

    taken : highest number of a grid ever used, by community: codes are never used again
    progress : told the step, how many regions are done and how many there are
    raises : TooManyForCode
    """
    west, south, east, north = shapely.total_bounds([region.shape for region in regions])
    plane = LocalPlane(lon=(west + east) / 2, lat=(south + north) / 2)
    lines = lines_of(features, plane)
    found = CityProposal()
    progress("borders", 0, len(regions))
    flat = [Piece(shape=plane.to_metres(one.shape), region=n) for n, one in enumerate(regions)]
    areas = [(regions[block.region].code, block.shape) for block in seamed(flat)]
    for width in (_STREET, _COMMUNITY):
        areas = _with_parts(areas, width, lines, sizes, found)
        progress("divisions", len(areas), len(areas))
    communities = _by_code(areas)
    _fill(found, communities, lines, plane, sizes, scheme, taken, progress)
    return found


def _with_parts(
    areas: list[tuple[str, Polygon]],
    width: int,
    lines: Sequence[CutLine],
    sizes: CitySizes,
    found: CityProposal,
) -> list[tuple[str, Polygon]]:
    """Cut the areas one level up from this width; what is as fine already stays."""
    above = width - _PART
    kept = [area for area in areas if len(area[0]) != above]
    strong = [line for line in lines if line.strength >= _STRONG_ENOUGH[width]]
    wanted = Sizes(target_m2=sizes.street_m2 if width == _STREET else sizes.community_m2)
    for code, shape in sorted(_by_code(a for a in areas if len(a[0]) == above).items()):
        parts = [part for one in shape for part in blocks_of(one, strong, wanted)]
        if len(parts) > _FEWEST_NUMBERS:
            raise TooManyForCode(code, len(parts), _FEWEST_NUMBERS)
        for number, part in enumerate(in_order(parts, wanted.side_m), start=FIRST_PROPOSED):
            found.made.append(f"{code}{number:0{_PART}}")
            kept.append((found.made[-1], part))
    return kept


def _fill(
    found: CityProposal,
    communities: Mapping[str, list[Polygon]],
    lines: Sequence[CutLine],
    plane: LocalPlane,
    sizes: CitySizes,
    scheme: CodeScheme,
    taken: Mapping[str, int],
    progress: Progress,
) -> None:
    wanted = Sizes(target_m2=sizes.grid_m2)
    tree = shapely.STRtree([cut.line for cut in lines])
    pieces = []
    for number, shapes in enumerate(communities.values()):
        for shape in shapes:
            near = [lines[int(place)] for place in tree.query(shape)]
            blocks = blocks_of(shape, near, wanted)
            pieces += [Piece(shape=block, region=number) for block in blocks]
        progress("grids", number + 1, len(communities))
    progress("seam", 0, 1)
    blocks_by: dict[int, list[Polygon]] = {}
    for block in seamed(pieces):
        blocks_by.setdefault(block.region, []).append(block.shape)
    for number, (code, shapes) in enumerate(communities.items()):
        own = in_order(blocks_by.get(number, []), wanted.side_m)
        grids = _numbered(own, code, scheme, taken.get(code, 0), plane)
        found.grids += grids
        border = plane.to_degrees(shapely.multipolygons([shapes])[0])
        found.cover += cover_of([grid.shape for grid in grids], border)
        found.region_m2 += sum(shape.area for shape in shapes)
    progress("seam", 1, 1)


def _numbered(
    blocks: Sequence[Polygon], community: str, scheme: CodeScheme, taken: int, plane: LocalPlane
) -> list[ProposedGrid]:
    most = 10 ** next(part.width for part in scheme.parts if part.name == "grid") - 1
    if taken + len(blocks) > most:
        raise TooManyForCode(community, taken + len(blocks), most)
    parts = {
        "district": community[:_COUNTY],
        "street": community[_COUNTY:_STREET],
        "community": community[_STREET:_COMMUNITY],
    }
    return [
        ProposedGrid(
            code=scheme.compose({**parts, "grid": number}),
            community=community,
            shape=plane.to_degrees(block),
            area_m2=block.area,
        )
        for number, block in enumerate(blocks, start=taken + 1)
    ]


def in_order(blocks: Sequence[Polygon], side_m: float) -> list[Polygon]:
    """Return the blocks in the order of their numbers: rows from the north, each from the west."""
    if not blocks:
        return []
    north = max(block.bounds[3] for block in blocks)

    def place(block: Polygon) -> tuple[int, float]:
        middle = block.centroid
        return int((north - middle.y) // side_m), middle.x

    return sorted(blocks, key=place)


def _by_code(areas: Iterable[tuple[str, Polygon]]) -> dict[str, list[Polygon]]:
    found: dict[str, list[Polygon]] = {}
    for code, shape in areas:
        found.setdefault(code, []).append(shape)
    return found
