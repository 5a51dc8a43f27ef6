"""What cases hear of administration: that the working calendar was edited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from procrastinate.contrib.django import app

from chengyun.journal.operations import hear

_JOB: Final = "chengyun.cases.tasks.relay_open_clocks"
# Until then every process has dropped its copy of the old calendar.
WAIT_S: Final = 3
_SETTINGS: Final = frozenset({"administration.weekend", "node.time_zone"})
_YEAR_WIDTH: Final = 4


def hear_of_the_calendar() -> None:
    """Register with the journal; called once when the context is loaded."""
    hear("administration.calendar_changed", "cases", _on_calendar)
    hear("administration.setting_changed", "cases", _on_setting)


def _on_calendar(payload: Mapping[str, Any]) -> None:
    first, last = days_of(str(payload["act"]), str(payload["id"]))
    _defer(first, last)


def _on_setting(payload: Mapping[str, Any]) -> None:
    if payload["key"] in _SETTINGS:
        _defer(None, None)


def days_of(act: str, what: str) -> tuple[date | None, date | None]:
    """Return the first and last day that an edit of the calendar touches; None = all.

    what : a day, a year, or the code of a day scheme
    """
    if act.startswith("calendar.day_"):
        day = date.fromisoformat(what)
        return day, day
    if act.startswith("calendar.year_") and len(what) == _YEAR_WIDTH:
        return date(int(what), 1, 1), date(int(what), 12, 31)
    return None, None


def _defer(first: date | None, last: date | None) -> None:
    job = app.configure_task(_JOB, lock="cases.relay_clocks", schedule_in={"seconds": WAIT_S})
    job.defer(first=first.isoformat() if first else None, last=last.isoformat() if last else None)
