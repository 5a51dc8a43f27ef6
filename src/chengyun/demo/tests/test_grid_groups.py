"""Management and evaluation grids and shifts of the generated city: whole, adjacent, repeatable."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from chengyun.demo.grid_groups import write_duties, write_grid_groups
from chengyun.demo.operations import write_ground
from chengyun.demo.rules.grid_groups import (
    DAY,
    EVENING,
    bound_grids,
    evaluation_grids,
    management_grids,
)
from chengyun.demo.rules.sizes import CitySize
from chengyun.demo.rules.society import DemoPerson, Society
from chengyun.demo.rules.town import Town, build_town
from chengyun.territory.models import GridGroup, GridGroupMember, Shift
from chengyun.territory.queries.grid_groups import list_group_faults
from chengyun.territory.rules.adjacency import pieces_of
from chengyun.territory.rules.grouping import EVALUATION, MANAGEMENT
from chengyun.territory.rules.scope import COMMAND_LINE

SINCE = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def town() -> Town:
    return build_town(CitySize(name="t", grids=120, months=1, cases=1, open_cases=1), 3)


def collector(number: int, street: str = "990102001") -> DemoPerson:
    return DemoPerson(
        username=f"c{number}",
        name="",
        phone="",
        organisation="",
        role="collector",
        post="",
        division_code=street,
        grids=(f"g{number}",),
    )


def test_management_grids_hold_every_unit_grid_once_and_hang_together(town: Town) -> None:
    managed = management_grids(town)
    assert managed == management_grids(town)
    cells = [cell for one in managed for cell in one.members]
    assert sorted(cells) == list(range(len(town.fabric.cells)))
    shapes = town.fabric.polygons(town.fabric.cells)
    for one in managed:
        assert 4 <= len(one.members) <= 10
        assert len(pieces_of([shapes[cell] for cell in one.members])) == 1
        communities = {town.divisions.grid_codes[cell][:12] for cell in one.members}
        assert communities == {one.division_code}
    assert len({one.code for one in managed}) == len(managed)


def test_evaluation_grids_hold_every_management_grid_of_their_class_once(town: Town) -> None:
    managed = management_grids(town)
    rated = evaluation_grids(town.divisions, managed)
    places = [place for one in rated for place in one.members]
    assert sorted(places) == list(range(len(managed)))
    assert {one.area_class for one in rated} == {"A", "B", "C"}
    for one in rated:
        assert {managed[place].area_class for place in one.members} == {one.area_class}


def test_of_neighbours_two_take_turns_and_the_last_answers_by_day_only() -> None:
    bound = list(bound_grids([collector(number) for number in range(5)]))
    assert bound == [
        ("c0", "g0", ""),
        ("c1", "g1", DAY),
        ("c1", "g2", DAY),
        ("c2", "g1", EVENING),
        ("c2", "g2", EVENING),
        ("c3", "g3", ""),
        ("c4", "g4", DAY),
    ]
    apart = [collector(0), collector(1), collector(2, "990102002"), collector(3)]
    assert [shift for _, _, shift in bound_grids(apart)] == ["", "", "", DAY]
    assert list(bound_grids([])) == []


@pytest.mark.django_db
def test_written_groups_pass_the_checks_of_the_platform(town: Town) -> None:
    write_ground(town, SINCE)
    written = write_grid_groups(town, {}, SINCE)
    kinds = Counter(GridGroup.objects.values_list("kind", flat=True))
    assert written == sum(kinds.values())
    unit_grids = len(town.fabric.cells)
    members = Counter(GridGroupMember.objects.values_list("kind", flat=True))
    assert members == {MANAGEMENT: unit_grids, EVALUATION: kinds[MANAGEMENT]}
    told = list_group_faults(actor=COMMAND_LINE, kind=MANAGEMENT)
    assert told["counts"] == [{"reason": "nobody_manages", "count": kinds[MANAGEMENT]}]
    assert list_group_faults(actor=COMMAND_LINE, kind=EVALUATION)["counts"] == []
    held = GridGroup.objects.filter(kind=EVALUATION).values_list("unit_grids", flat=True)
    assert sum(held) == unit_grids


@pytest.mark.django_db
def test_shifts_are_written_even_without_collectors() -> None:
    assert write_duties(Society(), {}, SINCE) == 0
    assert set(Shift.objects.values_list("code", flat=True)) == {DAY, EVENING}
