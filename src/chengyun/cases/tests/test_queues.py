"""Queues: what waits at each desk, by the same rule in the count and in the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chengyun.administration.queries import watch
from chengyun.administration.tests.builders import bearer, make_person
from chengyun.cases.queries import queues
from chengyun.cases.queries.filters import parse_filter
from chengyun.cases.queries.lists import list_cases
from chengyun.cases.queries.queues import count_queues
from chengyun.cases.rules.queues import all_queues
from chengyun.cases.rules.table import shipped_table
from chengyun.cases.tests.builders import MONDAY_9, City, act, make_case, report

pytestmark = pytest.mark.django_db
SOON = MONDAY_9 + timedelta(minutes=13)


def counts(city: City, by: str) -> dict[str, tuple[int, int, int]]:
    watch().forget("access")
    return {
        one["code"]: (one["count"], one["yellow"], one["red"])
        for one in count_queues(actor=city.actor(by))
    }


def listed(city: City, by: str, queue: str) -> list[int]:
    found = list_cases(actor=city.actor(by), wanted=parse_filter({"queue": queue}), limit=100)
    return [one["id"] for one in found["items"]]


def test_the_table_of_queues_is_sound() -> None:
    table = shipped_table()
    permissions = {desk.permission for desk in table.desks.values()} | {"", "case.report"}
    rules = {"desk", "organisation", "responsible", "person", "created", "handled", "open"}
    for queue in all_queues().values():
        assert set(queue.states) <= table.states.keys()
        assert queue.permission in permissions
        assert queue.rule in rules
        assert queue.group in {"mine", "watched", "all"}
    waiting = {state for queue in all_queues().values() for state in queue.states}
    held = {code for code, state in table.states.items() if state.desk}
    assert held - waiting == {"draft", "suspended"}


def test_a_case_waits_at_the_desk_that_holds_it(city: City) -> None:
    desks = {
        "reported": ("acceptor", "to_accept"),
        "verifying": ("collector", "to_verify"),
        "accepted": ("shift_leader", "to_file"),
        "filed": ("dispatcher", "to_dispatch"),
        "dispatched": ("department", "to_handle"),
        "handling": ("department", "handling"),
        "handled": ("dispatcher", "to_feed_back"),
        "feedback_given": ("acceptor", "to_send_check"),
        "checking": ("collector", "to_check"),
        "check_failed": ("dispatcher", "check_failed"),
        "check_passed": ("shift_leader", "to_close"),
    }
    made = {state: make_case(city, state).pk for state in desks}
    for state, (by, queue) in desks.items():
        assert listed(city, by, queue) == [made[state]], queue
        assert counts(city, by)[queue][0] == 1, queue
    assert listed(city, "cleaner", "to_handle") == []
    assert listed(city, "outsider", "to_verify") == []
    assert counts(city, "cleaner")["to_handle"] == (0, 0, 0)


def test_every_count_is_the_length_of_its_list(city: City) -> None:
    for state in ("reported", "verifying", "dispatched", "handling", "closed", "check_failed"):
        make_case(city, state, at=MONDAY_9, urgent=state == "reported")
    void = make_case(city, "dispatched")
    act(city, void, "apply_void", by="dispatcher", at=SOON)
    back = make_case(city, "handling")
    act(city, back, "apply_return", by="department", at=SOON)
    with time_machine.travel(SOON, tick=False):
        for by in city.people:
            if not city.actor(by).can("case.read"):
                continue
            for queue, (count, _, _) in counts(city, by).items():
                assert count == len(listed(city, by, queue)), (by, queue)
        assert listed(city, "shift_leader", "to_decide_void") == [void.pk]
        assert listed(city, "dispatcher", "to_decide_return") == [back.pk]
        assert listed(city, "department", "applied") == [back.pk, void.pk]


@pytest.mark.parametrize(
    ("after", "lights"),
    [
        (timedelta(minutes=1), (1, 0, 0)),
        (timedelta(minutes=12), (1, 1, 0)),
        (timedelta(minutes=15), (1, 1, 0)),
        (timedelta(minutes=15, seconds=1), (1, 0, 1)),
    ],
)
def test_lights_follow_the_time_not_the_mark(
    city: City, after: timedelta, lights: tuple[int, int, int]
) -> None:
    report(city)
    with time_machine.travel(MONDAY_9 + after, tick=False):
        assert counts(city, "acceptor")["to_accept"] == lights
        assert counts(city, "leader")["overdue"] == (lights[2], 0, lights[2])


def test_today_holds_what_one_did_today(city: City) -> None:
    case = make_case(city, "accepted")
    with time_machine.travel(MONDAY_9 + timedelta(hours=2), tick=False):
        assert listed(city, "acceptor", "today") == [case.pk]
        assert listed(city, "shift_leader", "today") == []
        assert counts(city, "acceptor")["today"][0] == 1
        assert listed(city, "collector", "my_reports") == [case.pk]
    with time_machine.travel(MONDAY_9 + timedelta(days=1), tick=False):
        assert counts(city, "acceptor")["today"][0] == 0
    with time_machine.travel(MONDAY_9 + timedelta(days=31, hours=1), tick=False):
        assert listed(city, "collector", "my_reports") == []


def test_only_the_own_desks_queues_are_shown(city: City) -> None:
    shown: Any = bearer(city.people["shift_leader"]).get("/api/v1/cases/queues").json()
    assert [one["code"] for one in shown] == [
        "to_file",
        "to_close",
        "to_decide_void",
        "today",
        "overdue",
        "urgent",
        "open",
    ]
    assert bearer(make_person()).get("/api/v1/cases/queues").status_code == 403


def test_another_district_counts_nothing(city: City) -> None:
    make_case(city, "reported")
    assert counts(city, "outsider")["to_accept"] == (0, 0, 0)
    assert counts(city, "outsider")["open"] == (0, 0, 0)


def test_counting_takes_two_queries_and_one_while_nothing_changes(city: City) -> None:
    make_case(city, "filed")
    actor = city.actor("dispatcher")
    watch().forget("access")
    with CaptureQueriesContext(connection) as few:
        first = count_queues(actor=actor)
    with CaptureQueriesContext(connection) as fewer:
        again = count_queues(actor=actor)
    assert (len(few), len(fewer)) == (2, 1)
    assert first == again


def test_an_act_is_counted_at_once(city: City) -> None:
    case = make_case(city, "filed")
    actor = city.actor("dispatcher")
    watch().forget("access")
    before = {one["code"]: one["count"] for one in count_queues(actor=actor)}
    act(city, case, "dispatch", by="dispatcher", at=SOON)
    after = {one["code"]: one["count"] for one in count_queues(actor=actor)}
    assert (before["to_dispatch"], after["to_dispatch"]) == (1, 0)


def test_of_very_many_cases_the_counts_may_be_a_moment_old(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case(city, "filed")
    actor = city.actor("dispatcher")
    watch().forget("access")
    monkeypatch.setattr(queues, "MANY", 0)
    monkeypatch.setattr(queues, "LAG_S", 3_600.0)
    monkeypatch.setattr(queues, "LONGEST_LAG_S", 3_600.0)
    count_queues(actor=actor)
    act(city, case, "dispatch", by="dispatcher", at=SOON)
    late = {one["code"]: one["count"] for one in count_queues(actor=actor)}
    monkeypatch.setattr(queues, "LAG_S", 0.0)
    now = {one["code"]: one["count"] for one in count_queues(actor=actor)}
    assert (late["to_dispatch"], now["to_dispatch"]) == (1, 0)
