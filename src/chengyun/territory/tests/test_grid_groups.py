"""Management and evaluation grids: adjacency, one holder at a time, versions, what follows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from shapely.geometry import box

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import make_organisation, make_person, signed_in
from chengyun.cases.tests.builders import MONDAY_9, make_case, make_city
from chengyun.territory.models import GridGroup, GridGroupMember, GridSuccession, UnitGrid
from chengyun.territory.operations.seed import seed_reference_data
from chengyun.territory.rules.adjacency import pieces_of
from chengyun.territory.rules.grouping import common_division
from chengyun.territory.tests.builders import COMMUNITY, make_grid, make_grids, square

pytestmark = pytest.mark.django_db
URL = "/api/v1/territory"
AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
LATER = AT + timedelta(days=1)


def codes(*numbers: int) -> list[str]:
    return [f"{COMMUNITY}{number:03}" for number in numbers]


@pytest.fixture(autouse=True)
def reference_data() -> None:
    seed_reference_data()


@pytest.fixture
def client() -> Client:
    return signed_in(make_person(permissions=["territory.read", "territory.manage"]))


def send(client: Client, path: str, body: Any, *, put: bool = False, at: datetime = AT) -> Any:
    with time_machine.travel(at, tick=False):
        ask = client.put if put else client.post
        return ask(f"{URL}{path}", body, content_type="application/json")


def make(client: Client, kind: str = "management", *, at: datetime = AT, **more: Any) -> Any:
    return send(client, f"/grid-groups/{kind}", {"zh": "甲片", **more}, at=at)


def state() -> tuple[int, int]:
    return GridGroup.objects.count(), GridGroupMember.objects.count()


# 1 2 3
# 4 5 6     squares; corners do not join
def test_pieces_hang_together_over_borders_not_corners() -> None:
    shapes = [box(0, 0, 1, 1), box(1, 1, 2, 2), box(1, 0, 2, 1), box(5, 5, 6, 6)]
    assert pieces_of(shapes) == [[0, 1, 2], [3]]
    assert pieces_of(shapes[:2]) == [[0], [1]]
    assert pieces_of([]) == []
    narrow = [box(0, 0, 1, 1), box(1 + 1e-8, 0, 2, 1)]
    assert pieces_of(narrow) == [[0, 1]]


@pytest.mark.parametrize(
    ("given", "division"),
    [
        (["330199001001", "330199001001"], "330199001001"),
        (["330199001001", "330199001002"], "330199001"),
        (["330199001001", "330199002001"], "330199"),
        (["330199001001", "330188002001"], "3301"),
        (["330199001001", "110101001001"], ""),
        ([], ""),
    ],
)
def test_the_smallest_division_that_holds_all(given: list[str], division: str) -> None:
    assert common_division(given) == division


def test_a_management_grid_is_made_of_adjacent_grids(client: Client) -> None:
    make_grids(columns=3, rows=2)
    office = make_organisation(zh="街道办")
    answer = make(client, members=codes(1, 2, 5), organisation_id=office.pk, area_class="A")
    assert answer.status_code == 201
    assert answer.json()["code"] == f"{COMMUNITY}M0001"
    told = client.get(f"{URL}/grid-groups/management/{COMMUNITY}M0001").json()
    assert told["members"] == codes(1, 2, 5)
    assert (told["unit_grids"], told["area_class"], told["version"]) == (3, "A", 1)
    assert told["organisation"]["zh"] == "街道办"
    assert len(told["geometry"]["coordinates"]) == 1
    assert AuditEntry.objects.get(act="management_grid.saved").detail["members"] == 3
    tile = client.get("/tiles/management_grids/14/13653/6760.mvt")
    assert tile.status_code in {200, 204}


def test_grids_that_stand_apart_are_named_and_nothing_is_saved(client: Client) -> None:
    make_grids(columns=3, rows=2)
    answer = make(client, members=codes(1, 2, 6))
    assert (answer.status_code, answer.json()["code"]) == (422, "members_stand_apart")
    assert codes(6)[0] in answer.json()["detail"]
    assert codes(1)[0] not in answer.json()["detail"]
    trial = make(client, members=codes(1, 5, 6), dry_run=True).json()
    assert trial["check"]["apart"] == [codes(1)]
    assert (trial["written"], state()) == (False, (0, 0))


def test_a_unit_grid_is_in_one_management_grid_at_a_time(client: Client) -> None:
    make_grids(columns=3, rows=2)
    first = make(client, members=codes(1, 2), code="A-1").json()["code"]
    again = make(client, members=codes(2, 3), code="A-2")
    assert (again.status_code, again.json()["code"]) == (409, "members_taken")
    assert "A-1" in again.json()["detail"]
    assert state() == (1, 2)
    body = {"zh": "甲片", "members": codes(1)}
    changed = send(client, f"/grid-groups/management/{first}", body, put=True, at=LATER).json()
    assert (changed["version"], changed["unit_grids"]) == (2, 1)
    same = send(client, f"/grid-groups/management/{first}", body, put=True, at=LATER).json()
    assert same["version"] == 0
    assert make(client, members=codes(2, 3), code="A-2", at=LATER).status_code == 201
    then = client.get(f"{URL}/grid-groups/management/A-1", {"at": AT.isoformat()}).json()
    assert (then["members"], len(then["versions"])) == (codes(1, 2), 2)


def test_codes_are_never_used_twice(client: Client) -> None:
    make_grids(columns=2, rows=1)
    make(client, members=codes(1), code="A-1")
    assert client.delete(f"{URL}/grid-groups/management/A-1").status_code == 204
    answer = make(client, members=codes(1), code="A-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "group_code_used")
    assert not GridGroup.objects.filter(valid_to=None).exists()
    gone = client.delete(f"{URL}/grid-groups/management/A-1")
    assert gone.status_code == 404


def test_an_evaluation_grid_holds_management_grids_of_one_class(client: Client) -> None:
    make_grids(columns=3, rows=2)
    make(client, members=codes(1, 2), code="M1", area_class="A")
    make(client, members=codes(6), code="M2", area_class="B")
    make(client, members=codes(4), code="M3")
    classless = make(client, "evaluation", members=["M1"], code="E1")
    assert classless.json()["code"] == "group_without_class"
    mixed = make(client, "evaluation", members=["M1", "M2"], code="E1", area_class="A")
    assert (mixed.status_code, mixed.json()["code"]) == (422, "groups_of_other_class")
    unknown = make(client, "evaluation", members=["M9"], code="E1", area_class="A")
    assert unknown.json()["code"] == "unknown_management_grids"
    made = make(client, "evaluation", members=["M1", "M3"], code="E1", area_class="A").json()
    assert (made["unit_grids"], made["written"]) == (3, True)
    for kind, held in (("management", ["M1"]), ("evaluation", ["E1"])):
        found = client.get(f"{URL}/grid-groups/{kind}", {"grid": codes(2)[0]}).json()
        assert [one["code"] for one in found["items"]] == held
    assert client.delete(f"{URL}/grid-groups/management/M3").status_code == 204
    told = client.get(f"{URL}/grid-groups/evaluation/E1").json()
    assert (told["members"], told["unit_grids"], told["version"]) == (["M1"], 2, 2)


def test_what_is_not_covered_is_told(client: Client) -> None:
    make_grids(columns=3, rows=1)
    make(client, members=codes(1, 2), code="M1")
    told = client.get(f"{URL}/grid-groups/management/faults").json()
    assert told["counts"] == [
        {"reason": "grid_uncovered", "count": 1},
        {"reason": "nobody_manages", "count": 1},
    ]
    assert [one["code"] for one in told["faults"]] == [*codes(3), "M1"]
    elsewhere = client.get(f"{URL}/grid-groups/management/faults", {"division": "99"}).json()
    assert elsewhere == {"counts": [], "faults": []}
    unrated = client.get(f"{URL}/grid-groups/evaluation/faults").json()
    assert unrated["counts"] == [{"reason": "management_uncovered", "count": 1}]


def test_followers_take_the_places_of_split_grids(client: Client) -> None:
    make_grids(columns=2, rows=1)
    make(client, members=codes(1, 2), code="M1", area_class="A")
    make(client, "evaluation", members=["M1"], code="E1", area_class="A")
    line = [[120.0004, 29.999], [120.0004, 30.002]]
    body = {"line": line, "carry_duties": True}
    path = f"/grids/{codes(1)[0]}/split"
    trial = send(client, path, {**body, "dry_run": True}, at=LATER).json()
    assert trial["groups"] == [{"code": "M1", "zh": "甲片", "stays": True}]
    assert (state(), GridSuccession.objects.count()) == ((2, 3), 0)
    assert send(client, path, body, at=LATER).json()["groups"] == trial["groups"]
    told = client.get(f"{URL}/grid-groups/management/M1").json()
    assert (told["members"], told["version"]) == (codes(2, 3, 4), 2)
    pairs = GridSuccession.objects.values_list("old_code", "new_code", "act").order_by("new_code")
    assert list(pairs) == [(codes(1)[0], new, "split") for new in codes(3, 4)]
    assert GridGroup.objects.get(kind="evaluation", valid_to=None).unit_grids == 3


def test_a_joined_grid_goes_where_most_of_its_ground_was(client: Client) -> None:
    make_grids(columns=4, rows=1)
    UnitGrid.objects.filter(code=codes(3)[0]).update(area_m2=15_000)
    make(client, members=codes(1, 2), code="M1")
    make(client, members=codes(3, 4), code="M2")
    body = {"codes": codes(2, 3), "carry_duties": True}
    told = send(client, "/grids/merge", body, at=LATER).json()
    assert [(one["code"], one["stays"]) for one in told["groups"]] == [("M1", True), ("M2", True)]
    members = {
        code: client.get(f"{URL}/grid-groups/management/{code}").json()["members"]
        for code in ("M1", "M2")
    }
    assert members == {"M1": codes(1), "M2": codes(4, 5)}


def test_retiring_grids_tells_of_open_cases_and_ends_what_is_empty() -> None:
    city = make_city()
    client = signed_in(make_person(permissions=["territory.read", "territory.manage"]))
    with time_machine.travel(MONDAY_9, tick=False):
        case = make_case(city, "dispatched")
    make(client, members=[case.grid_code], code="M1")
    at = max(LATER, MONDAY_9 + timedelta(days=1))
    body = {"codes": [case.grid_code]}
    trial = send(client, "/grids/retire", {**body, "dry_run": True}, at=at).json()
    assert [(one["kind"], one["count"]) for one in trial["dependents"]] == [("open_cases", 1)]
    assert UnitGrid.objects.get(code=case.grid_code).valid_to is None
    told = send(client, "/grids/retire", body, at=at).json()
    assert told["groups"] == [{"code": "M1", "zh": "甲片", "stays": False}]
    assert UnitGrid.objects.get(code=case.grid_code).valid_to == at
    assert GridSuccession.objects.get().new_code == ""
    case.refresh_from_db()
    assert case.grid_code == body["codes"][0]


def test_an_import_that_retires_grids_carries_over(client: Client) -> None:
    make_grids(columns=2, rows=1)
    make(client, members=codes(1, 2), code="M1")
    ring = json.loads(square(0, 0).union(square(1, 0)).geojson)
    feature = {"type": "Feature", "properties": {"code": codes(9)[0]}, "geometry": ring}
    upload(
        client,
        "/grids/import",
        "new.geojson",
        json.dumps({"type": "FeatureCollection", "features": [feature]}),
        retire_missing="true",
    )
    told = client.get(f"{URL}/grid-groups/management/M1").json()
    assert told["members"] == codes(9)
    assert set(GridSuccession.objects.values_list("old_code", "new_code", "act")) == {
        (old, codes(9)[0], "imported") for old in codes(1, 2)
    }


def upload(client: Client, path: str, name: str, text: str, **more: str) -> Any:
    file = SimpleUploadedFile(name, text.encode())
    with time_machine.travel(LATER, tick=False):
        answer = client.post(f"{URL}{path}", {"file": file, **more})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_members_from_a_csv_all_or_none(client: Client) -> None:
    make_grids(columns=3, rows=2)
    good = "编码,名称,成员,类别\n" + "".join(f"M1,甲片,{code},A\n" for code in codes(1, 2))
    bad = good + f"M2,乙片,{codes(3)[0]},B\nM2,乙片,{codes(4)[0]},B\nM3,,{codes(5)[0]},C\n"
    path = "/grid-groups/management/import"
    told = upload(client, path, "m.csv", bad)
    assert [(f["place"], f["code"], f["reason"]) for f in told["faults"]] == [
        (4, "M2", "members_stand_apart"),
        (6, "M3", "row_not_usable"),
    ]
    assert (told["written"], state()) == (False, (0, 0))
    told = upload(client, path, "m.csv", good)
    assert (told["written"], told["added"]) == (True, 1)
    assert upload(client, path, "m.csv", good)["unchanged"] == 1
    file = client.get(f"{URL}/grid-groups/management/export").json()
    assert file["features"][0]["properties"]["members"] == ",".join(codes(1, 2))
    again = upload(client, path, "m.geojson", json.dumps(file))
    assert (again["written"], again["unchanged"]) == (True, 1)


def test_an_area_of_a_file_takes_the_grids_inside(client: Client) -> None:
    make_grids(columns=3, rows=2)
    area = json.loads(square(0, 0).union(square(1, 0)).geojson)
    feature = {"type": "Feature", "properties": {"code": "M1", "name": "甲"}, "geometry": area}
    file = {"type": "FeatureCollection", "features": [feature]}
    path = "/grid-groups/management/import"
    assert upload(client, path, "m.geojson", json.dumps(file))["added"] == 1
    assert client.get(f"{URL}/grid-groups/management/M1").json()["members"] == codes(1, 2)


def test_who_may_read_and_write() -> None:
    make_grids(columns=2, rows=1)
    make_grid("330198001001001", column=50)
    reader = signed_in(make_person(permissions=["territory.read"]))
    other = signed_in(
        make_person(permissions=["territory.read", "territory.manage"], division_code="330198")
    )
    assert Client().get(f"{URL}/grid-groups/management").status_code == 401
    assert signed_in(make_person()).get(f"{URL}/grid-groups/management").status_code == 403
    assert make(reader, members=codes(1)).status_code == 403
    assert make(other, members=codes(1)).json()["code"] == "outside_scope"
    assert send(other, "/grids/retire", {"codes": codes(1)}).json()["code"] == "outside_scope"
    assert make(other, members=["330198001001001"], code="M1").status_code == 201
    assert reader.get(f"{URL}/grid-groups/management").json()["items"][0]["code"] == "M1"
    assert reader.delete(f"{URL}/grid-groups/management/M1").status_code == 403
    assert state() == (1, 1)


@pytest.mark.parametrize(
    "body",
    [
        {"members": []},
        {"members": ["x y"]},
        {"members": ["1"], "area_class": "D"},
        {"members": ["1"], "zh": " "},
        {"members": ["1"], "zh": "a\x00"},
        {"members": ["1"], "extra": 1},
        {"members": ["999"]},
        {"members": codes(1), "organisation_id": 2**62},
    ],
)
def test_bad_bodies_are_refused(client: Client, body: dict[str, Any]) -> None:
    make_grids(columns=1, rows=1)
    assert make(client, **body).status_code == 422
    assert state() == (0, 0)
