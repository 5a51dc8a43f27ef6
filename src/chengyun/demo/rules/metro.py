"""The metro: lines that follow main roads, stations at the crossings."""

from dataclasses import dataclass

from chengyun.demo.rules.fabric import Fabric
from chengyun.demo.rules.naming import romanised
from chengyun.demo.rules.roads import RoadNet

_LEAST_GAP_M = 620.0
_COLOURS = ("#d9534f", "#2f8f5b", "#3c78c8", "#c98a1b", "#7b5aa6", "#1f9aa0")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetroLine:
    """A metro line: the vertices that it passes."""

    zh: str
    en: str
    colour: str
    vertices: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetroStation:
    """A metro station at a vertex."""

    zh: str
    en: str
    vertex: int


def dig_metro(fabric: Fabric, net: RoadNet) -> tuple[list[MetroLine], list[MetroStation]]:
    """Return lines and stations; a city too small for a metro has none."""
    plan = fabric.plan
    if plan.size.grids < 1_000:
        return [], []
    routes = _routes(fabric)
    lines = [
        MetroLine(
            zh=f"轨道交通{number}号线",
            en=f"Metro Line {number}",
            colour=_COLOURS[(number - 1) % len(_COLOURS)],
            vertices=[v for side in sides for v in side[:-1]] + [sides[-1][-1]],
        )
        for number, sides in enumerate(routes, start=1)
    ]
    return lines, _stations(fabric, net, routes)


def _routes(fabric: Fabric) -> list[list[list[int]]]:
    """Return the lattice sides of each line."""
    plan = fabric.plan
    spacing = max(1, round(2_800 / 600))
    old_column = _nearest(plan.columns, plan.old_centre[0])
    new_row = _nearest(plan.rows, plan.new_centre[1])
    columns = [i for i in range(1, len(plan.columns) - 1) if (i - old_column) % (2 * spacing) == 0]
    rows = [j for j in range(1, len(plan.rows) - 1) if (j - new_row) % (2 * spacing) == 0]
    rows = [j for j in rows if "river" not in plan.bands[max(0, j - 1) : j + 1]]
    columns.sort(key=lambda i: abs(i - old_column))
    rows.sort(key=lambda j: abs(j - new_row))
    found: list[list[list[int]]] = []
    for k in range(max(len(columns), len(rows))):
        if k < len(columns):
            found.append([plan.sides[columns[k], j, "north"] for j in range(1, len(plan.rows) - 2)])
        if k < len(rows):
            found.append([plan.sides[i, rows[k], "east"] for i in range(1, len(plan.columns) - 2)])
    return found[: max(2, round(plan.size.scale**1.2 * 2))]


def _nearest(places: list[float], wanted: float) -> int:
    return min(range(len(places)), key=lambda k: abs(places[k] - wanted))


def _stations(fabric: Fabric, net: RoadNet, routes: list[list[list[int]]]) -> list[MetroStation]:
    stations: dict[int, MetroStation] = {}
    beside = _roads_at(net)
    names: set[str] = set()
    passes: dict[int, int] = {}
    for sides in routes:
        for vertex in {v for side in sides for v in (side[0], side[-1])}:
            passes[vertex] = passes.get(vertex, 0) + 1
    for sides in routes:
        last: int | None = None
        for vertex in [sides[0][0], *(side[-1] for side in sides)]:
            must = passes[vertex] > 1
            near = last is not None and fabric.length(last, vertex) < _LEAST_GAP_M
            over_river = (
                abs(fabric.plan.mesh.points[vertex][1]) < fabric.plan.river_half_width_m + 1
            )
            if vertex not in stations and not must and (near or over_river):
                continue
            last = vertex
            stem = _name_at(net, beside, vertex, names)
            if vertex in stations or stem is None:
                continue
            names.add(stem)
            stations[vertex] = MetroStation(
                zh=f"{stem}站", en=f"{romanised(stem)} Station", vertex=vertex
            )
    return list(stations.values())


def _name_at(
    net: RoadNet, beside: dict[int, list[int]], vertex: int, taken: set[str]
) -> str | None:
    """Return the name of a road at a vertex that no station has yet."""
    for road in beside.get(vertex, []):
        if net.roads[road].zh not in taken:
            return net.roads[road].zh
    return None


def _roads_at(net: RoadNet) -> dict[int, list[int]]:
    """Return the named roads at each vertex where two or more meet."""
    beside: dict[int, list[int]] = {}
    for (a, _), place in net.places.items():
        roads = beside.setdefault(a, [])
        if place.road not in roads:
            roads.append(place.road)
    return beside
