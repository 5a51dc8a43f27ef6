"""When steps happen: forward from a report, or backward from a moment that is wanted."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chengyun.demo.rules.stories import Step
from chengyun.kernel.units import Limit, Unit
from chengyun.kernel.working_calendar import WorkingCalendar
from chengyun.kernel.working_time import UnknownYears, advance, epoch, instant

_UNIT_S = {
    Unit.WORKING_DAY: 8 * 3_600,
    Unit.WORKING_HOUR: 3_600,
    Unit.URGENT_WORKING_HOUR: 3_600,
    Unit.URGENT_WORKING_DAY: 86_400,
    Unit.CALENDAR_DAY: 86_400,
    Unit.CALENDAR_HOUR: 3_600,
    Unit.CALENDAR_MINUTE: 60,
}


def limit_seconds(limit: Limit) -> float:
    """Return about how many counted seconds a limit grants (a working day as eight hours)."""
    return float(limit.amount) * _UNIT_S[limit.unit]


class Timekeeper:
    """Moves along the clock or the working calendar, in both directions."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self.calendar = calendar

    def later(self, at: datetime, step: Step, limit: Limit) -> datetime:
        """Return when a step happens after one at `at`."""
        if not step.share:
            return at + timedelta(seconds=max(1, round(step.gap_s)))
        seconds = max(60, round(step.share * limit_seconds(limit)))
        return advance(
            at, seconds, limit.unit, self.calendar, unknown_years=UnknownYears.ASSUME_WEEKENDS
        )

    def earlier(self, at: datetime, step: Step, limit: Limit) -> datetime:
        """Return when the step before happened, if this one happens at `at`."""
        if not step.share:
            return at - timedelta(seconds=max(1, round(step.gap_s)))
        return self.back(at, step.share * limit_seconds(limit), limit.unit)

    def back(self, at: datetime, seconds: float, unit: Unit) -> datetime:
        """Return the latest instant since which `seconds` have been counted at `at`."""
        wanted = max(60, round(seconds))
        if unit.round_the_clock:
            return at - timedelta(seconds=wanted)
        year = self.calendar.local_year(at)
        slots = self.calendar.year_slots(year)
        worked = slots.worked_until(epoch(at)) - wanted
        while worked <= 0:
            year -= 1
            slots = self.calendar.year_slots(year)
            worked += slots.total
        return instant(slots.instant_after(worked))


def when_forward(
    steps: Sequence[Step], start: datetime, limit: Limit, timekeeper: Timekeeper
) -> list[datetime]:
    """Return the instant of each step, the first at `start`."""
    moments = [start]
    for step in steps[1:]:
        moments.append(timekeeper.later(moments[-1], step, limit))
    return moments


def when_backward(
    steps: Sequence[Step], last: datetime, limit: Limit, timekeeper: Timekeeper
) -> list[datetime]:
    """Return the instant of each step, the last at `last`."""
    moments = [last]
    for step in reversed(steps[1:]):
        moments.append(timekeeper.earlier(moments[-1], step, limit))
    return moments[::-1]
