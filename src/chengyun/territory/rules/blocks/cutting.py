"""Cutting faces that are too large by straight lines, short and square to the long side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from chengyun.territory.rules.blocks.sizes import Sizes

# Directions [degrees] and places (as multiples of the length) that are tried; odd shapes need more.
_TURNS = (0.0, 15.0, -15.0, 35.0, -35.0, 60.0, -60.0, 90.0)
_SHIFTS = (0.0, 0.1, -0.1, 0.2, -0.2)
_MORE_TURNS = tuple(float(turn) for turn in range(0, 180, 10))
_MORE_SHIFTS = tuple(step / 25 for step in range(-12, 13))
_GOOD_ENOUGH = 0.4
_SQUARE = math.pi / 4  # how round a square is
_BEYOND = 0.01  # cuts reach over the edge by a centimetre, so that noding closes them [m]
_TINY_M2 = 1e-3


@dataclass(frozen=True, slots=True)
class _Frame:
    """The smallest rectangle around a face: its middle, its long direction, its sides [m]."""

    x: float
    y: float
    east: float
    north: float
    long_m: float
    short_m: float


def cut_up(face: Polygon, sizes: Sizes) -> list[Polygon]:
    """Return parts of the face, none larger than the bound where a straight cut allows it."""
    waiting, done = [face], []
    while waiting:
        part = waiting.pop()
        pieces = _halves(part, sizes) if part.area > sizes.roomy_m2 else []
        if pieces:
            waiting += pieces
        else:
            done.append(part)
    return done


def _halves(face: Polygon, sizes: Sizes) -> list[Polygon]:
    """Return the parts of the best cut, empty when every cut would leave a sliver."""
    count = max(2, round(face.area / sizes.target_m2))
    share = (count // 2) / count
    found = _best(face, share, sizes, _TURNS, _SHIFTS)
    if found or face.area <= sizes.most_m2:
        return found
    return _best(face, share, sizes, _MORE_TURNS, _MORE_SHIFTS)


def _best(
    face: Polygon, share: float, sizes: Sizes, turns: Sequence[float], shifts: Sequence[float]
) -> list[Polygon]:
    best: list[Polygon] = []
    least_cost = math.inf
    for turn in turns:
        for cost, parts in _candidates(face, turn, share, sizes, shifts):
            if cost < least_cost:
                best, least_cost = parts, cost
        if best and least_cost < _GOOD_ENOUGH:
            break
    return best


def _candidates(
    face: Polygon, turn: float, share: float, sizes: Sizes, shifts: Sequence[float]
) -> Iterator[tuple[float, list[Polygon]]]:
    """Yield the cost and the parts of cuts in one direction: long and lopsided ones cost more."""
    frame = _frame_of(face, turn)
    along = frame.long_m / 2
    middle = _place_for(face, frame, share)
    for shift in shifts:
        offset = middle + shift * frame.long_m
        if not -along < offset < along:
            continue
        cut = _line_across(frame, offset)
        for chords in _chords(face, cut):
            parts = _parts(face, chords)
            if len(parts) == 1 or any(_is_bad(part, sizes) for part in parts):
                continue
            yield _cost(face, chords, parts, share), parts


def _cost(face: Polygon, chords: list[LineString], parts: list[Polygon], share: float) -> float:
    length = sum(chord.length for chord in chords) / math.sqrt(face.area)
    lopsided = abs(max(part.area for part in parts) / face.area - max(share, 1 - share))
    round_as_circle = min(4 * math.pi * part.area / part.length**2 for part in parts)
    return length * 0.25 + lopsided + max(0.0, _SQUARE - round_as_circle)


def _is_bad(part: Polygon, sizes: Sizes) -> bool:
    return sizes.is_sliver(part.area, part.length)


def _frame_of(face: Polygon, turn: float) -> _Frame:
    box = shapely.minimum_rotated_rectangle(face)
    corners = shapely.get_coordinates(box)[:4]
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    longer = int(lengths[1] > lengths[0])
    direction = math.atan2(sides[longer][1], sides[longer][0]) + math.radians(turn)
    east, north = math.cos(direction), math.sin(direction)
    middle = corners.mean(axis=0)
    points = shapely.get_coordinates(face.exterior) - middle
    along = points @ np.array([east, north])
    across = points @ np.array([-north, east])
    centre = (along.max() + along.min()) / 2
    aside = (across.max() + across.min()) / 2
    return _Frame(
        float(middle[0] + centre * east - aside * north),
        float(middle[1] + centre * north + aside * east),
        east,
        north,
        float(along.max() - along.min()),
        float(across.max() - across.min()),
    )


def _place_for(face: Polygon, frame: _Frame, share: float) -> float:
    """Return where along the frame a cut leaves this share of the area behind it."""
    low, high = -frame.long_m / 2, frame.long_m / 2
    for _ in range(12):
        middle = (low + high) / 2
        behind = face.intersection(_behind(frame, middle)).area / face.area
        low, high = (middle, high) if behind < share else (low, middle)
    return (low + high) / 2


def _behind(frame: _Frame, offset: float) -> Polygon:
    wide = frame.short_m + 1.0
    start = -frame.long_m / 2 - 1.0
    corners = [(start, -wide), (offset, -wide), (offset, wide), (start, wide)]
    return Polygon([_at(frame, along, across) for along, across in corners])


def _line_across(frame: _Frame, offset: float) -> LineString:
    wide = frame.short_m + 1.0
    return LineString([_at(frame, offset, -wide), _at(frame, offset, wide)])


def _at(frame: _Frame, along: float, across: float) -> tuple[float, float]:
    return (
        frame.x + along * frame.east - across * frame.north,
        frame.y + along * frame.north + across * frame.east,
    )


def _chords(face: Polygon, cut: LineString) -> Iterator[list[LineString]]:
    """Yield each piece of the line within the face by itself, then all of them together."""
    inner = shapely.get_parts(shapely.intersection(face, cut))
    chords = [
        _longer(piece) for piece in inner if isinstance(piece, LineString) and piece.length > 1
    ]
    if len(chords) > 1 or not face.interiors:
        yield from ([chord] for chord in chords)
    if len(chords) > 1:
        yield chords


def _longer(chord: LineString) -> LineString:
    (x1, y1), (x2, y2) = chord.coords[0], chord.coords[-1]
    east, north = (x2 - x1) / chord.length * _BEYOND, (y2 - y1) / chord.length * _BEYOND
    return LineString([(x1 - east, y1 - north), (x2 + east, y2 + north)])


def _parts(face: Polygon, chords: list[LineString]) -> list[Polygon]:
    network = shapely.union_all([face.boundary, *chords])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    shapely.prepare(face)
    return [
        part
        for part in faces
        if isinstance(part, Polygon)
        and part.area > _TINY_M2
        and face.contains(part.representative_point())
    ]
