"""Statistics: exact counts, and every figure equal to the list behind it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengyun.administration.tests.builders import bearer, make_person
from chengyun.cases.queries import statistics
from chengyun.cases.queries.filters import parse_filter
from chengyun.cases.queries.lists import list_cases
from chengyun.cases.queries.statistics import case_statistics
from chengyun.cases.tests.builders import COVER, MONDAY_9, RUBBISH, City, make_case, report
from chengyun.territory.tests.builders import DISTRICT

pytestmark = pytest.mark.django_db
STATISTICS = "/api/v1/cases/statistics"
TUESDAY_9 = MONDAY_9 + timedelta(days=1)
AT = TUESDAY_9 + timedelta(minutes=14)
"""When the report of nine o'clock is yellow (15 minutes, yellow from 12 on)."""


@pytest.fixture
def told(city: City) -> Iterator[None]:
    """Closed on Monday in time; since Monday unaccepted; on Tuesday one yellow, one urgent."""
    make_case(city, "closed", at=MONDAY_9)
    report(city, at=MONDAY_9)
    report(city, at=TUESDAY_9)
    report(city, at=TUESDAY_9 + timedelta(minutes=10), type_code=COVER, urgent=True)
    with time_machine.travel(AT, tick=False):
        yield


def counted(city: City, *, by: str = "leader", **words: str) -> dict[str, Any]:
    return case_statistics(actor=city.actor(by), words=words)


def figures(answer: dict[str, Any]) -> dict[str, int]:
    return {one["code"]: one["count"] for one in answer["figures"]}


def listed(city: City, words: dict[str, str], by: str = "leader") -> int:
    page = list_cases(actor=city.actor(by), wanted=parse_filter(words), limit=100)
    return len(page["items"])


@pytest.mark.usefixtures("told")
def test_the_figures_are_exact(city: City) -> None:
    answer = counted(city)
    assert figures(answer) == {
        "open": 3,
        "overdue": 1,
        "yellow": 1,
        "urgent": 1,
        "reported_today": 2,
        "closed_today": 0,
    }
    assert answer["at"] == AT
    assert [(one["code"], one["count"]) for one in answer["by_state"]] == [("reported", 3)]
    assert {one["code"]: one["count"] for one in answer["by_light"]} == {
        "green": 1,
        "yellow": 1,
        "red": 1,
        "none": 0,
    }
    assert [(one["code"], one["count"]) for one in answer["by_class"]] == [("06", 2), ("01", 1)]
    [district] = answer["by_district"]
    assert (district["code"], district["open"], district["overdue"]) == (DISTRICT, 3, 1)
    days = {str(one["day"]): one for one in answer["by_day"]}
    assert len(days) == 30
    assert (answer["by_day"][0]["day"].isoformat(), answer["by_day"][-1]["day"].isoformat()) == (
        "2026-02-02",
        "2026-03-03",
    )
    monday, tuesday = days["2026-03-02"], days["2026-03-03"]
    assert (monday["reported"], monday["closed"], monday["overdue"]) == (2, 1, 1)
    assert (tuesday["reported"], tuesday["closed"], tuesday["overdue"]) == (2, 0, 0)
    closing = answer["closing"]
    assert (closing["closed"], closing["on_time"], closing["ratio"]) == (1, 1, 1.0)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    "words",
    [
        {},
        {"district": DISTRICT},
        {"light": "red,yellow"},
        {"light": "green"},
        {"state": "reported,closed"},
        {"state": "filed"},
        {"open": "false"},
        {"open": "1", "sort": "due"},
        {"class": "06"},
        {"class": "06,01", "urgent": "true"},
        {"type": COVER},
        {"queue": "open"},
        {"overdue": "true"},
        {"reported_from": "2026-03-03"},
        {"reported_from": "2026-03-03T09:05:00+08:00"},
        {"reported_to": "2026-03-02"},
        {"ended_from": "2026-03-02", "ended_to": "2026-03-02"},
        {"q": "类型06012"},
        {"number": "3"},
    ],
    ids=str,
)
@pytest.mark.parametrize("by", ["leader", "inspector"])
def test_every_figure_is_the_list_behind_it(city: City, by: str, words: dict[str, str]) -> None:
    answer = counted(city, by=by, **words)
    for one in _with_lists(answer):
        assert listed(city, one["filter"], by) == one["count"], one


def _with_lists(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for group in ("figures", "by_state", "by_light", "by_class", "by_district"):
        yield from answer[group]
    for row in answer["by_district"]:
        if "light" not in row["filter"]:
            yield {"filter": row["filter"] | {"light": "red"}, "count": row["overdue"]}
    for day in answer["by_day"]:
        for name, words in day["filters"].items():
            if words is not None and day["day"].isoformat() >= "2026-03-01":
                yield {"filter": words, "count": day[name]}
    closing = answer["closing"]
    for name, words in (("closed", "filter"), ("on_time", "on_time_filter")):
        if closing and closing[words] is not None:
            yield {"filter": closing[words], "count": closing[name]}


@pytest.mark.usefixtures("told")
def test_what_contradicts_the_question_is_left_out(city: City) -> None:
    answer = counted(city, light="red")
    assert figures(answer).keys() & {"yellow", "overdue"} == {"overdue"}
    assert [one["code"] for one in answer["by_light"]] == ["red"]
    assert counted(city, state="reported")["by_day"][-1]["filters"]["closed"] is None


@pytest.mark.usefixtures("told")
def test_without_closings_there_is_no_rate(city: City) -> None:
    closing = counted(city, type=COVER)["closing"]
    assert (closing["closed"], closing["on_time"], closing["ratio"]) == (0, 0, None)


def test_late_closings_lower_the_rate(city: City) -> None:
    make_case(city, "closed")
    make_case(city, "closed", step=timedelta(days=3))
    with time_machine.travel(MONDAY_9 + timedelta(days=29), tick=False):
        closing = counted(city)["closing"]
    assert (closing["closed"], closing["on_time"], closing["ratio"]) == (2, 1, 0.5)


@pytest.mark.usefixtures("told")
def test_days_are_bounded(city: City) -> None:
    assert len(counted(city, reported_from="2000-01-01")["by_day"]) == 92
    assert len(counted(city, reported_from="2026-03-03", reported_to="2026-04-01")["by_day"]) == 1
    none = counted(city, reported_from="2026-04-01")
    assert (none["by_day"], none["closing"]) == ([], None)


def read(client: Client, words: dict[str, str] | None = None) -> Any:
    return client.get(f"{STATISTICS}?{urlencode(words or {})}")


@pytest.mark.usefixtures("told")
def test_only_those_with_the_permission_and_within_their_area(city: City) -> None:
    assert read(Client()).status_code == 401
    assert read(bearer(city.people["department"])).status_code == 403
    counting = make_person(permissions=["statistics.read"], division_code=DISTRICT)
    assert read(bearer(counting)).status_code == 403
    away = make_person(permissions=["statistics.read", "case.read"], division_code="330188")
    assert figures(read(bearer(away)).json())["open"] == 0
    body = read(bearer(city.people["leader"])).json()
    assert figures(body)["open"] == 3
    assert body["figures"][0]["filter"] == {"open": "true"}
    assert body["by_district"][0]["filter"] == {"district": DISTRICT, "open": "true"}
    assert body["by_day"][-1]["filter"] == {
        "reported_from": "2026-03-03",
        "reported_to": "2026-03-03",
    }
    assert {"at", "closing", "by_state", "by_light", "by_class"} <= body.keys()


@pytest.mark.parametrize(
    "words",
    [
        {"light": "purple"},
        {"reported_from": "9999-99-99"},
        {"state": "a\x00b"},
        {"organisation": "99999999999999999999"},
        {"class": "zz"},
    ],
    ids=str,
)
def test_a_filter_that_is_none_is_told(city: City, words: dict[str, str]) -> None:
    assert read(bearer(city.people["leader"]), words).status_code == 422


def test_an_answer_is_kept_until_a_case_changes(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "_LONGEST_REST_S", 0.0)
    report(city)
    city.actor("leader")
    with time_machine.travel(MONDAY_9 + timedelta(minutes=2), tick=False):
        with CaptureQueriesContext(connection) as first:
            assert figures(counted(city))["open"] == 1
        with CaptureQueriesContext(connection) as again:
            counted(city)
        report(city, type_code=RUBBISH)
        assert figures(counted(city))["open"] == 2
    # The names, the time zone and the mark of change come on top of the three scans.
    assert len(again) == 1
    assert len([one for one in first if "cases_case c" in one["sql"]]) == 3
