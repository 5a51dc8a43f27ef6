"""Splitting and joining grids: new codes, old ones end, cases stay, people are carried over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from shapely.geometry import LineString, Polygon, box

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.cases.tests.builders import MONDAY_9, act, make_case, make_city, report
from chengyun.journal.models import Event
from chengyun.territory.models import DivisionArea, GridDuty, LayerVersion, UnitGrid
from chengyun.territory.operations.reshape import split_grid
from chengyun.territory.operations.seed import seed_reference_data
from chengyun.territory.queries.duties import collectors_of
from chengyun.territory.queries.locate import get_place
from chengyun.territory.rules.reshaping import is_proper, joined_area, parts_along
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.tests.builders import COMMUNITY, make_duties, make_grid, make_grids, middle

pytestmark = pytest.mark.django_db
URL = "/api/v1/territory/grids"
AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
BEFORE = AT - timedelta(days=1)
FIRST, SECOND = f"{COMMUNITY}001", f"{COMMUNITY}002"
ACROSS = [[120.0004, 29.999], [120.0004, 30.002]]


@pytest.fixture(autouse=True)
def reference_data() -> None:
    seed_reference_data()


@pytest.fixture
def client() -> Client:
    return signed_in(make_person(permissions=["territory.read", "territory.manage"]))


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    with time_machine.travel(AT, tick=False):
        return client.post(f"{URL}{path}", body, content_type="application/json")


def test_a_split_ends_the_grid_and_begins_its_parts(client: Client) -> None:
    [old, other] = make_grids(columns=2, rows=1)
    person = make_person()
    make_duties(person, [old])
    make_grid(f"{COMMUNITY}007", column=90, valid_to=BEFORE)
    told = post(client, f"/{FIRST}/split", {"line": ACROSS, "carry_duties": True}).json()
    assert told["retired"] == [FIRST]
    assert [grid["code"] for grid in told["made"]] == [f"{COMMUNITY}008", f"{COMMUNITY}009"]
    assert [grid["area_m2"] for grid in told["made"]] == pytest.approx([4293, 6440], rel=0.01)
    assert [one["id"] for one in told["people"]] == [person.pk]
    old.refresh_from_db()
    assert old.valid_to == AT
    other.refresh_from_db()
    assert other.valid_to is None
    lon, lat = middle(0, 0)
    assert get_place(lon=lon, lat=lat, at=BEFORE).grid_id == old.pk
    assert get_place(lon=lon, lat=lat, at=AT).grid_code == f"{COMMUNITY}009"
    for code in (FIRST, f"{COMMUNITY}008", f"{COMMUNITY}009"):
        assert [one.person_id for one in collectors_of(code, AT)] == [person.pk]
    assert DivisionArea.objects.get(code=COMMUNITY).grids == 3
    assert AuditEntry.objects.get(act="grids.split").detail["made"][0] == f"{COMMUNITY}008"
    assert Event.objects.filter(kind="territory.grids_changed").count() == 1


def test_a_trial_tells_and_changes_nothing(client: Client) -> None:
    make_grids(columns=1, rows=1)
    body = {"line": ACROSS, "carry_duties": False, "dry_run": True}
    told = post(client, f"/{FIRST}/split", body).json()
    assert (told["written"], len(told["made"]), told["carried"]) == (False, 2, False)
    assert told["made"][0]["geometry"]["type"] == "Polygon"
    assert UnitGrid.objects.get().valid_to is None
    assert not LayerVersion.objects.exists()
    assert not AuditEntry.objects.filter(act="grids.split").exists()


@pytest.mark.parametrize(
    "line",
    [
        [[121, 30], [121, 31]],
        [[120.0004, 29.999], [120.0004, 30.0005]],
        [[120.000001, 29.999], [120.000001, 30.002]],
    ],
)
def test_a_line_that_does_not_cut_is_refused(client: Client, line: list[list[float]]) -> None:
    make_grids(columns=1, rows=1)
    told = post(client, f"/{FIRST}/split", {"line": line, "carry_duties": True})
    assert (told.status_code, told.json()["code"]) == (422, "grid_not_cut")
    assert UnitGrid.objects.get().valid_to is None


def test_adjacent_grids_become_one_with_the_people_of_both(client: Client) -> None:
    [first, second] = make_grids(columns=2, rows=1)
    UnitGrid.objects.filter(pk=second.pk).update(area_class="A", area_m2=20_000)
    one, two = make_person(), make_person()
    make_duties(one, [first, second])
    make_duties(two, [second])
    told = post(client, "/merge", {"codes": [FIRST, SECOND], "carry_duties": True}).json()
    assert told["retired"] == [FIRST, SECOND]
    made = UnitGrid.objects.get(valid_to=None)
    assert (made.code, made.area_class, made.version) == (f"{COMMUNITY}003", "A", 1)
    assert made.geometry.extent == pytest.approx((120, 30, 120.002, 30.001))
    assert made.area_m2 == pytest.approx(2 * 10_730, rel=0.01)
    assert {d.person_id for d in GridDuty.objects.filter(grid_code=made.code)} == {one.pk, two.pk}


def test_without_consent_nobody_is_bound(client: Client) -> None:
    grids = make_grids(columns=2, rows=1)
    make_duties(make_person(), grids)
    told = post(client, "/merge", {"codes": [FIRST, SECOND], "carry_duties": False}).json()
    assert (told["carried"], len(told["people"])) == (False, 1)
    assert not GridDuty.objects.filter(grid_code=f"{COMMUNITY}003").exists()


def test_what_cannot_be_joined(client: Client) -> None:
    make_grids(columns=2, rows=2)
    make_grid("330199001002001", column=2)
    refusals = {
        "grids_not_adjacent": [FIRST, f"{COMMUNITY}004"],
        "grids_of_several_communities": [SECOND, "330199001002001"],
        "unknown_grids": [FIRST, f"{COMMUNITY}099"],
    }
    for code, grids in refusals.items():
        told = post(client, "/merge", {"codes": grids, "carry_duties": True})
        assert (told.status_code, told.json()["code"]) == (422, code)
    assert not UnitGrid.objects.filter(valid_to__isnull=False).exists()


def test_who_may(client: Client) -> None:
    make_grids(columns=2, rows=1)
    body = {"codes": [FIRST, SECOND], "carry_duties": True}
    assert Client().post(f"{URL}/merge", body, content_type="application/json").status_code == 401
    reader = signed_in(make_person(permissions=["territory.read"]))
    assert post(reader, "/merge", body).status_code == 403
    elsewhere = make_person(permissions=["territory.manage"], division_code="330198")
    told = post(signed_in(elsewhere), "/merge", body)
    assert (told.status_code, told.json()["code"]) == (403, "outside_scope")
    cut = {"line": ACROSS, "carry_duties": True}
    assert post(signed_in(elsewhere), f"/{FIRST}/split", cut).status_code == 403
    assert UnitGrid.objects.filter(valid_to=None).count() == 2


def test_the_last_number_is_taken(client: Client) -> None:
    make_grid(f"{COMMUNITY}998", column=0)
    told = post(client, f"/{COMMUNITY}998/split", {"line": ACROSS, "carry_duties": True})
    assert (told.status_code, told.json()["code"]) == (422, "too_many_numbers")
    assert UnitGrid.objects.get().valid_to is None


def test_open_cases_go_on_in_the_old_grid_and_new_ones_land_in_the_new() -> None:
    seed_reference_data()
    city = make_city()
    case = make_case(city, "handled")
    old = UnitGrid.objects.get(pk=case.grid_id or 0)
    later = MONDAY_9 + timedelta(hours=1)
    cut = LineString([(120.0004, 29.999), (120.0004, 30.002)])
    with time_machine.travel(later, tick=False):
        split_grid(actor=COMMAND_LINE, code=old.code, line=cut, carry_duties=True)
    for number, (name, by) in enumerate(
        (
            ("give_feedback", "dispatcher"),
            ("send_check", "acceptor"),
            ("answer_check", "collector"),
            ("close", "shift_leader"),
        )
    ):
        case = act(city, case, name, by=by, at=later + timedelta(minutes=number + 1))
    assert (case.state, case.grid_id, case.grid_code) == ("closed", old.pk, old.code)
    fresh = report(city, at=later + timedelta(hours=1))
    assert fresh.grid_code == f"{COMMUNITY}008"
    assert [one.person_id for one in collectors_of(fresh.grid_code, later)] == [
        one.person_id for one in collectors_of(old.code, later)
    ]


def test_geometry_of_splits_and_joins() -> None:
    square = box(0, 0, 0.002, 0.002)
    ring = square.difference(box(0.0005, 0.0005, 0.0015, 0.0015))
    parts = parts_along(ring, LineString([(0.001, -1), (0.001, 1)]))
    assert len(parts) == 2
    assert is_proper(parts)
    assert parts[0].area == pytest.approx(ring.area / 2)
    assert parts_along(square, LineString([(1, 1), (2, 2)])) == [square]
    whole = joined_area(parts)
    assert isinstance(whole, Polygon)
    assert whole.area == pytest.approx(ring.area)
    assert joined_area([box(0, 0, 1, 1), box(1, 1, 2, 2)]) is None
