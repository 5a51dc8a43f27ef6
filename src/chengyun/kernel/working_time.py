"""Deadlines and spent time, round the clock or inside the working calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import Enum
from typing import NamedTuple

from chengyun.kernel.units import ROUND_THE_CLOCK_S, Limit, Unit
from chengyun.kernel.working_calendar import (
    CalendarExhausted,
    UnknownCalendarYear,
    WorkingCalendar,
    YearSlots,
)

DEFAULT_YELLOW_SHARE = Decimal("0.8")
YEARS_AHEAD = 20


class UnknownYears(Enum):
    """What to do when time runs through a year whose holidays are not known."""

    REFUSE = "refuse"
    ASSUME_WEEKENDS = "assume_weekends"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """When a limit runs out.

    limit_s : counted seconds that the limit grants (working seconds for working units)
    yellow_s : the part of them after which the light turns yellow
    assumed_years : years whose holidays were not known and were taken by the weekend rule;
        anything here must be shown to the user
    """

    due_at: datetime
    yellow_at: datetime
    limit_s: int
    yellow_s: int
    assumed_years: tuple[int, ...] = ()


class PlanSeconds(NamedTuple):
    """A plan by epoch seconds."""

    due: int
    yellow: int
    limit_s: int
    yellow_s: int
    assumed_years: tuple[int, ...]


def deadline_for(start: datetime, limit: Limit, calendar: WorkingCalendar) -> datetime:
    """Return the instant at which a clock started at `start` runs out.

    limit : amount and unit; urgent and calendar units ignore the calendar
    returns : aware UTC, whole seconds; may fall exactly on the end of a working slot
    raises : CalendarExhausted, UnknownCalendarYear
    source : GB/T 30428.8 (units); slot rule ours
    """
    return plan_deadline(start, limit, calendar).due_at


def plan_deadline(
    start: datetime,
    limit: Limit,
    calendar: WorkingCalendar,
    *,
    yellow_share: Decimal = DEFAULT_YELLOW_SHARE,
    unknown_years: UnknownYears = UnknownYears.REFUSE,
) -> Plan:
    """Return deadline, warning instant and granted seconds of a limit that starts at `start`.

    yellow_share : share of the limit after which the light turns yellow, 0 to 1
    unknown_years : whether a year with unknown holidays is refused or taken by the weekend rule
        (then named in `assumed_years`)
    raises : CalendarExhausted, UnknownCalendarYear
    """
    planned = plan_seconds(
        epoch(start), limit, calendar, yellow_share=yellow_share, unknown_years=unknown_years
    )
    return Plan(
        due_at=instant(planned.due),
        yellow_at=instant(planned.yellow),
        limit_s=planned.limit_s,
        yellow_s=planned.yellow_s,
        assumed_years=planned.assumed_years,
    )


def plan_seconds(
    begin: int,
    limit: Limit,
    calendar: WorkingCalendar,
    *,
    yellow_share: Decimal = DEFAULT_YELLOW_SHARE,
    unknown_years: UnknownYears = UnknownYears.REFUSE,
) -> PlanSeconds:
    """Return what `plan_deadline` does, by epoch seconds: for those who reckon millions.

    raises : CalendarExhausted, UnknownCalendarYear
    """
    walk = _Walk(calendar, unknown_years)
    if limit.unit is Unit.WORKING_DAY and calendar.working_day_hours is None:
        due, granted = walk.after_days(begin, limit.amount)
    else:
        granted = seconds_of(limit, calendar)
        due = begin + granted if limit.unit.round_the_clock else walk.after(begin, granted)
    yellow_s = int(granted * yellow_share)
    yellow = begin + yellow_s if limit.unit.round_the_clock else walk.after(begin, yellow_s)
    return PlanSeconds(due, yellow, granted, yellow_s, tuple(walk.assumed))


def seconds_of(limit: Limit, calendar: WorkingCalendar) -> int:
    """Return the counted seconds of a limit whose unit has a fixed length.

    raises : ValueError for working days that take each day's own hours: they depend on the start
    """
    if limit.unit is Unit.WORKING_DAY:
        if calendar.working_day_hours is None:
            msg = "a working day has no fixed length in this calendar"
            raise ValueError(msg)
        unit_s: Decimal | int = calendar.working_day_hours * 3600
    else:
        unit_s = 3600 if limit.unit is Unit.WORKING_HOUR else ROUND_THE_CLOCK_S[limit.unit]
    return int((limit.amount * unit_s).to_integral_value(ROUND_CEILING))


def advance(
    start: datetime,
    seconds: int,
    unit: Unit,
    calendar: WorkingCalendar,
    *,
    unknown_years: UnknownYears = UnknownYears.REFUSE,
) -> datetime:
    """Return the instant at which `seconds` have been counted in the unit's tempo since `start`.

    seconds : not negative; 0 gives `start` itself
    raises : CalendarExhausted, UnknownCalendarYear
    """
    return instant(advanced(epoch(start), seconds, unit, calendar, unknown_years))


def advanced(
    begin: int, seconds: int, unit: Unit, calendar: WorkingCalendar, unknown_years: UnknownYears
) -> int:
    """Return what `advance` does, by epoch seconds."""
    if unit.round_the_clock:
        return begin + seconds
    return _Walk(calendar, unknown_years).after(begin, seconds)


def working_seconds_between(
    first: datetime,
    last: datetime,
    unit: Unit,
    calendar: WorkingCalendar,
    *,
    unknown_years: UnknownYears = UnknownYears.REFUSE,
) -> int:
    """Return the seconds counted in the unit's tempo from `first` to `last`, never negative.

    raises : UnknownCalendarYear
    """
    return counted(epoch(first), epoch(last), unit, calendar, unknown_years)


def counted(
    begin: int, end: int, unit: Unit, calendar: WorkingCalendar, unknown_years: UnknownYears
) -> int:
    """Return what `working_seconds_between` does, by epoch seconds."""
    if end <= begin:
        return 0
    if unit.round_the_clock:
        return end - begin
    return _Walk(calendar, unknown_years).between(begin, end)


def is_known_between(
    first: datetime, last: datetime, unit: Unit, calendar: WorkingCalendar
) -> bool:
    """Whether no year with unknown holidays matters from `first` to `last`."""
    if unit.round_the_clock:
        return True
    years = range(calendar.local_year(first), calendar.local_year(last) + 1)
    return all(calendar.knows(year) for year in years)


def overdue_multiple(used_s: int, limit_s: int) -> Decimal:
    """Return (used - limit) / limit, 0 when in time.

    source : GB/T 30428.8 (overdue multiple)
    """
    if limit_s <= 0 or used_s <= limit_s:
        return Decimal(0)
    return Decimal(used_s - limit_s) / Decimal(limit_s)


def epoch(moment: datetime) -> int:
    """Return whole seconds since 1970 of an aware instant."""
    if moment.tzinfo is None:
        msg = "an aware instant is needed"
        raise ValueError(msg)
    return int(moment.timestamp() // 1)


def instant(second: int) -> datetime:
    """Return the aware UTC instant of an epoch second."""
    return _EPOCH + timedelta(seconds=second)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Walk:
    """One walk through the calendar; notes the unknown years that it touched."""

    def __init__(self, calendar: WorkingCalendar, unknown_years: UnknownYears) -> None:
        self.calendar = calendar
        self.unknown_years = unknown_years
        self.assumed: list[int] = []

    def after(self, begin: int, seconds: int) -> int:
        """Return the epoch second at which `seconds` of work are done since `begin`."""
        if seconds <= 0:
            return begin
        first = year = self._year_of(begin)
        slots = self._enter(year)
        target = slots.worked_until(begin) + seconds
        while target > slots.total:
            target -= slots.total
            year += 1
            self._check_end(year, first)
            slots = self._enter(year)
        return slots.instant_after(target)

    def after_days(self, begin: int, amount: Decimal) -> tuple[int, int]:
        """Return the epoch second at which `amount` working days are done, and the seconds worked.

        A part of a day counts by its share of that day's own hours.
        """
        days, parts = amount.as_integer_ratio()
        first = year = self._year_of(begin)
        slots = self._enter(year)
        worked = slots.worked_until(begin)
        index = slots.day_at(worked)
        spent = 0
        while index >= len(slots.days_done):
            spent += slots.total - worked
            worked, index, year = 0, 0, year + 1
            self._check_end(year, first)
            slots = self._enter(year)
        left = slots.days_done[index] - worked
        length = slots.days_done[index] - slots.day_opens(index)
        missing, share = days * length - left * parts, parts * length
        if missing <= 0:
            granted = -(-days * length // parts)
            return slots.instant_after(worked + granted), granted
        whole_days = (missing - 1) // share
        index += 1 + whole_days
        while index >= len(slots.days_done):
            spent += slots.total - worked
            worked, index, year = 0, index - len(slots.days_done), year + 1
            self._check_end(year, first)
            slots = self._enter(year)
        length = slots.days_done[index] - slots.day_opens(index)
        last_day = -(-(missing - whole_days * share) * length // share)
        target = slots.day_opens(index) + last_day
        return slots.instant_after(target), spent + target - worked

    def between(self, begin: int, end: int) -> int:
        """Return the seconds worked from `begin` to `end`."""
        year, last = self._year_of(begin), self._year_of(end)
        worked = -self._enter(year).worked_until(begin)
        while year < last:
            worked += self._enter(year).total
            year += 1
        return worked + self._enter(last).worked_until(end)

    def _year_of(self, second: int) -> int:
        return self.calendar.year_at(second)

    def _enter(self, year: int) -> YearSlots:
        slots = self.calendar.year_slots(year)
        if not slots.known and year not in self.assumed:
            if self.unknown_years is UnknownYears.REFUSE:
                raise UnknownCalendarYear(year=year)
            self.assumed.append(year)
        return slots

    def _check_end(self, year: int, first: int) -> None:
        if year - first > YEARS_AHEAD:
            raise CalendarExhausted(year=first + YEARS_AHEAD)
