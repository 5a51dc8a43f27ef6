"""Roads: what the marked edges of the mesh become, with names, bridges and door numbers."""

import math
from dataclasses import dataclass, field
from itertools import pairwise

from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.fabric import Fabric
from chengyun.demo.rules.mesh import Mark
from chengyun.demo.rules.naming import NameSupply, english, names_of
from chengyun.demo.rules.plan import Line

WIDTH_M = {
    "expressway": 46.0,
    "arterial": 36.0,
    "secondary": 24.0,
    "branch": 14.0,
    "lane": 6.0,
    "path": 4.0,
    "rail": 14.0,
    "canal": 22.0,
    "bank": 10.0,
    "river": 0.0,
    "none": 0.0,
}
NAMED = ("expressway", "arterial", "secondary", "branch", "lane")
_SECTION_ZH = {"west": "西", "east": "东", "south": "南", "north": "北"}
_DOOR_M = 7.5
_STRAIGHT = -0.86


@dataclass(slots=True, kw_only=True)
class RoadPart:
    """A stretch of a road of one kind: its vertices in order, and where it starts [m]."""

    kind: str
    bridge: bool
    vertices: list[int]
    start_m: float


@dataclass(slots=True, kw_only=True)
class Road:
    """A road with one name."""

    number: int
    zh: str
    en: str
    kind: str
    origin: str
    parts: list[RoadPart] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RoadPlace:
    """Where an edge lies on its road: distances from the road's start at its two ends [m]."""

    road: int
    from_m: float
    to_m: float


@dataclass(slots=True, kw_only=True)
class RoadNet:
    """All roads, and the place of every edge, by its vertices in both directions."""

    roads: list[Road]
    places: dict[tuple[int, int], RoadPlace]

    def address(self, a: int, b: int, share: float, *, left: bool) -> tuple[str, int] | None:
        """Return road name and door number at a share of the way from a to b, by its side."""
        place = self.places.get((a, b))
        if place is None:
            return None
        chainage = place.from_m + share * (place.to_m - place.from_m)
        forward = place.to_m > place.from_m
        number = 2 * int(chainage / _DOOR_M) + (1 if left == forward else 2)
        return self.roads[place.road].zh, number


def lay_roads(fabric: Fabric) -> RoadNet:
    """Join the marked edges of the mesh into named roads."""
    edges: dict[int, list[tuple[int, int, Mark]]] = {}
    joined = _Joined(fabric)
    for (a, b), mark in fabric.plan.mesh.marks.items():
        if mark.kind in WIDTH_M and mark.kind not in ("none", "river", "bank"):
            edges.setdefault(joined.head(mark.line), []).append((a, b, mark))
    namer = _RoadNamer(fabric)
    net = RoadNet(roads=[], places={})
    for line, members in edges.items():
        _add_road(fabric, net, fabric.plan.lines[line], members, namer)
    return net


class _Joined:
    """Short roads that meet end to end across a junction are one road."""

    def __init__(self, fabric: Fabric) -> None:
        lines = fabric.plan.lines
        self._head = list(range(len(lines)))
        ends: dict[int, list[tuple[int, int]]] = {}
        degree: dict[tuple[int, int], list[int]] = {}
        for (a, b), mark in fabric.plan.mesh.marks.items():
            if mark.line >= 0 and lines[mark.line].origin == "cut":
                degree.setdefault((mark.line, a), []).append(b)
                degree.setdefault((mark.line, b), []).append(a)
        for (line, vertex), others in degree.items():
            if len(others) == 1:
                ends.setdefault(vertex, []).append((line, others[0]))
        for vertex, found in ends.items():
            self._join_at(fabric, vertex, found)

    def head(self, line: int) -> int:
        while self._head[line] != line:
            self._head[line] = self._head[self._head[line]]
            line = self._head[line]
        return line

    def _join_at(self, fabric: Fabric, vertex: int, found: list[tuple[int, int]]) -> None:
        lines = fabric.plan.lines
        for i, (first, before) in enumerate(found):
            for second, after in found[i + 1 :]:
                same = lines[first].kind == lines[second].kind
                if same and _turn_cosine(fabric, before, vertex, after) < _STRAIGHT:
                    self._head[self.head(second)] = self.head(first)


def _turn_cosine(fabric: Fabric, before: int, at: int, after: int) -> float:
    ax, ay = fabric.x[before] - fabric.x[at], fabric.y[before] - fabric.y[at]
    bx, by = fabric.x[after] - fabric.x[at], fabric.y[after] - fabric.y[at]
    return float((ax * bx + ay * by) / (math.hypot(ax, ay) * math.hypot(bx, by)))


def _add_road(
    fabric: Fabric,
    net: RoadNet,
    line: Line,
    members: list[tuple[int, int, Mark]],
    namer: "_RoadNamer",
) -> None:
    zh = namer.name(line, members[0])
    road = Road(
        number=len(net.roads),
        zh=zh,
        en=english(zh) if zh else "",
        kind=max(members, key=lambda member: WIDTH_M[member[2].kind])[2].kind,
        origin=line.origin,
    )
    net.roads.append(road)
    kinds = {(min(a, b), max(a, b)): mark.kind for a, b, mark in members}
    at = 0.0
    for chain in _chains(members):
        at = _add_chain(fabric, net, road, chain, kinds, at)


def _chains(members: list[tuple[int, int, Mark]]) -> list[list[int]]:
    """Return the vertices of connected stretches in walking order."""
    beside: dict[int, list[int]] = {}
    for a, b, _ in members:
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    walked: set[tuple[int, int]] = set()
    chains: list[list[int]] = []
    starts = [v for v, others in beside.items() if len(others) == 1]
    for start in [*starts, *beside]:
        here, chain = start, [start]
        while True:
            onward = [v for v in beside[here] if (min(here, v), max(here, v)) not in walked]
            if not onward:
                break
            walked.add((min(here, onward[0]), max(here, onward[0])))
            here = onward[0]
            chain.append(here)
        if len(chain) > 1:
            chains.append(chain)
    return chains


def _add_chain(
    fabric: Fabric,
    net: RoadNet,
    road: Road,
    chain: list[int],
    kinds: dict[tuple[int, int], str],
    at: float,
) -> float:
    part: RoadPart | None = None
    for a, b in pairwise(chain):
        kind = kinds[min(a, b), max(a, b)]
        bridge = _over_river(fabric, a, b)
        if part is None or part.kind != kind or part.bridge != bridge:
            part = RoadPart(kind=kind, bridge=bridge, vertices=[a], start_m=at)
            road.parts.append(part)
        part.vertices.append(b)
        end = at + fabric.length(a, b)
        if kind in NAMED and road.zh:
            net.places[a, b] = RoadPlace(road.number, at, end)
            net.places[b, a] = RoadPlace(road.number, end, at)
        at = end
    return at


def _over_river(fabric: Fabric, a: int, b: int) -> bool:
    mesh, river = fabric.plan.mesh, fabric.plan.river_half_width_m
    return all(abs(mesh.points[v][1]) <= river + 1 for v in (a, b))


class _RoadNamer:
    """Gives each road a name that fits its rank and place."""

    def __init__(self, fabric: Fabric) -> None:
        draw = scalar_draws(fabric.plan.seed, "road names")
        self._fabric = fabric
        self._draw = draw
        self._major = NameSupply("road_major", draw)
        self._minor = NameSupply("road_minor", draw)
        self._old = NameSupply("lane_old", draw)
        self._lattice = {key: self._major.take(name) for key, name in self._main_lines().items()}

    def _main_lines(self) -> dict[tuple[str, int], str]:
        """Return the lattice lines next to the old town, which bear the best-known names."""
        plan = self._fabric.plan
        u, v = plan.old_centre
        rows = sorted(range(len(plan.rows)), key=lambda j: abs(plan.rows[j] - v))
        columns = sorted(range(len(plan.columns)), key=lambda i: abs(plan.columns[i] - u))
        return {
            ("row", rows[0]): "解放",
            ("column", columns[0]): "中山",
            ("column", columns[1]): "人民",
            ("row", rows[1]): "文昌",
        }

    def name(self, line: Line, member: tuple[int, int, Mark]) -> str:
        if line.kind in ("rail", "canal", "path"):
            return ""
        match line.origin:
            case "ring":
                return f"环城{_SECTION_ZH[line.section]}路"
            case "row" | "column":
                return self._lattice_name(line)
            case "diagonal":
                return self._major.take() + "大道"
            case _:
                return self._small_name(line, member) if self._is_inside(member) else ""

    def _small_name(self, line: Line, member: tuple[int, int, Mark]) -> str:
        if line.kind != "lane":
            return self._minor.take() + "路"
        return self._old_lane() if self._is_old(member) else self._minor.take() + "巷"

    def _old_lane(self) -> str:
        name = self._old.take()
        return name if name in names_of("lane_old") else name + "巷"

    def _is_inside(self, member: tuple[int, int, Mark]) -> bool:
        left_of, cells = self._fabric.plan.mesh.left_of, self._fabric.cell_of_face
        a, b, _ = member
        return left_of(a, b) in cells or left_of(b, a) in cells

    def _is_old(self, member: tuple[int, int, Mark]) -> bool:
        mesh, plan = self._fabric.plan.mesh, self._fabric.plan
        at = mesh.points[member[0]]
        return (
            any(
                centre.zone == "old_town" and math.dist(at, centre.at) < 1.8 * centre.radius_m
                for centre in self._fabric.centres
            )
            or plan.size.grids < 500
        )

    def _lattice_name(self, line: Line) -> str:
        plan = self._fabric.plan
        key = (line.origin, line.index)
        if line.origin == "row" and not line.section:
            return "滨江大道" if plan.rows[line.index] > 0 else "沿江大道"
        if key not in self._lattice:
            self._lattice[key] = self._major.take()
        return f"{self._lattice[key]}{_SECTION_ZH[line.section]}路"
