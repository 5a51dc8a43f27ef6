"""Lights: marked once, at the right moment, in the log and to the live lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chengyun.cases.models import Case, Clock, LogEntry
from chengyun.cases.operations.lights import mark_lights
from chengyun.cases.tests.builders import MONDAY_9, City, act, make_case, report
from chengyun.journal.models import Event

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
YELLOW_AT = MONDAY_9 + timedelta(minutes=12)  # 80 % of 15 minutes
DUE_AT = MONDAY_9 + timedelta(minutes=15)


def lights(case: Case) -> tuple[int, int]:
    case.refresh_from_db()
    return case.light, Clock.objects.get(case=case, stage="accept").light


def test_yellow_at_its_moment_red_after_the_deadline(city: City) -> None:
    case = report(city)
    seen = []
    for at in (YELLOW_AT - SECOND, YELLOW_AT, DUE_AT, DUE_AT + SECOND):
        marked = mark_lights(at=at)
        seen.append((marked, lights(case)))
    assert seen == [(0, (1, 1)), (1, (2, 2)), (0, (2, 2)), (1, (3, 3))]


def test_a_mark_is_made_once_and_stands_in_the_chained_log(city: City) -> None:
    case = report(city)
    assert mark_lights(at=YELLOW_AT) == 1
    assert mark_lights(at=YELLOW_AT) == 0
    case.refresh_from_db()
    entry = LogEntry.objects.get(case=case, seq=2)
    assert (entry.act, entry.actor_id, entry.role) == ("mark_yellow", None, "system")
    assert (entry.from_state, entry.to_state) == ("reported", "reported")
    assert (entry.data["stage"], entry.data["round"]) == ("accept", 1)
    assert case.log_length == 2
    assert bytes(case.log_head) == bytes(entry.hash)


def test_a_mark_leaves_the_version_so_that_no_form_becomes_stale(city: City) -> None:
    case = report(city)
    mark_lights(at=YELLOW_AT)
    act(city, case, "accept", by="acceptor", at=DUE_AT, version=1)
    assert case.state == "accepted"


def test_the_live_lines_hear_of_it(city: City) -> None:
    case = report(city)
    mark_lights(at=DUE_AT + SECOND)
    event = Event.objects.latest("seq")
    assert event.kind == "case.marked"
    assert event.payload["light"] == "red"
    assert event.payload["act"] == "mark_red"
    assert event.division_code == case.community_code


def test_a_clock_that_was_never_marked_yellow_turns_red_at_once(city: City) -> None:
    case = report(city)
    assert mark_lights(at=DUE_AT + SECOND) == 1
    assert lights(case) == (3, 3)
    assert LogEntry.objects.filter(case=case, act="mark_yellow").count() == 0


def test_paused_and_finished_clocks_turn_no_more(city: City) -> None:
    case = make_case(city, "verifying")  # the acceptance stands still meanwhile
    ended = report(city)
    act(city, ended, "refuse", by="acceptor", at=MONDAY_9 + timedelta(minutes=2))
    assert mark_lights(at=DUE_AT + SECOND) == 0
    assert Clock.objects.get(case=case, stage="accept").light == 1
    assert mark_lights(at=MONDAY_9 + timedelta(minutes=31, seconds=2)) == 1
    assert Clock.objects.get(case=case, stage="verify").light == 3


def test_the_whole_case_has_its_own_light(city: City) -> None:
    case = report(city)
    # 80 % of 15 working days are 12; from 09:00 they end at 09:00, two weeks and two days on
    twelve_days = datetime(2026, 3, 18, 1, 0, tzinfo=UTC)
    assert Clock.objects.get(case=case, stage="whole").yellow_at == twelve_days
    assert mark_lights(at=twelve_days) == 2
    case.refresh_from_db()
    assert (case.light, case.case_light) == (3, 2)
    assert LogEntry.objects.filter(case=case).count() == 3


def test_many_clocks_are_marked_in_batches(city: City) -> None:
    cases = [report(city) for _ in range(7)]
    assert mark_lights(at=YELLOW_AT, batch=3) == 7
    assert [lights(case) for case in cases] == [(2, 2)] * 7


def test_an_act_on_an_overdue_case_starts_green_again(city: City) -> None:
    case = report(city)
    mark_lights(at=DUE_AT + SECOND)
    act(city, case, "accept", by="acceptor", at=DUE_AT + 2 * SECOND)
    assert (case.light, case.stage) == (1, "filing")
    accept = Clock.objects.get(case=case, stage="accept")
    assert (accept.light, accept.overdue) == (3, True)
