from __future__ import annotations

from decimal import Decimal

import pytest

from chengyun.kernel.units import Limit, LimitNotReadable, Unit, parse_limit


@pytest.mark.parametrize(
    ("text", "column", "amount", "unit"),
    [
        ("2紧急工作时", "", "2", Unit.URGENT_WORKING_HOUR),
        ("2 紧急工作时", "工作时", "2", Unit.URGENT_WORKING_HOUR),
        ("紧急2小时", "", "2", Unit.URGENT_WORKING_HOUR),
        ("2（紧急）", "工作时", "2", Unit.URGENT_WORKING_HOUR),
        ("2", "紧急工作日", "2", Unit.URGENT_WORKING_DAY),
        ("4工作时", "", "4", Unit.WORKING_HOUR),
        ("4个工作小时", "", "4", Unit.WORKING_HOUR),
        ("三个工作日", "", "3", Unit.WORKING_DAY),
        ("十五个工作日", "", "15", Unit.WORKING_DAY),
        ("5个工作日内", "", "5", Unit.WORKING_DAY),
        ("２４小时", "", "24", Unit.CALENDAR_HOUR),
        ("半个工作日", "", "0.5", Unit.WORKING_DAY),
        ("1.5", "工作日", "1.5", Unit.WORKING_DAY),
        ("7天", "", "7", Unit.CALENDAR_DAY),
        ("30分钟", "", "30", Unit.CALENDAR_MINUTE),
        ("3 working_day", "", "3", Unit.WORKING_DAY),
        ("2", "urgent_working_hour", "2", Unit.URGENT_WORKING_HOUR),
        ("2 urgent working hours", "", "2", Unit.URGENT_WORKING_HOUR),
        ("一百二十工作日", "", "120", Unit.WORKING_DAY),
    ],
)
def test_wording(text: str, column: str, amount: str, unit: Unit) -> None:
    assert parse_limit(text, unit=column) == Limit(Decimal(amount), unit)


@pytest.mark.parametrize(
    "text", ["", "尽快", "工作日", "3", "3光年", "0工作日", "-2工作时", "〇工作日"]
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(LimitNotReadable):
        parse_limit(text)


@pytest.mark.parametrize(
    ("amount", "unit"), [("NaN", "working_day"), ("x", "working_day"), (1, "week")]
)
def test_a_stored_limit_is_checked(amount: str | int, unit: str) -> None:
    with pytest.raises(LimitNotReadable):
        Limit.of(amount, unit)


def test_wording_out() -> None:
    limit = Limit.of("2.00", "urgent_working_hour")
    assert (limit.zh, limit.en) == ("2 紧急工作时", "2 urgent working hours")
    assert Limit.of(1, "working_day").en == "1 working day"
    assert Limit.of("100", "calendar_minute").zh == "100 分钟"
