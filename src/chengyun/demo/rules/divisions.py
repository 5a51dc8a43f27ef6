"""Districts, streets, communities and unit grids, with codes and names."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely

from chengyun.demo.rules.codes import CITY, reading_order
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.fabric import Fabric
from chengyun.demo.rules.naming import NameSupply, english
from chengyun.demo.rules.zoning import ZONES

_GRIDS_A_DISTRICT = 620
_COMMUNITIES_A_STREET = 5
_MAX_DISTRICTS = 14
_LONELY = {"park", "hill"}


@dataclass(slots=True, kw_only=True)
class Community:
    """A community: its cells, its place in the plan and its names."""

    cells: list[int]
    u: float
    v: float
    zone: str
    code: str = ""
    zh: str = ""
    en: str = ""
    street: int = -1


@dataclass(slots=True, kw_only=True)
class Street:
    """A street (街道) or town (镇)."""

    communities: list[int]
    district: int
    code: str = ""
    zh: str = ""
    en: str = ""


@dataclass(slots=True, kw_only=True)
class District:
    """A district of the city."""

    streets: list[int]
    code: str = ""
    zh: str = ""
    en: str = ""


@dataclass(slots=True, kw_only=True)
class Divisions:
    """The administrative tree over the cells.

    grid_codes, area_classes, areas_m2 : by cell
    """

    districts: list[District]
    streets: list[Street]
    communities: list[Community]
    community_of: list[int]
    grid_codes: list[str]
    area_classes: list[str]
    areas_m2: list[float] = field(default_factory=list)


def divide_city(fabric: Fabric) -> Divisions:
    """Group cells into communities, streets and districts; code and name them."""
    communities, by_block = _communities(fabric)
    _attach_rest(fabric, communities, by_block)
    draw = scalar_draws(fabric.plan.seed, "divisions")
    streets, districts = _group(fabric, communities)
    made = Divisions(
        districts=districts,
        streets=streets,
        communities=communities,
        community_of=[0] * len(fabric.cells),
        grid_codes=[""] * len(fabric.cells),
        area_classes=[""] * len(fabric.cells),
    )
    _give_codes(fabric, made)
    _give_names(made, draw)
    return made


def _communities(fabric: Fabric) -> tuple[list[Community], dict[int, int]]:
    """Make a community of every populated quarter; return them and the community of each block."""
    found: dict[tuple[int, int, int], int] = {}
    communities: list[Community] = []
    by_block: dict[int, int] = {}
    for block, cells in _cells_by_block(fabric).items():
        quarter = fabric.quarter_of(fabric.blocks[block])
        if quarter.band != "land" or quarter.zone in _LONELY:
            continue
        key = (quarter.column, quarter.row, fabric.blocks[block].part)
        if key not in found:
            found[key] = len(communities)
            u, v = fabric.plan.centre(quarter)
            communities.append(Community(cells=[], u=u, v=v + key[2] * 200, zone=quarter.zone))
        communities[found[key]].cells.extend(cells)
        by_block[block] = found[key]
    return communities, by_block


def _cells_by_block(fabric: Fabric) -> dict[int, list[int]]:
    cells: dict[int, list[int]] = {}
    for cell, block in enumerate(fabric.cell_blocks):
        cells.setdefault(block, []).append(cell)
    return cells


def _attach_rest(fabric: Fabric, communities: list[Community], by_block: dict[int, int]) -> None:
    """Give parks, riverside and river to the community they touch longest, on their own bank."""
    cells = _cells_by_block(fabric)
    waiting: dict[int, list[int]] = {}
    for block in cells:
        if block not in by_block:
            waiting.setdefault(fabric.blocks[block].quarter, []).append(block)
    while waiting:
        settled: list[tuple[int, int]] = []
        for quarter, blocks in waiting.items():
            home = _longest_neighbour(fabric, blocks, by_block)
            if home is not None:
                settled.append((quarter, home))
        if not settled:
            msg = "some quarter touches no community"
            raise ValueError(msg)
        for quarter, home in settled:
            for block in waiting.pop(quarter):
                by_block[block] = home
                communities[home].cells.extend(cells[block])


def _longest_neighbour(fabric: Fabric, blocks: list[int], by_block: dict[int, int]) -> int | None:
    bank = _is_north(fabric, blocks[0])
    shared: Counter[int] = Counter()
    for other, length in _borders(fabric, blocks):
        if other in by_block and _is_north(fabric, other) == bank:
            shared[by_block[other]] += length
    return shared.most_common(1)[0][0] if shared else None


def _is_north(fabric: Fabric, block: int) -> bool:
    return fabric.quarter_of(fabric.blocks[block]).row > fabric.plan.bands.index("river")


def _borders(fabric: Fabric, blocks: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the block beyond each edge of some blocks, with the length of the edge [m]."""
    faces = [face for block in blocks for face in fabric.blocks[block].cells]
    for a, b, beyond in (edge for face in faces for edge in fabric.neighbours(face)):
        cell = fabric.cell_of_face.get(beyond)
        if cell is not None:
            yield fabric.cell_blocks[cell], round(fabric.length(a, b))


def _group(fabric: Fabric, communities: list[Community]) -> tuple[list[Street], list[District]]:
    wanted = round(len(fabric.cells) / _GRIDS_A_DISTRICT)
    count = min(_MAX_DISTRICTS, max(2, wanted))
    north = [i for i, c in enumerate(communities) if c.v > 0]
    south = [i for i, c in enumerate(communities) if c.v <= 0]
    share = round(count * len(north) / len(communities))
    north_count = min(max(share, 1), count - 1)
    streets: list[Street] = []
    districts: list[District] = []

    def place(i: int) -> tuple[float, float]:
        return communities[i].u, communities[i].v

    for members, parts in ((north, north_count), (south, count - north_count)):
        for group in _halved(members, parts, place):
            district = District(streets=[])
            in_street = max(1, round(len(group) / _COMMUNITIES_A_STREET))
            for block in _halved(group, in_street, place):
                district.streets.append(len(streets))
                streets.append(Street(communities=block, district=len(districts)))
            districts.append(district)
    return streets, districts


def _halved(
    members: list[int], parts: int, place: Callable[[int], tuple[float, float]]
) -> list[list[int]]:
    """Split members into compact, about equal parts, across the longer extent each time."""
    if parts <= 1 or len(members) <= 1:
        return [members]
    spans = [
        max(place(i)[axis] for i in members) - min(place(i)[axis] for i in members)
        for axis in (0, 1)
    ]
    axis = 0 if spans[0] >= spans[1] else 1
    ordered = sorted(members, key=lambda i: (round(place(i)[axis] / 150), place(i)[1 - axis], i))
    left_parts = parts // 2
    cut = round(len(ordered) * left_parts / parts)
    return _halved(ordered[:cut], left_parts, place) + _halved(
        ordered[cut:], parts - left_parts, place
    )


def _give_codes(fabric: Fabric, made: Divisions) -> None:
    polygons = fabric.polygons(fabric.cells)
    centres = shapely.get_coordinates(shapely.centroid(polygons))
    made.areas_m2 = [round(float(area), 1) for area in shapely.area(polygons)]

    def middle(cells: Iterable[int]) -> tuple[float, float]:
        x, y = np.mean(centres[list(cells)], axis=0)
        return float(x), float(y)

    community_at = [middle(community.cells) for community in made.communities]

    def middle_of(communities: list[int]) -> tuple[float, float]:
        x, y = np.mean([community_at[i] for i in communities], axis=0)
        return float(x), float(y)

    street_at = [middle_of(street.communities) for street in made.streets]
    district_at = [
        middle_of([i for s in district.streets for i in made.streets[s].communities])
        for district in made.districts
    ]
    _sort(made.districts, district_at, 1_500)
    for number, district in enumerate(made.districts, start=2):
        district.code = f"{CITY}{number:02d}"
        for at, index in enumerate(_ordered(district.streets, street_at, 1_200), start=1):
            street = made.streets[index]
            street.code = f"{district.code}{at:03d}"
            street.district = number - 2
            for k, i in enumerate(_ordered(street.communities, community_at, 500), start=1):
                made.communities[i].code = f"{street.code}{k:03d}"
                made.communities[i].street = index
                _code_cells(fabric, made, i, centres)


def _sort(items: list[District], places: list[tuple[float, float]], band_m: float) -> None:
    items[:] = [items[i] for i in reading_order(places, band_m)]


def _ordered(members: list[int], places: list[tuple[float, float]], band_m: float) -> list[int]:
    return [members[k] for k in reading_order([places[i] for i in members], band_m)]


def _code_cells(
    fabric: Fabric,
    made: Divisions,
    index: int,
    centres: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
) -> None:
    community = made.communities[index]
    places = [(float(centres[cell][0]), float(centres[cell][1])) for cell in community.cells]
    order = reading_order(places, 100)
    community.cells = [community.cells[k] for k in order]
    for number, cell in enumerate(community.cells, start=1):
        made.grid_codes[cell] = f"{community.code}{number:03d}"
        made.community_of[cell] = index
        zone = fabric.blocks[fabric.cell_blocks[cell]].zone
        made.area_classes[cell] = ZONES[zone].area_class


def _give_names(made: Divisions, draw: random.Random) -> None:
    _name_districts(made, draw)
    streets = NameSupply("street", draw)
    communities = NameSupply("community", draw)
    villages = NameSupply("village", draw)
    for street in sorted(made.streets, key=lambda street: street.code):
        zones = Counter(made.communities[i].zone for i in street.communities)
        rural = zones["village"] + zones["fields"] > len(street.communities) / 2
        stem = streets.take(_preferred_street(zones, made, street))
        street.zh = stem + ("镇" if rural else "街道")
        street.en = english(street.zh)
        for i in sorted(street.communities, key=lambda i: made.communities[i].code):
            community = made.communities[i]
            if community.zone in ("village", "fields"):
                community.zh = villages.take() + "村"
            else:
                community.zh = communities.take() + "社区"
            community.en = english(community.zh)


def _name_districts(made: Divisions, draw: random.Random) -> None:
    old = [
        sum(
            made.communities[i].zone == "old_town"
            for s in district.streets
            for i in made.streets[s].communities
        )
        for district in made.districts
    ]
    business = [
        sum(
            made.communities[i].zone == "business"
            for s in district.streets
            for i in made.streets[s].communities
        )
        for district in made.districts
    ]
    supply = NameSupply("street", draw)
    for index, district in enumerate(made.districts):
        if index == old.index(max(old)):
            name = supply.take("望江")
        elif index == business.index(max(business)):
            name = supply.take("新城")
        else:
            name = supply.take("东湖")
        district.zh = name + "区"
        district.en = english(district.zh)


def _preferred_street(zones: Counter[str], made: Divisions, street: Street) -> str | None:
    wishes = {
        "old_town": ["滨江", "北关", "文昌", "石桥"],
        "business": ["新城", "金桥", "紫云"],
        "industry": ["开发"],
        "education": ["学府"],
        "station": ["站前"],
    }
    taken = {other.zh.removesuffix("街道") for other in made.streets if other is not street}
    for zone, names in wishes.items():
        if zones[zone]:
            free = [name for name in names if name not in taken]
            if free:
                return free[0]
    return None
