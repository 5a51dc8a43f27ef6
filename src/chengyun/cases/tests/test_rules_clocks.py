from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengyun.cases.rules import clocks
from chengyun.cases.rules.clocks import Clock, Ledger, Light, StageLimit
from chengyun.cases.rules.facts import ClockEffect
from chengyun.cases.tests.rules_walk import (
    CALENDAR,
    GARDENS,
    ROADS,
    walk_to,
    walk_to_failed_check,
)
from chengyun.kernel.tests.calendars import FIRST, plain_calendars
from chengyun.kernel.tests.minute_walker import MINUTE, PlainCalendar, china
from chengyun.kernel.units import Limit
from chengyun.kernel.working_calendar import WorkingCalendar

DAYS_2 = StageLimit(limit=Limit.of(2, "working_day"))
HOURS_4 = StageLimit(limit=Limit.of(4, "working_hour"))
MINUTES_15 = StageLimit(limit=Limit.of(15, "calendar_minute"))
NINE = china("2026-11-23 09:00")


def _started(rule: StageLimit = HOURS_4, at: datetime = NINE) -> Clock:
    return clocks.start("disposal", rule, at, CALENDAR, organisation_id=ROADS)


def _at(text: str) -> datetime:
    return china(f"2026-11-{text}")


def test_a_clock_starts_with_deadline_and_warning() -> None:
    clock = _started(DAYS_2)
    assert (clock.due_at, clock.yellow_at) == (_at("25 09:00"), _at("24 15:48"))
    assert (clock.limit_s, clock.used_s, clock.running) == (16 * 3600, 0, True)
    assert clock.due_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("at", "light"),
    [
        ("23 09:00", Light.GREEN),
        ("23 14:11", Light.GREEN),
        ("23 14:12", Light.YELLOW),
        ("23 15:00", Light.YELLOW),
        ("23 15:01", Light.RED),
        ("24 15:00", Light.RED),
    ],
)
def test_lights(at: str, light: Light) -> None:
    assert clocks.light_at(_started(), _at(at)) is light


def test_the_share_of_the_warning_is_kept_per_clock() -> None:
    rule = StageLimit(limit=HOURS_4.limit, yellow_share=Decimal("0.5"))
    clock = _started(rule)
    assert clock.yellow_at == _at("23 11:00")
    paused = clocks.pause(clock, _at("23 10:00"), CALENDAR)
    assert clocks.resume(paused, _at("23 11:00"), CALENDAR).yellow_at == _at("23 12:00")


def test_a_pause_moves_the_deadline_by_the_working_time_that_passed() -> None:
    paused = clocks.pause(_started(), _at("23 11:00"), CALENDAR)
    assert (paused.used_s, paused.running, paused.open) == (2 * 3600, False, True)
    assert clocks.used_at(paused, _at("24 17:00"), CALENDAR) == 2 * 3600
    again = clocks.resume(paused, _at("24 09:00"), CALENDAR)
    assert again.due_at == _at("24 11:00")
    assert clocks.remaining_at(again, _at("24 10:00"), CALENDAR) == 3600
    assert clocks.resume(again, _at("24 10:00"), CALENDAR) is again
    assert clocks.pause(paused, _at("24 10:00"), CALENDAR) is paused


def test_finishing_on_the_deadline_is_in_time() -> None:
    done = clocks.finish(_started(), _at("23 15:00"), CALENDAR)
    assert (done.overdue, done.used_s, clocks.light_at(done, NINE)) == (False, 14_400, Light.YELLOW)
    late = clocks.finish(_started(), _at("23 15:00") + timedelta(seconds=1), CALENDAR)
    assert (late.overdue, clocks.light_at(late, NINE)) == (True, Light.RED)
    assert clocks.finish(done, _at("24 15:00"), CALENDAR) is done


def test_overdue_is_overdue_even_where_no_working_time_passed() -> None:
    clock = _started(at=_at("23 13:00"))
    assert clock.due_at == _at("23 18:00")
    night = clocks.finish(clock, _at("23 20:00"), CALENDAR)
    assert (night.overdue, night.used_s) == (True, night.limit_s)
    assert clocks.overdue_multiple_at(night, NINE, CALENDAR) == 0


def test_an_overdue_clock_stays_red_through_a_pause() -> None:
    late = clocks.pause(_started(), _at("23 18:30"), CALENDAR)
    assert late.overdue
    again = clocks.resume(late, _at("24 09:00"), CALENDAR)
    assert clocks.light_at(again, _at("24 09:00")) is Light.RED
    assert clocks.overdue_multiple_at(again, _at("24 10:00"), CALENDAR) == Decimal(1)
    assert clocks.finish(again, _at("24 09:00"), CALENDAR).overdue


def test_rework_goes_on_where_the_clock_stopped() -> None:
    done = clocks.finish(_started(), _at("23 11:00"), CALENDAR)
    again = clocks.go_on(done, _at("25 08:00"), CALENDAR)
    assert (again.due_at, again.running) == (_at("25 10:00"), True)
    assert clocks.used_at(again, _at("25 09:00"), CALENDAR) == 3 * 3600
    assert clocks.go_on(again, _at("25 09:00"), CALENDAR) is again


def test_a_cancelled_clock_is_exempt() -> None:
    done = clocks.cancel(_started(), _at("24 18:00"), CALENDAR)
    assert (done.exempt, done.overdue, done.open) == (True, True, False)
    finished = clocks.finish(_started(), _at("23 10:00"), CALENDAR)
    assert clocks.cancel(finished, _at("24 18:00"), CALENDAR) is finished


def test_an_extension_is_added_at_the_deadline() -> None:
    longer = clocks.extend(_started(), Limit.of(4, "working_hour"), _at("23 10:00"), CALENDAR)
    assert (longer.due_at, longer.extended_s, longer.limit_s) == (_at("24 09:00"), 14_400, 14_400)
    assert longer.yellow_at == _at("23 17:24")
    late = clocks.extend(_started(), Limit.of(1, "working_hour"), _at("23 15:01"), CALENDAR)
    assert late.extended_s == 0


def test_a_clock_into_an_unknown_year_is_marked() -> None:
    days = [{"on": date(2027, 1, 1), "kind": "holiday"}]
    schemes = [{"code": "day", "slots": [["08:00", "12:00"], ["14:00", "18:00"]]}]
    before = WorkingCalendar.from_rows(schemes=schemes, known_years=[2026])
    after = WorkingCalendar.from_rows(schemes=schemes, days=days, known_years=[2026, 2027])
    clock = clocks.start("disposal", DAYS_2, china("2026-12-31 09:00"), before)
    assert (clock.uncertain, clock.due_at) == (True, china("2027-01-04 09:00"))
    anew = clocks.relaid(clock, after)
    assert (anew.uncertain, anew.due_at) == (False, china("2027-01-05 09:00"))
    assert clocks.present([clock], NINE).uncertain


def test_what_the_case_row_repeats() -> None:
    walk = walk_to("dispatched")
    shown = clocks.present(walk.clocks, walk.at)
    assert (shown.stage, shown.light, shown.case_light) == ("disposal", Light.GREEN, Light.GREEN)
    assert shown.due_at == walk.clock("disposal").due_at
    assert shown.case_due_at == walk.clock("whole").due_at
    nothing = clocks.present([], walk.at)
    assert (nothing.stage, nothing.due_at, nothing.light) == ("", None, Light.NONE)


def test_the_acceptors_clock_stands_still_while_the_report_is_verified() -> None:
    walk = walk_to("verifying")
    assert walk.clock("accept").paused_at == walk.at
    walk.do("answer_verification", minutes=25)
    walk.do("accept", minutes=4)
    done = walk.clock("accept")
    assert (done.used_s, done.overdue) == ((10 + 4) * 60, False)
    assert walk.clock("verify").used_s == 25 * 60


def test_a_recalled_task_is_not_charged_to_the_collector() -> None:
    walk = walk_to("verifying")
    walk.do("recall_verification", minutes=60)
    assert (walk.clock("verify").exempt, walk.clock("verify").overdue) == (True, True)
    walk.do("send_verification")
    assert walk.clock("verify", 2).running


def test_check_and_closing_time_is_not_charged_to_the_department() -> None:
    walk = walk_to("closed")
    assert walk.clock("disposal").used_s == 20 * 60
    assert walk.clock("disposal").organisation_id == ROADS
    assert all(not clock.open for clock in walk.clocks)


def test_rework_continues_the_departments_clock() -> None:
    walk = walk_to_failed_check()
    walk.do("rework", minutes=30)
    walk.do("hand_back", minutes=15)
    disposal = [clock for clock in walk.clocks if clock.stage == "disposal"]
    assert [(clock.round, clock.used_s) for clock in disposal] == [(1, (20 + 15) * 60)]


def test_redispatch_gives_the_other_department_a_full_new_limit() -> None:
    walk = walk_to_failed_check()
    walk.do("redispatch", organisation_id=GARDENS)
    new = walk.clock("disposal", 2)
    assert (new.organisation_id, new.used_s, new.started_at) == (GARDENS, 0, walk.at)
    assert walk.clock("disposal").finished_at is not None


def test_after_a_return_the_same_department_resumes_the_remainder() -> None:
    walk = walk_to("handling")
    walk.do("apply_return", minutes=15)
    assert walk.running() == {"whole", "dispatch"}
    walk.do("approve_return", minutes=5)
    walk.do("dispatch", minutes=5)
    assert walk.running() == {"whole", "disposal"}
    walk.do("hand_back", minutes=20)
    assert walk.clock("disposal").used_s == (10 + 15 + 20) * 60
    assert walk.clock("dispatch", 2).used_s == 10 * 60


def test_after_a_return_another_department_gets_a_full_new_limit() -> None:
    walk = walk_to("handling")
    walk.do("apply_return")
    walk.do("approve_return")
    walk.do("dispatch", organisation_id=GARDENS)
    assert walk.clock("disposal").exempt
    assert walk.clock("disposal", 2).organisation_id == GARDENS
    assert walk.clock("disposal", 2).limit_s == 3 * 8 * 3600


def test_a_rejected_return_costs_the_department_nothing_but_its_own_time() -> None:
    walk = walk_to("handling")
    walk.do("apply_return", minutes=10)
    walk.do("reject_return", minutes=40)
    walk.do("hand_back", minutes=10)
    assert walk.clock("disposal").used_s == 30 * 60


def test_an_imported_case_without_clocks_gets_those_it_needs() -> None:
    ledger = Ledger(calendar=CALENDAR, limits={"disposal": DAYS_2})
    for op in ("continue", "resume", "start_or_resume"):
        (clock,) = ledger.apply((), [ClockEffect(op, "disposal")], NINE)
        assert (clock.running, clock.round) == (True, 1)
    for op in ("finish", "pause", "cancel", "exempt"):
        assert ledger.apply((), [ClockEffect(op, "disposal")], NINE) == ()


def test_an_effect_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="stop:disposal"):
        Ledger(calendar=CALENDAR, limits={}).apply((), [ClockEffect("stop", "disposal")], NINE)


def test_unchanged_clocks_are_the_same_objects() -> None:
    walk = walk_to("dispatched")
    before = walk.clocks
    walk.do("hand_back")
    changed = [
        clock.stage for clock, old in zip(walk.clocks, before, strict=False) if clock is not old
    ]
    assert changed == ["disposal"]


PIECES = st.lists(st.integers(1, 900), min_size=1, max_size=9)


@settings(max_examples=60, deadline=None)
@given(plain_calendars(), st.integers(0, 10 * 1440), PIECES, st.integers(1, 60))
def test_pauses_agree_with_the_minute_walker(
    plain: PlainCalendar, offset: int, pieces: list[int], hours: int
) -> None:
    """Run, pause, run, pause …: only the running pieces count, minute by minute."""
    calendar = plain.rules()
    rule = StageLimit(limit=Limit.of(hours, "working_hour"))
    at = FIRST + timedelta(minutes=offset)
    clock = clocks.start("disposal", rule, at, calendar)
    counted, running = 0, True
    for piece in pieces:
        for _ in range(piece):
            counted += running and plain.works(at)
            at += MINUTE
        clock = (clocks.pause if running else clocks.resume)(clock, at, calendar)
        running = not running
        assert clocks.used_at(clock, at, calendar) == counted * 60
        assert clocks.problems([clock], at, calendar) == []
    clock = clocks.resume(clock, at, calendar)
    left = hours * 60 - counted
    if left > 0:
        while left:
            left -= plain.works(at)
            at += MINUTE
        assert clock.due_at == at


@settings(max_examples=60, deadline=None)
@given(plain_calendars(), st.lists(st.integers(1, 2_000), min_size=2, max_size=8))
def test_stopping_and_going_on_is_a_pause(plain: PlainCalendar, pieces: list[int]) -> None:
    calendar = plain.rules()
    paused = stopped = clocks.start("disposal", DAYS_2, FIRST, calendar)
    at = FIRST
    for number, piece in enumerate(pieces):
        at += timedelta(minutes=piece)
        if number % 2:
            paused = clocks.resume(paused, at, calendar)
            stopped = clocks.go_on(stopped, at, calendar)
        else:
            paused = clocks.pause(paused, at, calendar)
            stopped = clocks.finish(stopped, at, calendar)
    assert clocks.finish(paused, at, calendar) == clocks.finish(stopped, at, calendar)


def _walked(calendar: WorkingCalendar, pieces: list[int]) -> Clock:
    clock, at = clocks.start("disposal", HOURS_4, FIRST, calendar), FIRST
    for number, piece in enumerate(pieces):
        at += timedelta(minutes=piece)
        clock = (clocks.resume if number % 2 else clocks.pause)(clock, at, calendar)
    return clock


@given(plain_calendars(), plain_calendars(), st.lists(st.integers(1, 2_000), max_size=7))
def test_a_relaid_clock_is_what_the_new_calendar_would_have_made_of_it(
    before: PlainCalendar, after: PlainCalendar, pieces: list[int]
) -> None:
    anew = clocks.relaid(_walked(before.rules(), pieces), after.rules())
    wanted = _walked(after.rules(), pieces)
    assert (anew.due_at, anew.yellow_at) == (wanted.due_at, wanted.yellow_at)
    assert (anew.paused_s, anew.pauses) == (wanted.paused_s, wanted.pauses)
    assert (anew.limit_s, anew.yellow_s) == (wanted.limit_s, wanted.yellow_s)
    if anew.paused_at is not None:
        assert anew.used_s == wanted.used_s
    assert clocks.relaid(anew, after.rules()) is anew
