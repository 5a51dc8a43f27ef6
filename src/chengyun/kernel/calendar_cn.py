"""Public holidays and make-up days of mainland China, from the `chinesecalendar` library."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays

HOLIDAY, WORKDAY = "holiday", "workday"


@dataclass(frozen=True, kw_only=True, slots=True)
class HolidayRow:
    """One day that differs from the weekend rule."""

    on: date
    kind: str
    zh: str
    en: str
    source: str


def source() -> str:
    """Return the library and its version, kept with every row."""
    return f"chinesecalendar {version('chinesecalendar')}"


@cache
def known_years() -> tuple[int, ...]:
    """Return the years that the library knows, ascending.

    A year counts as known only with its New Year and its National Day: a list that breaks off in
    the middle of a year would be a guess.
    """
    return tuple(year for year in sorted({day.year for day in holidays}) if _is_complete(year))


def holiday_rows(years: Iterable[int] | None = None) -> list[HolidayRow]:
    """Return the days that differ from the weekend rule, by date; only of known years.

    years : None = every known year
    """
    wanted = set(known_years()) if years is None else set(years) & set(known_years())
    names = {holiday.value: holiday.chinese for holiday in Holiday}
    label = source()
    rows = [_row(on, HOLIDAY, en, names, label) for on, en in holidays.items() if on.year in wanted]
    rows += [
        _row(on, WORKDAY, en, names, label) for on, en in workdays.items() if on.year in wanted
    ]
    return sorted(rows, key=lambda row: row.on)


def _row(on: date, kind: str, en: str, names: dict[str, str], label: str) -> HolidayRow:
    zh = names.get(en, en)
    if kind == WORKDAY:
        return HolidayRow(
            on=on, kind=kind, zh=f"{zh}调休上班", en=f"Make-up day of {en}", source=label
        )
    return HolidayRow(on=on, kind=kind, zh=zh, en=en, source=label)


def _is_complete(year: int) -> bool:
    return date(year, 1, 1) in holidays and date(year, 10, 1) in holidays
