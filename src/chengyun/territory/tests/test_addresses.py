"""Addresses over HTTP: registering, finding, locating, describing points, changing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.journal.models import Event
from chengyun.territory.models import Address, AddressChange, AddressName
from chengyun.territory.operations.addresses import AddressInput, register_address
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.tests.builders import DISTRICT, make_division, make_grids

pytestmark = pytest.mark.django_db
URL = "/api/v1/territory/addresses"
AT = datetime(2026, 9, 1, 4, tzinfo=UTC)
JSON = "application/json"


@pytest.fixture(autouse=True)
def ground() -> None:
    make_division(DISTRICT, zh="江北区")
    make_division(f"{DISTRICT}001", zh="和平街道")
    make_division(f"{DISTRICT}001001", zh="人民社区")
    make_grids(columns=3, rows=3)


@pytest.fixture
def client() -> Client:
    return manager()


def manager(division_code: str = "") -> Client:
    permissions = ["territory.read", "territory.manage"]
    return signed_in(make_person(permissions=permissions, division_code=division_code))


def make(kind: str, name: str, place: Any, *, parent: int | None = None, **more: Any) -> int:
    geometry: dict[str, Any] = {"type": "Point", "coordinates": place}
    if isinstance(place[0], list):
        geometry = {"type": "LineString", "coordinates": place}
    given = AddressInput(kind=kind, name=name, geometry=geometry, parent_id=parent, **more)
    return register_address(actor=COMMAND_LINE, given=given, at=AT)


@pytest.fixture
def people_road() -> int:
    """人民路 from west to east, with 2, 6, 12 and 12-1, and 解放路 across it."""
    road = make("street", "人民路", [[120.0, 30.0005], [120.0029, 30.0005]], division_code=DISTRICT)
    make("street", "解放路", [[120.0015, 30.0], [120.0015, 30.0029]], division_code=DISTRICT)
    for name, lon in (
        ("2号", 120.0002),
        ("6号", 120.0006),
        ("12号", 120.0012),
        ("12-1号", 120.0013),
    ):
        make("door_plate", name, [lon, 30.0006], parent=road)
    return road


def get(client: Client, path: str, **query: Any) -> Any:
    return client.get(f"{URL}{path}", query)


def hits(client: Client, q: str, path: str = "/search", **query: Any) -> list[tuple[str, str]]:
    answer = get(client, path, q=q, **query)
    assert answer.status_code == 200, answer.content
    return [(one["name"], one["match"]) for one in answer.json()["items"]]


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    with time_machine.travel(AT, tick=False):
        return client.post(f"{URL}{path}", body, content_type=JSON)


def test_an_address_is_registered_and_read(client: Client, people_road: int) -> None:
    body = {
        "kind": "door_plate",
        "name": "１８号",
        "code": "3301990010018",
        "parent_id": people_road,
        "location": {"lon": 120.0018, "lat": 30.0006},
        "reason": "新建",
    }
    answer = post(client, "", body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["full"] == "江北区和平街道人民社区人民路１８号"
    assert (made["number"], made["division_code"]) == ("18", f"{DISTRICT}001001")
    assert (made["parent_full"], made["valid_from"]) == ("江北区人民路", "2026-09-01")
    assert [one["zh"] for one in made["divisions"]][-3:] == ["江北区", "和平街道", "人民社区"]
    [log] = get(client, f"/{made['id']}/changes").json()["items"]
    assert (log["act"], log["reason"], log["version"]) == ("registered", "新建", 1)
    assert AuditEntry.objects.filter(
        act="address.registered", subject=f"address:{made['id']}"
    ).exists()
    assert Event.objects.filter(kind="address.registered").exists()
    assert hits(client, "人民路18号")[0] == ("１８号", "exact")


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"name": "12号"}, 409, "address_twice"),
    ({"name": "无号"}, 422, "address_number_missing"),
    ({"parent_id": None}, 422, "address_parent_unfit"),
    ({"parent_id": 999_999}, 422, "address_parent_unfit"),
    ({"code": "taken"}, 409, "address_code_taken"),
    ({"kind": "street"}, 422, "address_parent_unfit"),
    (
        {"location": {"lon": 10.0, "lat": 30.0}, "parent_id": None, "kind": "poi"},
        422,
        "invalid",
    ),
    ({"location": {"lon": 120.0}}, 422, "invalid"),
    (
        {"location": {"geometry": {"type": "LineString", "coordinates": [[120, 30]]}}},
        422,
        "invalid",
    ),
    ({"division_code": "99"}, 404, "not_found"),
    ({"name": " \u0001 "}, 422, "invalid"),
]


def test_what_is_wrong_is_refused(client: Client, people_road: int) -> None:
    make("poi", "人民公园", [120.0005, 30.0015], code="taken")
    before = (Address.objects.count(), AddressName.objects.count(), AddressChange.objects.count())
    good = {
        "kind": "door_plate",
        "name": "20号",
        "parent_id": people_road,
        "location": {"lon": 120.002, "lat": 30.0006},
    }
    for change, status, code in REFUSED:
        answer = post(client, "", {**good, **change})
        assert (answer.status_code, answer.json()["code"]) == (status, code), change
    after = (Address.objects.count(), AddressName.objects.count(), AddressChange.objects.count())
    assert after == before


FOUND = [
    ("人民路", ("人民路", "exact")),
    ("人", ("人民路", "begins")),
    ("民路", ("人民路", "contains")),
    ("rml", ("人民路", "initials")),
    ("renmin", ("人民路", "pinyin")),
    ("仁民路", ("人民路", "pinyin")),
    ("江北区人民路", ("人民路", "exact")),
    ("江北区和平街道人民路", ("人民路", "contains")),
    ("江北区人民社区", ("人民社区", "exact")),
    ("人民路12号", ("12号", "exact")),
    ("人民路１２之１号", ("12-1号", "exact")),
    ("rml12", ("12号", "number")),
    ("人民路6号3单元201室", ("6号", "exact")),
    ("人民路与解放路交叉口", ("人民路与解放路交叉口", "crossing")),
    ("人民中心公圆", ("人民中心公园", "pinyin")),
    ("人民中央公园", ("人民中心公园", "typo")),
    ("人民中心公园旁", ("人民中心公园", "exact")),
]


def test_finding(client: Client, people_road: int) -> None:
    make("poi", "人民中心公园", [120.0005, 30.0015])
    make("division", "人民社区", [120.0005, 30.0015], division_code=f"{DISTRICT}001001")
    assert [(text, hits(client, text)[0]) for text, _ in FOUND] == FOUND


def test_nothing_is_found_for_noise(client: Client, people_road: int) -> None:
    assert hits(client, "，。") == []
    assert hits(client, "%_\\") == []
    assert hits(client, "图书馆") == []


def test_a_number_that_is_not_there_is_put_between_its_neighbours(
    client: Client, people_road: int
) -> None:
    [first, *_] = get(client, "/geocode", q="人民路10号").json()["items"]
    assert (first["match"], first["name"]) == ("interpolated", "人民路")
    assert (first["lon"], first["lat"]) == pytest.approx((120.001, 30.0006))
    assert hits(client, "人民路7号", "/geocode")[0] == ("人民路", "street")
    assert hits(client, "人民路12号", "/geocode")[0] == ("12号", "exact")
    assert hits(client, "人民路12-9号", "/geocode")[0] == ("12号", "number")


def test_streets_cross_where_they_meet_else_both_answer(client: Client, people_road: int) -> None:
    make("street", "和平路", [[120.002, 30.0025], [120.0029, 30.0025]], division_code=DISTRICT)
    [crossing] = get(client, "/search", q="人民路与解放路交叉口").json()["items"]
    assert (crossing["lon"], crossing["lat"]) == pytest.approx((120.0015, 30.0005))
    assert hits(client, "人民路与和平路交叉口") == [("人民路", "street"), ("和平路", "street")]


def test_near_ones_and_wanted_ones_come_first(client: Client, people_road: int) -> None:
    make("poi", "便民超市", [120.0001, 30.0001])
    make("poi", "便民超市", [120.0028, 30.0028])
    answer = get(client, "/search", q="便民超市", lon=120.0028, lat=30.0028).json()["items"]
    assert [one["lon"] for one in answer] == [120.0028, 120.0001]
    assert hits(client, "人民路", kind="poi") == []
    assert hits(client, "人民路", division="330198") == []


def test_many_texts_are_located_at_once(client: Client, people_road: int) -> None:
    told = post(client, "/geocode", {"texts": ["人民路2号", "没有的地方"]}).json()["items"]
    assert [one["text"] for one in told] == ["人民路2号", "没有的地方"]
    assert [len(one["items"]) for one in told] == [1, 0]
    assert post(client, "/geocode", {"texts": ["路"] * 201}).status_code == 422


def test_a_point_is_described(client: Client, people_road: int) -> None:
    make("poi", "人民公园", [120.0022, 30.0012])
    at = get(client, "/at", lon=120.0002, lat=30.00062).json()
    assert at["text"]["zh"] == "江北区和平街道人民社区人民路2号"
    assert (at["place"]["community"]["zh"], len(at["nearest"])) == ("人民社区", 5)
    assert get(client, "/at", lon=120.0002, lat=30.0008).json()["text"]["zh"].endswith("2号旁")
    street = get(client, "/at", lon=120.0022, lat=30.0006).json()
    assert street["text"]["zh"] == "江北区人民路（近人民公园）"
    assert get(client, "/at", lon=121.0, lat=31.0).json()["text"] is None
    assert get(client, "/at", lon=500, lat=31.0).status_code == 422


def test_a_former_name_still_finds(client: Client, people_road: int) -> None:
    answer = post(client, f"/{people_road}/rename", {"name": "新华路", "reason": "地名普查"})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert [(one["name"], one["is_current"]) for one in told["names"]] == [
        ("新华路", True),
        ("人民路", False),
    ]
    assert told["names"][1] | {"number": ""} == {
        "name": "人民路",
        "number": "",
        "is_current": False,
        "valid_from": "2026-09-01",
        "valid_to": "2026-09-01",
        "reason": "地名普查",
    }
    plate = Address.objects.get(number="6")
    assert plate.full == "江北区和平街道人民社区新华路6号"
    assert hits(client, "人民路")[0] == ("新华路", "old_name")
    assert hits(client, "人民路6号", "/geocode")[0] == ("6号", "old_name")
    renamed = post(client, f"/{plate.pk}/rename", {"name": "8号", "reason": "重编门牌"})
    assert renamed.status_code == 200, renamed.content
    assert hits(client, "新华路6号", "/geocode")[0] == ("8号", "old_name")
    assert hits(client, "新华路8号", "/geocode")[0] == ("8号", "exact")


def test_a_merged_address_leads_to_its_heir(client: Client, people_road: int) -> None:
    old = make("street", "老街", [[120.0, 30.0015], [120.0009, 30.0015]], division_code=DISTRICT)
    make("door_plate", "101号", [120.0004, 30.0016], parent=old)
    answer = post(client, f"/{old}/merge", {"into_id": people_road, "reason": "并路"})
    assert answer.status_code == 200, answer.content
    assert answer.json()["successor_full"] == "江北区人民路"
    assert Address.objects.get(number="101").full.endswith("人民路101号")
    assert hits(client, "老街")[0] == ("人民路", "old_name")
    again = post(client, f"/{old}/rename", {"name": "新街", "reason": "再改"})
    assert (again.status_code, again.json()["code"]) == (409, "address_retired")


def test_merging_needs_two_that_fit(client: Client, people_road: int) -> None:
    poi = make("poi", "人民公园", [120.0005, 30.0015])
    twin = make("street", "二路", [[120.0, 30.0015], [120.0009, 30.0015]], division_code=DISTRICT)
    make("door_plate", "12号", [120.0004, 30.0016], parent=twin)
    unfit = post(client, f"/{poi}/merge", {"into_id": people_road, "reason": "并"})
    assert unfit.json()["code"] == "address_not_mergeable"
    twice = post(client, f"/{twin}/merge", {"into_id": people_road, "reason": "并"})
    assert twice.json()["code"] == "address_twice"
    assert not Address.objects.exclude(valid_to=None).exists()


def test_retiring_keeps_the_code(client: Client, people_road: int) -> None:
    held = post(client, f"/{people_road}/retire", {"reason": "拆除"})
    assert (held.status_code, held.json()["code"]) == (409, "address_has_children")
    poi = make("poi", "人民公园", [120.0005, 30.0015], code="P1")
    assert post(client, f"/{poi}/retire", {"reason": " "}).status_code == 422
    gone = post(client, f"/{poi}/retire", {"reason": "拆除"}).json()
    assert (gone["valid_to"], gone["version"]) == ("2026-09-01", 2)
    assert hits(client, "人民公园") == []
    body = {"kind": "poi", "name": "公园", "code": "P1", "location": {"lon": 120.0, "lat": 30.0}}
    assert post(client, "", body).json()["code"] == "address_code_taken"
    listed = get(client, "", state="retired").json()["items"]
    assert [one["id"] for one in listed] == [poi]


def test_changing_and_moving_leave_a_log(client: Client, people_road: int) -> None:
    poi = make("poi", "人民公园", [120.0005, 30.0015])
    changed = client.patch(
        f"{URL}/{poi}", {"note": "南门", "version": 1, "code": "P7"}, content_type=JSON
    )
    assert (changed.json()["note"], changed.json()["version"]) == ("南门", 2)
    stale = client.patch(f"{URL}/{poi}", {"note": "北门", "version": 1}, content_type=JSON)
    assert (stale.status_code, stale.json()["code"]) == (412, "address_changed")
    same = client.patch(f"{URL}/{poi}", {"note": "南门"}, content_type=JSON)
    assert same.json()["code"] == "address_unchanged"
    other = client.patch(f"{URL}/{poi}", {"code": "P8"}, content_type=JSON)
    assert (other.status_code, other.json()["code"]) == (422, "invalid")
    moved = post(client, f"/{poi}/move", {"location": {"lon": 120.0025, "lat": 30.0025}})
    assert (moved.json()["lon"], moved.json()["version"]) == (120.0025, 3)
    assert AddressName.objects.get(address_id=poi).point.x == 120.0025
    log = get(client, f"/{poi}/changes").json()["items"]
    assert [one["act"] for one in log] == ["moved", "changed", "registered"]
    assert log[1]["changes"] == {"note": ["", "南门"], "code": [None, "P7"]}


def test_lists_page_by_division(client: Client, people_road: int) -> None:
    first = get(client, "", limit=4).json()
    rest = get(client, "", limit=4, after=first["next"]).json()
    assert [one["name"] for one in first["items"]] == ["人民路", "解放路", "2号", "6号"]
    assert [one["name"] for one in rest["items"]] == ["12号", "12-1号"]
    assert rest["next"] is None
    plates = get(client, "", kind="door_plate", parent_id=people_road, division=DISTRICT).json()
    assert len(plates["items"]) == 4
    assert get(client, "", bounds="120.001,30,120.00125,31").json()["items"][0]["name"] == "12号"


def test_nobody_reads_or_writes_beyond_the_scope(people_road: int) -> None:
    far = manager("330188")
    assert hits(far, "人民路") == []
    assert get(far, "/at", lon=120.0002, lat=30.0006).json()["nearest"] == []
    assert get(far, f"/{people_road}").status_code == 404
    assert get(far, "").json()["items"] == []
    assert post(far, f"/{people_road}/retire", {"reason": "x"}).status_code == 404
    body = {"kind": "poi", "name": "公园", "location": {"lon": 120.0, "lat": 30.0}}
    assert (post(far, "", body)).json()["code"] == "outside_scope"
    reader = signed_in(make_person(permissions=["territory.read"]))
    assert post(reader, "", body).status_code == 403
    nobody = signed_in(make_person(permissions=["case.read"]))
    assert get(nobody, "/search", q="人民路").status_code == 403
    assert Address.objects.count() == 6
