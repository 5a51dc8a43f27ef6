"""Cutting a face of the mesh in two along a line that looks laid out by people."""

import math
import random
from dataclasses import dataclass

from chengyun.demo.rules.mesh import Mark, PlanarMesh, Point, signed_area

_CORNER_COSINE = 0.82
_MIN_SHARE = 0.22


@dataclass(frozen=True, slots=True, kw_only=True)
class CutStyle:
    """How a face is cut.

    jitter : how far from the middle the cut may lie, as a share of the length of the face
    bend : greatest sagitta of the cut as a share of its length
    snap : how far an end moves to meet a line that ends on the other side of the road [m]
    align : probability that the cut starts from such a line
    tilt : greatest turn of the cut from square [rad]
    """

    jitter: float = 0.08
    bend: float = 0.0
    snap: float = 24.0
    align: float = 0.7
    tilt: float = 0.0


@dataclass(frozen=True, slots=True)
class _Crossing:
    edge: int
    share: float
    along: float


def main_direction(points: list[Point]) -> float:
    """Return the direction [rad] that most of the boundary follows, up to a quarter turn."""
    real = imaginary = 0.0
    x0, y0 = points[-1]
    for x1, y1 in points:
        dx, dy = x1 - x0, y1 - y0
        length = math.hypot(dx, dy)
        if length:
            angle = 4 * math.atan2(dy, dx)
            real += length * math.cos(angle)
            imaginary += length * math.sin(angle)
        x0, y0 = x1, y1
    return math.atan2(imaginary, real) / 4


def extent_along(points: list[Point], angle: float) -> tuple[float, float]:
    """Return the least and greatest coordinate of points along a direction."""
    c, s = math.cos(angle), math.sin(angle)
    values = [x * c + y * s for x, y in points]
    return min(values), max(values)


def cut_face(
    mesh: PlanarMesh, face: int, mark: Mark, style: CutStyle, draw: random.Random
) -> int | None:
    """Cut a face across its longer extent; return the new face, or None when no cut is good."""
    points = mesh.face_points(face)
    area = signed_area(points)
    angle = main_direction(points)
    low_u, high_u = extent_along(points, angle)
    low_v, high_v = extent_along(points, angle + math.pi / 2)
    if high_v - low_v > high_u - low_u:
        angle += math.pi / 2
        low_u, high_u, low_v, high_v = low_v, high_v, -high_u, -low_u
    frame = _Frame(angle=angle, low=low_u, high=high_u, middle=(low_v + high_v) / 2)
    for attempt in range(5):
        at = _place(mesh, face, frame, style, draw, wide=attempt > 1)
        turn = angle + math.pi / 2 + draw.uniform(-style.tilt, style.tilt)
        ends = _ends(points, frame.point(at), turn)
        if ends is None or not _balanced(points, ends, area):
            continue
        new = _divide(mesh, face, ends, mark, style, draw)
        if new is not None:
            return new
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    angle: float
    low: float
    high: float
    middle: float

    def point(self, at: float) -> Point:
        c, s = math.cos(self.angle), math.sin(self.angle)
        return at * c - self.middle * s, at * s + self.middle * c


def _place(  # one decision, six inputs
    mesh: PlanarMesh, face: int, frame: _Frame, style: CutStyle, draw: random.Random, *, wide: bool
) -> float:
    length = frame.high - frame.low
    jitter = style.jitter + (0.12 if wide else 0.0)
    if not wide and draw.random() < style.align:
        c, s = math.cos(frame.angle), math.sin(frame.angle)
        near = [
            along
            for v in mesh.loops[face]
            if mesh.degree[v] == 3
            and abs(
                (along := mesh.points[v][0] * c + mesh.points[v][1] * s) - frame.low - length / 2
            )
            < length * (jitter + 0.1)
        ]
        if near:
            return draw.choice(near)
    return frame.low + length * (0.5 + draw.uniform(-jitter, jitter))


def _ends(points: list[Point], origin: Point, angle: float) -> tuple[_Crossing, _Crossing] | None:
    c, s = math.cos(angle), math.sin(angle)
    behind: _Crossing | None = None
    ahead: _Crossing | None = None
    ox, oy = origin
    count = len(points)
    sides = [(x - ox) * -s + (y - oy) * c for x, y in points]
    for i in range(count):
        j = (i + 1) % count
        if (sides[i] > 0) == (sides[j] > 0):
            continue
        share = sides[i] / (sides[i] - sides[j])
        x = points[i][0] + share * (points[j][0] - points[i][0])
        y = points[i][1] + share * (points[j][1] - points[i][1])
        along = (x - ox) * c + (y - oy) * s
        crossing = _Crossing(i, share, along)
        if along < 0 and (behind is None or along > behind.along):
            behind = crossing
        elif along >= 0 and (ahead is None or along < ahead.along):
            ahead = crossing
    return (behind, ahead) if behind and ahead else None


def _balanced(points: list[Point], ends: tuple[_Crossing, _Crossing], area: float) -> bool:
    first, second = sorted(ends, key=lambda end: end.edge)
    if first.edge == second.edge:
        return False
    part = [_at(points, first), *points[first.edge + 1 : second.edge + 1], _at(points, second)]
    share = signed_area(part) / area
    return _MIN_SHARE < share < 1 - _MIN_SHARE


def _at(points: list[Point], crossing: _Crossing) -> Point:
    x0, y0 = points[crossing.edge]
    x1, y1 = points[(crossing.edge + 1) % len(points)]
    return x0 + crossing.share * (x1 - x0), y0 + crossing.share * (y1 - y0)


def _divide(  # the two ends, then the way between them
    mesh: PlanarMesh,
    face: int,
    ends: tuple[_Crossing, _Crossing],
    mark: Mark,
    style: CutStyle,
    draw: random.Random,
) -> int | None:
    loop = list(mesh.loops[face])
    points = mesh.face_points(face)
    places = [_snapped(mesh, loop, points, end, style.snap) for end in ends]
    if places[0] == places[1] or None in places:
        return None
    chosen = [place for place in places if place is not None]
    if _neighbouring(chosen, len(loop)):
        return None
    vertices = [
        loop[place]
        if isinstance(place, int)
        else mesh.split_edge(
            loop[place.edge], loop[(place.edge + 1) % len(loop)], _at(points, place)
        )
        for place in chosen
    ]
    inner = _way(mesh.points[vertices[0]], mesh.points[vertices[1]], style.bend, draw)
    path = [vertices[0], *(mesh.add_point(point) for point in inner), vertices[1]]
    return mesh.divide(face, path, mark)


def _neighbouring(places: list["int | _Crossing"], count: int) -> bool:
    """Tell whether a cut would run along an edge of the face instead of across it."""
    edges = [
        {place, (place - 1) % count} if isinstance(place, int) else {place.edge} for place in places
    ]
    return bool(edges[0] & edges[1])


def _snapped(
    mesh: PlanarMesh, loop: list[int], points: list[Point], end: _Crossing, snap: float
) -> "int | _Crossing | None":
    """Return the vertex an end moves to, the crossing itself, or None when too near a corner."""
    here = _at(points, end)
    count = len(loop)
    near: list[tuple[float, int]] = []
    for offset in (0, 1, -1, 2):
        index = (end.edge + offset) % count
        distance = math.dist(here, points[index])
        if distance < snap:
            if _is_corner(points, index):
                return None
            reach = snap if mesh.degree[loop[index]] == 3 else snap / 2
            if distance < reach and mesh.degree[loop[index]] < 4:
                near.append((distance, index))
            elif distance < snap / 4:
                return None
    return min(near)[1] if near else end


def _is_corner(points: list[Point], index: int) -> bool:
    x0, y0 = points[index - 1]
    x1, y1 = points[index]
    x2, y2 = points[(index + 1) % len(points)]
    ax, ay, bx, by = x1 - x0, y1 - y0, x2 - x1, y2 - y1
    scale = math.hypot(ax, ay) * math.hypot(bx, by)
    return scale == 0 or (ax * bx + ay * by) / scale < _CORNER_COSINE


def _way(start: Point, end: Point, bend: float, draw: random.Random) -> list[Point]:
    """Return the points between two ends, about every 60 m, on a gentle bow."""
    length = math.dist(start, end)
    steps = max(1, round(length / 60))
    if steps == 1:
        return []
    bow = draw.uniform(-bend, bend) * length
    sway = draw.uniform(-bend, bend) * length / 2
    nx, ny = (start[1] - end[1]) / length, (end[0] - start[0]) / length
    points = []
    for step in range(1, steps):
        t = step / steps
        off = bow * math.sin(math.pi * t) + sway * math.sin(2 * math.pi * t)
        x = start[0] + t * (end[0] - start[0]) + off * nx
        y = start[1] + t * (end[1] - start[1]) + off * ny
        points.append((x, y))
    return points
