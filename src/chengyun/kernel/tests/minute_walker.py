"""A slow, plain reading of the calendar: walk minute by minute. The rules must agree with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

from chengyun.kernel.working_calendar import WorkingCalendar

CHINA = timezone(timedelta(hours=8))
MINUTE = timedelta(minutes=1)
DAY_MINUTES = 24 * 60
ALL_YEARS = range(2020, 2032)


@dataclass(frozen=True, kw_only=True)
class PlainCalendar:
    """`summer` applies from 1 May to 30 September, `winter` in the other months."""

    winter: tuple[tuple[int, int], ...] = ((480, 720), (840, 1080))
    summer: tuple[tuple[int, int], ...] = ((480, 720), (840, 1080))
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    _minutes: dict[date, frozenset[int]] = field(default_factory=dict, repr=False, compare=False)

    def minutes_of(self, day: date) -> frozenset[int]:
        """The working minutes of a day."""
        if day not in self._minutes:
            self._minutes[day] = self._worked(day)
        return self._minutes[day]

    def _worked(self, day: date) -> frozenset[int]:
        weekday = day.weekday() < 5
        if day in self.holidays or not (weekday or day in self.workdays):
            return frozenset()
        slots = self.summer if 5 <= day.month <= 9 else self.winter
        return frozenset(minute for start, end in slots for minute in range(start, end))

    def works(self, moment: datetime) -> bool:
        """Whether the minute that begins at `moment` is worked."""
        local = moment.astimezone(CHINA)
        return local.hour * 60 + local.minute in self.minutes_of(local.date())

    def rules(self) -> WorkingCalendar:
        """The same calendar as the rules read it."""
        days: list[dict[str, Any]] = [{"on": day, "kind": "holiday"} for day in self.holidays]
        days += [
            {"on": day, "kind": "workday"} for day in self.workdays if day not in self.holidays
        ]
        return WorkingCalendar.from_rows(
            schemes=[
                {"code": "winter", "slots": _texts(self.winter)},
                {
                    "code": "summer",
                    "slots": _texts(self.summer),
                    "from_month_day": "05-01",
                    "to_month_day": "09-30",
                    "priority": 1,
                },
            ],
            days=days,
            known_years=ALL_YEARS,
        )


def walk_minutes(calendar: PlainCalendar, start: datetime, minutes: int) -> datetime:
    """The end of the minute in which `minutes` of work are done."""
    moment = start
    while minutes > 0:
        minutes -= calendar.works(moment)
        moment += MINUTE
    return moment


def walk_days(calendar: PlainCalendar, start: datetime, days: Fraction) -> datetime:
    """The end of the minute in which `days` working days are done, each by its own length."""
    moment = start
    while days > 0:
        if calendar.works(moment):
            length = len(calendar.minutes_of(moment.astimezone(CHINA).date()))
            days -= Fraction(1, length)
        moment += MINUTE
    return moment


def minutes_between(calendar: PlainCalendar, first: datetime, last: datetime) -> int:
    """Working minutes from one whole minute to another."""
    count, moment = 0, first
    while moment < last:
        count += calendar.works(moment)
        moment += MINUTE
    return count


def china(text: str) -> datetime:
    """An instant written in Chinese time: "2026-10-01 09:30"."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).astimezone(UTC)


def _texts(slots: tuple[tuple[int, int], ...]) -> list[list[str]]:
    return [[_text(start), _text(end)] for start, end in slots]


def _text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
