"""Shapes of buildings and their placing in rows, in a frame turned with the block."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from chengyun.demo.rules.mesh import Point

Shape = list[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """One building: its outline in the plane [m], height [m] and sort."""

    outline: Shape
    height_m: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStyle:
    """How buildings stand in rows facing south.

    depth_m, pitch_m : depth of a building, distance from row to row
    length_m : shortest and longest building
    gap_m : between neighbours
    heights_m : lowest and highest
    skip : share of places left empty
    wobble_m : how far a building strays from its place
    """

    depth_m: float
    pitch_m: float
    length_m: tuple[float, float]
    gap_m: float
    heights_m: tuple[float, float]
    kind: str
    shape: str = "bar"
    skip: float = 0.0
    wobble_m: float = 0.0
    floor_m: float = 3.0


class Frame:
    """A site seen in axes turned by an angle: x along the rows, y across them."""

    def __init__(self, corners: Shape, angle: float) -> None:
        self._c, self._s = math.cos(angle), math.sin(angle)
        self._corners = [self.into(point) for point in corners]
        xs = [x for x, _ in self._corners]
        ys = [y for _, y in self._corners]
        self.x0, self.x1, self.y0, self.y1 = min(xs), max(xs), min(ys), max(ys)

    def into(self, point: Point) -> Point:
        """Return a point of the plane in this frame."""
        x, y = point
        return x * self._c + y * self._s, y * self._c - x * self._s

    def out(self, point: Point) -> Point:
        """Return a point of this frame in the plane."""
        x, y = point
        return x * self._c - y * self._s, x * self._s + y * self._c

    def span(self, y: float) -> tuple[float, float] | None:
        """Return the widest stretch of the site at a height of the frame."""
        crossings: list[float] = []
        x0, y0 = self._corners[-1]
        for x1, y1 in self._corners:
            if (y0 > y) != (y1 > y):
                crossings.append(x0 + (y - y0) / (y1 - y0) * (x1 - x0))
            x0, y0 = x1, y1
        crossings.sort()
        stretches = list(zip(crossings[::2], crossings[1::2], strict=False))
        return max(stretches, key=lambda s: s[1] - s[0]) if stretches else None

    def band(self, low: float, high: float) -> tuple[float, float] | None:
        """Return the stretch that lies inside the site from one height to another."""
        first, last = self.span(low), self.span(high)
        middle = self.span((low + high) / 2)
        if first is None or last is None or middle is None:
            return None
        left = max(first[0], last[0], middle[0])
        right = min(first[1], last[1], middle[1])
        return (left, right) if right > left else None

    def fit_inside(self) -> None:
        """Shrink the extent to about the largest upright rectangle inside the site."""
        height = self.y1 - self.y0
        best = 0.0
        chosen = self.x0, self.x1, self.y0, self.y1
        for low in (0.04, 0.12, 0.22, 0.34):
            for high in (0.96, 0.88, 0.78, 0.66):
                y0, y1 = self.y0 + low * height, self.y0 + high * height
                stretch = self.band(y0, y1)
                if stretch is None:
                    continue
                area = (stretch[1] - stretch[0]) * (y1 - y0)
                if area > best:
                    best, chosen = area, (*stretch, y0, y1)
        self.x0, self.x1, self.y0, self.y1 = chosen

    def place(self, shape: Shape, x: float, y: float) -> Shape:
        """Return a shape set with its middle at a point of the frame, in the plane."""
        return [self.out((x + px, y + py)) for px, py in shape]


def rows(
    frame: Frame, style: RowStyle, draw: random.Random, margin_m: float = 0.0
) -> Iterator[Building]:
    """Yield buildings in rows that fill a site up to a margin."""
    usable = frame.y1 - frame.y0 - style.depth_m - 2 * margin_m
    count = int(usable / style.pitch_m) + 1 if usable >= 0 else 0
    if count == 0:
        return
    pitch = min(style.pitch_m * 1.35, usable / (count - 1)) if count > 1 else 0.0
    height = _height(style, draw)
    start = frame.y1 - margin_m - style.depth_m / 2 - (usable - pitch * (count - 1)) / 2
    for k in range(count):
        y = start - k * pitch
        stretch = frame.band(y - style.depth_m / 2, y + style.depth_m / 2)
        if stretch is None:
            continue
        inner = stretch[0] + margin_m, stretch[1] - margin_m
        for x, length in _fill(inner, style, draw):
            if draw.random() < style.skip:
                continue
            dx = draw.uniform(-style.wobble_m, style.wobble_m)
            dy = draw.uniform(-style.wobble_m, style.wobble_m)
            tall = _height(style, draw) if style.wobble_m else height
            outline = frame.place(
                shape_of(style.shape, length, style.depth_m, draw), x + dx, y + dy
            )
            yield Building(outline=outline, height_m=tall, kind=style.kind)


def _height(style: RowStyle, draw: random.Random) -> float:
    low, high = style.heights_m
    floors = round(draw.uniform(low, high) / style.floor_m)
    return round(max(1, floors) * style.floor_m + 0.6, 1)


def _fill(
    stretch: tuple[float, float], style: RowStyle, draw: random.Random
) -> Iterator[tuple[float, float]]:
    left, right = stretch
    low, high = style.length_m
    room = right - left
    if room < low:
        return
    wanted = draw.uniform(low, high)
    count = max(1, int((room + style.gap_m) / (wanted + style.gap_m)))
    length = min(high, (room - style.gap_m * (count - 1)) / count)
    slack = room - count * length - (count - 1) * style.gap_m
    gap = style.gap_m + slack / count
    x = left + slack / count / 2 + length / 2
    for _ in range(count):
        yield x, length
        x += length + gap


def shape_of(name: str, length: float, depth: float, draw: random.Random) -> Shape:
    """Return the outline of a named shape around the origin, counter-clockwise."""
    if name == "stairs":
        return _stairs(length, depth)
    if name == "cross":
        return _cross(length, depth)
    if name == "lodge":
        return _notched(length, depth, draw)
    return rectangle(length, depth)


def rectangle(length: float, depth: float) -> Shape:
    """Return a rectangle around the origin."""
    a, b = length / 2, depth / 2
    return [(-a, -b), (a, -b), (a, b), (-a, b)]


def _stairs(length: float, depth: float) -> Shape:
    """Return a slab of staircase units with recesses on its north side."""
    units = max(2, round(length / 17))
    step = length / units
    a, b = length / 2, depth / 2
    points = [(-a, -b), (a, -b)]
    for k in range(units):
        right = a - k * step
        points += [
            (right, b),
            (right - step * 0.36, b),
            (right - step * 0.36, b - 1.6),
            (right - step * 0.64, b - 1.6),
            (right - step * 0.64, b),
        ]
    points.append((-a, b))
    return points


def _cross(length: float, depth: float) -> Shape:
    """Return a point tower with four wings."""
    a, b = length / 2, depth / 2
    i, j = a * 0.45, b * 0.5
    return [
        (-i, -b),
        (i, -b),
        (i, -j),
        (a, -j),
        (a, j),
        (i, j),
        (i, b),
        (-i, b),
        (-i, j),
        (-a, j),
        (-a, -j),
        (-i, -j),
    ]


def _notched(length: float, depth: float, draw: random.Random) -> Shape:
    """Return a small house that lacks a corner."""
    a, b = length / 2, depth / 2
    if draw.random() < 0.5:
        return rectangle(length, depth)
    p, q = a * draw.uniform(0.1, 0.5), b * draw.uniform(0.0, 0.5)
    if draw.random() < 0.5:
        return [(-a, -b), (p, -b), (p, -q), (a, -q), (a, b), (-a, b)]
    return [(-a, -b), (a, -b), (a, q), (p, q), (p, b), (-a, b)]


def ell(length: float, depth: float, wing: float) -> Shape:
    """Return an L with both wings `wing` deep."""
    a, b = length / 2, depth / 2
    return [(-a, -b), (-a + wing, -b), (-a + wing, b - wing), (a, b - wing), (a, b), (-a, b)]


def horseshoe(length: float, depth: float, wing: float) -> Shape:
    """Return a U that opens to the south."""
    a, b = length / 2, depth / 2
    return [
        (-a, -b),
        (-a + wing, -b),
        (-a + wing, b - wing),
        (a - wing, b - wing),
        (a - wing, -b),
        (a, -b),
        (a, b),
        (-a, b),
    ]


def chamfered(length: float, depth: float, cut: float) -> Shape:
    """Return a rectangle with cut corners."""
    a, b = length / 2, depth / 2
    return [
        (-a + cut, -b),
        (a - cut, -b),
        (a, -b + cut),
        (a, b - cut),
        (a - cut, b),
        (-a + cut, b),
        (-a, b - cut),
        (-a, -b + cut),
    ]


def ellipse(length: float, depth: float, points: int = 28) -> Shape:
    """Return an ellipse around the origin."""
    return [
        (
            length / 2 * math.cos(math.tau * k / points),
            depth / 2 * math.sin(math.tau * k / points),
        )
        for k in range(points)
    ]


def track(length: float, depth: float) -> Shape:
    """Return a running track: two straights and two half circles."""
    r = depth / 2
    a = length / 2 - r
    bends = 9
    right = [
        (a + r * math.cos(t), r * math.sin(t))
        for t in (-math.pi / 2 + math.pi * k / bends for k in range(bends + 1))
    ]
    return [*right, *((-x, -y) for x, y in right)]
