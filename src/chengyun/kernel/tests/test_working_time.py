from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengyun.kernel.tests.calendars import moments, plain_calendars
from chengyun.kernel.tests.minute_walker import (
    CHINA,
    PlainCalendar,
    china,
    minutes_between,
    walk_days,
    walk_minutes,
)
from chengyun.kernel.units import Limit, Unit
from chengyun.kernel.working_calendar import (
    CalendarExhausted,
    UnknownCalendarYear,
    WorkingCalendar,
)
from chengyun.kernel.working_time import (
    UnknownYears,
    advance,
    deadline_for,
    is_known_between,
    overdue_multiple,
    plan_deadline,
    working_seconds_between,
)

NATIONAL_DAY = PlainCalendar(
    holidays=frozenset(datetime(2026, 10, day, tzinfo=UTC).date() for day in range(1, 8)),
    workdays=frozenset(datetime(2026, *on, tzinfo=UTC).date() for on in [(9, 20), (10, 10)]),
    summer=((480, 720), (870, 1110)),
)
CALENDAR = NATIONAL_DAY.rules()


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        pytest.param("2026-11-23 09:00", "2 working_hour", "2026-11-23 11:00", id="inside a slot"),
        pytest.param(
            "2026-11-23 10:00", "2 working_hour", "2026-11-23 12:00", id="on a slot's end"
        ),
        pytest.param("2026-11-23 11:00", "2 working_hour", "2026-11-23 15:00", id="over noon"),
        pytest.param(
            "2026-11-23 16:00", "2 working_hour", "2026-11-23 18:00", id="on the day's end"
        ),
        pytest.param("2026-11-23 12:30", "2 working_hour", "2026-11-23 16:00", id="starts at noon"),
        pytest.param("2026-11-23 06:00", "1 working_hour", "2026-11-23 09:00", id="starts early"),
        pytest.param("2026-11-27 17:30", "1 working_hour", "2026-11-30 08:30", id="over a weekend"),
        pytest.param("2026-11-28 10:00", "1 working_hour", "2026-11-30 09:00", id="on a Saturday"),
        pytest.param("2026-11-23 09:30", "1 working_day", "2026-11-24 09:30", id="one day"),
        pytest.param("2026-11-23 08:00", "1 working_day", "2026-11-23 18:00", id="one whole day"),
        pytest.param("2026-11-23 18:00", "1 working_day", "2026-11-24 18:00", id="after work"),
        pytest.param("2026-11-23 12:00", "1 working_day", "2026-11-24 12:00", id="from noon"),
        pytest.param("2026-09-19 10:00", "1 working_hour", "2026-09-20 09:00", id="make-up Sunday"),
        pytest.param("2026-09-30 18:30", "1 working_hour", "2026-10-08 09:00", id="National Day"),
        pytest.param(
            "2026-10-09 17:00", "2 working_hour", "2026-10-10 09:00", id="make-up Saturday"
        ),
        # On 30 September (8 hours to 18:30) work until 14:30 is half a day; winter hours follow.
        pytest.param("2026-09-30 14:30", "1 working_day", "2026-10-08 12:00", id="season changes"),
        pytest.param("2026-09-30 23:00", "2 urgent_working_hour", "2026-10-01 01:00", id="urgent"),
        pytest.param(
            "2026-09-30 23:00", "1 urgent_working_day", "2026-10-01 23:00", id="urgent day"
        ),
        pytest.param("2026-10-02 10:00", "1 calendar_day", "2026-10-03 10:00", id="calendar day"),
        pytest.param("2026-10-02 10:00", "15 calendar_minute", "2026-10-02 10:15", id="minutes"),
        pytest.param("2026-11-23 09:00", "0.5 working_day", "2026-11-23 15:00", id="half a day"),
    ],
)
def test_deadline(start: str, limit: str, due: str) -> None:
    amount, unit = limit.split()
    assert deadline_for(china(start), Limit.of(amount, unit), CALENDAR) == china(due)


@settings(max_examples=80, deadline=None)
@given(plain_calendars(), moments(), st.integers(1, 80))
def test_working_hours_agree_with_the_minute_walker(
    plain: PlainCalendar, start: datetime, halves: int
) -> None:
    limit = Limit.of(Decimal(halves) / 2, Unit.WORKING_HOUR)
    assert deadline_for(start, limit, plain.rules()) == walk_minutes(plain, start, halves * 30)


@settings(max_examples=80, deadline=None)
@given(plain_calendars(), moments(), st.integers(1, 28))
def test_working_days_agree_with_the_minute_walker(
    plain: PlainCalendar, start: datetime, quarters: int
) -> None:
    limit = Limit.of(Decimal(quarters) / 4, Unit.WORKING_DAY)
    due = deadline_for(start, limit, plain.rules())
    walked = walk_days(plain, start, Fraction(quarters, 4))
    assert walked - timedelta(minutes=1) < due <= walked


@settings(max_examples=60, deadline=None)
@given(plain_calendars(), moments(), moments())
def test_time_between_agrees_with_the_minute_walker(
    plain: PlainCalendar, first: datetime, last: datetime
) -> None:
    seconds = working_seconds_between(first, last, Unit.WORKING_HOUR, plain.rules())
    assert seconds == 60 * minutes_between(plain, first, last)


@settings(max_examples=80, deadline=None)
@given(plain_calendars(), moments(), st.integers(0, 400_000), st.integers(0, 400_000))
def test_advancing_in_two_steps_is_advancing_once(
    plain: PlainCalendar, start: datetime, first_s: int, second_s: int
) -> None:
    calendar, unit = plain.rules(), Unit.WORKING_HOUR
    middle = advance(start, first_s, unit, calendar)
    end = advance(start, first_s + second_s, unit, calendar)
    assert working_seconds_between(start, end, unit, calendar) == first_s + second_s
    assert working_seconds_between(middle, end, unit, calendar) == second_s
    if second_s:
        assert advance(middle, second_s, unit, calendar) == end


@settings(max_examples=60, deadline=None)
@given(plain_calendars(), moments(), st.integers(1, 20))
def test_plan_grants_what_lies_between_start_and_deadline(
    plain: PlainCalendar, start: datetime, days: int
) -> None:
    calendar = plain.rules()
    plan = plan_deadline(start, Limit.of(days, Unit.WORKING_DAY), calendar)
    unit = Unit.WORKING_DAY
    assert plan.limit_s == working_seconds_between(start, plan.due_at, unit, calendar)
    assert plan.yellow_s == math.floor(plan.limit_s * Decimal("0.8"))
    assert working_seconds_between(start, plan.yellow_at, unit, calendar) == plan.yellow_s
    assert start <= plan.yellow_at <= plan.due_at


def test_a_later_start_is_never_due_earlier() -> None:
    start = china("2026-09-28 00:00")
    limit = Limit.of(3, Unit.WORKING_DAY)
    dues = [
        deadline_for(start + timedelta(minutes=30 * step), limit, CALENDAR) for step in range(480)
    ]
    assert dues == sorted(dues)


def test_fixed_hours_make_the_working_day() -> None:
    calendar = WorkingCalendar.from_rows(
        schemes=[{"code": "day", "slots": [["08:00", "12:00"], ["14:00", "18:00"]]}],
        known_years=[2026],
        working_day_hours=Decimal(7),
    )
    due = deadline_for(china("2026-11-23 08:00"), Limit.of(2, Unit.WORKING_DAY), calendar)
    assert due == china("2026-11-24 16:00")


def test_fractions_of_a_second_are_dropped() -> None:
    start = datetime(2026, 11, 23, 1, 0, 0, 999_999, tzinfo=UTC)
    due = deadline_for(start, Limit.of(1, Unit.WORKING_HOUR), CALENDAR)
    assert due == datetime(2026, 11, 23, 2, tzinfo=UTC)


def test_zero_seconds_stay_where_they_are() -> None:
    night = china("2026-11-23 22:00")
    assert advance(night, 0, Unit.WORKING_HOUR, CALENDAR) == night


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        deadline_for(datetime(2026, 11, 23), Limit.of(1, Unit.CALENDAR_HOUR), CALENDAR)  # noqa: DTZ001


def _only_2026() -> WorkingCalendar:
    return WorkingCalendar.from_rows(
        schemes=[{"code": "day", "slots": [["08:00", "12:00"], ["14:00", "18:00"]]}],
        known_years=[2026],
    )


def test_a_deadline_in_an_unknown_year_is_refused() -> None:
    with pytest.raises(UnknownCalendarYear) as caught:
        deadline_for(china("2026-12-31 16:00"), Limit.of(1, Unit.WORKING_DAY), _only_2026())
    assert "2027" in caught.value.text("zh-CN")
    assert "2027" in caught.value.text("en")


def test_an_unknown_year_is_taken_by_weekends_when_asked_and_announced() -> None:
    start = china("2026-12-31 16:00")
    limit = Limit.of(1, Unit.WORKING_DAY)
    plan = plan_deadline(start, limit, _only_2026(), unknown_years=UnknownYears.ASSUME_WEEKENDS)
    assert plan.due_at == china("2027-01-01 16:00")
    assert plan.assumed_years == (2027,)
    assert not is_known_between(start, plan.due_at, limit.unit, _only_2026())


def test_a_deadline_on_the_last_second_of_a_known_year_is_known() -> None:
    start = china("2026-12-31 16:00")
    plan = plan_deadline(start, Limit.of(2, Unit.WORKING_HOUR), _only_2026())
    assert plan.due_at == china("2026-12-31 18:00")
    assert plan.assumed_years == ()


def test_round_the_clock_units_need_no_known_year() -> None:
    due = deadline_for(china("2030-01-01 00:00"), Limit.of(2, "calendar_hour"), _only_2026())
    assert due == china("2030-01-01 02:00")


def test_a_calendar_without_work_is_exhausted() -> None:
    calendar = WorkingCalendar.from_rows(
        schemes=[{"code": "day", "slots": [["08:00", "12:00"]]}],
        known_years=range(2026, 2100),
        weekend=range(1, 8),
    )
    with pytest.raises(CalendarExhausted):
        deadline_for(china("2026-11-23 09:00"), Limit.of(1, Unit.WORKING_HOUR), calendar)
    with pytest.raises(CalendarExhausted):
        deadline_for(china("2026-11-23 09:00"), Limit.of(1, Unit.WORKING_DAY), calendar)


def test_the_clocks_change_in_another_zone() -> None:
    calendar = WorkingCalendar.from_rows(
        schemes=[{"code": "night", "slots": [["00:00", "04:00"]]}],
        known_years=[2026],
        time_zone="America/New_York",
        weekend=[],
    )
    spring = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)  # midnight; 02:00 does not exist that night
    due = deadline_for(spring, Limit.of(4, Unit.WORKING_HOUR), calendar)
    assert due == datetime(2026, 3, 9, 5, 0, tzinfo=UTC)  # three hours that night, one the next


@pytest.mark.parametrize(
    ("used", "limit", "multiple"), [(90, 60, "0.5"), (60, 60, "0"), (3, 0, "0")]
)
def test_overdue_multiple(used: int, limit: int, multiple: str) -> None:
    assert overdue_multiple(used, limit) == Decimal(multiple)


def test_a_deadline_takes_less_than_50_microseconds() -> None:
    limit = Limit.of(7, Unit.WORKING_DAY)
    start = datetime(2026, 9, 24, 10, tzinfo=CHINA)
    deadline_for(start, limit, CALENDAR)
    best = min(_timed(start, limit) for _ in range(5))
    assert best < 200e-6, "four times the promise, for a busy machine"


def _timed(start: datetime, limit: Limit) -> float:
    begun = time.perf_counter()
    for _ in range(200):
        deadline_for(start, limit, CALENDAR)
    return (time.perf_counter() - begun) / 200
