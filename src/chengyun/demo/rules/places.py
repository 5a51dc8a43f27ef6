"""Named places: what a block is called, and the smaller points of interest along its streets."""

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

import shapely

from chengyun.demo.rules.divisions import Divisions
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.fabric import Fabric
from chengyun.demo.rules.growth import Block
from chengyun.demo.rules.naming import draw_name, english, names_of, romanised
from chengyun.demo.rules.parcels import Parcels
from chengyun.demo.rules.roads import NAMED, RoadNet

_SHOPS_A_KM = {"A": 26.0, "B": 9.0, "C": 1.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceKind:
    """How a use appears on the map."""

    poi_kind: str
    land_kind: str
    land_detail: str
    tier: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A named place in the plane [m]."""

    kind: str
    zh: str
    en: str
    x: float
    y: float
    tier: int
    block: int = -1


@cache
def place_kinds() -> dict[str, PlaceKind]:
    """Return how each use appears on the map."""
    text = resources.files("chengyun.demo").joinpath("data/place_kinds.csv").read_text("utf-8")
    return {
        row["use"]: PlaceKind(
            poi_kind=row["poi_kind"],
            land_kind=row["land_kind"],
            land_detail=row["land_detail"],
            tier=int(row["tier"]) if row["tier"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    }


def name_blocks(fabric: Fabric, divisions: Divisions, parcels: Parcels) -> dict[int, Place]:
    """Return the named place of each block inside the city that has one."""
    community_of = {b: divisions.community_of[c] for c, b in enumerate(fabric.cell_blocks)}
    middles = shapely.get_coordinates(shapely.point_on_surface(parcels.whole))
    counts: dict[tuple[str, int], int] = {}
    named_quarters: set[tuple[int, str]] = set()
    places: dict[int, Place] = {}
    for (x, y), block in zip(middles, parcels.blocks, strict=True):
        kind = place_kinds()[block.use]
        if block.number not in community_of or not kind.poi_kind:
            continue
        if block.use in _ONCE_A_QUARTER:
            if (block.quarter, block.use) in named_quarters:
                continue
            named_quarters.add((block.quarter, block.use))
        draw = scalar_draws(fabric.plan.seed, "place", block.number)
        namer = _Namer(divisions, community_of[block.number], counts, draw)
        zh, en = namer.name(block)
        places[block.number] = Place(
            kind=kind.poi_kind,
            zh=zh,
            en=en,
            x=float(x),
            y=float(y),
            tier=kind.tier or 5,
            block=block.number,
        )
    return places


_ONCE_A_QUARTER = frozenset({"park", "campus", "construction", "forest"})


class _Namer:
    """Names one block after its community, street or district, or from a stock."""

    def __init__(
        self,
        divisions: Divisions,
        community: int,
        counts: dict[tuple[str, int], int],
        draw: random.Random,
    ) -> None:
        self._community = divisions.communities[community]
        self._street_index = self._community.street
        self._street = divisions.streets[self._street_index]
        self._district_index = self._street.district
        self._district = divisions.districts[self._district_index]
        self._counts = counts
        self._draw = draw
        self._by_use: dict[str, Callable[[], tuple[str, str]]] = {
            "walkup": self._estate,
            "walkup_old": self._works_estate,
            "tower": self._estate,
            "midrise": self._estate,
            "villa": self._estate,
            "factory": self._works,
            "construction": self._building_site,
            "primary_school": lambda: self._after_community("小学", "Primary School"),
            "kindergarten": lambda: self._after_community("幼儿园", "Kindergarten"),
            "market": lambda: self._after_community("农贸市场", "Farmers' Market"),
            "middle_school": lambda: self._after_street("中学", "Middle School"),
            "street_office": lambda: self._after_street("街道办事处", "Subdistrict Office"),
            "police": lambda: self._after_street("派出所", "Police Station"),
            "utility": lambda: self._after_street("变电站", "Substation"),
            "hospital": lambda: self._numbered_in_city("人民医院", "People's Hospital"),
            "campus": lambda: self._after_street("职业学院", "Vocational College"),
            "government": lambda: self._after_district("人民政府", "District Government"),
            "fire_station": lambda: self._after_district("消防救援站", "Fire Station"),
            "museum": lambda: self._after_district("博物馆", "Museum"),
            "stadium": lambda: self._after_district("体育中心", "Sports Centre"),
            "depot": lambda: self._after_street("公交场站", "Bus Depot"),
            "warehouse": lambda: self._after_street("物流园", "Logistics Park"),
            "temple": lambda: self._of_list(
                ("文昌宫", "城隍庙", "清凉寺", "观音阁", "鼓楼", "白塔寺")
            ),
            "rail_station": lambda: ("临江站", "Linjiang Railway Station"),
            "office": lambda: self._stock("office", "Tower"),
            "mall": lambda: self._stock("mall", "Mall"),
            "hotel": lambda: self._stock("hotel", "Hotel"),
            "park": lambda: self._stock("park", "Park", "公园"),
            "plaza": lambda: self._after_street("广场", "Square"),
            "forest": lambda: ("翠屏山森林公园", "Cuiping Hill Forest Park"),
        }

    def name(self, block: Block) -> tuple[str, str]:
        return self._by_use[block.use]()

    def _numbered(self, zh: str, en: str, count: int) -> tuple[str, str]:
        digits = "一二三四五六七八九十"
        if count <= 1:
            return zh, en
        mark = digits[count - 1] if count <= len(digits) else str(count)
        return f"{zh}（{mark}）", f"{en} ({count})"

    def _count(self, what: str, where: int) -> int:
        self._counts[what, where] = self._counts.get((what, where), 0) + 1
        return self._counts[what, where]

    def _after_community(self, zh: str, en: str) -> tuple[str, str]:
        stem = self._community.zh.removesuffix("社区").removesuffix("村")
        count = self._count(zh, 1_000_000 + id_of(self._community.code))
        return self._numbered(stem + zh, f"{romanised(stem)} {en}", count)

    def _after_street(self, zh: str, en: str) -> tuple[str, str]:
        stem = self._street.zh.removesuffix("街道").removesuffix("镇")
        count = self._count(zh, self._street_index)
        return self._numbered(stem + zh, f"{romanised(stem)} {en}", count)

    def _after_district(self, zh: str, en: str) -> tuple[str, str]:
        count = self._count(zh, self._district_index)
        return self._numbered(
            self._district.zh + zh, f"{romanised(self._district.zh[:-1])} {en}", count
        )

    def _numbered_in_city(self, zh: str, en: str) -> tuple[str, str]:
        digits = "一二三四五六七八九十"
        count = self._count(zh, 0)
        if count == 1:
            return f"临江市{zh}", f"Linjiang {en}"
        if count <= len(digits):
            return f"市第{digits[count - 1]}{zh}", f"No. {count} {en}"
        stem = self._street.zh.removesuffix("街道").removesuffix("镇")
        return f"{stem}医院", f"{romanised(stem)} Hospital"

    def _stock(self, kind: str, generic: str, suffix: str = "") -> tuple[str, str]:
        names = names_of(kind)
        count = self._count(kind, 0)
        zh = names[(count - 1) % len(names)] + suffix
        if count > len(names):
            zh = self._street.zh.removesuffix("街道").removesuffix("镇") + zh
        stem = zh.removesuffix(suffix) if suffix else zh
        return zh, f"{romanised(stem)} {generic}"

    def _of_list(self, names: tuple[str, ...]) -> tuple[str, str]:
        zh = names[(self._count(names[0], 0) - 1) % len(names)]
        return zh, english(zh)

    def _estate(self) -> tuple[str, str]:
        first = draw_name("compound_first", self._draw)
        zh = first + draw_name("compound_last", self._draw)
        return zh, f"{romanised(first)} Gardens"

    def _works_estate(self) -> tuple[str, str]:
        works = draw_name("unit_housing", self._draw)
        return f"{works}宿舍", f"{romanised(works)} Staff Housing"

    def _works(self) -> tuple[str, str]:
        first = draw_name("factory", self._draw)
        kind = draw_name("factory_kind", self._draw)
        zh = f"{first}{kind}" + ("" if kind.endswith("厂") else "有限公司")
        return zh, f"{romanised(first)} Works"

    def _building_site(self) -> tuple[str, str]:
        first = draw_name("compound_first", self._draw)
        return f"{first}项目工地", f"{romanised(first)} building site"


def id_of(code: str) -> int:
    """Return a division code as a number."""
    return int(code)


def street_places(fabric: Fabric, divisions: Divisions, net: RoadNet) -> list[Place]:
    """Return shops, bus stops and public toilets along the roads."""
    draw = scalar_draws(fabric.plan.seed, "street places")
    found: list[Place] = []
    for tail, head, kind in _sides_of_streets(net):
        cell = fabric.cell_of_face.get(fabric.plan.mesh.left_of(tail, head))
        if cell is not None:
            area_class = divisions.area_classes[cell]
            found.extend(_along(fabric, tail, head, kind, area_class, draw))
    return found


def _sides_of_streets(net: RoadNet) -> Iterator[tuple[int, int, str]]:
    """Yield both directions of every edge of the named roads, with its kind."""
    parts = [part for road in net.roads if road.zh for part in road.parts]
    for part in parts:
        if part.bridge or part.kind not in NAMED:
            continue
        for a, b in pairwise(part.vertices):
            yield a, b, part.kind
            yield b, a, part.kind


_SIDE_M = {"expressway": 28.0, "arterial": 23.0, "secondary": 17.0, "branch": 11.0, "lane": 6.5}
_STOP_CHANCE = {
    "expressway": 0.0,
    "arterial": 0.11,
    "secondary": 0.09,
    "branch": 0.015,
    "lane": 0.0,
}


def _along(
    fabric: Fabric, tail: int, head: int, kind: str, area_class: str, draw: random.Random
) -> list[Place]:
    length = fabric.length(tail, head)
    if length < 20 or kind == "expressway":
        return []
    dx, dy = (fabric.x[head] - fabric.x[tail]) / length, (fabric.y[head] - fabric.y[tail]) / length
    side = _SIDE_M[kind]

    def at(share: float) -> tuple[float, float]:
        reach = share * length
        return (
            float(fabric.x[tail] + dx * reach - dy * side),
            float(fabric.y[tail] + dy * reach + dx * side),
        )

    places = []
    shops = draw.random() * 2 * _SHOPS_A_KM[area_class] * length / 1_000
    for _ in range(int(shops)):
        zh = draw_name("shop", draw)
        x, y = at(draw.uniform(0.12, 0.88))
        places.append(Place(kind=_shop_kind(zh), zh=zh, en=romanised(zh), x=x, y=y, tier=6))
    if draw.random() < _STOP_CHANCE[kind]:
        x, y = at(draw.uniform(0.3, 0.7))
        places.append(Place(kind="bus_stop", zh="", en="", x=x, y=y, tier=6))
    if draw.random() < 0.012:
        x, y = at(draw.uniform(0.3, 0.7))
        places.append(Place(kind="toilets", zh="公共厕所", en="Public toilet", x=x, y=y, tier=6))
    return places


_SHOP_KINDS = (
    ("restaurant", "馆楼居园店菜烤食面"),
    ("supermarket", "市"),
    ("bank", "行政"),
    ("cafe", "啡茶"),
    ("pharmacy", "药房堂"),
)


def _shop_kind(zh: str) -> str:
    for kind, endings in _SHOP_KINDS:
        if zh[-1] in endings:
            return kind
    return "shop"
