"""The plan of the city: a straight river and a lattice of main roads, before anything is bent."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.mesh import Mark, PlanarMesh, Point
from chengyun.demo.rules.sizes import CitySize

STRIP_M = 72.0
_STEP_M = 62.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that was drawn as one: a road with one name, the railway, the canal, a border.

    origin : column, row, ring, cut, diagonal, rail or canal
    section : for lattice lines which part of it: east, west, south or north of the middle
    """

    number: int
    kind: str
    origin: str
    index: int = 0
    section: str = ""


@dataclass(slots=True, kw_only=True)
class Quarter:
    """A face between main roads, with its place in the lattice."""

    face: int
    column: int
    row: int
    band: str
    inside: bool
    zone: str = ""


@dataclass(slots=True, kw_only=True)
class Plan:
    """Mesh, lines and quarters, in metres along (u) and across (v) the river."""

    size: CitySize
    seed: int
    columns: list[float]
    rows: list[float]
    bands: list[str]
    river_half_width_m: float
    mesh: PlanarMesh = field(default_factory=PlanarMesh)
    lines: list[Line] = field(default_factory=list)
    quarters: list[Quarter] = field(default_factory=list)
    corners: dict[tuple[int, int], int] = field(default_factory=dict)
    sides: dict[tuple[int, int, str], list[int]] = field(default_factory=dict)
    old_centre: Point = (0.0, 0.0)
    new_centre: Point = (0.0, 0.0)
    ring_corners: list[Point] = field(default_factory=list)

    def new_line(self, kind: str, origin: str, index: int = 0, section: str = "") -> Line:
        """Start a line and return it."""
        line = Line(number=len(self.lines), kind=kind, origin=origin, index=index, section=section)
        self.lines.append(line)
        return line

    def centre(self, quarter: Quarter) -> Point:
        """Return the middle of the lattice cell of a quarter."""
        c, r = quarter.column, quarter.row
        return (
            (self.columns[c] + self.columns[c + 1]) / 2,
            (self.rows[r] + self.rows[r + 1]) / 2,
        )


def draw_plan(size: CitySize, seed: int) -> Plan:
    """Lay out river, main roads and quarters."""
    draw = scalar_draws(seed, "plan")
    half_width = 82.0 * size.scale**0.25
    old = (-0.07 * size.width_m, half_width + STRIP_M + 430)
    new = (0.10 * size.width_m, -(half_width + STRIP_M + 420))
    columns = _columns(size, old[0], draw)
    rows, bands = _rows(size, half_width, draw)
    plan = Plan(
        size=size,
        seed=seed,
        columns=columns,
        rows=rows,
        bands=bands,
        river_half_width_m=half_width,
        old_centre=old,
        new_centre=new,
    )
    _place_corners(plan, draw)
    _place_sides(plan, draw)
    _add_quarters(plan, draw)
    _mark_lines(plan)
    return plan


def _columns(size: CitySize, old_u: float, draw: random.Random) -> list[float]:
    half = size.width_m / 2

    def spacing(u: float) -> float:
        away = abs(u - old_u)
        return 470 + 190 * min(1.0, max(0.0, (away - 450) / 900)) + 240 * min(1.0, away / 9_000)

    inner = _walk(-half, half, spacing, draw)
    return [inner[0] - 1_500, *inner, inner[-1] + 1_500]


def _rows(size: CitySize, half_width: float, draw: random.Random) -> tuple[list[float], list[str]]:
    bank = half_width + STRIP_M
    total = size.height_m
    north_end = total * 0.56
    south_end = -total * 0.44

    def spacing(v: float) -> float:
        away = abs(v) - bank
        return 440 + 180 * min(1.0, max(0.0, (away - 600) / 700)) + 240 * min(1.0, away / 9_000)

    north = _walk(bank, north_end, spacing, draw)
    south = [-v for v in _walk(bank, -south_end, spacing, draw)][::-1]
    river = [-half_width, 0.0, half_width]
    rows = [south[0] - 1_500, *south, *river, *north, north[-1] + 1_500]
    bands = ["land"] * len(south) + ["strip", "river", "river", "strip"] + ["land"] * len(north)
    return rows, bands


def _walk(
    start: float, end: float, spacing: Callable[[float], float], draw: random.Random
) -> list[float]:
    """Return places from start to end about `spacing` apart, stretched to meet both."""
    places = [start]
    while places[-1] < end - 0.4 * spacing(places[-1]):
        places.append(places[-1] + spacing(places[-1]) * draw.uniform(0.88, 1.12))
    factor = (end - start) / (places[-1] - start)
    return [start + (place - start) * factor for place in places]


def _place_corners(plan: Plan, draw: random.Random) -> None:
    last_column, last_row = len(plan.columns) - 1, len(plan.rows) - 1
    for i, u in enumerate(plan.columns):
        at_river = draw.uniform(-20, 20)
        for j, v in enumerate(plan.rows):
            shift_u = draw.uniform(-26, 26) if 0 < i < last_column else 0.0
            shift_v = draw.uniform(-26, 26) if 0 < j < last_row else 0.0
            if abs(v) < plan.river_half_width_m + STRIP_M + 1:
                shift_u, shift_v = at_river, 0.0
            plan.corners[i, j] = plan.mesh.add_point((u + shift_u, v + shift_v))


def _place_sides(plan: Plan, draw: random.Random) -> None:
    """Put vertices along every side of the lattice, so that bending makes curves."""
    for (i, j), vertex in list(plan.corners.items()):
        for di, dj, name in ((1, 0, "east"), (0, 1, "north")):
            other = plan.corners.get((i + di, j + dj))
            if other is None:
                continue
            a, b = plan.mesh.points[vertex], plan.mesh.points[other]
            steps = max(1, round(math.dist(a, b) / _STEP_M))
            sway = 0.0 if abs(a[1]) < 1_000 and name == "east" else draw.uniform(-9, 9)
            inner = [_between(a, b, k / steps, sway) for k in range(1, steps)]
            side = [vertex, *(plan.mesh.add_point(p) for p in inner), other]
            plan.sides[i, j, name] = side


def _between(a: Point, b: Point, t: float, sway: float) -> Point:
    length = math.dist(a, b)
    off = sway * math.sin(math.pi * t)
    return (
        a[0] + t * (b[0] - a[0]) - off * (b[1] - a[1]) / length,
        a[1] + t * (b[1] - a[1]) + off * (b[0] - a[0]) / length,
    )


def _add_quarters(plan: Plan, draw: random.Random) -> None:
    last_column, last_row = len(plan.columns) - 2, len(plan.bands) - 1
    for i in range(last_column + 1):
        for j in range(last_row + 1):
            loop = [
                *plan.sides[i, j, "east"][:-1],
                *plan.sides[i + 1, j, "north"][:-1],
                *plan.sides[i, j + 1, "east"][:0:-1],
                *plan.sides[i, j, "north"][:0:-1],
            ]
            inside = 0 < i < last_column and 0 < j < last_row
            if inside and _is_cut_off(plan, i, j, draw):
                inside = False
            quarter = Quarter(
                face=plan.mesh.add_face(loop), column=i, row=j, band=plan.bands[j], inside=inside
            )
            plan.quarters.append(quarter)


def _is_cut_off(plan: Plan, i: int, j: int, draw: random.Random) -> bool:
    """Tell whether a lattice cell at a corner of the city is left to the fields."""
    if plan.bands[j] != "land" or plan.size.grids < 1_000:
        return False
    from_side = min(i - 1, len(plan.columns) - 3 - i)
    from_end = min(j - 1, len(plan.bands) - 2 - j)
    if from_side == 0 and from_end == 0:
        return True
    return from_side + from_end == 1 and draw.random() < 0.25


def _mark_lines(plan: Plan) -> None:
    ring = _ring(plan)
    plan.ring_corners = [
        (plan.columns[i], plan.rows[j])
        for i in (ring.west, ring.east)
        for j in (ring.south, ring.north)
    ]
    drawn: dict[tuple[str, int, str], Line] = {}

    def line_of(kind: str, origin: str, index: int, section: str) -> int:
        if kind == "expressway":
            origin = "ring"
        key = (origin, index, section)
        if key not in drawn:
            drawn[key] = plan.new_line(kind, origin, index, section)
        return drawn[key].number

    middle = sum(1 for u in plan.columns if u < plan.old_centre[0])
    for i in range(len(plan.columns)):
        kind = "arterial" if i % 2 else "secondary"
        for j in range(len(plan.rows) - 1):
            edge = _column_kind(plan, i, j, kind, ring)
            section = "south" if plan.rows[j] < 0 else "north"
            if edge == "expressway":
                section = "west" if i == ring.west else "east"
            number = line_of(edge, "column", i, section)
            _mark_side(plan, (i, j, "north"), Mark(edge, number))
    for j in range(len(plan.rows)):
        kind = _row_kind(plan, j)
        for i in range(len(plan.columns) - 1):
            edge = _row_edge_kind(plan, i, j, kind, ring)
            section = "" if _beside_river(plan, j) else "west" if i < middle else "east"
            if edge == "expressway":
                section = "south" if j == ring.south else "north"
            number = line_of(edge, "row", j, section)
            _mark_side(plan, (i, j, "east"), Mark(edge, number))


def _beside_river(plan: Plan, j: int) -> bool:
    """Tell whether a row line is the road between riverside and town."""
    return {"strip", "land"} == set(plan.bands[max(0, j - 1) : j + 1])


def _mark_side(plan: Plan, key: tuple[int, int, str], mark: Mark) -> None:
    side = plan.sides[key]
    for a, b in pairwise(side):
        plan.mesh.mark(a, b, mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """Lattice lines that the ring road follows."""

    west: int
    east: int
    south: int
    north: int

    def on_column(self, i: int, j: int) -> bool:
        """Tell whether the ring runs on column i between rows j and j + 1."""
        return i in (self.west, self.east) and self.south <= j < self.north

    def on_row(self, i: int, j: int) -> bool:
        """Tell whether the ring runs on row j between columns i and i + 1."""
        return j in (self.south, self.north) and self.west <= i < self.east


def _ring(plan: Plan) -> Ring:
    columns, rows = len(plan.columns), len(plan.rows)
    inset = 2 if columns > 7 else 1
    if plan.size.scale > 2:
        inset = columns // 4
    south = 2 if plan.bands.index("strip") > 3 else 1
    north = rows - 3
    if plan.size.scale > 2:
        first_strip = plan.bands.index("strip")
        south, north = first_strip // 2, rows - 1 - (rows - first_strip - 4) // 2
    return Ring(west=inset, east=columns - 1 - inset, south=south, north=north)


def _column_kind(plan: Plan, i: int, j: int, kind: str, ring: Ring) -> str:
    band = plan.bands[j]
    last_column, last_row = len(plan.columns) - 1, len(plan.bands) - 1
    if i in (0, last_column):
        return "none"
    if ring.on_column(i, j):
        return "expressway"
    if band == "river":
        return kind if kind == "arterial" else "none"
    if band == "strip":
        return kind if kind == "arterial" else "lane"
    if j in (0, last_row):
        return kind if kind == "arterial" else "none"
    return kind


def _row_kind(plan: Plan, j: int) -> str:
    v = plan.rows[j]
    if v == 0:
        return "river"
    if abs(abs(v) - plan.river_half_width_m) < 1:
        return "bank"
    if j in (0, len(plan.rows) - 1):
        return "none"
    away = abs(j - plan.bands.index("river") - 1)
    return "arterial" if away % 2 else "secondary"


def _row_edge_kind(plan: Plan, i: int, j: int, kind: str, ring: Ring) -> str:
    if kind in ("river", "bank", "none"):
        return kind
    if ring.on_row(i, j):
        return "expressway"
    if i in (0, len(plan.columns) - 2) and kind != "arterial":
        return "none"
    return kind
