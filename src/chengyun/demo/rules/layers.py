"""The map of the generated city, layer by layer, in the kinds that the territory draws."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from chengyun.demo.rules.buildings import build_up, in_portions
from chengyun.demo.rules.codes import CITY_EN, CITY_ZH
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.fabric import Fabric
from chengyun.demo.rules.footprints import Building
from chengyun.demo.rules.metro import dig_metro
from chengyun.demo.rules.parcels import Parcels, cut_parcels
from chengyun.demo.rules.places import place_kinds
from chengyun.demo.rules.projection import geometries_to_lonlat
from chengyun.demo.rules.shapes import Geometries, dissolved, joined, line_through, parts_of
from chengyun.demo.rules.town import Town
from chengyun.demo.rules.waters import waters

_ROAD_KINDS = {
    "expressway": "trunk",
    "arterial": "primary",
    "secondary": "secondary",
    "branch": "tertiary",
    "lane": "residential",
    "path": "path",
    "rail": "rail",
    "bank": "path",
}
_WITH_LOOP = {"tower": 7.0, "midrise": 7.0, "villa": 5.0, "campus": 7.0, "factory": 6.0}
_WALKS = {"park": 14.0, "green": 9.0}
_PLACE_TIERS = {1: 11, 2: 13, 3: 14, 4: 15, 5: 16, 6: 17}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFeature:
    """A feature of the map in longitude and latitude (EPSG:4490)."""

    geometry: BaseGeometry
    kind: str
    zh: str = ""
    en: str = ""
    height_m: float | None = None
    min_zoom: int | None = None
    attributes: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class _Sheet:
    """Features of one layer, still in the plane."""

    shapes: list[BaseGeometry] = field(default_factory=list)
    words: list[dict[str, object]] = field(default_factory=list)

    def add(self, shape: BaseGeometry, **words: object) -> None:
        if not shape.is_empty:
            self.shapes.append(shape)
            self.words.append(words)

    def features(self) -> Iterator[MapFeature]:
        if self.shapes:
            turned = geometries_to_lonlat(np.array(self.shapes, dtype=object))
            for geometry, words in zip(turned, self.words, strict=True):
                yield MapFeature(geometry=geometry, **words)  # type: ignore[arg-type]


def map_layers(town: Town) -> Iterator[tuple[str, Iterator[MapFeature]]]:
    """Yield the layers of the map in drawing order, each with its features."""
    fabric = town.fabric
    yield "water", _water(town)
    yield "boundaries", _boundaries(town)
    yield "roads", _roads(town)
    yield "transit", _transit(town)
    yield "places", _places(town)
    yield "pois", _pois(town)
    for blocks in in_portions(fabric.blocks):
        parcels = cut_parcels(fabric, blocks, town.moat)
        built = build_up(fabric, parcels)
        yield "landuse", _landuse(town, parcels, built.yard_kinds, built.yards)
        yield "buildings", _buildings(built.houses, built.outlines)
        yield "roads", _inner_ways(town, parcels)


def _line(fabric: Fabric, vertices: list[int]) -> LineString:
    return line_through(fabric.x, fabric.y, vertices)


def _water(town: Town) -> Iterator[MapFeature]:
    sheet = _Sheet()
    for water in waters(town.fabric, town.roads, town.parcels, town.moat):
        kind = "lake" if water.kind == "pond" else water.kind
        sheet.add(water.shape, kind=kind, zh=water.zh, en=water.en)
    return sheet.features()


def _landuse(
    town: Town, parcels: Parcels, yard_kinds: list[str], yards: Geometries
) -> Iterator[MapFeature]:
    sheet = _Sheet()
    for block, land in zip(parcels.blocks, parcels.land, strict=True):
        kind = place_kinds()[block.use]
        if not kind.land_kind:
            continue
        place = town.places.get(block.number)
        named = place if place is not None and place.tier <= 2 else None
        sheet.add(
            land,
            kind=kind.land_kind,
            zh=named.zh if named else "",
            en=named.en if named else "",
            attributes={
                "use": block.use,
                **({"detail": kind.land_detail} if kind.land_detail else {}),
            },
        )
    for kind_of_yard, yard in zip(yard_kinds, yards, strict=True):
        sheet.add(yard, kind=kind_of_yard)
    return sheet.features()


def _roads(town: Town) -> Iterator[MapFeature]:
    sheet = _Sheet()
    for road in town.roads.roads:
        for part in road.parts:
            kind = _ROAD_KINDS.get(part.kind)
            if kind is None:
                continue
            attributes: dict[str, object] = {"bridge": True} if part.bridge else {}
            zh, en = road.zh, road.en
            if part.bridge and zh:
                zh, en = _bridge_name(road.zh), f"{road.en} Bridge"
            sheet.add(
                _line(town.fabric, part.vertices), kind=kind, zh=zh, en=en, attributes=attributes
            )
    for path in _embankments(town.fabric):
        sheet.add(path, kind="path", zh="滨江步道", en="Riverside Walk")
    return sheet.features()


def _bridge_name(road: str) -> str:
    return road.removesuffix("南路").removesuffix("北路").removesuffix("路") + "大桥"


def _embankments(fabric: Fabric) -> Iterator[BaseGeometry]:
    segments: dict[int, list[tuple[int, int]]] = {}
    for (a, b), mark in fabric.plan.mesh.marks.items():
        if mark.kind == "bank":
            segments.setdefault(mark.line, []).append((a, b))
    for members in segments.values():
        yield joined([_line(fabric, [a, b]) for a, b in members])


def _inner_ways(town: Town, parcels: Parcels) -> Iterator[MapFeature]:
    """Yield the loop roads of compounds and the walks of parks."""
    sheet = _Sheet()
    for block, land in zip(parcels.blocks, parcels.land, strict=True):
        inset = _WITH_LOOP.get(block.use) or _WALKS.get(block.use)
        if inset is None or shapely.area(land) < 8_000:
            continue
        inner = shapely.simplify(shapely.buffer(land, -inset, join_style="mitre"), 1.5)
        if block.use in _WALKS:
            inner = shapely.buffer(shapely.buffer(inner, -12), 12)
        for part in parts_of(inner):
            if isinstance(part, shapely.Polygon):
                sheet.add(part.exterior, kind="path" if block.use in _WALKS else "service")
    return sheet.features()


def _buildings(houses: list[Building], outlines: Geometries) -> Iterator[MapFeature]:
    sheet = _Sheet()
    for house, outline in zip(houses, outlines, strict=True):
        sheet.add(outline, kind="building", height_m=house.height_m, attributes={"use": house.kind})
    return sheet.features()


def _boundaries(town: Town) -> Iterator[MapFeature]:
    """Yield border lines, each once, at the highest level that it divides."""
    fabric, divisions = town.fabric, town.divisions
    sides: dict[tuple[str, str], list[LineString]] = {}
    for cell, face in enumerate(fabric.cells):
        here = divisions.communities[divisions.community_of[cell]].code
        for a, b, beyond in fabric.neighbours(face):
            other = fabric.cell_of_face.get(beyond)
            there = (
                "" if other is None else divisions.communities[divisions.community_of[other]].code
            )
            if here != there and (here < there or other is None):
                sides.setdefault((here, there), []).append(_line(fabric, [a, b]))
    sheet = _Sheet()
    for (here, there), members in sides.items():
        merged = joined(members)
        sheet.add(merged, kind=_level(here, there))
    return sheet.features()


def _level(here: str, there: str) -> str:
    if not there:
        return "city"
    if here[:6] != there[:6]:
        return "county"
    return "street" if here[:9] != there[:9] else "community"


def _transit(town: Town) -> Iterator[MapFeature]:
    lines, stations = dig_metro(town.fabric, town.roads)
    sheet = _Sheet()
    for line in lines:
        sheet.add(
            _line(town.fabric, line.vertices),
            kind="subway",
            zh=line.zh,
            en=line.en,
            attributes={"colour": line.colour},
        )
    for station in stations:
        at = shapely.Point(town.fabric.x[station.vertex], town.fabric.y[station.vertex])
        sheet.add(at, kind="station", zh=station.zh, en=station.en)
    return sheet.features()


def _places(town: Town) -> Iterator[MapFeature]:
    sheet = _Sheet()
    divisions, fabric = town.divisions, town.fabric

    def middle(cells: list[int]) -> BaseGeometry:
        polygons = fabric.polygons([fabric.cells[cell] for cell in cells])
        return dissolved(polygons).representative_point()

    every: list[int] = list(range(len(fabric.cells)))
    sheet.add(middle(every), kind="city", zh=CITY_ZH, en=CITY_EN)
    for district in divisions.districts:
        cells = [
            cell
            for s in district.streets
            for c in divisions.streets[s].communities
            for cell in divisions.communities[c].cells
        ]
        sheet.add(middle(cells), kind="district", zh=district.zh, en=district.en)
    for street in divisions.streets:
        cells = [cell for c in street.communities for cell in divisions.communities[c].cells]
        sheet.add(middle(cells), kind="street", zh=street.zh, en=street.en)
    for community in divisions.communities:
        sheet.add(middle(community.cells), kind="community", zh=community.zh, en=community.en)
    return sheet.features()


def _pois(town: Town) -> Iterator[MapFeature]:
    sheet = _Sheet()
    draw = scalar_draws(town.fabric.plan.seed, "poi zoom")
    for place in [*town.places.values(), *town.street_places]:
        zoom = _PLACE_TIERS[place.tier] + (draw.random() < 0.4 if place.tier > 4 else 0)
        sheet.add(
            shapely.Point(place.x, place.y),
            kind=_POI_KINDS.get(place.kind, place.kind),
            zh=place.zh,
            en=place.en,
            min_zoom=zoom,
        )
    return sheet.features()


_POI_KINDS = {"marketplace": "market", "townhall": "government", "square": "attraction"}
