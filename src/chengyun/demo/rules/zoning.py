"""What each quarter of the city is: old town, business centre, housing, works, parks, fields."""

import math
from dataclasses import dataclass

from chengyun.demo.rules.cuts import CutStyle
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.mesh import Point
from chengyun.demo.rules.plan import Plan, Quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneStyle:
    """How a quarter of a zone is divided.

    block_m2 : greatest area of a block between roads
    road : kind of line between blocks
    style : how blocks are cut
    area_class : class of its unit grids in evaluation
    """

    block_m2: float
    road: str
    style: CutStyle
    area_class: str


_REGULAR = CutStyle(jitter=0.07)
_LOOSE = CutStyle(jitter=0.16, bend=0.03, align=0.5, tilt=0.06)
_CROOKED = CutStyle(jitter=0.22, bend=0.06, align=0.3, tilt=0.2)

ZONES = {
    "old_town": ZoneStyle(block_m2=14_500, road="lane", style=_CROOKED, area_class="A"),
    "business": ZoneStyle(block_m2=24_000, road="branch", style=_REGULAR, area_class="A"),
    "mature": ZoneStyle(block_m2=27_000, road="branch", style=_LOOSE, area_class="B"),
    "new": ZoneStyle(block_m2=56_000, road="branch", style=_REGULAR, area_class="B"),
    "education": ZoneStyle(block_m2=62_000, road="branch", style=_LOOSE, area_class="B"),
    "industry": ZoneStyle(block_m2=66_000, road="branch", style=_REGULAR, area_class="C"),
    "station": ZoneStyle(block_m2=40_000, road="branch", style=_REGULAR, area_class="A"),
    "park": ZoneStyle(block_m2=70_000, road="path", style=_LOOSE, area_class="B"),
    "hill": ZoneStyle(block_m2=90_000, road="path", style=_LOOSE, area_class="C"),
    "village": ZoneStyle(block_m2=30_000, road="lane", style=_CROOKED, area_class="C"),
    "fields": ZoneStyle(block_m2=80_000, road="lane", style=_LOOSE, area_class="C"),
    "riverside": ZoneStyle(block_m2=60_000, road="path", style=_REGULAR, area_class="B"),
    "river": ZoneStyle(block_m2=90_000, road="none", style=_REGULAR, area_class="C"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """A middle that the city grew around."""

    at: Point
    zone: str
    radius_m: float


def assign_zones(plan: Plan) -> tuple[Centre, ...]:
    """Give every quarter its zone; return the centres."""
    centres = _centres(plan)
    special = _special_places(plan)
    for quarter in plan.quarters:
        quarter.zone = _zone_of(plan, quarter, centres, special)
    return centres


def _centres(plan: Plan) -> tuple[Centre, ...]:
    scale = plan.size.scale
    old = Centre(at=plan.old_centre, zone="old_town", radius_m=520 * scale**0.3)
    new = Centre(at=plan.new_centre, zone="business", radius_m=520 * scale**0.4)
    draw = scalar_draws(plan.seed, "centres")
    centres = [old, new]
    wanted = int(2.4 * (scale - 1))
    for _ in range(wanted * 8):
        if len(centres) >= 2 + wanted:
            break
        at = (
            draw.uniform(-0.44, 0.44) * plan.size.width_m,
            draw.uniform(-0.36, 0.48) * plan.size.height_m,
        )
        if all(math.dist(at, centre.at) > 3_000 for centre in centres) and abs(at[1]) > 700:
            zone = "business" if draw.random() < 0.55 else "old_town"
            centres.append(Centre(at=at, zone=zone, radius_m=draw.uniform(380, 620)))
    return tuple(centres)


def _special_places(plan: Plan) -> dict[tuple[int, int], str]:
    """Choose single lattice cells for what a city has once (or once per some 20 km²)."""
    draw = scalar_draws(plan.seed, "special")
    chosen: dict[tuple[int, int], str] = {}
    width, height = plan.size.width_m, plan.size.height_m
    wishes = [
        ("hill", (-0.42 * width, 0.27 * height)),
        ("hill", (-0.42 * width, 0.36 * height)),
        ("park", (0.27 * width, -0.20 * height)),
        ("station", (0.08 * width, 0.46 * height)),
        ("park", (-0.02 * width, 0.36 * height)),
        ("education", (0.30 * width, 0.28 * height)),
        ("education", (0.24 * width, 0.36 * height)),
        ("park", (-0.26 * width, -0.24 * height)),
    ]
    extra = round(plan.size.scale**2 - 1)
    for _ in range(extra):
        kind = draw.choice(["park", "park", "education", "hill", "industry"])
        at = (draw.uniform(-0.47, 0.47) * width, draw.uniform(-0.42, 0.53) * height)
        wishes.append((kind, at))
    for kind, at in wishes:
        cell = _cell_at(plan, at)
        if cell is not None:
            chosen.setdefault(cell, kind)
    return chosen


def _cell_at(plan: Plan, at: Point) -> tuple[int, int] | None:
    i = sum(1 for u in plan.columns if u <= at[0]) - 1
    j = sum(1 for v in plan.rows if v <= at[1]) - 1
    last_column, last_row = len(plan.columns) - 3, len(plan.bands) - 2
    i, j = min(max(i, 1), last_column), min(max(j, 1), last_row)
    return (i, j) if plan.bands[j] == "land" else None


def _zone_of(
    plan: Plan,
    quarter: Quarter,
    centres: tuple[Centre, ...],
    special: dict[tuple[int, int], str],
) -> str:
    if quarter.band == "river":
        return "river"
    named = special.get((quarter.column, quarter.row))
    if not quarter.inside:
        return "hill" if named == "hill" else "fields"
    if quarter.band == "strip":
        return "riverside"
    at = plan.centre(quarter)
    for centre in centres:
        if math.dist(at, centre.at) < centre.radius_m:
            return centre.zone
    return named or _ordinary_zone(plan, quarter, at, centres)


def _ordinary_zone(plan: Plan, quarter: Quarter, at: Point, centres: tuple[Centre, ...]) -> str:
    draw = scalar_draws(plan.seed, "zone", quarter.column, quarter.row)
    width, height = plan.size.width_m, plan.size.height_m
    edge = max(abs(at[0]) / (width / 2), abs(at[1] - 0.06 * height) / (height / 2))
    away = min(math.dist(at, centre.at) / centre.radius_m for centre in centres)
    if at[0] > 0.26 * width and at[1] < 0 and edge > 0.6:
        return "industry" if draw.random() < 0.75 else "new"
    if edge > 0.80 and draw.random() < 0.42:
        return draw.choice(["village", "village", "fields", "industry"])
    if at[1] > 0 and away < 2.6:
        return "mature"
    return "mature" if draw.random() < 0.22 else "new"
