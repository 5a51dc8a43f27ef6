"""Lines that cross many quarters: the railway, canals, diagonal avenues."""

import math
from itertools import product

from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.mesh import Mark, Point
from chengyun.demo.rules.plan import Line, Plan, Quarter

_BUILT = {"new", "mature", "business"}


def trace_lines(plan: Plan) -> None:
    """Draw railway, canals and diagonals through the quarters, dividing them."""
    cells = _Cells(plan)
    rail_row = next((q.row for q in plan.quarters if q.zone == "station"), None)
    if rail_row is not None:
        _trace_row(plan, cells, rail_row, plan.new_line("rail", "rail"))
    first_strip = plan.bands.index("strip")
    for column, north in _canal_columns(plan):
        rows = range(first_strip + 3, len(plan.bands)) if north else range(first_strip + 1)
        _trace_column(plan, cells, column, rows, plan.new_line("canal", "canal"))
    for corner, step, count in _diagonals(plan, cells):
        _trace_diagonal(plan, cells, corner, step, count, plan.new_line("arterial", "diagonal"))


class _Cells:
    """The quarters of each lattice cell."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._by_place: dict[tuple[int, int], list[Quarter]] = {}
        for quarter in plan.quarters:
            self._by_place.setdefault((quarter.column, quarter.row), []).append(quarter)

    def at(self, column: int, row: int) -> list[Quarter]:
        return self._by_place.get((column, row), [])

    def divide(self, column: int, row: int, path: list[int], mark: Mark) -> bool:
        """Divide the part of a lattice cell that holds both ends of a path."""
        mesh = self._plan.mesh
        for quarter in self.at(column, row):
            loop = mesh.loops[quarter.face]
            if path[0] in loop and path[-1] in loop:
                new = Quarter(
                    face=mesh.divide(quarter.face, path, mark),
                    column=column,
                    row=row,
                    band=quarter.band,
                    inside=quarter.inside,
                    zone=quarter.zone,
                )
                self._by_place[column, row].append(new)
                self._plan.quarters.append(new)
                return True
        return False


def _path(plan: Plan, start: int, end: int, bow: float) -> list[int]:
    a, b = plan.mesh.points[start], plan.mesh.points[end]
    length = math.dist(a, b)
    steps = max(2, 2 * round(length / 120))
    inner: list[Point] = []
    for k in range(1, steps):
        t = k / steps
        off = bow * math.sin(math.pi * t)
        inner.append(
            (
                a[0] + t * (b[0] - a[0]) - off * (b[1] - a[1]) / length,
                a[1] + t * (b[1] - a[1]) + off * (b[0] - a[0]) / length,
            )
        )
    return [start, *(plan.mesh.add_point(p) for p in inner), end]


def _middle(side: list[int]) -> int:
    return side[len(side) // 2]


def _trace_row(plan: Plan, cells: _Cells, row: int, line: Line) -> None:
    for column in range(len(plan.columns) - 1):
        start = _middle(plan.sides[column, row, "north"])
        end = _middle(plan.sides[column + 1, row, "north"])
        cells.divide(column, row, _path(plan, start, end, 0.0), Mark(line.kind, line.number))


def _trace_column(plan: Plan, cells: _Cells, column: int, rows: range, line: Line) -> None:
    draw = scalar_draws(plan.seed, "canal", column)
    mark = Mark(line.kind, line.number)
    for row in rows:
        south = _middle(plan.sides[column, row, "east"])
        north = _middle(plan.sides[column, row + 1, "east"])
        parts = cells.at(column, row)
        bow = draw.uniform(-30, 30)
        if len(parts) == 1:
            cells.divide(column, row, _path(plan, south, north, bow), mark)
            continue
        shared = set(plan.mesh.loops[parts[0].face]) & set(plan.mesh.loops[parts[1].face])
        here = plan.mesh.points[south]
        middle = min(shared, key=lambda v: abs(plan.mesh.points[v][0] - here[0]))
        cells.divide(column, row, _path(plan, south, middle, 0.0), mark)
        cells.divide(column, row, _path(plan, middle, north, 0.0), mark)


def _canal_columns(plan: Plan) -> list[tuple[int, bool]]:
    """Choose the columns with a canal, and whether it lies north of the river."""
    wishes = [(0.22, True), (-0.30, False)]
    for k in range(round(plan.size.scale) - 1):
        draw = scalar_draws(plan.seed, "canals", k)
        wishes.append((draw.uniform(-0.45, 0.45), draw.random() < 0.5))
    found: dict[tuple[int, bool], None] = {}
    for share, north in wishes:
        u = share * plan.size.width_m
        column = sum(1 for place in plan.columns if place <= u) - 1
        if 1 <= column <= len(plan.columns) - 3 and plan.size.grids >= 1_000:
            found[column, north] = None
    return list(found)


def _diagonals(plan: Plan, cells: _Cells) -> list[tuple[tuple[int, int], int, int]]:
    """Choose avenues as (corner, step east, lattice cells crossed), all going north."""
    corners = product(range(1, len(plan.columns) - 2), range(1, len(plan.rows) - 2), (1, -1))
    found = [
        (math.dist(plan.mesh.points[plan.corners[i, j]], plan.new_centre), (i, j), step)
        for i, j, step in corners
        if _is_free(cells, i, j, step)
    ]
    found.sort()
    wanted = max(1, round(plan.size.scale**1.5))
    chosen: list[tuple[tuple[int, int], int, int]] = []
    used: set[tuple[int, int]] = set()
    for _, (i, j), step in found[:: max(1, len(found) // (wanted * 6))]:
        near = {(i + a, j + b) for a in range(-3, 4) for b in range(-3, 4)}
        if len(chosen) < wanted and not near & used:
            chosen.append(((i, j), step, 2))
            used.add((i, j))
    return chosen


def _is_free(cells: _Cells, i: int, j: int, step: int) -> bool:
    for k in range(2):
        column = i + k if step > 0 else i - k - 1
        parts = cells.at(column, j + k)
        if len(parts) != 1 or not parts[0].inside or parts[0].zone not in _BUILT:
            return False
    return True


def _trace_diagonal(
    plan: Plan, cells: _Cells, corner: tuple[int, int], step: int, count: int, line: Line
) -> None:
    i, j = corner
    for k in range(count):
        column = i + k if step > 0 else i - k - 1
        start = plan.corners[i + step * k, j + k]
        end = plan.corners[i + step * (k + 1), j + k + 1]
        path = _path(plan, start, end, 0.0)
        cells.divide(column, j + k, path, Mark(line.kind, line.number))
