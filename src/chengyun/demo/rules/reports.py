"""What is reported in the city: which matter, where, when, by whom, in which words."""

import csv
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from importlib import resources

import numpy as np
import shapely
from numpy.typing import NDArray

from chengyun.demo.rules.draws import array_draws, scalar_draws
from chengyun.demo.rules.places import Place
from chengyun.demo.rules.projection import to_lonlat
from chengyun.demo.rules.roads import WIDTH_M
from chengyun.demo.rules.town import Town
from chengyun.demo.rules.uses import HOUSING

Array = NDArray[np.float64]
Numbers = NDArray[np.int64]
_WEEK = (1.12, 1.08, 1.05, 1.04, 1.06, 0.74, 0.62)
_RAIN_CHANCE = (0.18, 0.22, 0.30, 0.33, 0.36, 0.48, 0.42, 0.36, 0.26, 0.20, 0.18, 0.15)
_SEASONS = {
    "summer": (0.2, 0.2, 0.4, 0.8, 1.2, 1.6, 1.9, 1.9, 1.4, 0.8, 0.4, 0.2),
    "winter": (2.5, 2.0, 0.3, 0, 0, 0, 0, 0, 0, 0.05, 0.4, 1.8),
    "autumn": (0.4, 0.5, 1.2, 1.0, 0.8, 0.7, 0.6, 0.6, 0.9, 1.6, 2.2, 1.2),
    "dry": (1.2, 1.1, 1.0, 0.9, 0.8, 0.6, 0.7, 0.8, 1.0, 1.4, 1.4, 1.3),
}
_HOT_SPOTS_A_KM2 = 0.4
_HOT_SPOT_M = 170.0
_TODAY = 0.6  # the cases that are set up half-way come on top


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterPattern:
    """How often, where and when a matter type comes up."""

    kind: str
    code: str
    weight: float
    where: str
    rhythm: str
    season: str
    rain: float
    public_share: float
    self_share: float
    urgent_share: float
    scene: str


@dataclass(slots=True, kw_only=True)
class Report:
    """Something that somebody saw.

    cell : position of the unit cell in the fabric
    edge : vertices of the road edge beside it, the cell to its left, and the share of the way
    lon, lat : EPSG:4490 [degrees]
    component_code : of what it is about, where that is a component
    """

    number: int
    at: datetime
    pattern: MatterPattern
    cell: int
    edge: tuple[int, int, float]
    lon: float
    lat: float
    source: str
    urgent: bool
    self_handled: bool
    address: str = ""
    title: str = ""
    text: str = ""
    component_code: str = ""


@cache
def matter_patterns() -> tuple[MatterPattern, ...]:
    """Return the matters that come up in the demo city."""
    return tuple(
        MatterPattern(
            kind=row["kind"],
            code=row["code"],
            weight=float(row["weight"]),
            where=row["where"],
            rhythm=row["rhythm"],
            season=row["season"],
            rain=float(row["rain"]),
            public_share=float(row["public_share"]),
            self_share=float(row["self_share"]),
            urgent_share=float(row["urgent_share"]),
            scene=row["scene"],
        )
        for row in _rows("matter_mix.csv")
    )


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("chengyun.demo").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def rains_on(seed: int, day: date) -> bool:
    """Tell whether it rains in the city on a day."""
    return scalar_draws(seed, "rain", day.toordinal()).random() < _RAIN_CHANCE[day.month - 1]


def season_factor(season: str, month: int) -> float:
    """Return the factor of a month (1 to 12) on what comes up in a season; 1 without one."""
    return _SEASONS[season][month - 1] if season in _SEASONS else 1.0


class ReportSource:
    """Draws reports for a town; the same ones for the same seed and anchor of time."""

    def __init__(self, town: Town, now: datetime, zone: tzinfo) -> None:
        self._town = town
        self._now = now
        self._zone = zone
        self._sites = _Sites(town)
        self._words = _Words(town)

    def past(self, count: int, months: int, portion: int = 4_000) -> Iterator[list[Report]]:
        """Yield `count` reports of the last months in portions of whole days, by time."""
        days = round(months * 30.4)
        today = self._now.astimezone(self._zone).date()
        every = [today - timedelta(days=back) for back in range(days, -1, -1)]
        draw = array_draws(self._town.seed, "past reports")
        weights = self._day_weights(every, draw)
        flat = np.cumsum(weights.ravel())
        picks = np.searchsorted(flat, np.sort(draw.random(count)) * flat[-1])
        day, kind = picks // weights.shape[1], picks % weights.shape[1]
        first_of_day = np.flatnonzero(np.diff(day, prepend=-1))
        start = 0
        while start < count:
            later = first_of_day[first_of_day >= min(count, start + portion)]
            end = int(later[0]) if len(later) else count
            yield self._portion(day[start:end], kind[start:end], every, start, draw)
            start = end

    def fresh(self, patterns: Sequence[MatterPattern], cells: Sequence[int | None]) -> list[Report]:
        """Return reports of given patterns, some at given cells, all at the anchor of time."""
        draw = array_draws(self._town.seed, "fresh reports")
        index = {pattern.code: k for k, pattern in enumerate(matter_patterns())}
        kinds = np.array([index[pattern.code] for pattern in patterns], dtype=np.int64)
        first = 10_000_000
        reports = self._drawn([self._now] * len(kinds), kinds, first, draw)
        for report, cell in zip(reports, cells, strict=True):
            if cell is not None:
                self._sites.move(report, cell, draw)
        return reports

    def describe(self, report: Report) -> None:
        """Give a report its address, title and text, once its place and time are settled."""
        self._words.write(report, report.at.astimezone(self._zone))

    def go_with_cell(self, report: Report) -> None:
        """Name the place of a report that has come into another cell by that cell's first edge."""
        report.edge = self._sites.first_edge(report.cell)

    def _day_weights(self, days: list[date], draw: np.random.Generator) -> Array:
        patterns = matter_patterns()
        rainy = np.array([rains_on(self._town.seed, day) for day in days])
        month = np.array([day.month - 1 for day in days])
        general = np.array([_WEEK[day.weekday()] for day in days])
        general *= draw.normal(1.0, 0.08, len(days)).clip(0.7, 1.3)
        weights = np.empty((len(days), len(patterns)))
        for k, pattern in enumerate(patterns):
            season = np.array(_SEASONS.get(pattern.season, (1.0,) * 12))
            weights[:, k] = pattern.weight * season[month] * np.where(rainy, pattern.rain, 1.0)
        weights *= general[:, None]
        share = self._now.astimezone(self._zone)
        weights[-1] *= _TODAY * (share.hour * 60 + share.minute) / 1_440
        return weights

    def _portion(
        self, day: Numbers, kind: Numbers, every: list[date], start: int, draw: np.random.Generator
    ) -> list[Report]:
        seconds = _seconds_of_day(kind, draw)
        local = self._now.astimezone(self._zone)
        so_far = local.hour * 3_600 + local.minute * 60 + local.second
        late = (day == len(every) - 1) & (seconds >= so_far)
        seconds[late] = draw.random(int(late.sum())) * so_far
        order = np.lexsort((seconds, day))
        midnights = [datetime(d.year, d.month, d.day, tzinfo=self._zone) for d in every]
        opening = [midnight.astimezone(UTC) for midnight in midnights]
        moments = [opening[day[k]] + timedelta(seconds=int(seconds[k])) for k in order]
        return self._drawn(moments, kind[order], start, draw)

    def _drawn(
        self, moments: list[datetime], kind: Numbers, first: int, draw: np.random.Generator
    ) -> list[Report]:
        patterns = matter_patterns()
        edges = self._sites.pick(kind, draw)
        places = self._sites.points(edges, kind, draw)
        public = draw.random(len(kind))
        chance = draw.random((len(kind), 3))
        return [
            Report(
                number=first + k,
                at=moments[k],
                pattern=(pattern := patterns[kind[k]]),
                cell=int(self._sites.cell[edges[k]]),
                edge=(
                    int(self._sites.tail[edges[k]]),
                    int(self._sites.head[edges[k]]),
                    float(places.share[k]),
                ),
                lon=float(places.lon[k]),
                lat=float(places.lat[k]),
                source=_source(public[k] < pattern.public_share, float(chance[k, 0])),
                urgent=bool(chance[k, 1] < pattern.urgent_share),
                self_handled=bool(chance[k, 2] < pattern.self_share),
            )
            for k in range(len(kind))
        ]


_PUBLIC = (("hotline", 0.56), ("public", 0.95), ("letter", 0.98), ("media", 1.0))
_OFFICIAL = (
    ("collector", 0.90),
    ("inspection", 0.945),
    ("video", 0.98),
    ("platform", 0.99),
    ("leader", 1.0),
)


def _source(public: bool, chance: float) -> str:
    table = _PUBLIC if public else _OFFICIAL
    return next(name for name, limit in table if chance <= limit)


def _seconds_of_day(kind: Numbers, draw: np.random.Generator) -> Array:
    rhythms = {
        row["rhythm"]: np.array([float(row[f"h{h:02d}"]) for h in range(24)])
        for row in _rows("rhythms.csv")
    }
    hours = np.zeros(len(kind))
    chance = draw.random(len(kind))
    names = np.array([pattern.rhythm for pattern in matter_patterns()])
    for name, shape in rhythms.items():
        mine = names[kind] == name
        hours[mine] = np.searchsorted(np.cumsum(shape) / shape.sum(), chance[mine])
    return hours * 3_600 + draw.random(len(kind)) * 3_600


@dataclass(slots=True)
class _Points:
    share: Array
    lon: Array
    lat: Array


class _Sites:
    """Edges of cells where things happen, weighted by kind of place."""

    def __init__(self, town: Town) -> None:
        fabric = town.fabric
        self._town = town
        rows = [
            (cell, a, b, fabric.plan.mesh.mark_of(a, b).kind)
            for cell, face in enumerate(fabric.cells)
            for a, b, _ in fabric.neighbours(face)
        ]
        self.cell = np.array([row[0] for row in rows])
        self.tail = np.array([row[1] for row in rows])
        self.head = np.array([row[2] for row in rows])
        self._kind = np.array([row[3] for row in rows])
        blocks = [fabric.blocks[fabric.cell_blocks[row[0]]] for row in rows]
        self._use = np.array([block.use for block in blocks])
        self._zone = np.array([block.zone for block in blocks])
        self._class = np.array([town.divisions.area_classes[row[0]] for row in rows])
        self._length = np.hypot(
            fabric.x[self.head] - fabric.x[self.tail], fabric.y[self.head] - fabric.y[self.tail]
        )
        self._polygons = fabric.polygons(fabric.cells)
        shapely.prepare(self._polygons)
        self._inner = shapely.get_coordinates(shapely.point_on_surface(self._polygons))
        self._sums = {name: np.cumsum(self._weights(name)) for name in _where_weights()}
        self._reach = np.array([WIDTH_M.get(kind, 0.0) / 2 for kind in self._kind])
        starts = np.flatnonzero(np.diff(self.cell, prepend=-1))
        self._first_edge = dict(zip(self.cell[starts].tolist(), starts.tolist(), strict=True))

    def pick(self, kind: Numbers, draw: np.random.Generator) -> Numbers:
        """Return an edge for each report."""
        wheres = np.array([pattern.where for pattern in matter_patterns()])[kind]
        chance = draw.random(len(kind))
        picked = np.zeros(len(kind), dtype=np.int64)
        for name, sums in self._sums.items():
            mine = wheres == name
            picked[mine] = np.searchsorted(sums, chance[mine] * sums[-1], side="right")
        return np.minimum(picked, len(self.cell) - 1)

    def points(self, edges: Numbers, kind: Numbers, draw: np.random.Generator) -> _Points:
        """Return a point inside the cell beside each edge."""
        fabric = self._town.fabric
        share = draw.uniform(0.12, 0.88, len(edges))
        tail, head = self.tail[edges], self.head[edges]
        dx, dy = fabric.x[head] - fabric.x[tail], fabric.y[head] - fabric.y[tail]
        length = np.maximum(self._length[edges], 1.0)
        indoors = np.isin(self._use[edges], list(HOUSING)) & (self._reach[edges] < 4)
        depth = self._reach[edges] * draw.uniform(0.35, 0.95, len(edges)) + draw.uniform(
            0.5, 7.0, len(edges)
        )
        depth += np.where(indoors, draw.uniform(4.0, 30.0, len(edges)), 0.0)
        x = fabric.x[tail] + share * dx - dy / length * depth
        y = fabric.y[tail] + share * dy + dx / length * depth
        lon, lat = self._kept_inside(self.cell[edges], x, y)
        return _Points(share, lon, lat)

    def move(self, report: Report, cell: int, draw: np.random.Generator) -> None:
        """Put a report on one of the edges of another cell."""
        edges = np.array([self._first_edge[cell]])
        places = self.points(edges, np.zeros(1, dtype=np.int64), draw)
        report.cell = cell
        report.edge = (int(self.tail[edges[0]]), int(self.head[edges[0]]), float(places.share[0]))
        report.lon, report.lat = float(places.lon[0]), float(places.lat[0])

    def first_edge(self, cell: int) -> tuple[int, int, float]:
        """Return the vertices of a cell's first edge, and its middle."""
        edge = self._first_edge[cell]
        return int(self.tail[edge]), int(self.head[edge]), 0.5

    def _kept_inside(self, cells: Numbers, x: Array, y: Array) -> tuple[Array, Array]:
        for pull in (0.0, 0.4, 0.7, 1.0):
            outside = ~shapely.contains_xy(self._polygons[cells], x, y)
            if pull == 0.0:
                continue
            x = np.where(outside, x + pull * (self._inner[cells, 0] - x), x)
            y = np.where(outside, y + pull * (self._inner[cells, 1] - y), y)
        return to_lonlat(x, y)

    def _weights(self, where: str) -> Array:
        weights: Array = self._length.copy()
        fields = {"kind": self._kind, "use": self._use, "zone": self._zone, "class": self._class}
        for name, table in _where_weights()[where].items():
            factor = np.zeros(len(weights))
            for value, weight in table.items():
                factor[fields[name] == value] = weight
            weights *= factor
        weights *= self._hot_spots()
        if not weights.sum():
            weights = self._length.copy()
        return weights

    def _hot_spots(self) -> Array:
        """Return a factor by edge: a few places where things keep happening."""
        town, fabric = self._town, self._town.fabric
        draw = array_draws(town.seed, "hot spots")
        lively = np.flatnonzero(
            np.isin(self._use, ["market", "shop_street", "mall", "rail_station"])
        )
        count = max(2, round(town.size.grids / 100 * _HOT_SPOTS_A_KM2))
        factor = np.ones(len(self.cell))
        if not len(lively):
            return factor
        x, y = fabric.x[self.tail], fabric.y[self.tail]
        for spot in draw.choice(lively, count):
            away = np.hypot(x - x[spot], y - y[spot])
            factor += draw.uniform(2.5, 7.0) * np.exp(-((away / _HOT_SPOT_M) ** 2))
        return factor


@cache
def _where_weights() -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in _rows("wheres.csv"):
        found.setdefault(row["where"], {}).setdefault(row["field"], {})[row["value"]] = float(
            row["weight"]
        )
    return found


class _Words:
    """Composes address, title and text of reports."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._templates: dict[str, list[tuple[str, str]]] = {}
        for row in _rows("descriptions.csv"):
            self._templates.setdefault(row["code"], []).append((row["title"], row["text"]))
        self._road_of_block: dict[int, tuple[int, int]] = {}
        self._find_roads()

    def _find_roads(self) -> None:
        fabric, places = self._town.fabric, self._town.roads.places
        longest: dict[int, float] = {}
        for cell, face in enumerate(fabric.cells):
            block = fabric.cell_blocks[cell]
            for a, b, _ in fabric.neighbours(face):
                if (a, b) in places and fabric.length(a, b) > longest.get(block, 0.0):
                    longest[block] = fabric.length(a, b)
                    self._road_of_block[block] = (a, b)

    def write(self, report: Report, local: datetime) -> None:
        draw = scalar_draws(self._town.seed, "words", report.number)
        block = self._town.fabric.cell_blocks[report.cell]
        place = self._town.places.get(block)
        address = self._address(report, block, place, draw)
        title, text = draw.choice(self._templates[report.pattern.code])
        words = {
            "address": address,
            "spot": self._spot(report, place, draw),
            "n": str(draw.choice((1, 2, 2, 3, 3, 4, 5, 6, 8))),
            "hour": str(local.hour if local.hour >= 20 else 22),
        }
        report.address = address
        report.title = title.format_map(words)
        report.text = text.format_map(words)

    def _address(self, report: Report, block: int, place: Place | None, draw: random.Random) -> str:
        a, b, share = report.edge
        named = self._town.roads.address(a, b, share, left=True)
        if named is None and block in self._road_of_block:
            named = self._town.roads.address(*self._road_of_block[block], share, left=True)
        if named is None:
            community = self._town.divisions.communities[
                self._town.divisions.community_of[report.cell]
            ]
            return f"{community.zh}附近"
        road, door = named
        if place is not None and draw.random() < 0.3:
            return f"{road}{door}号{place.zh}{draw.choice(('门前', '东侧', '西侧', '旁', '门口'))}"
        return f"{road}{door}号{draw.choice(('附近', '附近', '门前', '对面', '路口'))}"

    def _spot(self, report: Report, place: Place | None, draw: random.Random) -> str:
        if place is not None and place.kind == "residential":
            return f"{place.zh}{draw.randint(1, 18)}栋{draw.choice(('楼下', '门口', '东侧', '旁'))}"
        if report.pattern.where == "street":
            return draw.choice(("人行道", "路边", "绿化带内", "墙角", "公交站旁"))
        return draw.choice(("路边", "楼下", "门口", "空地"))


def distance_m(first: Report, second: Report) -> float:
    """Return about how far two reports are apart [m]."""
    east = (first.lon - second.lon) * math.cos(math.radians(first.lat))
    return 111_320.0 * math.hypot(east, first.lat - second.lat)
