"""Every building of the city, block by block."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from chengyun.demo.rules.cuts import main_direction
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.fabric import Fabric
from chengyun.demo.rules.footprints import Building
from chengyun.demo.rules.growth import Block
from chengyun.demo.rules.parcels import Parcels, largest_part
from chengyun.demo.rules.shapes import Geometries
from chengyun.demo.rules.sites import Site, build, inset_of
from chengyun.demo.rules.uses import HOUSING

Numbers = NDArray[np.int64]
_GREATEST_TURN = 0.36
_SMALLEST_SITE_M2 = 260.0
_UNBUILT = frozenset({"park", "forest", "farmland", "orchard", "promenade", "water", "green"})
_ON_PODIUM = frozenset({"office", "hotel"})
_REST = {
    "mall": "office",
    "hospital": "campus",
    "primary_school": "campus",
    "middle_school": "campus",
    "government": "street_office",
    "museum": "plaza",
    "stadium": "plaza",
    "rail_station": "depot",
    "hotel": "office",
    "market": "shop_street",
    "temple": "courtyard",
    "kindergarten": "walkup",
    "street_office": "walkup",
    "police": "walkup",
    "fire_station": "walkup",
    "utility": "depot",
}


@dataclass(slots=True, kw_only=True)
class BuiltUp:
    """Buildings and yards of some blocks.

    outlines, house_blocks : shape and block number of each building
    """

    houses: list[Building]
    outlines: Geometries
    house_blocks: list[int]
    yard_kinds: list[str]
    yards: Geometries


def build_up(fabric: Fabric, parcels: Parcels) -> BuiltUp:
    """Return what stands on the parcels; nothing crosses a road or the border of a unit cell."""
    sites, blocks, areas = _sites(fabric, parcels)
    houses: list[Building] = []
    owner: list[int] = []
    yards: list[tuple[str, shapely.Polygon]] = []
    for position, site in enumerate(sites):
        built = build(site)
        houses.extend(built.buildings)
        owner.extend([position] * len(built.buildings))
        outlined = ((kind, shapely.Polygon(shape)) for kind, shape in built.yards)
        yards.extend(yard for yard in outlined if _fits(areas[position], yard[1]))
    outlines = _polygons(houses)
    owners = np.array(owner, dtype=np.int64)
    fits = np.zeros(len(houses), dtype=bool)
    if houses:
        shapely.prepare(areas)
        fits = shapely.is_valid(outlines)
        fits[fits] = shapely.covers(areas[owners[fits]], outlines[fits])
    kept = _apart(houses, outlines, owners, np.flatnonzero(fits))
    return BuiltUp(
        houses=[houses[k] for k in kept],
        outlines=outlines[kept],
        house_blocks=[blocks[owner[k]] for k in kept],
        yard_kinds=[kind for kind, _ in yards],
        yards=np.array([shape for _, shape in yards], dtype=object),
    )


def _fits(area: BaseGeometry, shape: shapely.Polygon) -> bool:
    return shape.is_valid and area.covers(shape)


def _apart(houses: list[Building], outlines: Geometries, owners: Numbers, kept: Numbers) -> Numbers:
    """Return the buildings without those that stand in an earlier one; towers rise from podiums."""
    if not len(kept):
        return kept
    tree = shapely.STRtree(outlines[kept])
    first, second = tree.query(outlines[kept], predicate="intersects")
    pair = first < second
    a, b = kept[first[pair]], kept[second[pair]]
    rising = np.array([houses[k].kind in _ON_PODIUM for k in b], dtype=bool)
    deep = shapely.area(shapely.intersection(outlines[a], outlines[b])) > 0.05
    dropped = b[(owners[a] == owners[b]) & deep & ~rising]
    apart: Numbers = np.setdiff1d(kept, dropped)
    return apart


def _sites(fabric: Fabric, parcels: Parcels) -> tuple[list[Site], list[int], Geometries]:
    """Return the sites, the block of each, and the land that its buildings must stay on."""
    wanted = [
        (k, face)
        for k, block in enumerate(parcels.blocks)
        if block.use not in _UNBUILT
        for face in block.cells
    ]
    if not wanted:
        return [], [], np.empty(0, dtype=object)
    index = np.array([k for k, _ in wanted])
    cells = fabric.polygons([face for _, face in wanted])
    edge = np.array([_edge_of(parcels.blocks[k]) for k, _ in wanted])
    land = shapely.intersection(cells, shapely.buffer(parcels.land[index], -2.0))
    areas = largest_part(shapely.buffer(land, -0.5 * edge, join_style="mitre"))
    inner = largest_part(shapely.buffer(areas, -0.5 * edge, join_style="mitre"))
    inner = shapely.simplify(inner, 1.0)
    uses = _uses_of_cells(parcels.blocks, wanted, shapely.area(inner))
    sites: list[Site] = []
    blocks: list[int] = []
    kept: list[int] = []
    for position, (k, face) in enumerate(wanted):
        if shapely.area(inner[position]) < _SMALLEST_SITE_M2:
            continue
        block = parcels.blocks[k]
        ring = shapely.get_coordinates(
            shapely.get_exterior_ring(shapely.orient_polygons(inner[position]))
        )
        sites.append(
            Site(
                corners=[(float(x), float(y)) for x, y in ring[:-1]],
                angle=_angle(parcels.whole[k], uses[position]),
                use=uses[position],
                centrality=_centrality(fabric, face),
                draw=scalar_draws(fabric.plan.seed, "site", face),
            )
        )
        blocks.append(block.number)
        kept.append(position)
    return sites, blocks, areas[kept]


def _edge_of(block: Block) -> float:
    return inset_of(block.use)


def _uses_of_cells(
    blocks: Sequence[Block], wanted: list[tuple[int, int]], areas: NDArray[np.float64]
) -> list[str]:
    """Return the use of each cell: the block's own on the largest, what goes with it beside."""
    largest: dict[int, int] = {}
    for position, (k, _) in enumerate(wanted):
        if k not in largest or areas[position] > areas[largest[k]]:
            largest[k] = position
    return [
        blocks[k].use if largest[k] == position else _REST.get(blocks[k].use, blocks[k].use)
        for position, (k, _) in enumerate(wanted)
    ]


def _angle(whole: shapely.Geometry, use: str) -> float:
    ring = shapely.get_coordinates(whole)
    angle = main_direction([(float(x), float(y)) for x, y in ring[:-1]])
    if use in HOUSING and use not in ("courtyard", "village"):
        return max(-_GREATEST_TURN, min(_GREATEST_TURN, angle))
    return angle


def _centrality(fabric: Fabric, face: int) -> float:
    u, v = fabric.plan.mesh.points[fabric.plan.mesh.loops[face][0]]
    away = min(
        (math.dist((u, v), c.at) / c.radius_m for c in fabric.centres if c.zone == "business"),
        default=9.0,
    )
    return math.exp(-((away / 0.9) ** 2))


def _polygons(houses: list[Building]) -> Geometries:
    if not houses:
        return np.empty(0, dtype=object)
    rings = [[*house.outline, house.outline[0]] for house in houses]
    counts = np.fromiter((len(ring) for ring in rings), dtype=np.int64, count=len(rings))
    coordinates = np.round(np.array([point for ring in rings for point in ring]), 2)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    made: Geometries = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, coordinates, (offsets, np.arange(len(rings) + 1))
    )
    return made


def in_portions(blocks: Sequence[Block], size: int = 1_500) -> Iterator[list[Block]]:
    """Yield blocks in portions that fit the memory."""
    for start in range(0, len(blocks), size):
        yield list(blocks[start : start + size])
