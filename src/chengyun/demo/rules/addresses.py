"""The addresses of the generated city: divisions, streets with their plates, places, tracts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from chengyun.demo.rules.codes import CITY, CITY_ZH
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.projection import geometries_to_lonlat, to_lonlat
from chengyun.demo.rules.roads import NAMED, WIDTH_M
from chengyun.demo.rules.shapes import joined
from chengyun.demo.rules.town import Town

PER_GRID: Final = 10
_SLOT_M: Final = 7.5  # as door numbers in the reports of the city are counted
_BEHIND_M: Final = 6.0
_TRACTS: Final = frozenset({"residential", "park", "university", "office", "factory"})
_RENAMED: Final = 0.06
_MOST_BUILDINGS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAddress:
    """An address in longitude and latitude; `above` is the key of its parent, 0 = none."""

    key: int
    kind: str
    name: str
    division_code: str
    lon: float
    lat: float
    above: int = 0
    geometry: BaseGeometry | None = None
    former: str = ""


@dataclass(slots=True)
class _Stretch:
    """A road within one district: its edges, and on each the slots for plates."""

    zh: str
    width_m: float
    edges: list[tuple[int, int, float, float]] = field(default_factory=list)


def addresses_of(town: Town, aim: int | None = None) -> Iterator[DemoAddress]:
    """Yield the addresses of a town, parents first; the same for a size and seed.

    aim : how many at least, about; None = ten a grid. Plates are left out along streets, or
        buildings put behind them, to come near.
    """
    fabric = town.fabric
    cells = shapely.STRtree(fabric.polygons(fabric.cells))
    codes = [town.divisions.communities[c].code for c in town.divisions.community_of]
    named = list(_named(town, cells, codes))
    aim = len(fabric.cells) * PER_GRID if aim is None else aim
    key = 0
    for key, one in enumerate(named, start=1):
        yield replace(one, key=key)
    streets = _stretches(town, codes)
    natural = sum(2 * (to - start) / _SLOT_M for s in streets.values() for *_, start, to in s.edges)
    wanted = max(aim - len(named) - len(streets), 0)
    share = min(wanted / max(natural, 1.0), 1.0)
    buildings = min(round(max(wanted / max(natural, 1.0) - 1, 0.0)), _MOST_BUILDINGS)
    draw = scalar_draws(town.seed, "street names")
    for (_, district), stretch in streets.items():
        key += 1
        street = _street(town, key, district, stretch, draw.random())
        yield street
        for name, code, lon, lat in _plates(town, stretch, codes, share):
            key += 1
            yield _plate(key, street.key, name, code, lon, lat)
            above = key
            for number in range(1, buildings + 1):
                key += 1
                yield _plate(key, above, f"{number}号楼", code, lon, lat)


def _plate(key: int, above: int, name: str, code: str, lon: float, lat: float) -> DemoAddress:
    return DemoAddress(
        key=key, kind="door_plate", name=name, division_code=code, lon=lon, lat=lat, above=above
    )


def _named(town: Town, cells: shapely.STRtree, codes: list[str]) -> Iterator[DemoAddress]:
    """Yield divisions, then tracts and places."""
    yield from _divisions(town)
    shapes = {
        block.number: shape
        for block, shape in zip(
            town.parcels.blocks, geometries_to_lonlat(town.parcels.land), strict=True
        )
    }
    places = [*town.places.values(), *town.street_places]
    lon, lat = to_lonlat(
        np.array([place.x for place in places]), np.array([place.y for place in places])
    )
    nearest = cells.nearest([shapely.Point(place.x, place.y) for place in places])
    for place, x, y, cell in zip(places, lon, lat, nearest, strict=True):
        tract = place.block >= 0 and place.kind in _TRACTS
        yield DemoAddress(
            key=0,
            kind="tract" if tract else "poi",
            name=place.zh,
            division_code=codes[int(cell)],
            lon=float(x),
            lat=float(y),
            geometry=_area(shapes.get(place.block)) if tract else None,
        )


def _area(shape: BaseGeometry | None) -> BaseGeometry | None:
    usable = shape is not None and shape.geom_type.endswith("Polygon") and shape.is_valid
    return shape if usable else None


def _divisions(town: Town) -> Iterator[DemoAddress]:
    divisions, fabric = town.divisions, town.fabric
    middles = shapely.get_coordinates(shapely.point_on_surface(fabric.polygons(fabric.cells)))
    lon, lat = to_lonlat(middles[:, 0], middles[:, 1])

    def told(code: str, zh: str, cell: int) -> DemoAddress:
        return DemoAddress(
            key=0,
            kind="division",
            name=zh,
            division_code=code,
            lon=float(lon[cell]),
            lat=float(lat[cell]),
        )

    yield told(CITY, CITY_ZH, 0)
    for district in divisions.districts:
        first = divisions.communities[divisions.streets[district.streets[0]].communities[0]]
        yield told(district.code, district.zh, first.cells[0])
    for street in divisions.streets:
        yield told(street.code, street.zh, divisions.communities[street.communities[0]].cells[0])
    for community in divisions.communities:
        yield told(community.code, community.zh, community.cells[len(community.cells) // 2])


def _stretches(town: Town, codes: list[str]) -> dict[tuple[int, str], _Stretch]:
    """Cut the named roads at the borders of districts: each district keeps its own street."""
    found: dict[tuple[int, str], _Stretch] = {}
    named = ((road, part) for road in town.roads.roads if road.zh for part in road.parts)
    for road, part in named:
        if part.kind not in NAMED or part.bridge:
            continue
        at = part.start_m
        for a, b in pairwise(part.vertices):
            end = at + town.fabric.length(a, b)
            code = _code_beside(town, codes, a, b) or _code_beside(town, codes, b, a)
            if code:
                new = _Stretch(road.zh, WIDTH_M[part.kind])
                found.setdefault((road.number, code[:6]), new).edges.append((a, b, at, end))
            at = end
    return found


def _code_beside(town: Town, codes: list[str], a: int, b: int) -> str:
    """Return the community to the left of an edge, '' outside the city."""
    cell = town.fabric.cell_of_face.get(town.fabric.plan.mesh.left_of(a, b))
    return "" if cell is None else codes[cell]


def _street(town: Town, key: int, district: str, stretch: _Stretch, luck: float) -> DemoAddress:
    fabric = town.fabric
    ends = np.array([(a, b) for a, b, *_ in stretch.edges])
    edges = np.asarray(shapely.linestrings(np.stack([fabric.x[ends], fabric.y[ends]], axis=-1)))
    line = joined(edges.tolist())
    longest = max(shapely.get_parts(line), key=lambda part: float(part.length))
    turned = geometries_to_lonlat(
        np.array([line, longest.interpolate(0.5, normalized=True)], dtype=object)
    )
    stem, suffix = stretch.zh[:-1], stretch.zh[-1]
    return DemoAddress(
        key=key,
        kind="street",
        name=stretch.zh,
        division_code=district,
        lon=float(turned[1].x),
        lat=float(turned[1].y),
        geometry=turned[0],
        former=f"老{stem}{suffix}" if luck < _RENAMED else "",
    )


def _plates(
    town: Town, stretch: _Stretch, codes: list[str], share: float
) -> Iterator[tuple[str, str, float, float]]:
    """Yield name, division, longitude and latitude of plates on both sides of a street.

    Of all slots the share is taken, evenly. All places are reckoned at once: many streets have
    hundreds of short edges.
    """
    fabric = town.fabric
    offset = stretch.width_m / 2 + _BEHIND_M
    kept = [0.5, 0.5]
    taken: list[tuple[int, int, int, str]] = []
    for number, (a, b, start, end) in enumerate(stretch.edges):
        beside = (_code_beside(town, codes, a, b), _code_beside(town, codes, b, a))
        first, last = math.ceil(start / _SLOT_M - 0.5), math.ceil(end / _SLOT_M - 0.5)
        taken += [
            (number, slot, side, beside[side])
            for slot in range(first, last)
            for side in (0, 1)
            if beside[side] and _take(kept, side, share) and end > start
        ]
    if not taken:
        return
    ends = np.array([(a, b) for a, b, *_ in stretch.edges])
    spans = np.array([(start, end) for *_, start, end in stretch.edges])
    at, slots, sides = np.array([one[:3] for one in taken]).T
    west, south = fabric.x[ends[at, 0]], fabric.y[ends[at, 0]]
    dx, dy = fabric.x[ends[at, 1]] - west, fabric.y[ends[at, 1]] - south
    start, end = spans[at].T
    along = ((slots + 0.5) * _SLOT_M - start) / (end - start)
    aside = np.where(sides == 0, 1.0, -1.0) * offset / np.maximum(np.hypot(dx, dy), 0.01)
    lon, lat = to_lonlat(west + dx * along - dy * aside, south + dy * along + dx * aside)
    for (_, slot, side, code), x, y in zip(taken, lon.tolist(), lat.tolist(), strict=True):
        yield f"{2 * slot + 1 + side}号", code, x, y


def _take(kept: list[float], side: int, share: float) -> bool:
    """Return whether a slot of a side is taken, so that the share holds along the street."""
    kept[side] += share
    if kept[side] < 1.0:
        return False
    kept[side] -= 1.0
    return True
