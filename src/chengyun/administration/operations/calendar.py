"""The working calendar: special days, known years, day schemes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.db import transaction

from chengyun.administration.models import CalendarDay, CalendarYear, DayScheme
from chengyun.administration.operations.recording import differences, record_change
from chengyun.administration.rules import naming
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import CalendarEntryNotFound, CodeTaken, StillInUse
from chengyun.kernel.errors import Invalid
from chengyun.kernel.working_calendar import scheme_from_row

PERMISSION: Final = "administration.calendar"
FIRST_YEAR, LAST_YEAR = 2000, 2100
BY_HAND: Final = "administrator"
_SEASON: Final = ("from_month_day", "to_month_day")
_SCHEME_FIELDS: Final = ("zh", "en", *_SEASON, "slots", "priority", "active")


@transaction.atomic
def mark_day(*, actor: Actor, on: date, kind: str, zh: str = "", en: str = "") -> CalendarDay:
    """Mark a day as a holiday or a working day against the weekend rule.

    kind : holiday or workday
    raises : Forbidden, Invalid
    """
    actor.require_everywhere(PERMISSION)
    _check_year(on.year)
    if kind not in CalendarDay.Kind.values:
        raise Invalid(
            field="kind", reason_zh="可选 holiday、workday", reason_en="holiday or workday"
        )
    day, _ = CalendarDay.objects.update_or_create(
        on=on,
        defaults={
            "kind": kind,
            "zh": naming.checked_name(zh, field="zh", longest=60, required=False),
            "en": naming.checked_name(en, field="en", longest=100, required=False),
            "source": BY_HAND,
        },
    )
    _record(actor, "calendar.day_marked", on.isoformat(), {"kind": kind, "zh": zh})
    return day


@transaction.atomic
def unmark_day(*, actor: Actor, on: date) -> None:
    """Let a day follow the weekend rule again; raises Forbidden, CalendarEntryNotFound."""
    actor.require_everywhere(PERMISSION)
    removed, _ = CalendarDay.objects.filter(on=on).delete()
    if not removed:
        raise CalendarEntryNotFound
    _record(actor, "calendar.day_unmarked", on.isoformat(), {})


@transaction.atomic
def confirm_year(*, actor: Actor, year: int) -> CalendarYear:
    """Say that a year's special days are all entered; raises Forbidden, Invalid."""
    actor.require_everywhere(PERMISSION)
    _check_year(year)
    found, made = CalendarYear.objects.get_or_create(year=year, defaults={"source": BY_HAND})
    if made:
        _record(actor, "calendar.year_confirmed", str(year), {})
    return found


@transaction.atomic
def withdraw_year(*, actor: Actor, year: int) -> None:
    """Say that a year's special days are not known; raises Forbidden, CalendarEntryNotFound."""
    actor.require_everywhere(PERMISSION)
    removed, _ = CalendarYear.objects.filter(year=year).delete()
    if not removed:
        raise CalendarEntryNotFound
    _record(actor, "calendar.year_withdrawn", str(year), {})


@transaction.atomic
def create_scheme(*, actor: Actor, code: str, values: Mapping[str, Any]) -> DayScheme:
    """Add a day scheme.

    values : zh, slots [["08:00", "12:00"], …]; optional en, from_month_day, to_month_day,
        priority, active
    raises : Forbidden, Invalid, InvalidCalendar, CodeTaken
    """
    actor.require_everywhere(PERMISSION)
    naming.checked_code(code)
    if DayScheme.objects.filter(code=code).exists():
        raise CodeTaken(field="code", value=code)
    scheme = DayScheme(code=code)
    _fill(scheme, values)
    scheme.save()
    _record(actor, "calendar.scheme_created", code, {"slots": scheme.slots})
    return scheme


@transaction.atomic
def change_scheme(*, actor: Actor, code: str, values: Mapping[str, Any]) -> DayScheme:
    """Change a day scheme, or take it out of use or into use.

    raises : Forbidden, CalendarEntryNotFound, Invalid, InvalidCalendar, StillInUse (the last one)
    """
    actor.require_everywhere(PERMISSION)
    scheme = DayScheme.objects.select_for_update().filter(code=code).first()
    if scheme is None:
        raise CalendarEntryNotFound
    before = {field: getattr(scheme, field) for field in _SCHEME_FIELDS}
    _fill(scheme, values)
    changed = differences(before, {field: getattr(scheme, field) for field in _SCHEME_FIELDS})
    if not changed:
        return scheme
    scheme.save()
    if not DayScheme.objects.filter(active=True).exists():
        raise StillInUse(reason_zh="至少保留一个作息方案", reason_en="one scheme must remain")
    _record(actor, "calendar.scheme_changed", code, changed)
    return scheme


def _fill(scheme: DayScheme, values: Mapping[str, Any]) -> None:
    for field in _SCHEME_FIELDS:
        if field in values:
            setattr(scheme, field, values[field])
    scheme.zh = naming.checked_name(scheme.zh, field="zh", longest=60)
    scheme.en = naming.checked_name(scheme.en, field="en", longest=100, required=False)
    scheme_from_row(
        {
            "code": scheme.code,
            "slots": scheme.slots,
            "from_month_day": scheme.from_month_day,
            "to_month_day": scheme.to_month_day,
            "priority": scheme.priority,
        }
    )


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(
            field="year",
            reason_zh=f"须在 {FIRST_YEAR} 与 {LAST_YEAR} 之间",
            reason_en=f"it must lie between {FIRST_YEAR} and {LAST_YEAR}",
        )


def _record(actor: Actor, act: str, what: str, detail: Mapping[str, Any]) -> None:
    record_change(actor, act, f"calendar:{what}", detail, topic="reference")
