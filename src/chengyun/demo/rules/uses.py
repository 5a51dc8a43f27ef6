"""What stands on each block: housing, schools, markets, offices, works, green."""

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from chengyun.demo.rules.divisions import Divisions
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.fabric import Fabric
from chengyun.demo.rules.growth import Block

HOUSING = frozenset({"courtyard", "walkup", "walkup_old", "tower", "midrise", "villa", "village"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A facility that every community, street or district should have.

    area_m2 : the block size that suits best
    """

    use: str
    area_m2: float
    zones: frozenset[str]
    chance: float = 1.0


_LIVED = frozenset({"old_town", "mature", "new"})
_TOWN = _LIVED | {"business", "education", "station"}
_COMMUNITY = (
    Wish(use="primary_school", area_m2=17_000, zones=_LIVED, chance=0.8),
    Wish(use="market", area_m2=7_000, zones=_LIVED, chance=0.55),
    Wish(use="kindergarten", area_m2=6_500, zones=_LIVED, chance=0.35),
)
_STREET = (
    Wish(use="middle_school", area_m2=28_000, zones=_TOWN),
    Wish(use="hospital", area_m2=20_000, zones=_LIVED, chance=0.7),
    Wish(use="street_office", area_m2=6_500, zones=_TOWN | {"village", "fields", "industry"}),
    Wish(use="police", area_m2=6_500, zones=_TOWN | {"industry"}),
    Wish(use="utility", area_m2=9_000, zones=_TOWN | {"industry"}, chance=0.6),
    Wish(use="park", area_m2=14_000, zones=_LIVED),
)
_DISTRICT = (
    Wish(use="government", area_m2=20_000, zones=frozenset({"new", "mature", "business"})),
    Wish(use="stadium", area_m2=45_000, zones=frozenset({"new", "mature"})),
    Wish(use="fire_station", area_m2=8_000, zones=_TOWN),
    Wish(use="museum", area_m2=12_000, zones=_TOWN),
    Wish(use="hospital", area_m2=32_000, zones=_LIVED),
    Wish(use="depot", area_m2=15_000, zones=_TOWN | {"industry"}),
)


def assign_uses(fabric: Fabric, divisions: Divisions) -> None:
    """Choose the use of every block: first what a neighbourhood must have, then the zone's mix."""
    by_community = _inner_blocks(fabric, divisions)
    _station(fabric)
    for index, street_ids in enumerate(district.streets for district in divisions.districts):
        draw = scalar_draws(fabric.plan.seed, "district uses", index)
        blocks = [
            b for s in street_ids for c in divisions.streets[s].communities for b in by_community[c]
        ]
        _grant(fabric, blocks, _DISTRICT, draw)
    for index, street in enumerate(divisions.streets):
        draw = scalar_draws(fabric.plan.seed, "street uses", index)
        _grant(fabric, [b for c in street.communities for b in by_community[c]], _STREET, draw)
    for index, blocks in by_community.items():
        draw = scalar_draws(fabric.plan.seed, "community uses", index)
        _grant(fabric, blocks, _COMMUNITY, draw)
    for block in fabric.blocks:
        if not block.use:
            block.use = _from_mix(fabric, block)


def block_area(fabric: Fabric, block: Block) -> float:
    """Return the area of a block in the plane [m²]."""
    total = 0.0
    for face in block.cells:
        loop = fabric.plan.mesh.loops[face]
        x, y = fabric.x[loop], fabric.y[loop]
        total += float((x * _next(y) - _next(x) * y).sum()) / 2
    return total


def _next(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.roll(values, -1)


def _inner_blocks(fabric: Fabric, divisions: Divisions) -> dict[int, list[Block]]:
    found: dict[int, dict[int, Block]] = {index: {} for index in range(len(divisions.communities))}
    for cell, number in enumerate(fabric.cell_blocks):
        block = fabric.blocks[number]
        if fabric.quarter_of(block).band == "land":
            found[divisions.community_of[cell]][number] = block
    return {index: list(blocks.values()) for index, blocks in found.items()}


def _station(fabric: Fabric) -> None:
    """Put the railway station on the largest block beside the rails in its quarter."""
    beside = [
        block
        for block in fabric.blocks
        if block.zone == "station"
        and any(
            fabric.plan.mesh.mark_of(a, b).kind == "rail"
            for face in block.cells
            for a, b, _ in fabric.neighbours(face)
        )
    ]
    if beside:
        south = min(beside, key=lambda block: _middle_y(fabric, block))
        largest = max(
            (b for b in beside if b.quarter == south.quarter), key=lambda b: block_area(fabric, b)
        )
        largest.use = "rail_station"


def _middle_y(fabric: Fabric, block: Block) -> float:
    return float(fabric.y[fabric.plan.mesh.loops[block.cells[0]]].mean())


def _grant(
    fabric: Fabric, blocks: Iterable[Block], wishes: tuple[Wish, ...], draw: random.Random
) -> None:
    free = [block for block in blocks if not block.use]
    for wish in wishes:
        fitting = [block for block in free if block.zone in wish.zones]
        if not fitting or draw.random() > wish.chance:
            continue
        tried = draw.sample(fitting, min(len(fitting), 9))
        best = min(tried, key=lambda block: _misfit(block_area(fabric, block), wish.area_m2))
        if _misfit(block_area(fabric, best), wish.area_m2) < 1.3:
            best.use = wish.use
            free.remove(best)


def _misfit(area: float, wanted: float) -> float:
    return max(area / wanted, wanted / area) - 1


def _from_mix(fabric: Fabric, block: Block) -> str:
    quarter = fabric.quarter_of(block)
    beyond = not quarter.inside and block.zone == "fields"
    uses, weights = _mixes()["outside" if beyond else block.zone]
    draw = scalar_draws(fabric.plan.seed, "use", block.number)
    return uses[0] if len(uses) == 1 else draw.choices(uses, weights)[0]


@cache
def _mixes() -> dict[str, tuple[list[str], list[float]]]:
    """Return uses with their weights by zone."""
    text = resources.files("chengyun.demo").joinpath("data/use_mix.csv").read_text("utf-8")
    found: dict[str, tuple[list[str], list[float]]] = {}
    for row in csv.DictReader(text.splitlines()):
        uses, weights = found.setdefault(row["zone"], ([], []))
        uses.append(row["use"])
        weights.append(float(row["weight"]))
    return found
