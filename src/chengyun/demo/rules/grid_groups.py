"""Which unit grids of the generated city hang together as management and evaluation grids."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from chengyun.demo.rules.divisions import Divisions
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.fabric import Fabric
from chengyun.demo.rules.society import DemoPerson
from chengyun.demo.rules.town import Town

DAY, EVENING = "day", "evening"
_FEWEST, _USUAL, _MOST = 4, (5, 8), 10
_LEAST_BORDER_M = 3.0
_A_SHIFTED_PAIR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoGroup:
    """A management grid (of cells) or an evaluation grid (of management grids, by position)."""

    code: str
    zh: str
    en: str
    division_code: str
    area_class: str
    members: tuple[int, ...]


def management_grids(town: Town) -> list[DemoGroup]:
    """Return the management grids: adjacent unit grids of one community, by code."""
    divisions, fabric = town.divisions, town.fabric
    draw = scalar_draws(town.seed, "management grids")
    found: list[DemoGroup] = []
    for community in sorted(divisions.communities, key=lambda one: one.code):
        beside = _beside(fabric, community.cells)
        parts = _joined(_grown(community.cells, beside, draw), beside)
        for number, cells in enumerate(parts, start=1):
            classes = Counter(divisions.area_classes[cell] for cell in cells)
            found.append(
                DemoGroup(
                    code=f"{community.code}M{number:04d}",
                    zh=f"{community.zh}第{number}管理网格",
                    en=f"{community.en} Management Grid {number}",
                    division_code=community.code,
                    area_class=max(sorted(classes), key=lambda name: classes[name]),
                    members=tuple(sorted(cells)),
                )
            )
    return found


def evaluation_grids(divisions: Divisions, managed: list[DemoGroup]) -> list[DemoGroup]:
    """Return the evaluation grids: the management grids of a class in a street, by code."""
    streets = {street.code: street for street in divisions.streets}
    held: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(managed):
        held.setdefault((one.division_code[:9], one.area_class), []).append(place)
    numbers: Counter[str] = Counter()
    found: list[DemoGroup] = []
    for (code, name), places in sorted(held.items()):
        numbers[code] += 1
        communities = {managed[place].division_code for place in places}
        found.append(
            DemoGroup(
                code=f"{code}E{numbers[code]:04d}",
                zh=f"{streets[code].zh}{name}类评价网格",
                en=f"{streets[code].en} Evaluation Grid {name}",
                division_code=communities.pop() if len(communities) == 1 else code,
                area_class=name,
                members=tuple(places),
            )
        )
    return found


def bound_grids(collectors: list[DemoPerson]) -> Iterator[tuple[str, str, str]]:
    """Yield username, unit grid and shift ('' = at any time) for all collectors.

    Of every few neighbours in a street two take turns: one by day, the other in the evening, each
    for the grids of both. Another answers by day only: his grids have nobody in the evening.
    """
    turns: dict[str, tuple[str, tuple[str, ...]]] = {}
    for number, (first, second) in enumerate(pairwise(collectors)):
        if number % _A_SHIFTED_PAIR == 1 and first.division_code == second.division_code:
            both = first.grids + second.grids
            turns |= {first.username: (DAY, both), second.username: (EVENING, both)}
    if collectors:
        turns.setdefault(collectors[-1].username, (DAY, collectors[-1].grids))
    for one in collectors:
        shift, codes = turns.get(one.username, ("", one.grids))
        yield from ((one.username, code, shift) for code in codes)


def _beside(fabric: Fabric, cells: list[int]) -> dict[int, list[int]]:
    """Return by cell the cells of the same community over a common border."""
    inside = set(cells)
    return {
        cell: [
            other
            for a, b, beyond in fabric.neighbours(fabric.cells[cell])
            if (other := fabric.cell_of_face.get(beyond, -1)) in inside
            and fabric.length(a, b) >= _LEAST_BORDER_M
        ]
        for cell in cells
    }


def _grown(cells: list[int], beside: dict[int, list[int]], draw: random.Random) -> list[list[int]]:
    """Let groups grow one after another, each by the cell that touches it most."""
    free = dict.fromkeys(cells)
    groups: list[list[int]] = []
    for start in cells:
        if start not in free:
            continue
        wanted = draw.randint(*_USUAL)
        group: list[int] = []
        edge: Counter[int] = Counter({start: 0})
        while edge and len(group) < wanted:
            cell = max(edge, key=lambda one: (edge[one], -one))
            del edge[cell]
            free.pop(cell)
            group.append(cell)
            edge.update(other for other in beside[cell] if other in free)
        groups.append(group)
    return groups


def _joined(groups: list[list[int]], beside: dict[int, list[int]]) -> list[list[int]]:
    """Give the cells of groups that are too small to the smallest neighbours with room."""
    group_of = {cell: place for place, group in enumerate(groups) for cell in group}
    for place, group in enumerate(groups):
        if len(group) >= _FEWEST:
            continue
        near = {group_of[other] for cell in group for other in beside[cell]} - {place}
        room = [one for one in near if len(groups[one]) + len(group) <= _MOST]
        if not room:
            continue
        home = min(room, key=lambda one: (len(groups[one]), one))
        groups[home].extend(group)
        group_of |= dict.fromkeys(group, home)
        groups[place] = []
    return [group for group in groups if group]
