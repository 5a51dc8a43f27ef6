"""Shifts of collectors: days of the week and a span of the day in the platform's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

WEEKDAYS = range(1, 8)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftHours:
    """When a shift is on.

    weekdays : days on which it begins, 1 = Monday
    ends : not after `starts` = on the next day; equal = a whole day
    """

    weekdays: frozenset[int]
    starts: time
    ends: time

    @property
    def is_overnight(self) -> bool:
        """Tell whether the shift ends on the day after it began."""
        return self.ends <= self.starts

    def covers(self, moment: datetime) -> bool:
        """Tell whether the shift is on.

        moment : aware, in the platform's time zone; the end no longer belongs to it
        """
        clock = moment.time()
        if not self.is_overnight:
            return self._begins(moment.date()) and self.starts <= clock < self.ends
        if clock >= self.starts:
            return self._begins(moment.date())
        return clock < self.ends and self._begins(moment.date() - timedelta(days=1))

    def _begins(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays
