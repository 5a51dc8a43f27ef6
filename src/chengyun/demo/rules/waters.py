"""River, canals, moat, lakes and ponds as shapes."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.fabric import Fabric
from chengyun.demo.rules.naming import english
from chengyun.demo.rules.parcels import Parcels
from chengyun.demo.rules.roads import WIDTH_M, RoadNet
from chengyun.demo.rules.shapes import dissolved, line_through, parts_of, point_along

_LAKE_MIN_M2 = 120_000.0
_POND_MIN_M2 = 9_000.0
_ISLAND_STEPS = 14
_BLOB_POINTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Water:
    """A body of water."""

    kind: str
    shape: BaseGeometry
    zh: str = ""
    en: str = ""


def waters(fabric: Fabric, net: RoadNet, parcels: Parcels, moat: BaseGeometry) -> list[Water]:
    """Return all water of the city and its surroundings."""
    found = [_river(fabric), *_canals(fabric, net), *_lakes(fabric), *_ponds(fabric, parcels)]
    if not moat.is_empty:
        found.append(Water(kind="canal", shape=moat, zh="护城河", en="City Moat"))
    return found


def _river(fabric: Fabric) -> Water:
    faces = [face for block in fabric.blocks if block.zone == "river" for face in block.cells]
    shape = dissolved(fabric.polygons(faces))
    shape = shape.difference(_island(fabric))
    return Water(kind="river", shape=shape, zh="临江", en="Lin River")


def _island(fabric: Fabric) -> BaseGeometry:
    """Return a long sandbank in the river, downstream of the old town, clear of bridges."""
    mesh, plan = fabric.plan.mesh, fabric.plan
    middle = [
        v for v, (u, w) in enumerate(mesh.points) if w == 0 and abs(u) < plan.size.width_m / 2
    ]
    middle.sort(key=lambda v: mesh.points[v][0])
    wanted = -0.30 * plan.size.width_m
    columns = [u for u in plan.columns if u < wanted + 900]
    start = min(columns, key=lambda u: abs(u - wanted))
    stretch = [v for v in middle if start + 90 < mesh.points[v][0] < start + 520]
    if len(stretch) < 3 or plan.size.grids < 1_000:
        return shapely.Polygon()
    line = line_through(fabric.x, fabric.y, stretch)
    left, right = [], []
    for k in range(_ISLAND_STEPS + 1):
        t = k / _ISLAND_STEPS
        x, y = point_along(line, t)
        ahead, back = point_along(line, t + 0.01), point_along(line, t - 0.01)
        heading = math.atan2(ahead[1] - back[1], ahead[0] - back[0])
        half = 1 + 21 * math.sin(math.pi * t) ** 0.8
        left.append((x - half * math.sin(heading), y + half * math.cos(heading)))
        right.append((x + half * math.sin(heading), y - half * math.cos(heading)))
    return shapely.Polygon([*left, *reversed(right)])


def _canals(fabric: Fabric, net: RoadNet) -> Iterator[Water]:
    names = ["玉带河", "金水河", "文昌河", "柳叶河", "清溪河", "石桥河", "白龙港", "青龙港"]
    canals = [road for road in net.roads if road.origin == "canal"]
    for k, road in enumerate(canals):
        lines = [line_through(fabric.x, fabric.y, part.vertices) for part in road.parts]
        shape = shapely.union_all(lines).buffer(WIDTH_M["canal"] / 2 - 3, cap_style="square")
        zh = names[k % len(names)]
        yield Water(kind="canal", shape=shape, zh=zh, en=english(zh))


def _lakes(fabric: Fabric) -> Iterator[Water]:
    """Yield a lake in every big park, its name that of the park."""
    quarters: dict[int, list[int]] = {}
    for block in fabric.blocks:
        if block.zone == "park":
            quarters.setdefault(block.quarter, []).extend(block.cells)
    names = ["东湖", "西湖", "镜湖", "月湖", "翠湖", "莲湖", "南湖", "天鹅湖", "金沙湖", "白鹭湖"]
    for k, (quarter, faces) in enumerate(quarters.items()):
        land = dissolved(fabric.polygons(faces))
        if shapely.area(land) < _LAKE_MIN_M2:
            continue
        draw = scalar_draws(fabric.plan.seed, "lake", quarter)
        shape = blob(land.buffer(-55), draw)
        if not shape.is_empty:
            zh = names[k] if k < len(names) else names[k % len(names)][0] + "塘"
            yield Water(kind="lake", shape=shape, zh=zh, en=english(zh))


def _ponds(fabric: Fabric, parcels: Parcels) -> Iterator[Water]:
    for block, land in zip(parcels.blocks, parcels.land, strict=True):
        if block.use not in ("park", "green") or block.zone == "park":
            continue
        draw = scalar_draws(fabric.plan.seed, "pond", block.number)
        if shapely.area(land) > _POND_MIN_M2 and draw.random() < 0.55:
            shape = blob(land.buffer(-22), draw)
            if not shape.is_empty:
                yield Water(kind="pond", shape=shape)


def blob(land: BaseGeometry, draw: random.Random) -> BaseGeometry:
    """Return a smooth irregular shape within a piece of land."""
    parts = [part for part in parts_of(land) if isinstance(part, shapely.Polygon)]
    if not parts:
        return shapely.Polygon()
    outer = max(parts, key=lambda part: part.area)
    middle = outer.centroid
    waves = [(k, draw.uniform(0.02, 0.11), draw.uniform(0, math.tau)) for k in (2, 3, 4, 5)]
    points = []
    for k in range(_BLOB_POINTS):
        t = k / _BLOB_POINTS
        x, y = point_along(outer.exterior, t)
        reach = 0.76 + sum(a * math.sin(n * math.tau * t + p) for n, a, p in waves)
        reach = min(0.97, max(0.3, reach))
        points.append((middle.x + reach * (x - middle.x), middle.y + reach * (y - middle.y)))
    made = smooth(shapely.Polygon(points)).intersection(outer)
    return made if made.is_valid else shapely.Polygon()


def smooth(polygon: shapely.Polygon) -> shapely.Polygon:
    """Return a polygon with its corners cut twice (Chaikin)."""
    points = shapely.get_coordinates(polygon)[:-1]
    for _ in range(2):
        after = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1)
        points = points.reshape(-1, 2)
    return shapely.Polygon(points)
