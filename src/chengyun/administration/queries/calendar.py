"""The working calendar as the kernel's value."""

from __future__ import annotations

from chengyun.administration.models import CalendarDay, CalendarYear, DayScheme
from chengyun.administration.queries.freshness import FreshCache
from chengyun.administration.queries.settings import setting
from chengyun.kernel.working_calendar import WorkingCalendar

_calendars: FreshCache[str, WorkingCalendar] = FreshCache("reference", ttl_s=600)


def working_calendar() -> WorkingCalendar:
    """Return the platform's working calendar, from this process's copy.

    Years whose holidays are not entered are unknown to it; see `WorkingCalendar.knows`.
    """
    return _calendars.get_or_load("platform", _load)


def _load() -> WorkingCalendar:
    schemes = DayScheme.objects.filter(active=True).order_by("-priority", "code")
    fields = ("code", "slots", "from_month_day", "to_month_day", "priority")
    return WorkingCalendar.from_rows(
        schemes=schemes.values(*fields),
        days=CalendarDay.objects.values("on", "kind", "zh", "en"),
        known_years=CalendarYear.objects.values_list("year", flat=True),
        time_zone=setting("node.time_zone"),
        weekend=setting("administration.weekend"),
        working_day_hours=setting("administration.working_day_hours"),
    )
