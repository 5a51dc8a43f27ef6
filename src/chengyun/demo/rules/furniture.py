"""What stands along the roads and on the blocks: lamps, trees, covers, bins, signs, shelters.

Kinds and densities are data (`data/furniture.csv`); the rest follows from the town and the seed.
Everything is drawn as arrays: a million pieces take seconds.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import shapely
from numpy.typing import NDArray

from chengyun.demo.rules.draws import array_draws
from chengyun.demo.rules.mesh import pairs
from chengyun.demo.rules.projection import to_lonlat
from chengyun.demo.rules.roads import WIDTH_M
from chengyun.demo.rules.town import Town

PIECES_A_GRID = 10
_HECTARE_M2 = 10_000
_DOOR_M = 7.5
_NO_ROAD = -1
Array = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FurnitureKind:
    """One row of the table.

    where : kerb (`on` names kinds of road, density per 100 m) or inside (`on` names uses of blocks,
        '' any; density per hectare)
    offset_m : from the kerb, away from the road; negative = on the road
    length_m : of a line along the kerb, 0 = a point
    """

    number: int
    type_code: str
    where: str
    on: frozenset[str]
    density: float
    offset_m: float
    length_m: float
    has_bearing: bool
    competent: str
    owner: str
    maintainer: str
    accuracy: str


@dataclass(slots=True, kw_only=True)
class Pieces:
    """Pieces of one kind, as columns.

    cell : position of the unit cell in the fabric
    lon, lat : EPSG:4490 [degrees]
    ends : of a line: lon, lat, lon, lat
    bearing : towards the road [degrees from north]
    road, door : number of the road in the net (-1 = none) and the door number beside it
    chance : one draw in [0, 1) for each piece and purpose: state, age, change, two attributes
    """

    kind: FurnitureKind
    cell: Numbers
    lon: Array
    lat: Array
    ends: Array | None
    bearing: Array
    road: Numbers
    door: Numbers
    chance: Array

    def __len__(self) -> int:
        return len(self.cell)


@dataclass(slots=True, kw_only=True)
class _Kerbs:
    """The edges of cells that lie on roads, the cell to their left."""

    cell: Numbers
    kind: NDArray[np.str_]
    x: Array
    y: Array
    dx: Array
    dy: Array
    length: Array
    road: Numbers
    from_m: Array
    to_m: Array


@cache
def furniture_kinds() -> tuple[FurnitureKind, ...]:
    """Return the rows of the table."""
    text = resources.files("chengyun.demo").joinpath("data/furniture.csv").read_text("utf-8")
    return tuple(
        FurnitureKind(
            number=number,
            type_code=row["type"],
            where=row["where"],
            on=frozenset(filter(None, row["on"].split("|"))),
            density=float(row["density"]),
            offset_m=float(row["offset_m"] or 0),
            length_m=float(row["length_m"] or 0),
            has_bearing=row["bearing"] == "yes",
            competent=row["competent"],
            owner=row["owner"],
            maintainer=row["maintainer"],
            accuracy=row["accuracy"],
        )
        for number, row in enumerate(csv.DictReader(text.splitlines()))
    )


def furnish(town: Town) -> Iterator[Pieces]:
    """Yield the pieces of each kind, about PIECES_A_GRID a grid in all; the same every time."""
    fabric = town.fabric
    polygons = fabric.polygons(fabric.cells)
    shapely.prepare(polygons)
    kerbs = _kerbs(town)
    expected = sum(_expected(town, kerbs, kind).sum() for kind in furniture_kinds())
    scale = PIECES_A_GRID * len(fabric.cells) / expected
    for kind in furniture_kinds():
        draw = array_draws(town.seed, "furniture", kind.number)
        counts = _counts(_expected(town, kerbs, kind) * scale, draw)
        at = np.repeat(np.arange(len(counts)), counts)
        if kind.where == "kerb":
            yield _along(kind, kerbs, at, counts, draw, polygons)
        else:
            yield _inside(kind, at, draw, polygons)


def _kerbs(town: Town) -> _Kerbs:
    fabric, mesh, places = town.fabric, town.fabric.plan.mesh, town.roads.places
    found: list[tuple[int, int, int, str, int, float, float]] = []
    for cell, face in enumerate(fabric.cells):
        for a, b in pairs(mesh.loops[face]):
            kind = mesh.mark_of(a, b).kind
            if WIDTH_M.get(kind, 0) > 0 and kind not in {"rail", "canal", "bank"}:
                place = places.get((a, b))
                on_road = (place.road, place.from_m, place.to_m) if place else (_NO_ROAD, 0.0, 0.0)
                found.append((cell, a, b, kind, *on_road))
    cells, starts, ends, kinds, roads, from_m, to_m = zip(*found, strict=True)
    start, end = np.array(starts), np.array(ends)
    dx, dy = fabric.x[end] - fabric.x[start], fabric.y[end] - fabric.y[start]
    return _Kerbs(
        cell=np.array(cells),
        kind=np.array(kinds),
        x=fabric.x[start],
        y=fabric.y[start],
        dx=dx,
        dy=dy,
        length=np.hypot(dx, dy),
        road=np.array(roads),
        from_m=np.array(from_m),
        to_m=np.array(to_m),
    )


def _expected(town: Town, kerbs: _Kerbs, kind: FurnitureKind) -> Array:
    """Return how many pieces are to be expected on each kerb, or in each cell, before scaling."""
    if kind.where == "kerb":
        return np.where(np.isin(kerbs.kind, list(kind.on)), kerbs.length, 0) * kind.density / 100
    fabric, areas = town.fabric, np.array(town.divisions.areas_m2)
    if kind.on:
        fits = np.array([fabric.blocks[block].use in kind.on for block in fabric.cell_blocks])
        areas = np.where(fits, areas, 0)
    expected: Array = areas * kind.density / _HECTARE_M2
    return expected


def _counts(expected: Array, draw: np.random.Generator) -> Numbers:
    counts: Numbers = np.floor(expected + draw.random(len(expected))).astype(np.int64)
    return counts


def _along(
    kind: FurnitureKind,
    kerbs: _Kerbs,
    at: Numbers,
    counts: Numbers,
    draw: np.random.Generator,
    polygons: NDArray[np.object_],
) -> Pieces:
    """Place pieces evenly along their kerbs, a little off the even."""
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    nth = np.arange(len(at)) - first[at]
    share = (nth + 0.5 + 0.5 * (draw.random(len(at)) - 0.5)) / counts[at]
    widths = np.array([WIDTH_M[one] for one in kerbs.kind[at]]) if len(at) else np.zeros(0)
    away = np.maximum(widths / 2 + kind.offset_m, 0.5)
    length = kerbs.length[at]
    ux, uy = kerbs.dx[at] / length, kerbs.dy[at] / length
    x = kerbs.x[at] + share * kerbs.dx[at] - uy * away
    y = kerbs.y[at] + share * kerbs.dy[at] + ux * away
    chainage = kerbs.from_m[at] + share * (kerbs.to_m[at] - kerbs.from_m[at])
    forward = kerbs.to_m[at] > kerbs.from_m[at]
    made = Pieces(
        kind=kind,
        cell=kerbs.cell[at],
        lon=x,
        lat=y,
        ends=None,
        bearing=np.round(np.degrees(np.arctan2(uy, -ux)) % 360, 1) % 360,
        road=kerbs.road[at],
        door=2 * (chainage / _DOOR_M).astype(np.int64) + np.where(forward, 1, 2),
        chance=draw.random((5, len(at))),
    )
    if kind.length_m:
        half = np.minimum(kind.length_m, length * 0.8) / 2
        made.ends = np.stack([x - ux * half, y - uy * half, x + ux * half, y + uy * half])
    return _on_earth(made, polygons)


def _inside(
    kind: FurnitureKind, at: Numbers, draw: np.random.Generator, polygons: NDArray[np.object_]
) -> Pieces:
    """Place pieces within their cells: between the middle and a point of the border."""
    middle = (
        shapely.get_coordinates(shapely.centroid(polygons[at])) if len(at) else np.zeros((0, 2))
    )
    borders = shapely.get_exterior_ring(polygons[at])
    rim = shapely.line_interpolate_point(borders, draw.random(len(at)), normalized=True)
    beyond = shapely.get_coordinates(rim)
    share = 0.2 + 0.5 * draw.random(len(at))
    made = Pieces(
        kind=kind,
        cell=at,
        lon=middle[:, 0] + share * (beyond[:, 0] - middle[:, 0]),
        lat=middle[:, 1] + share * (beyond[:, 1] - middle[:, 1]),
        ends=None,
        bearing=np.zeros(len(at)),
        road=np.full(len(at), _NO_ROAD),
        door=np.zeros(len(at), dtype=np.int64),
        chance=draw.random((5, len(at))),
    )
    return _on_earth(made, polygons)


def _on_earth(pieces: Pieces, polygons: NDArray[np.object_]) -> Pieces:
    """Keep what lies in its cell, and turn the plane's metres into degrees."""
    keep = shapely.contains_xy(polygons[pieces.cell], pieces.lon, pieces.lat)
    lon, lat = to_lonlat(pieces.lon[keep], pieces.lat[keep])
    ends = None
    if pieces.ends is not None:
        kept = pieces.ends[:, keep]
        ends = np.concatenate([np.stack(to_lonlat(kept[i], kept[i + 1])) for i in (0, 2)])
    return Pieces(
        kind=pieces.kind,
        cell=pieces.cell[keep],
        lon=lon,
        lat=lat,
        ends=ends,
        bearing=pieces.bearing[keep],
        road=pieces.road[keep],
        door=pieces.door[keep],
        chance=pieces.chance[:, keep],
    )
