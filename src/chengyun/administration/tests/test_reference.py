from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from chengyun.administration.models import (
    CalendarDay,
    DayScheme,
    DictionaryItem,
    Role,
    Setting,
    SettingChange,
)
from chengyun.administration.operations import change_setting, seed_reference_data
from chengyun.administration.queries import base_map_key, node, setting, working_calendar
from chengyun.administration.queries.dictionaries import dictionary_names
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.rules.settings import UnknownSetting
from chengyun.administration.tests.asking import ask, code_of, get, load
from chengyun.administration.tests.builders import make_person, signed_in

pytestmark = pytest.mark.django_db
DICTIONARIES, SETTINGS = "/administration/dictionaries", "/administration/settings"
CALENDAR = "/administration/calendar"


@pytest.fixture
def boss() -> Client:
    return signed_in(make_person(role="administrator", name="主管"))


def test_the_seed_may_run_again_and_keeps_what_was_edited() -> None:
    seed_reference_data()
    DictionaryItem.objects.filter(code="water").update(zh="水利")
    Role.objects.filter(code="leader").update(permissions=[])
    scheme = DayScheme.objects.get()
    scheme.slots = [["09:00", "17:00"]]
    scheme.save()
    CalendarDay.objects.filter(on=date(2026, 10, 1)).delete()
    seed_reference_data()
    assert DictionaryItem.objects.get(code="water").zh == "水利"
    assert DayScheme.objects.get().slots == [["09:00", "17:00"]]
    assert not CalendarDay.objects.filter(on=date(2026, 10, 1)).exists()
    assert "case.act.leader" in Role.objects.get(code="leader").permissions
    assert Role.objects.filter(builtin=True).count() == 10


def test_dictionaries(boss: Client) -> None:
    seed_reference_data()
    made = ask(boss, "POST", DICTIONARIES, {"code": "season", "zh": "季节"})
    assert made.status_code == 201
    assert code_of(ask(boss, "POST", DICTIONARIES, {"code": "season", "zh": "季"}))[0] == 409
    items = f"{DICTIONARIES}/season/items"
    spring = {"code": "spring", "zh": "春", "sort": 2}
    assert ask(boss, "POST", items, spring).status_code == 201
    assert code_of(ask(boss, "POST", items, spring)) == (409, "code_taken")
    ask(boss, "POST", items, {"code": "winter", "zh": "冬", "sort": 1})
    assert [row["code"] for row in get(boss, items)["items"]] == ["winter", "spring"]
    changed = ask(boss, "PATCH", f"{items}/spring", {"zh": "春季", "active": False})
    assert (load(changed)["zh"], load(changed)["active"]) == ("春季", False)
    assert dictionary_names("season") == {"winter": ("冬", ""), "spring": ("春季", "")}
    assert [row["code"] for row in get(boss, f"{items}?active=true")["items"]] == ["winter"]
    page = get(boss, f"{items}?limit=1")
    rest = get(boss, f"{items}?limit=1&after={page['next']}")
    assert rest["items"][0]["code"] == "spring"
    assert "department_kind" in {row["code"] for row in get(boss, DICTIONARIES)["items"]}


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/nothing/items", None, 404),
        ("POST", "/nothing/items", {"code": "a", "zh": "甲"}, 404),
        ("PATCH", "/department_kind/items/nothing", {"zh": "甲"}, 404),
        ("POST", "/department_kind/items", {"code": "a b", "zh": "甲"}, 422),
        ("POST", "/department_kind/items", {"code": "a", "zh": ""}, 422),
        ("POST", "/department_kind/items", {"code": "a", "zh": "甲\x00"}, 422),
        ("POST", "/department_kind/items", {"code": "a", "zh": "甲", "sort": 2**40}, 422),
        ("PATCH", "/department_kind/items/water", {"sort": "x"}, 422),
        ("GET", "/department_kind/items?after=xx", None, 422),
    ],
)
def test_bad_dictionary_requests(
    boss: Client, method: str, path: str, sent: Any, status: int
) -> None:
    seed_reference_data()
    assert ask(boss, method, DICTIONARIES + path, sent).status_code == status


def test_a_setting_is_changed_with_history_and_read_at_once(boss: Client) -> None:
    assert setting("cases.yellow_share") == Decimal("0.8")
    url = f"{SETTINGS}/cases.yellow_share"
    changed = ask(boss, "PUT", url, {"value": 0.7, "reason": "试行"})
    assert (load(changed)["value"], load(changed)["is_set"]) == (0.7, True)
    assert setting("cases.yellow_share") == Decimal("0.7")
    ask(boss, "PUT", url, {"value": 0.7})
    ask(boss, "PUT", url, {"value": 0.9})
    history = get(boss, f"{url}/history?limit=1")
    assert history["items"][0]["new"] == 0.9
    older = get(boss, f"{url}/history?limit=1&after={history['next']}")["items"][0]
    assert (older["old"], older["new"], older["reason"]) == (0.8, 0.7, "试行")
    assert older["by_name"] == "主管"
    assert SettingChange.objects.count() == 2


@pytest.mark.parametrize(
    ("key", "value", "answer"),
    [
        ("cases.yellow_share", 2, (422, "setting_value_invalid")),
        ("cases.yellow_share", "a lot", (422, "setting_value_invalid")),
        ("cases.yellow_share", None, (422, "setting_value_invalid")),
        ("node.name", "城\x00", (422, "setting_value_invalid")),
        ("node.map_centre", [[[]]] * 5, (422, "setting_value_invalid")),
        ("no.such_key", 1, (404, "unknown_setting")),
    ],
)
def test_a_refused_value_changes_nothing(boss: Client, key: str, value: Any, answer: Any) -> None:
    assert code_of(ask(boss, "PUT", f"{SETTINGS}/{key}", {"value": value})) == answer
    assert not Setting.objects.exists()
    assert ask(boss, "PUT", f"{SETTINGS}/node.name", {}).status_code == 422


def test_a_deeply_nested_value_is_refused(boss: Client) -> None:
    nested: Any = []
    for _ in range(200):
        nested = [nested]
    sent = {"value": nested}
    assert ask(boss, "PUT", f"{SETTINGS}/node.map_bounds", sent).status_code == 422


def test_secrets_are_written_and_never_shown(boss: Client) -> None:
    url = f"{SETTINGS}/node.base_map_keys"
    answer = ask(boss, "PUT", url, {"value": {"tianditu": "s3cr3t"}})
    assert (load(answer)["value"], load(answer)["is_set"]) == (None, True)
    pages = [get(boss, SETTINGS), get(boss, f"{url}/history"), get(boss, "/administration/audit")]
    assert not any("s3cr3t" in str(page) for page in pages)
    assert base_map_key("tianditu") == "s3cr3t"
    assert base_map_key("other") == ""


def test_settings_are_the_whole_platforms(boss: Client) -> None:
    local = signed_in(make_person(role="administrator", division_code="310101"))
    assert ask(local, "PUT", f"{SETTINGS}/node.name", {"value": "夺"}).status_code == 403
    groups = {row["group"] for row in get(boss, f"{SETTINGS}?group=security")}
    assert groups == {"security"}
    assert [row["key"] for row in get(boss, f"{SETTINGS}?q=yellow")] == ["cases.yellow_share"]
    with pytest.raises(UnknownSetting):
        setting("no.such_key")


def test_anybody_may_know_the_node_but_no_key_of_a_map() -> None:
    maps = [
        {
            "code": "tdt",
            "zh": "天地图",
            "kind": "wmts",
            "url": "https://t0.tianditu.gov.cn/vec_w/wmts?tk={key}",
            "max_zoom": 18,
        },
        {"code": "own", "zh": "市图", "kind": "xyz", "url": "https://m.example/{z}/{x}/{y}.png"},
    ]
    change_setting(actor=SYSTEM, key="node.base_maps", value=maps)
    change_setting(actor=SYSTEM, key="node.base_map_keys", value={"tdt": "s3cr3t"})
    shown = get(Client(), "/node")
    assert shown["tier"] == "city"
    assert "cases" in shown["systems"]
    assert "monitoring_analysis" not in shown["systems"]
    assert shown["map"]["centre"] == [121.4737, 31.2304]
    relayed, own = shown["base_maps"]
    assert relayed["url"] == "/api/v1/territory/base-maps/tdt/{z}/{x}/{y}"
    assert (relayed["relayed"], own["relayed"]) == (True, False)
    assert own["url"] == "https://m.example/{z}/{x}/{y}.png"
    assert "s3cr3t" not in str(shown)
    assert node()["version"] == shown["version"]


@time_machine.travel(datetime(2026, 11, 23, 2, 0, tzinfo=UTC), tick=False)
def test_the_calendar_says_what_it_does_not_know(boss: Client) -> None:
    seed_reference_data()
    outlook = get(boss, CALENDAR)
    assert 2026 in outlook["known_years"]
    assert outlook["unknown_years"] == [2027]
    year = get(boss, f"{CALENDAR}/years/2026")
    kinds = {day["on"]: day["kind"] for day in year["days"]}
    assert kinds["2026-10-01"] == "holiday"
    assert "workday" in kinds.values()
    assert year["known"] is True
    assert year["working_days"] < 261
    unknown = get(boss, f"{CALENDAR}/years/2027")
    assert (unknown["known"], unknown["days"]) == (False, [])
    assert not working_calendar().knows(2027)


@time_machine.travel(datetime(2026, 11, 23, 2, 0, tzinfo=UTC), tick=False)
def test_an_unknown_year_is_entered_and_confirmed(boss: Client) -> None:
    seed_reference_data()
    day = {"kind": "holiday", "zh": "元旦"}
    assert ask(boss, "PUT", f"{CALENDAR}/days/2027-01-01", day).status_code == 200
    assert ask(boss, "PUT", f"{CALENDAR}/years/2027").status_code == 200
    assert not working_calendar().day(date(2027, 1, 1)).working
    assert working_calendar().knows(2027)
    assert get(boss, CALENDAR)["unknown_years"] == []
    assert ask(boss, "DELETE", f"{CALENDAR}/days/2027-01-01").status_code == 204
    assert working_calendar().day(date(2027, 1, 1)).working
    assert ask(boss, "DELETE", f"{CALENDAR}/days/2027-01-01").status_code == 404
    assert ask(boss, "DELETE", f"{CALENDAR}/years/2027").status_code == 204
    assert not working_calendar().knows(2027)


def test_day_schemes_change_the_working_calendar(boss: Client) -> None:
    seed_reference_data()
    summer = {
        "code": "summer",
        "zh": "夏令",
        "from_month_day": "06-01",
        "to_month_day": "09-30",
        "slots": [["08:00", "12:00"], ["15:00", "19:00"]],
        "priority": 1,
    }
    assert ask(boss, "POST", f"{CALENDAR}/schemes", summer).status_code == 201
    assert working_calendar().day(date(2026, 7, 1)).scheme == "summer"
    assert working_calendar().day(date(2026, 5, 6)).scheme == "standard"
    changed = ask(boss, "PATCH", f"{CALENDAR}/schemes/summer", {"active": False})
    assert load(changed)["active"] is False
    assert working_calendar().day(date(2026, 7, 1)).scheme == "standard"
    assert len(get(boss, f"{CALENDAR}/schemes")) == 2
    last = ask(boss, "PATCH", f"{CALENDAR}/schemes/standard", {"active": False})
    assert code_of(last) == (409, "still_in_use")


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("PUT", "/days/2026-02-30", {"kind": "holiday"}, 422),
        ("PUT", "/days/9999-01-01", {"kind": "holiday"}, 422),
        ("PUT", "/days/2026-02-03", {"kind": "feast"}, 422),
        ("PUT", "/days/2026-02-03", {"kind": "holiday", "zh": "x" * 61}, 422),
        ("PUT", "/days/2026-02-03", {"kind": "holiday", "zh": "\x00"}, 422),
        ("GET", "/years/1800", None, 422),
        ("PUT", "/years/99999999999999999999", None, 422),
        ("DELETE", "/years/2099", None, 404),
        ("POST", "/schemes", {"code": "s", "zh": "作息", "slots": []}, 422),
        ("POST", "/schemes", {"code": "s", "zh": "作息", "slots": [["12:00", "08:00"]]}, 422),
        ("POST", "/schemes", {"code": "s", "zh": "作息", "slots": [["08:00", "25:00"]]}, 422),
        ("POST", "/schemes", {"code": "s", "zh": "作息", "slots": [["8", "9"]]}, 422),
        (
            "POST",
            "/schemes",
            {"code": "s", "zh": "作息", "slots": [["08:00", "09:00"]], "from_month_day": "13-01"},
            422,
        ),
        ("PATCH", "/schemes/nothing", {"zh": "作息"}, 404),
        ("PATCH", "/schemes/standard", {"slots": [["09:00", "10:00"], ["08:00", "09:00"]]}, 422),
    ],
)
def test_bad_calendar_requests(
    boss: Client, method: str, path: str, sent: Any, status: int
) -> None:
    seed_reference_data()
    answer = ask(boss, method, CALENDAR + path, sent)
    assert answer.status_code == status, answer.content
    assert DayScheme.objects.get().slots == [["08:00", "12:00"], ["14:00", "18:00"]]
