"""The working calendar as the kernel's value."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from chengyun.administration.models import CalendarDay, CalendarYear, DayScheme
from chengyun.administration.queries.freshness import FreshCache
from chengyun.administration.queries.settings import setting, time_zone
from chengyun.kernel.clock import now
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


def calendar_year(year: int) -> dict[str, Any]:
    """Return a year's special days, whether they are known, and its count of working days."""
    calendar = working_calendar()
    first, last = date(year, 1, 1), date(year, 12, 31)
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    marked = CalendarDay.objects.filter(on__range=(first, last)).order_by("on")
    source = CalendarYear.objects.filter(year=year).values_list("source", flat=True).first()
    return {
        "year": year,
        "known": source is not None,
        "source": source or "",
        "working_days": sum(calendar.day(on).working for on in span),
        "days": list(marked.values("on", "kind", "zh", "en", "source")),
    }


def calendar_outlook() -> dict[str, Any]:
    """Return which years are known, and which of this and the next are not.

    A limit that runs into an unknown year is not guessed; the year must be entered and confirmed.
    """
    known = sorted(working_calendar().known_years)
    this = now().astimezone(time_zone()).year
    unknown = [year for year in (this, this + 1) if year not in known]
    return {"known_years": known, "unknown_years": unknown, "time_zone": setting("node.time_zone")}


def list_schemes() -> list[dict[str, Any]]:
    """Return every day scheme, the stronger first."""
    columns = (
        "code",
        "zh",
        "en",
        "from_month_day",
        "to_month_day",
        "slots",
        "priority",
        "active",
    )
    return list(DayScheme.objects.order_by("-priority", "code").values(*columns))
