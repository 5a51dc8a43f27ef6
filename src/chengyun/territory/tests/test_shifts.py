"""Shifts: who is on duty at a moment, who steps in, where nobody is."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest
import time_machine
from django.test import Client

from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.cases.queries.proposals import list_proposals
from chengyun.cases.tests.builders import make_case, make_city
from chengyun.kernel.errors import Fault
from chengyun.territory.models import GridDuty, Shift
from chengyun.territory.operations.duties import change_duties
from chengyun.territory.operations.reshape import merge_grids
from chengyun.territory.operations.seed import seed_reference_data
from chengyun.territory.operations.shifts import save_shift
from chengyun.territory.queries.duties import collectors_of
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.rules.shifts import ShiftHours
from chengyun.territory.tests.builders import LONG_AGO, make_duties, make_grids

pytestmark = pytest.mark.django_db
URL = "/api/v1/territory"
DAY = ShiftHours(weekdays=frozenset({1, 2, 3, 4, 5}), starts=time(8), ends=time(16))
NIGHT = ShiftHours(weekdays=frozenset({5}), starts=time(22), ends=time(6))
ALWAYS = ShiftHours(weekdays=frozenset(range(1, 8)), starts=time(0), ends=time(0))
# 2026-09-04 is a Friday; in Shanghai it is eight hours later than in UTC.
FRIDAY_NOON = datetime(2026, 9, 4, 4, tzinfo=UTC)
FRIDAY_NIGHT = datetime(2026, 9, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "moment", "on"),
    [
        (DAY, datetime(2026, 9, 4, 8, tzinfo=UTC), True),
        (DAY, datetime(2026, 9, 4, 7, 59, tzinfo=UTC), False),
        (DAY, datetime(2026, 9, 4, 16, tzinfo=UTC), False),
        (DAY, datetime(2026, 9, 5, 12, tzinfo=UTC), False),
        (NIGHT, datetime(2026, 9, 4, 22, tzinfo=UTC), True),
        (NIGHT, datetime(2026, 9, 5, 5, 59, tzinfo=UTC), True),
        (NIGHT, datetime(2026, 9, 5, 6, tzinfo=UTC), False),
        (NIGHT, datetime(2026, 9, 4, 3, tzinfo=UTC), False),
        (NIGHT, datetime(2026, 9, 5, 23, tzinfo=UTC), False),
        (ALWAYS, datetime(2026, 9, 6, 0, tzinfo=UTC), True),
        (ALWAYS, datetime(2026, 9, 6, 23, 59, tzinfo=UTC), True),
    ],
)
def test_when_a_shift_is_on(hours: ShiftHours, moment: datetime, on: bool) -> None:
    assert hours.covers(moment) is on


def make_shift(code: str = "day", hours: ShiftHours = DAY) -> Shift:
    return save_shift(
        actor=COMMAND_LINE,
        shift_id=None,
        code=code,
        zh="白班",
        en="Day",
        weekdays=hours.weekdays,
        starts=hours.starts,
        ends=hours.ends,
    )


def bind(person: Any, grids: list[str], shift: Shift | None) -> None:
    change_duties(
        actor=COMMAND_LINE,
        grid_codes=grids,
        person_ids=[person.pk],
        mode="add",
        shift_id=shift.pk if shift else None,
        at=LONG_AGO,
    )


def test_who_is_on_shift_comes_first_and_who_is_always_there_steps_in() -> None:
    [grid] = make_grids(columns=1, rows=1)
    always, by_day = make_person(), make_person()
    bind(always, [grid.code], None)
    bind(by_day, [grid.code], make_shift())
    noon = [(one.person_id, one.on_shift) for one in collectors_of(grid.code, FRIDAY_NOON)]
    assert noon == [(by_day.pk, True), (always.pk, None)]
    night = collectors_of(grid.code, FRIDAY_NIGHT)
    told = [(one.person_id, one.on_shift, one.instead) for one in night]
    assert told == [(always.pk, None, True), (by_day.pk, False, True)]


def test_the_desk_is_told_why_a_collector_is_offered() -> None:
    city = make_city()
    case = make_case(city, "dispatched")
    always = city.people["collector"]
    GridDuty.objects.filter(grid_code=case.grid_code).delete()
    by_day = make_person(role="collector")
    bind(always, [case.grid_code], None)
    bind(by_day, [case.grid_code], make_shift())
    dispatcher = city.actor("dispatcher")

    def offered(at: datetime) -> list[tuple[int, str]]:
        with time_machine.travel(at, tick=False):
            found = list_proposals(actor=dispatcher, case_id=case.pk)["collectors"]
        return [(one["person"]["id"], one["reason"]) for one in found]

    grid = case.grid_code
    assert offered(FRIDAY_NOON) == [
        (by_day.pk, f"网格 {grid} 的当班责任人（白班）"),
        (always.pk, f"网格 {grid} 的责任人"),
    ]
    assert offered(FRIDAY_NIGHT) == [
        (always.pk, f"网格 {grid} 当前无人当班，由不分班次的责任人负责"),
        (by_day.pk, f"网格 {grid} 的责任人，当前不当班（白班）"),
    ]


def test_grids_without_anybody_on_duty_are_told_by_shift() -> None:
    grids = make_grids(columns=3, rows=1)
    manager = signed_in(make_person(permissions=["territory.read", "territory.manage"]))
    bare = manager.get(f"{URL}/duties/gaps").json()
    assert [(one["shift"], one["count"]) for one in bare] == [(None, 3)]
    day, night = make_shift(), make_shift("night", NIGHT)
    bind(make_person(), [grids[0].code], None)
    bind(make_person(), [grids[1].code], day)
    make_duties(make_person(active=False), [grids[2]])
    told = manager.get(f"{URL}/duties/gaps").json()
    found = {one["shift"]["id"]: [grid["code"] for grid in one["grids"]] for one in told}
    assert found == {day.pk: [grids[2].code], night.pk: [grids[1].code, grids[2].code]}
    elsewhere = signed_in(make_person(permissions=["territory.read"], division_code="99"))
    assert elsewhere.get(f"{URL}/duties/gaps").json() == []


def test_bindings_of_other_shifts_stay_and_a_joined_grid_takes_the_shift_over() -> None:
    seed_reference_data()
    codes = [grid.code for grid in make_grids(columns=2, rows=1)]
    day, night, other = make_shift(), make_shift("night", NIGHT), make_person()
    person = make_person()
    bind(person, codes, day)
    bind(person, codes, night)
    changed = change_duties(
        actor=COMMAND_LINE,
        grid_codes=codes,
        person_ids=[other.pk],
        mode="replace",
        shift_id=day.pk,
    )
    assert (changed.bound, changed.ended) == (2, 2)
    made = merge_grids(actor=COMMAND_LINE, codes=codes, carry_duties=True).made[0].code
    held = GridDuty.objects.filter(grid_code=made).values_list("person_id", "shift_id")
    assert set(held) == {(other.pk, day.pk), (person.pk, night.pk)}


def test_shifts_by_routes() -> None:
    manager = signed_in(make_person(permissions=["territory.read", "territory.manage"]))
    reader = signed_in(make_person(permissions=["territory.read"]))
    body = {"code": "D", "zh": "白班", "weekdays": [1, 2], "starts": "08:00", "ends": "16:30"}

    def post(client: Client, **more: Any) -> Any:
        return client.post(f"{URL}/shifts", {**body, **more}, content_type="application/json")

    made = post(manager)
    assert (made.status_code, made.json()["ends"]) == (201, "16:30")
    assert post(manager).json()["code"] == "shift_code_used"
    assert post(reader, code="E").status_code == 403
    wrong: list[dict[str, Any]] = [
        {"starts": "24:00"},
        {"weekdays": [0]},
        {"weekdays": []},
        {"code": "a b"},
        {"zh": " "},
    ]
    for bad in wrong:
        assert post(manager, **{"code": "E", **bad}).status_code == 422
    assert [one["code"] for one in reader.get(f"{URL}/shifts").json()] == ["D"]
    [grid] = make_grids(columns=1, rows=1)
    shift = Shift.objects.get()
    bind(make_person(), [grid.code], shift)
    path = f"{URL}/shifts/{shift.pk}"
    off = manager.put(path, {**body, "active": False}, content_type="application/json")
    assert (off.status_code, off.json()["code"]) == (409, "shift_in_use")
    GridDuty.objects.all().delete()
    off = manager.put(path, {**body, "active": False}, content_type="application/json")
    assert off.json()["active"] is False
    with pytest.raises(Fault, match="no such shift"):
        bind(make_person(), [grid.code], shift)
    assert not GridDuty.objects.exists()
