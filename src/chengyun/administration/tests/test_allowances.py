"""What costs much is throttled by who asks; the plain reads are not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengyun.administration.models import Allowance, Setting
from chengyun.administration.operations.allowances import take_allowance
from chengyun.administration.operations.upkeep import tidy
from chengyun.administration.queries import watch
from chengyun.administration.rules.allowances import ReadingThrottled
from chengyun.administration.tests.builders import bearer, make_person

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 1, tzinfo=UTC)
SEARCH = "/api/v1/territory/addresses/search?q=road"
READER = ["territory.read", "case.read", "case.export"]


def limit(name: str, value: int) -> None:
    Setting.objects.create(key=f"administration.{name}_per_minute", value=value)
    watch().forget("reference")


def reader() -> Client:
    return bearer(make_person(permissions=READER))


def test_the_refusal_says_when_to_come_back_in_both_languages() -> None:
    limit("searches", 3)
    client = reader()
    with time_machine.travel(START, tick=False) as clock:
        assert [client.get(SEARCH).status_code for _ in range(4)] == [200, 200, 200, 429]
        kept = Allowance.objects.get().full_at
        told = client.get(SEARCH, headers={"Accept-Language": "en"})
        assert (told.headers["Content-Type"], told.headers["Retry-After"]) == (
            "application/problem+json",
            "20",
        )
        assert told.json()["code"] == "reading_throttled"
        assert told.json()["detail"] == (
            "Too many searches (at most 3 a minute). Try again in 20 seconds."
        )
        zh = client.get(SEARCH, headers={"Accept-Language": "zh"}).json()
        assert zh["detail"] == "检索过于频繁（上限为每分钟 3 次），请在 20 秒后重试。"
        assert Allowance.objects.get().full_at == kept == START + timedelta(minutes=1)
        clock.shift(timedelta(seconds=19.999))
        assert client.get(SEARCH).status_code == 429
        clock.shift(timedelta(seconds=0.001))
        assert [client.get(SEARCH).status_code for _ in range(2)] == [200, 429]


def test_each_person_has_his_own_whatever_he_signs_in_with() -> None:
    limit("searches", 1)
    person = make_person(permissions=READER)
    with time_machine.travel(START, tick=False):
        assert [bearer(person).get(SEARCH).status_code for _ in range(2)] == [200, 429]
        assert reader().get(SEARCH).status_code == 200


def test_only_the_search_among_cases_is_counted() -> None:
    limit("searches", 1)
    client = reader()
    with time_machine.travel(START, tick=False):
        assert [client.get("/api/v1/cases").status_code for _ in range(3)] == [200] * 3
        assert not Allowance.objects.exists()
        found = [client.get("/api/v1/cases", {"q": "井盖"}).status_code for _ in range(2)]
    assert found == [200, 429]


def test_a_batch_takes_as_many_as_it_asks_for() -> None:
    limit("geocodes", 10)
    client = reader()

    def locate(count: int) -> int:
        body = {"texts": ["x"] * count}
        path = "/api/v1/territory/addresses/geocode"
        return client.post(path, body, content_type="application/json").status_code

    with time_machine.travel(START, tick=False):
        assert [locate(6), locate(5), locate(4), locate(1)] == [200, 429, 200, 429]


def test_a_batch_beyond_the_limit_takes_all_of_it_and_is_answered() -> None:
    limit("geocodes", 2)
    client = reader()
    path, body = "/api/v1/territory/addresses/geocode", {"texts": ["x"] * 5}
    with time_machine.travel(START, tick=False):
        first, second = (client.post(path, body, content_type="application/json") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.json()["code"] == "reading_throttled"


def test_no_limit_and_the_bench_take_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    limit("searches", 0)
    take_allowance(sender="person:1", reading="search")
    monkeypatch.setenv("CHENGYUN_READ_LIMITS", "off")
    take_allowance(sender="person:1", reading="export", count=1000)
    assert not Allowance.objects.exists()


def test_taking_is_one_statement() -> None:
    take_allowance(sender="person:1", reading="export")
    with CaptureQueriesContext(connection) as asked:
        take_allowance(sender="person:1", reading="export")
    assert len(asked) == 1


def test_what_is_more_than_all_takes_all_once_and_old_rows_go() -> None:
    limit("exports", 2)
    with time_machine.travel(START, tick=False) as clock:
        take_allowance(sender="address:10.0.0.1", reading="export", count=5)
        with pytest.raises(ReadingThrottled):
            take_allowance(sender="address:10.0.0.1", reading="export")
        take_allowance(sender="address:10.0.0.2", reading="export")
        assert tidy()["allowances"] == 0
        clock.shift(timedelta(hours=2))
        assert tidy()["allowances"] == 2


def test_the_openapi_file_names_each_route_that_is_throttled() -> None:
    file = Path(__file__).parents[4] / "api" / "openapi.json"
    paths = json.loads(file.read_text(encoding="utf-8"))["paths"]
    told = {
        (method, path.removeprefix("/api/v1"))
        for path, routes in paths.items()
        for method, route in routes.items()
        if "429" in route["responses"]
    }
    assert told == {
        ("get", "/administration/audit/export"),
        ("get", "/cases"),
        ("post", "/cases/export"),
        ("get", "/cases/export/{export_id}/file"),
        ("get", "/components/census/plans/{plan_id}/export"),
        ("get", "/components/export"),
        ("get", "/territory/addresses/at"),
        ("get", "/territory/addresses/export"),
        ("get", "/territory/addresses/geocode"),
        ("post", "/territory/addresses/geocode"),
        ("get", "/territory/addresses/search"),
        ("get", "/territory/grid-groups/{kind}/export"),
        ("get", "/territory/grids/export"),
    }
