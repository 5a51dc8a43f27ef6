"""The working calendar is edited: open clocks follow, once, with an entry in the log."""

from __future__ import annotations

import json
from datetime import UTC, date, timedelta
from typing import Any

import pytest
from django.db import connection

from chengyun.administration.operations import change_setting
from chengyun.administration.operations.calendar import confirm_year, mark_day, unmark_day
from chengyun.administration.rules.actor import SYSTEM
from chengyun.cases.models import Case, Clock, LogEntry, Task
from chengyun.cases.operations.advance import act_on_case
from chengyun.cases.operations.hearing import WAIT_S, days_of
from chengyun.cases.operations.lights import mark_lights
from chengyun.cases.operations.relaying import Span, relay_clocks
from chengyun.cases.queries.chain import find_proof
from chengyun.cases.tests.builders import (
    MONDAY_9,
    RUBBISH,
    City,
    act,
    make_case,
    make_standard,
    report,
    request_for,
)
from chengyun.journal.models import Event

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 3, 3)
HOUR = timedelta(hours=1)


def jobs() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args, scheduled_at > now() FROM procrastinate_jobs"
            " WHERE task_name = 'chengyun.cases.tasks.relay_open_clocks' ORDER BY id"
        )
        rows = cursor.fetchall()
    return [{**json.loads(args), "later": later} for args, later in rows]


def clock(case: Case, stage: str) -> Clock:
    return Clock.objects.get(case=case, stage=stage)


def dispatched(city: City) -> Case:
    """A case with a disposal clock of 16 working hours: Monday and Tuesday."""
    standard = make_standard(city.types[RUBBISH], limit=("16", "working_hour"), condition_no=2)
    case = make_case(city, "accepted", step=timedelta(0))
    act(city, case, "file", by="shift_leader", at=MONDAY_9, standard_id=standard.pk)
    return act(city, case, "dispatch", by="dispatcher", at=MONDAY_9)


def test_every_edit_of_the_calendar_defers_the_reckoning_in_its_own_transaction() -> None:
    confirm_year(actor=SYSTEM, year=2031)
    mark_day(actor=SYSTEM, on=TUESDAY, kind="holiday")
    unmark_day(actor=SYSTEM, on=TUESDAY)
    change_setting(actor=SYSTEM, key="administration.weekend", value=[7])
    change_setting(actor=SYSTEM, key="cases.batch_max", value=100)
    day = {"first": "2026-03-03", "last": "2026-03-03", "later": True}
    assert jobs() == [
        {"first": "2031-01-01", "last": "2031-12-31", "later": True},
        day,
        day,
        {"first": None, "last": None, "later": True},
    ]
    assert WAIT_S == 3


def test_the_days_of_an_edit() -> None:
    assert days_of("calendar.day_unmarked", "2026-10-01") == (date(2026, 10, 1),) * 2
    assert days_of("calendar.year_added", "2027") == (date(2027, 1, 1), date(2027, 12, 31))
    assert days_of("calendar.scheme_changed", "2027") == (None, None)
    assert days_of("calendar.scheme_changed", "standard") == (None, None)


def test_a_holiday_moves_deadline_and_warning_and_leaves_one_entry(city: City) -> None:
    case = dispatched(city)
    before = clock(case, "disposal")
    length = case.log_length
    mark_day(actor=SYSTEM, on=TUESDAY, kind="holiday")
    at = MONDAY_9 + HOUR
    assert relay_clocks(at=at, span=Span(first=TUESDAY, last=TUESDAY)) == 1
    after = clock(case, "disposal")
    assert after.due_at == before.due_at + timedelta(days=1)
    assert after.yellow_at == before.yellow_at + timedelta(days=1)
    assert (after.limit_s, after.yellow_s) == (before.limit_s, before.yellow_s)
    case.refresh_from_db()
    assert (case.due_at, case.yellow_at, case.light) == (after.due_at, after.yellow_at, 1)
    assert case.case_due_at == clock(case, "whole").due_at
    assert case.log_length == length + 1
    entry = LogEntry.objects.get(case=case, seq=case.log_length)
    assert (entry.act, entry.role, entry.to_state) == ("relay_clocks", "system", "dispatched")
    told = {one["stage"]: one for one in entry.data["clocks"]}
    assert set(told) == {"disposal", "whole"}
    assert told["disposal"]["due_before"] == before.due_at.isoformat()
    assert told["disposal"]["due_at"] == after.due_at.isoformat()
    event = Event.objects.latest("seq")
    assert (event.kind, event.payload["case_id"]) == ("case.clocks_relaid", case.pk)
    proof = find_proof(case.pk)
    assert proof is not None
    assert proof.ok, proof.finding


def test_twice_is_once_and_the_version_stays(city: City) -> None:
    case = dispatched(city)
    mark_day(actor=SYSTEM, on=TUESDAY, kind="holiday")
    span = Span(first=TUESDAY, last=TUESDAY)
    assert relay_clocks(at=MONDAY_9 + HOUR, span=span) == 1
    assert relay_clocks(at=MONDAY_9 + HOUR, span=span) == 0
    version = case.version
    case.refresh_from_db()
    assert case.version == version
    assert LogEntry.objects.filter(case=case, act="relay_clocks").count() == 1


def test_taking_the_holiday_back_gives_the_first_deadlines(city: City) -> None:
    case = dispatched(city)
    first = clock(case, "disposal")
    span = Span(first=TUESDAY, last=TUESDAY)
    mark_day(actor=SYSTEM, on=TUESDAY, kind="holiday")
    relay_clocks(at=MONDAY_9 + HOUR, span=span)
    unmark_day(actor=SYSTEM, on=TUESDAY)
    relay_clocks(at=MONDAY_9 + HOUR, span=span)
    again = clock(case, "disposal")
    assert (again.due_at, again.yellow_at) == (first.due_at, first.yellow_at)


def test_the_light_follows_back_to_green(city: City) -> None:
    case = dispatched(city)
    late = clock(case, "disposal").due_at + HOUR
    mark_lights(at=late)
    case.refresh_from_db()
    assert (case.light, clock(case, "disposal").light) == (3, 3)
    mark_day(actor=SYSTEM, on=date(2026, 3, 2), kind="holiday")
    mark_day(actor=SYSTEM, on=TUESDAY, kind="holiday")
    relay_clocks(at=late, span=Span(first=date(2026, 3, 2), last=TUESDAY))
    case.refresh_from_db()
    assert (case.light, clock(case, "disposal").light) == (1, 1)


def test_a_clock_that_stands_still_follows_too(city: City) -> None:
    case = dispatched(city)
    act(city, case, "apply_return", by="department", at=MONDAY_9 + 3 * HOUR)
    standing = clock(case, "disposal")
    assert (standing.paused_at, standing.used_s) == (MONDAY_9 + 3 * HOUR, 3 * 3600)
    mark_day(actor=SYSTEM, on=TUESDAY, kind="holiday")
    relay_clocks(at=MONDAY_9 + 4 * HOUR, span=Span(first=TUESDAY, last=TUESDAY))
    moved = clock(case, "disposal")
    assert moved.due_at == standing.due_at + timedelta(days=1)
    assert (moved.used_s, moved.paused_at) == (standing.used_s, standing.paused_at)
    mark_day(actor=SYSTEM, on=date(2026, 3, 2), kind="holiday")
    relay_clocks(at=MONDAY_9 + 4 * HOUR, span=Span(first=date(2026, 3, 2), last=date(2026, 3, 2)))
    assert clock(case, "disposal").used_s == 0


def test_a_pause_over_the_edited_day_is_counted_by_the_new_calendar(city: City) -> None:
    case = dispatched(city)
    act(city, case, "apply_return", by="department", at=MONDAY_9 + 3 * HOUR)
    wednesday_9 = MONDAY_9 + timedelta(days=2)
    act(city, case, "reject_return", by="dispatcher", at=wednesday_9)
    running = clock(case, "disposal")
    assert running.pauses == [MONDAY_9 + 3 * HOUR, wednesday_9]
    mark_day(actor=SYSTEM, on=TUESDAY, kind="holiday")
    relay_clocks(at=wednesday_9 + HOUR, span=Span(first=TUESDAY, last=TUESDAY))
    after = clock(case, "disposal")
    assert after.due_at == running.due_at  # it stood still that day anyway
    assert after.paused_s < running.paused_s


def test_round_the_clock_and_ended_cases_are_left_alone(city: City) -> None:
    change_setting(actor=SYSTEM, key="cases.limit_whole", value="360 calendar_hour")
    open_one = report(city)
    ended = make_case(city, "closed")
    before = list(Clock.objects.order_by("id").values())
    mark_day(actor=SYSTEM, on=TUESDAY, kind="holiday")
    assert relay_clocks(at=MONDAY_9 + HOUR, span=Span()) == 0
    assert list(Clock.objects.order_by("id").values()) == before
    for case in (open_one, ended):
        assert not LogEntry.objects.filter(case=case, act="relay_clocks").exists()


def test_days_outside_are_not_looked_at(city: City) -> None:
    case = dispatched(city)
    far = date(2026, 6, 1)
    mark_day(actor=SYSTEM, on=TUESDAY, kind="holiday")
    assert relay_clocks(at=MONDAY_9, span=Span(first=far, last=far)) == 0
    assert relay_clocks(at=MONDAY_9, span=Span(last=date(2026, 2, 1))) == 0
    assert relay_clocks(at=MONDAY_9, span=Span(first=TUESDAY), batch=1) == 1
    assert LogEntry.objects.filter(case=case, act="relay_clocks").count() == 1


def test_the_collectors_task_follows_its_clock(city: City) -> None:
    change_setting(actor=SYSTEM, key="cases.limit_verify", value="16 working_hour")
    case = report(city)
    act(city, case, "send_verification", by="acceptor", at=MONDAY_9)
    task = Task.objects.get(case=case)
    assert task.due_at == clock(case, "verify").due_at
    mark_day(actor=SYSTEM, on=TUESDAY, kind="holiday")
    relay_clocks(at=MONDAY_9, span=Span(first=TUESDAY, last=TUESDAY))
    task.refresh_from_db()
    assert task.due_at == clock(case, "verify").due_at
    assert task.due_at is not None
    assert task.due_at.astimezone(UTC).date() == date(2026, 3, 5)


def test_a_form_that_was_open_still_counts(city: City) -> None:
    case = dispatched(city)
    mark_day(actor=SYSTEM, on=TUESDAY, kind="holiday")
    relay_clocks(at=MONDAY_9 + HOUR, span=Span(first=TUESDAY, last=TUESDAY))
    request = request_for(city, "start_handling", "department", version=case.version)
    act_on_case(actor=city.actor("department"), case_id=case.pk, request=request, at=MONDAY_9)
    case.refresh_from_db()
    assert case.state == "handling"
