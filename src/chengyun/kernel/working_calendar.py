"""The working calendar: which days are worked, in which slots, and what is known of each year.

Days that differ from the weekend rule (holidays, make-up working days) override it; day schemes
give the slots by season. Whole seconds throughout: fractions of a second are dropped.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chengyun.kernel.errors import Fault

HOURS_OF_DAY = 24
MINUTES_OF_HOUR = 60
MINUTES_OF_DAY = HOURS_OF_DAY * MINUTES_OF_HOUR
SATURDAY, SUNDAY = 6, 7
_MEAN_YEAR_S = 31_556_952


class CalendarExhausted(Fault):
    """The calendar holds too few working hours for the limit."""

    code = "calendar_exhausted"
    status = 409
    zh = "工作日历在 {year} 年底之前没有足够的工作时间，请检查作息方案与节假日设置。"
    en = "The calendar has too few working hours until the end of {year}. Check its schemes."


class UnknownCalendarYear(Fault):
    """The holidays of a year that the limit runs into are not known."""

    code = "unknown_calendar_year"
    status = 409
    zh = "尚不知道 {year} 年的节假日安排。请在工作日历中录入并确认该年后重试。"
    en = "The public holidays of {year} are not known. Enter and confirm them in the calendar."


class InvalidCalendar(Fault):
    """A part of the working calendar's data is not acceptable."""

    code = "invalid_calendar"
    zh = "工作日历有误（{value}）：{reason_zh}"
    en = "The working calendar is not valid ({value}): {reason_en}"


@dataclass(frozen=True, slots=True)
class Slot:
    """Working time of a local day: `start` to `end` [minutes after midnight], `end` ≤ 1440."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_OF_DAY:
            raise InvalidCalendar(
                field="slots",
                value=f"{_hh_mm(self.start)}-{_hh_mm(self.end)}",
                reason_zh="时段须在同一天内且开始早于结束，跨夜请拆成两段",
                reason_en="a slot ends after its start on the same day; split it at midnight",
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class DayScheme:
    """Slots of a working day from `from_month_day` to `to_month_day` (MM-DD, both inclusive).

    The season may cross the new year. Of several that apply, the highest `priority` wins.
    """

    code: str
    slots: tuple[Slot, ...]
    from_month_day: str = "01-01"
    to_month_day: str = "12-31"
    priority: int = 0

    def __post_init__(self) -> None:
        ordered = all(a.end <= b.start for a, b in zip(self.slots, self.slots[1:], strict=False))
        if not self.slots or not ordered:
            raise InvalidCalendar(
                field="slots",
                value=self.code,
                reason_zh="作息方案至少一个时段，按先后排列且不重叠",
                reason_en="a day scheme has at least one slot, in order and without overlap",
            )
        _check_month_day(self.from_month_day)
        _check_month_day(self.to_month_day)

    def applies_on(self, day: date) -> bool:
        """Whether the season holds `day`."""
        month_day = f"{day.month:02d}-{day.day:02d}"
        if self.from_month_day <= self.to_month_day:
            return self.from_month_day <= month_day <= self.to_month_day
        return month_day >= self.from_month_day or month_day <= self.to_month_day


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOverride:
    """A day that differs from the weekend rule."""

    on: date
    working: bool
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """What the calendar says of one day; `known` is false where the year's holidays are not."""

    on: date
    working: bool
    known: bool
    slots: tuple[Slot, ...]
    scheme: str = ""
    zh: str = ""
    en: str = ""


@dataclass(slots=True)
class YearSlots:
    """A year's slots as epoch seconds, with running totals, for binary search."""

    known: bool
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    done: list[int] = field(
        default_factory=list
    )  # seconds worked in the year up to each slot's end
    days_done: list[int] = field(default_factory=list)  # the same up to each working day's end

    @property
    def total(self) -> int:
        """Working seconds of the year."""
        return self.done[-1] if self.done else 0

    def worked_until(self, second: int) -> int:
        """Return the seconds worked in the year before the instant `second` (epoch)."""
        slot = bisect_right(self.starts, second) - 1
        if slot < 0:
            return 0
        return self.done[slot] - max(0, self.ends[slot] - second)

    def instant_after(self, worked: int) -> int:
        """Return the epoch second at which `worked` (0 < worked ≤ total) is reached.

        On a boundary this is the end of a slot, not the start of the next.
        """
        slot = bisect_left(self.done, worked)
        return self.ends[slot] - (self.done[slot] - worked)

    def day_at(self, worked: int) -> int:
        """Return the index of the day on which work goes on after `worked`; may be one too far."""
        return bisect_right(self.days_done, worked)

    def day_opens(self, index: int) -> int:
        """Return the seconds worked in the year before the working day `index`."""
        return self.days_done[index - 1] if index else 0


class WorkingCalendar:
    """Working days and hours of a place. Immutable; each year is laid out once, when first needed.

    known_years : years whose holidays are known; in others only the weekend rule and the overrides
        hold, which callers must ask for by name (see `working_time.UnknownYears`)
    working_day_hours : hours that count as one working day; None = the scheme's hours of that day
    """

    def __init__(
        self,
        *,
        schemes: Sequence[DayScheme],
        overrides: Iterable[DayOverride] = (),
        known_years: Iterable[int] = (),
        time_zone: str = "Asia/Shanghai",
        weekend: Iterable[int] = (SATURDAY, SUNDAY),
        working_day_hours: Decimal | None = None,
    ) -> None:
        self.schemes = tuple(sorted(schemes, key=lambda scheme: -scheme.priority))
        self.overrides = {override.on: override for override in overrides}
        self.known_years = frozenset(known_years)
        self.time_zone = time_zone
        self.zone = _zone(time_zone)
        self.weekend = frozenset(weekend)
        self.working_day_hours = _checked_hours(working_day_hours)
        self._years: dict[int, YearSlots] = {}
        self._turns: dict[int, int] = {}

    @classmethod
    def from_rows(
        cls,
        *,
        schemes: Iterable[Mapping[str, Any]],
        days: Iterable[Mapping[str, Any]] = (),
        known_years: Iterable[int] = (),
        time_zone: str = "Asia/Shanghai",
        weekend: Iterable[int] = (SATURDAY, SUNDAY),
        working_day_hours: Decimal | None = None,
    ) -> Self:
        """Build the calendar from plain rows, as stored.

        schemes : {code, slots: [["08:00", "12:00"], …], from_month_day, to_month_day, priority}
        days : {on: date or ISO text, kind: "workday" or "holiday", zh, en}
        raises : InvalidCalendar
        """
        return cls(
            schemes=[scheme_from_row(row) for row in schemes],
            overrides=[_override(row) for row in days],
            known_years=known_years,
            time_zone=time_zone,
            weekend=weekend,
            working_day_hours=working_day_hours,
        )

    def knows(self, year: int) -> bool:
        """Whether the holidays of `year` are known."""
        return year in self.known_years

    def day(self, on: date) -> Day:
        """Return what the calendar says of the day `on`."""
        override = self.overrides.get(on)
        working = override.working if override else on.isoweekday() not in self.weekend
        scheme = self._scheme_on(on) if working else None
        return Day(
            on=on,
            working=scheme is not None,
            known=self.knows(on.year),
            slots=scheme.slots if scheme else (),
            scheme=scheme.code if scheme else "",
            zh=override.zh if override else "",
            en=override.en if override else "",
        )

    def local_year(self, instant: datetime) -> int:
        """Return the year of an instant in the calendar's time zone."""
        return instant.astimezone(self.zone).year

    def year_at(self, second: int) -> int:
        """Return the year of an epoch second in the calendar's time zone."""
        year = 1970 + second // _MEAN_YEAR_S
        while second < self._turn(year):
            year -= 1
        while second >= self._turn(year + 1):
            year += 1
        return year

    def _turn(self, year: int) -> int:
        """Return the epoch second at which a year begins; worked out once."""
        second = self._turns.get(year)
        if second is None:
            second = self._turns[year] = self._epoch(date(year, 1, 1), 0)
        return second

    def year_slots(self, year: int) -> YearSlots:
        """Return the year's slots, laid out on first use."""
        slots = self._years.get(year)
        if slots is None:
            slots = self._years[year] = self._lay_out(year)
        return slots

    def _scheme_on(self, on: date) -> DayScheme | None:
        return next((scheme for scheme in self.schemes if scheme.applies_on(on)), None)

    def _lay_out(self, year: int) -> YearSlots:
        result = YearSlots(known=self.knows(year))
        on, total = date(year, 1, 1), 0
        while on.year == year:
            before = total
            for slot in self.day(on).slots:
                start, end = self._epoch(on, slot.start), self._epoch(on, slot.end)
                if end <= start:  # swallowed by a change of the clocks
                    continue
                total += end - start
                result.starts.append(start)
                result.ends.append(end)
                result.done.append(total)
            if total > before:
                result.days_done.append(total)
            on += timedelta(days=1)
        return result

    def _epoch(self, on: date, minute: int) -> int:
        day, minute = (on, minute) if minute < MINUTES_OF_DAY else (on + timedelta(days=1), 0)
        local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=self.zone)
        return int(local.astimezone(UTC).timestamp())


def scheme_from_row(row: Mapping[str, Any]) -> DayScheme:
    """Return a day scheme from a stored row.

    raises : InvalidCalendar
    """
    return DayScheme(
        code=str(row["code"]),
        slots=tuple(Slot(_minute(start), _minute(end)) for start, end in row["slots"]),
        from_month_day=row.get("from_month_day", "01-01"),
        to_month_day=row.get("to_month_day", "12-31"),
        priority=int(row.get("priority", 0)),
    )


def _override(row: Mapping[str, Any]) -> DayOverride:
    on = row["on"]
    return DayOverride(
        on=on if isinstance(on, date) else date.fromisoformat(on),
        working=row["kind"] == "workday",
        zh=row.get("zh", ""),
        en=row.get("en", ""),
    )


def _minute(text: str) -> int:
    hour, _, minute = str(text).partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(minute) < MINUTES_OF_HOUR):
        raise InvalidCalendar(
            field="slots",
            value=text,
            reason_zh="时间写作 HH:MM",
            reason_en="a time is written HH:MM",
        )
    return int(hour) * MINUTES_OF_HOUR + int(minute)


def _hh_mm(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _check_month_day(text: str) -> None:
    try:
        date.fromisoformat(f"2024-{text}")  # a leap year, so that 02-29 may bound a season
    except ValueError:
        raise InvalidCalendar(
            field="from_month_day",
            value=text,
            reason_zh="日期写作 MM-DD",
            reason_en="a day of the year is written MM-DD",
        ) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidCalendar(
            field="time_zone",
            value=name,
            reason_zh="没有这个时区",
            reason_en="there is no such time zone",
        ) from None


def _checked_hours(hours: Decimal | None) -> Decimal | None:
    if hours is not None and not 0 < hours <= HOURS_OF_DAY:
        raise InvalidCalendar(
            field="working_day_hours",
            value=str(hours),
            reason_zh="每工作日小时数应大于 0 且不超过 24",
            reason_en="the hours of a working day lie above 0 and up to 24",
        )
    return hours
