"""Every building of the city, block by block."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

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
_GREATEST_TURN = 0.42
_SMALLEST_SITE_M2 = 260.0
_UNBUILT = frozenset({"park", "forest", "farmland", "orchard", "promenade", "water", "green"})
_LESS = {"tower": "walkup", "midrise": "walkup", "villa": "walkup", "factory": "depot"}
_SMALL_USES = frozenset({"courtyard", "shop_street", "village", "walkup_old", "temple", "market"})
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
    """Return what stands on the parcels; nothing crosses a road or the border of a unit cell.

    A site on which nothing fits is tried again: along its own sides, then with less.
    """
    sites, blocks, areas = _sites(fabric, parcels)
    work = _Work()
    empty = list(range(len(sites)))
    for again in (_as_wished, _along_its_sides, _with_less, _with_least):
        empty = work.attempt({k: again(sites[k]) for k in empty}, areas)
    outlines = _polygons(work.houses)
    owners = np.array(work.owners, dtype=np.int64)
    kept = _apart(work.houses, outlines, owners)
    return BuiltUp(
        houses=[work.houses[k] for k in kept],
        outlines=outlines[kept],
        house_blocks=[blocks[owners[k]] for k in kept],
        yard_kinds=[kind for kind, _ in work.yards],
        yards=np.array([shape for _, shape in work.yards], dtype=object),
    )


def _as_wished(site: Site) -> Site:
    return site


def _along_its_sides(site: Site) -> Site:
    return replace(site, angle=site.own_angle)


def _with_less(site: Site) -> Site:
    return replace(site, angle=site.own_angle, use=_LESS.get(site.use, "walkup_old"))


def _with_least(site: Site) -> Site:
    least = "courtyard" if site.use in _SMALL_USES else "walkup_old"
    return replace(site, angle=site.own_angle, use=least)


@dataclass(slots=True)
class _Work:
    """What has been built so far; `owners` are the positions of the houses' sites."""

    houses: list[Building] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    yards: list[tuple[str, shapely.Polygon]] = field(default_factory=list)

    def attempt(self, sites: dict[int, Site], areas: Geometries) -> list[int]:
        """Build on some sites; return those on which nothing fitted."""
        houses: list[Building] = []
        owners: list[int] = []
        for position, site in sites.items():
            built = build(site)
            houses.extend(built.buildings)
            owners.extend([position] * len(built.buildings))
            outlined = ((kind, shapely.Polygon(shape)) for kind, shape in built.yards)
            self.yards.extend(yard for yard in outlined if _fits(areas[position], yard[1]))
        outlines = _polygons(houses)
        index = np.array(owners, dtype=np.int64)
        fits = shapely.is_valid(outlines)
        fits[fits] = shapely.covers(areas[index[fits]], outlines[fits])
        kept = np.flatnonzero(fits)
        self.houses.extend(houses[k] for k in kept)
        self.owners.extend(owners[k] for k in kept)
        built_on = {owners[k] for k in kept}
        bare = {position for position, site in sites.items() if site.use == "plaza"}
        return [position for position in sites if position not in built_on | bare]


def _fits(area: BaseGeometry, shape: shapely.Polygon) -> bool:
    return shape.is_valid and area.covers(shape)


def _apart(houses: list[Building], outlines: Geometries, owners: Numbers) -> Numbers:
    """Return the buildings without those that stand in an earlier one; towers rise from podiums."""
    first, second = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    pair = first < second
    a, b = first[pair], second[pair]
    rising = np.array([houses[k].kind in _ON_PODIUM for k in b], dtype=bool)
    deep = shapely.area(shapely.intersection(outlines[a], outlines[b])) > 0.05
    dropped = b[(owners[a] == owners[b]) & deep & ~rising]
    apart: Numbers = np.setdiff1d(np.arange(len(houses)), dropped)
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
        own = _own_angle(parcels.whole[k])
        sites.append(
            Site(
                corners=[(float(x), float(y)) for x, y in ring[:-1]],
                angle=_angle(own, uses[position]),
                own_angle=own,
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


def _own_angle(whole: shapely.Geometry) -> float:
    ring = shapely.get_coordinates(whole)
    return main_direction([(float(x), float(y)) for x, y in ring[:-1]])


def _angle(own: float, use: str) -> float:
    """Return the direction of rows: homes in blocks of flats look south as far as they can."""
    if use in HOUSING and use not in ("courtyard", "village"):
        return max(-_GREATEST_TURN, min(_GREATEST_TURN, own))
    return own


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
