from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chengyun.kernel.calendar_cn import HOLIDAY, WORKDAY, holiday_rows, known_years
from chengyun.kernel.working_calendar import InvalidCalendar, Slot, WorkingCalendar

DAY = {"code": "day", "slots": [["08:00", "12:00"], ["14:00", "18:00"]]}
SUMMER = {
    "code": "summer",
    "slots": [["08:00", "12:00"], ["14:30", "18:30"]],
    "from_month_day": "05-01",
    "to_month_day": "09-30",
    "priority": 1,
}
WINTER: dict[str, Any] = {"code": "winter", "slots": [["09:00", "17:00"]], "priority": 2}
WINTER |= {"from_month_day": "12-01", "to_month_day": "02-29"}


def _china(**more: Any) -> WorkingCalendar:
    return WorkingCalendar.from_rows(
        schemes=[DAY, SUMMER, WINTER],
        days=[
            {"on": row.on, "kind": row.kind, "zh": row.zh, "en": row.en} for row in holiday_rows()
        ],
        known_years=known_years(),
        **more,
    )


@pytest.mark.parametrize(
    ("on", "working", "name"),
    [
        (date(2026, 10, 1), False, "国庆节"),
        (date(2026, 10, 10), True, "国庆节调休上班"),
        (date(2026, 2, 17), False, "春节"),
        (date(2026, 11, 23), True, ""),
        (date(2026, 11, 22), False, ""),
    ],
)
def test_public_holidays_of_china(on: date, working: bool, name: str) -> None:
    day = _china().day(on)
    assert (day.working, day.zh, day.known) == (working, name, True)


def test_the_library_knows_the_years_it_covers_and_no_other() -> None:
    years = known_years()
    assert years == tuple(range(2004, 2027))
    assert {row.on.year for row in holiday_rows()} <= set(years)
    assert {row.on.year for row in holiday_rows([2025, 2050])} == {2025}
    assert not _china().day(date(2050, 10, 1)).known


def test_every_row_of_the_library_differs_from_the_weekend_rule_or_names_a_holiday() -> None:
    rows = holiday_rows()
    assert len({row.on for row in rows}) == len(rows)
    assert all(row.on.isoweekday() > 5 for row in rows if row.kind == WORKDAY)
    assert all(row.zh and row.en and row.source.startswith("chinesecalendar") for row in rows)
    assert sum(row.kind == HOLIDAY for row in rows) > 500


@pytest.mark.parametrize(
    ("on", "scheme"),
    [
        (date(2026, 4, 30), "day"),
        (date(2026, 5, 6), "summer"),
        (date(2026, 9, 30), "summer"),
        (date(2026, 12, 1), "winter"),
        (date(2026, 2, 27), "winter"),
        (date(2026, 3, 2), "day"),
    ],
)
def test_the_scheme_of_the_season(on: date, scheme: str) -> None:
    assert _china().day(on).scheme == scheme


def _scheme(**changed: Any) -> dict[str, Any]:
    return {**DAY, **changed}


@pytest.mark.parametrize(
    "scheme",
    [
        pytest.param(_scheme(slots=[]), id="no slot"),
        pytest.param(_scheme(slots=[["12:00", "08:00"]]), id="ends before it starts"),
        pytest.param(_scheme(slots=[["22:00", "06:00"]]), id="over midnight"),
        pytest.param(_scheme(slots=[["08:00", "25:00"]]), id="after midnight"),
        pytest.param(_scheme(slots=[["08:00", "12:00"], ["11:00", "13:00"]]), id="overlap"),
        pytest.param(_scheme(slots=[["eight", "12:00"]]), id="no time"),
        pytest.param(_scheme(slots=[["08:75", "12:00"]]), id="no minute"),
        pytest.param(_scheme(from_month_day="13-01"), id="no month"),
        pytest.param(_scheme(to_month_day="summer"), id="no day"),
    ],
)
def test_a_wrong_scheme_is_refused(scheme: dict[str, Any]) -> None:
    with pytest.raises(InvalidCalendar):
        WorkingCalendar.from_rows(schemes=[scheme])


@pytest.mark.parametrize("more", [{"time_zone": "Moon/Base"}, {"working_day_hours": Decimal(25)}])
def test_wrong_settings_are_refused(more: dict[str, Any]) -> None:
    with pytest.raises(InvalidCalendar):
        _china(**more)


def test_a_slot_may_end_at_midnight() -> None:
    calendar = WorkingCalendar.from_rows(schemes=[_scheme(slots=[["00:00", "24:00"]])])
    assert calendar.day(date(2026, 11, 23)).slots == (Slot(0, 1440),)
    assert calendar.year_slots(2026).total == 261 * 86_400
