"""Lists of cases: what each desk finds, filters, orders, pages, bad words, cost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengyun.administration.models import Person
from chengyun.administration.queries import watch
from chengyun.administration.tests.builders import actor_for, bearer, grant_role, make_person
from chengyun.cases.models import Case
from chengyun.cases.queries.filters import parse_filter
from chengyun.cases.queries.lists import list_cases
from chengyun.cases.queries.word_frequency import CaseSample, case_sample
from chengyun.cases.tests.builders import (
    COVER,
    MONDAY_9,
    RUBBISH,
    STEP,
    City,
    act,
    make_case,
    report,
)
from chengyun.kernel.text import term_keys
from chengyun.territory.models import GridDuty
from chengyun.territory.tests.builders import LONG_AGO

pytestmark = pytest.mark.django_db
CASES = "/api/v1/cases"


def get(client: Client, status: int = 200, /, **words: str) -> Any:
    answer = client.get(CASES, words)
    assert answer.status_code == status, answer.content
    return answer.json()


def ids(city: City, by: str, **words: str) -> list[int]:
    found = list_cases(actor=city.actor(by), wanted=parse_filter(words), limit=100)
    return [one["id"] for one in found["items"]]


def test_a_row_has_all_that_a_list_shows(city: City) -> None:
    with time_machine.travel(MONDAY_9 + timedelta(minutes=5), tick=False):
        case = report(city, address="解放路 118 号")
        row = get(bearer(city.people["leader"]))["items"][0]
    assert (row["id"], row["number"], row["state"]) == (case.pk, case.number, "reported")
    assert row["type"]["code"] == RUBBISH
    assert row["district"]["code"] == case.district_code
    assert row["holder"] == {"desk": "acceptor", "organisation": None, "person": None}
    assert (row["light"], row["stage"], row["is_open"]) == ("green", "accept", True)
    assert row["reported_at"] == "2026-03-02T01:00:00Z"
    assert row["thumbnail"].startswith("/api/v1/attachments/")
    assert row["lon"] == pytest.approx(120.0005)


@pytest.mark.parametrize(
    ("by", "seen"),
    [
        ("leader", True),
        ("acceptor", True),
        ("dispatcher", True),
        ("department", True),
        ("collector", True),
        ("cleaner", False),
        ("outsider", False),
    ],
)
def test_each_sees_his_own_reach(city: City, by: str, *, seen: bool) -> None:
    case = make_case(city, "dispatched")
    assert (case.pk in ids(city, by)) is seen
    detail = bearer(city.people[by]).get(f"{CASES}/{case.pk}")
    assert detail.status_code == (200 if seen else 404)


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        ({"division_code": ""}, True),
        ({"division_code": "33"}, True),
        ({"division_code": "3301"}, True),
        ({"division_code": "330199"}, True),
        ({"division_code": "330199001"}, True),
        ({"division_code": "330199001001"}, True),
        ({"division_code": "330198"}, False),
        ({"division_code": "330199002"}, False),
        ({"division_code": "330199001002"}, False),
        ({"case_kinds": ["matter"]}, True),
        ({"case_kinds": ["component"]}, False),
        ({"case_kinds": ["component"], "division_code": "330199"}, False),
    ],
)
def test_the_scope_is_a_division_and_a_kind(city: City, scope: Any, *, seen: bool) -> None:
    case = report(city)
    reader = make_person(permissions=["case.read"], **scope)
    found = list_cases(actor=actor_for(reader), wanted=parse_filter({}))["items"]
    assert [one["id"] for one in found] == ([case.pk] if seen else [])
    assert bearer(reader).get(f"{CASES}/{case.pk}").status_code == (200 if seen else 404)


def test_several_grants_add_up(city: City) -> None:
    case = report(city)
    reader = make_person(permissions=["case.read"], division_code="330188")
    grant_role(reader, permissions=["case.read"], division_code="330199001", case_kinds=["matter"])
    found = list_cases(actor=actor_for(reader), wanted=parse_filter({}))["items"]
    assert [one["id"] for one in found] == [case.pk]


def test_a_department_sees_what_it_assists_and_what_it_once_disposed_of(city: City) -> None:
    assisted = make_case(city, "filed")
    values = {"organisation_id": city.works.pk, "assisting_ids": [city.cleaning.pk]}
    act(city, assisted, "dispatch", by="dispatcher", at=MONDAY_9 + timedelta(minutes=9), **values)
    closed = make_case(city, "closed")
    assert ids(city, "cleaner") == [assisted.pk]
    assert set(ids(city, "department")) == {assisted.pk, closed.pk}


def test_a_collector_sees_his_grids_his_reports_and_his_tasks(city: City) -> None:
    case = report(city)
    assert ids(city, "collector") == [case.pk]
    other = make_person(role="collector", division_code="330199")
    assert seen_by(other) == []
    assert bearer(other).get(f"{CASES}/{case.pk}").status_code == 404
    GridDuty.objects.create(grid_code=city.grids[1].code, person=other, valid_from=LONG_AGO)
    assert seen_by(other) == []
    own = report(city)
    Case.objects.filter(pk=own.pk).update(created_by=other)
    assert seen_by(other) == [own.pk]
    values = {"assignee_id": other.pk}
    act(city, case, "send_verification", by="acceptor", at=MONDAY_9 + STEP, **values)
    assert seen_by(other) == [own.pk, case.pk]
    GridDuty.objects.create(grid_code=case.grid_code, person=other, valid_from=LONG_AGO)
    assert seen_by(other) == [own.pk, case.pk]


def seen_by(person: Person) -> list[int]:
    found = list_cases(actor=actor_for(person), wanted=parse_filter({}))
    return [one["id"] for one in found["items"]]


def test_filters_narrow(city: City) -> None:
    plain = report(city, description="绿化带内垃圾", urgent=True)
    cover = report(city, type_code=COVER, kind="component", at=MONDAY_9 - timedelta(days=2))
    closed = make_case(city, "closed", at=MONDAY_9 - timedelta(days=9))
    every = {plain.pk, cover.pk, closed.pk}
    expected: dict[tuple[tuple[str, str], ...], set[int]] = {
        (): every,
        (("state", "reported"),): {plain.pk, cover.pk},
        (("state", "reported,closed"),): every,
        (("state", "filed"),): set(),
        (("kind", "component"),): {cover.pk},
        (("type", RUBBISH),): {plain.pk, closed.pk},
        (("class", "01"),): {cover.pk},
        (("class", "01"), ("type", RUBBISH)): set(),
        (("source", "collector"),): every,
        (("source", "public,hotline"),): set(),
        (("district", "330199"), ("street", "330199001")): every,
        (("community", "330199001002"),): set(),
        (("grid", plain.grid_code),): every,
        (("organisation", str(city.works.pk)),): {closed.pk},
        (("organisation", str(city.cleaning.pk)),): set(),
        (("urgent", "true"),): {plain.pk},
        (("urgent", "false"),): {cover.pk, closed.pk},
        (("open", "true"),): {plain.pk, cover.pk},
        (("open", "false"),): {closed.pk},
        (("light", "green"),): {plain.pk},
        (("light", "red"),): {cover.pk},
        (("light", "red,green"),): {plain.pk, cover.pk},
        (("light", "none"),): {closed.pk},
        (("overdue", "true"),): {cover.pk},
        (("overdue", "false"),): {plain.pk, closed.pk},
        (("reported_from", "2026-03-02"),): {plain.pk},
        (("reported_to", "2026-02-28"),): {cover.pk, closed.pk},
        (("reported_from", "2026-02-28"), ("reported_to", "2026-02-28")): {cover.pk},
        (("reported_from", "2026-03-02T01:00:00Z"),): {plain.pk},
        (("number", plain.number[:-1]),): {plain.pk},
        (("q", plain.number),): {plain.pk},
        (("q", plain.number.lower()),): {plain.pk},
        (("q", "垃圾"),): {plain.pk},
        (("q", "绿化带"),): {plain.pk},
        (("q", "圾"),): {plain.pk},
        (("q", "绿化 圾"),): {plain.pk},
        (("q", "圾绿"),): set(),
        (("q", "😀"),): set(),
        (("mine", "true"),): set(),
    }
    with time_machine.travel(MONDAY_9 + timedelta(minutes=5), tick=False):
        for words, wanted in expected.items():
            assert set(ids(city, "leader", **dict(words))) == wanted, words
        assert set(ids(city, "collector", mine="true")) == every


@pytest.mark.parametrize("sort", ["due", "reported", "-reported", "updated"])
@pytest.mark.parametrize("by", ["leader", "department", "collector"])
def test_pages_give_each_case_once_in_order(city: City, sort: str, by: str) -> None:
    states = ["closed", "handling", "dispatched", "closed", "checking"]
    made = [
        make_case(city, state, at=MONDAY_9 + timedelta(hours=number % 3))
        for number, state in enumerate(states)
    ]
    whole = list_cases(actor=city.actor(by), wanted=parse_filter({"sort": sort}), limit=100)
    rows = whole["items"]
    assert sorted(row["id"] for row in rows) == sorted(case.pk for case in made)
    paged: list[Any] = []
    after = None
    for _ in made:
        page = list_cases(
            actor=city.actor(by), wanted=parse_filter({"sort": sort}), limit=1, after=after
        )
        paged += page["items"]
        after = page["next"]
    assert after is None
    assert [row["id"] for row in paged] == [row["id"] for row in rows]
    keys = [_key(row, sort) for row in rows]
    assert keys == sorted(keys)


def _key(row: dict[str, Any], sort: str) -> Any:
    if sort == "due":
        no_clock = row["due_at"] is None
        instant = -row["reported_at"].timestamp() if no_clock else row["due_at"].timestamp()
        return no_clock, instant, -row["id"] if no_clock else row["id"]
    name = "updated_at" if sort == "updated" else "reported_at"
    sign = 1 if sort == "reported" else -1
    return sign * row[name].timestamp(), sign * row["id"]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"state": "nonsense"}, "state"),
        ({"state": "reported,nonsense"}, "state"),
        ({"source": "moon"}, "source"),
        ({"kind": "both"}, "kind"),
        ({"type": "99999"}, "type"),
        ({"class": "99"}, "class"),
        ({"light": "blue"}, "light"),
        ({"sort": "random"}, "sort"),
        ({"queue": "nonsense"}, "queue"),
        ({"urgent": "maybe"}, "urgent"),
        ({"district": "'; DROP TABLE"}, "district"),
        ({"district": "33%"}, "district"),
        ({"grid": "1" * 21}, "grid"),
        ({"organisation": "0"}, "organisation"),
        ({"organisation": "9" * 18}, "organisation"),
        ({"organisation": "9" * 400}, "organisation"),
        ({"organisation": "x"}, "organisation"),
        ({"reported_from": "yesterday"}, "reported_from"),
        ({"reported_from": "2026-02-30"}, "reported_from"),
        ({"reported_from": "0001-01-01"}, "reported_from"),
        ({"reported_to": "9999-12-31"}, "reported_to"),
        ({"reported_to": "9999-12-31T23:59:59-12:00"}, "reported_to"),
        ({"after": "x"}, "after"),
        ({"after": "WyJjYXNlczotcmVwb3J0ZWQiLDAsIngiLDFd"}, "after"),
        ({"limit": "0"}, "limit"),
        ({"limit": "99999999999999999999"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"q": "字" * 10_240}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"number": "\x00"}, "number"),
        ({"state": ",".join(["reported"] * 101)}, "state"),
    ],
)
def test_a_bad_word_is_named(city: City, words: dict[str, str], field: str) -> None:
    problem = get(bearer(city.people["leader"]), 422, **words)
    assert problem["errors"][0]["field"] == field
    assert problem["code"]


@pytest.mark.parametrize(
    "words",
    [
        {"q": "😀👍"},
        {"q": "%' OR 1=1 --"},
        {"q": "_\\%"},
        {"q": "\u202etxt"},
        {"number": "%"},
        {"q": " "},
        {"state": ","},
        {"unheard": "of"},
        {"q": "LJ20261123-"},
        {"q": "20261123"},
    ],
)
def test_odd_words_find_nothing_or_all_but_break_nothing(city: City, words: dict[str, str]) -> None:
    report(city)
    assert get(bearer(city.people["leader"]), **words)["next"] is None


def test_a_token_of_another_order_is_refused(city: City) -> None:
    report(city)
    report(city)
    client = bearer(city.people["leader"])
    token = get(client, limit="1")["next"]
    assert get(client, 422, limit="1", after=token, sort="due")["code"] == "page_token_invalid"
    assert len(get(client, limit="1", after=token)["items"]) == 1


def test_a_queue_of_another_desk_is_refused(city: City) -> None:
    assert get(bearer(city.people["acceptor"]), 403, queue="to_file")["code"] == "forbidden"
    assert get(bearer(make_person()), 403)["code"] == "forbidden"
    assert Client().get(CASES).status_code == 401


@pytest.mark.parametrize(
    ("by", "words", "queries"),
    [
        ("leader", {}, 1),
        ("leader", {"q": "垃圾"}, 1),
        ("leader", {"sort": "updated"}, 1),
        ("leader", {"sort": "due"}, 2),  # the second for what has no running clock
        ("acceptor", {"queue": "to_accept"}, 2),
        ("acceptor", {}, 1),
        ("department", {}, 1),
        ("collector", {}, 2),  # the first for the grids bound to him
    ],
)
def test_a_page_takes_few_queries_however_many_rows(
    city: City, by: str, words: dict[str, str], queries: int
) -> None:
    actor = city.actor(by)
    for number in range(5):
        report(city, at=MONDAY_9 + timedelta(minutes=number))
    list_cases(actor=actor, wanted=parse_filter(words))
    with CaptureQueriesContext(connection) as few:
        list_cases(actor=actor, wanted=parse_filter(words))
    assert len(few) == queries


def test_a_full_page_in_order_of_deadline_takes_one_query(city: City) -> None:
    for _ in range(3):
        report(city)
    actor, wanted = city.actor("acceptor"), parse_filter({"queue": "to_accept"})
    list_cases(actor=actor, wanted=wanted, limit=2)
    with CaptureQueriesContext(connection) as few:
        page = list_cases(actor=actor, wanted=wanted, limit=2)
    assert (len(few), len(page["items"])) == (1, 2)
    assert Case.objects.count() == 3


FREQUENT = dict.fromkeys(term_keys(["垃圾"]), 1.0)


@pytest.mark.parametrize("steps", [1, 2, 9])
@pytest.mark.parametrize("scoped", [True, False])
def test_frequent_words_are_looked_for_among_the_nearest_first(
    city: City, monkeypatch: pytest.MonkeyPatch, *, steps: int, scoped: bool
) -> None:
    instants = [MONDAY_9 + number * STEP for number in range(6)]
    made = [report(city, description="暴露垃圾", at=at) for at in instants]
    sample = CaseSample(rows=5.0, shares=FREQUENT, instants={"reported_at": tuple(instants)})
    monkeypatch.setattr(CaseSample, "are_frequent", lambda *_: True)
    monkeypatch.setattr("chengyun.cases.queries.lists.case_sample", lambda: sample)
    monkeypatch.setattr("chengyun.cases.queries.pages.NEAREST", steps)
    monkeypatch.setattr("chengyun.cases.queries.pages.NEAREST_IN_SCOPE", steps)
    code = made[0].district_code if scoped else ""
    actor = actor_for(make_person(permissions=["case.read"], division_code=code))
    wanted, after, found = parse_filter({"q": "垃圾"}), None, list[int]()
    for _ in range(4):
        page = list_cases(actor=actor, wanted=wanted, limit=2, after=after)
        found += [row["id"] for row in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == [case.pk for case in reversed(made)]
    oldest = list_cases(
        actor=actor, wanted=parse_filter({"q": "垃圾", "sort": "reported"}), limit=2
    )
    assert [row["id"] for row in oldest["items"]] == [made[0].pk, made[1].pk]


def test_the_share_of_a_term_comes_from_the_statistics(city: City) -> None:
    for number in range(4):
        report(city, description="暴露垃圾", at=MONDAY_9 + number * STEP)
    assert case_sample().share(["垃圾"]) == 0.0
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_case")
    watch().forget("reference")
    sample = case_sample()
    assert sample.share(["垃圾", "暴露"]) == 1.0
    assert sample.share(["垃圾", "从无"]) == 0.0
    assert (sample.rows, len(sample.instants["reported_at"])) == (4.0, 4)


@pytest.mark.parametrize(
    ("rows", "share", "frequent"),
    [(1e6, 0.0062, True), (1e6, 0.006, False), (4e6, 0.0035, False), (100.0, 0.5, False)],
)
def test_a_walk_pays_where_the_word_is_frequent(
    rows: float, share: float, *, frequent: bool
) -> None:
    sample = CaseSample(rows=rows, shares=dict.fromkeys(term_keys(["垃圾"]), share))
    assert sample.are_frequent(["垃圾"], 50) is frequent


def test_the_horizon_lies_so_many_cases_away() -> None:
    days = [MONDAY_9 + number * STEP for number in range(11)]
    sample = CaseSample(rows=1_000.0, instants={"reported_at": days})

    def horizon(start: datetime | None, rows: int, *, descending: bool = True) -> datetime | None:
        return sample.horizon("reported_at", start, rows, descending=descending)

    assert horizon(None, 100) == days[9]
    assert horizon(None, 101) == days[8]
    assert horizon(days[5] + STEP / 2, 100) == days[4]
    assert horizon(None, 250, descending=False) == days[3]
    assert horizon(days[5] + STEP / 2, 100, descending=False) == days[7]
    assert (horizon(days[1], 100), horizon(None, 2_000)) == (None, None)
    assert sample.horizon("updated_at", None, 100, descending=True) is None
