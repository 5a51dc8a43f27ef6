"""River, canals, moat, lakes and ponds as shapes."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.fabric import Fabric
from chengyun.demo.rules.naming import english
from chengyun.demo.rules.parcels import Parcels
from chengyun.demo.rules.roads import WIDTH_M, RoadNet

_LAKE_MIN_M2 = 120_000.0
_POND_MIN_M2 = 9_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Water:
    """A body of water."""

    kind: str
    shape: shapely.Geometry
    zh: str = ""
    en: str = ""


def waters(fabric: Fabric, net: RoadNet, parcels: Parcels, moat: shapely.Geometry) -> list[Water]:
    """Return all water of the city and its surroundings."""
    found = [_river(fabric), *_canals(fabric, net), *_lakes(fabric), *_ponds(fabric, parcels)]
    if not moat.is_empty:
        found.append(Water(kind="canal", shape=moat, zh="护城河", en="City Moat"))
    return found


def _river(fabric: Fabric) -> Water:
    faces = [face for block in fabric.blocks if block.zone == "river" for face in block.cells]
    shape = shapely.coverage_union_all(fabric.polygons(faces))
    shape = shape.difference(_island(fabric))
    return Water(kind="river", shape=shape, zh="临江", en="Lin River")


def _island(fabric: Fabric) -> shapely.Geometry:
    """Return a long sandbank in the river, downstream of the old town, clear of bridges."""
    mesh, plan = fabric.plan.mesh, fabric.plan
    middle = [v for v, (u, w) in enumerate(mesh.points) if w == 0 and abs(u) < plan.size.width_m / 2]
    middle.sort(key=lambda v: mesh.points[v][0])
    wanted = -0.30 * plan.size.width_m
    columns = [u for u in plan.columns if u < wanted + 900]
    start = min(columns, key=lambda u: abs(u - wanted))
    stretch = [v for v in middle if start + 90 < mesh.points[v][0] < start + 520]
    if len(stretch) < 3 or plan.size.grids < 1_000:
        return shapely.Polygon()
    line = shapely.linestrings(np.column_stack([fabric.x[stretch], fabric.y[stretch]]))
    count = 14
    left, right = [], []
    for k in range(count + 1):
        t = k / count
        at = shapely.line_interpolate_point(line, t, normalized=True)
        ahead = shapely.line_interpolate_point(line, min(1.0, t + 0.01), normalized=True)
        back = shapely.line_interpolate_point(line, max(0.0, t - 0.01), normalized=True)
        heading = math.atan2(ahead.y - back.y, ahead.x - back.x)
        half = 1 + 21 * math.sin(math.pi * t) ** 0.8
        left.append((at.x - half * math.sin(heading), at.y + half * math.cos(heading)))
        right.append((at.x + half * math.sin(heading), at.y - half * math.cos(heading)))
    return shapely.Polygon([*left, *reversed(right)])


def _canals(fabric: Fabric, net: RoadNet) -> Iterator[Water]:
    names = ["玉带河", "金水河", "文昌河", "柳叶河", "清溪河", "石桥河", "白龙港", "青龙港"]
    canals = [road for road in net.roads if road.origin == "canal"]
    for k, road in enumerate(canals):
        lines = [
            shapely.linestrings(np.column_stack([fabric.x[p.vertices], fabric.y[p.vertices]]))
            for p in road.parts
        ]
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
        land = shapely.coverage_union_all(fabric.polygons(faces))
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


def blob(land: shapely.Geometry, draw: random.Random) -> shapely.Geometry:
    """Return a smooth irregular shape within a piece of land."""
    parts = [part for part in shapely.get_parts(land) if part.area > 0]
    if not parts:
        return shapely.Polygon()
    outer = max(parts, key=lambda part: part.area)
    middle = shapely.centroid(outer)
    ring = shapely.get_exterior_ring(outer)
    waves = [(k, draw.uniform(0.02, 0.11), draw.uniform(0, math.tau)) for k in (2, 3, 4, 5)]
    points = []
    for k in range(40):
        at = shapely.line_interpolate_point(ring, k / 40, normalized=True)
        reach = 0.76 + sum(a * math.sin(n * math.tau * k / 40 + p) for n, a, p in waves)
        reach = min(0.97, max(0.3, reach))
        points.append((middle.x + reach * (at.x - middle.x), middle.y + reach * (at.y - middle.y)))
    shape = smooth(shapely.Polygon(points))
    made: shapely.Geometry = shapely.intersection(shape, outer)
    return made if shapely.is_valid(made) else shapely.Polygon()


def smooth(polygon: shapely.Polygon) -> shapely.Polygon:
    """Return a polygon with its corners cut twice (Chaikin)."""
    points = shapely.get_coordinates(polygon)[:-1]
    for _ in range(2):
        after = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1)
        points = points.reshape(-1, 2)
    return shapely.Polygon(points)
