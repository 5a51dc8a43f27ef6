"""Units of time limits, and reading a limit from Chinese wording."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import ClassVar, Self

from chengyun.kernel.errors import Fault

MAX_AMOUNT = Decimal(100_000)


class LimitNotReadable(Fault):
    """A time limit is not an amount and a known unit."""

    code = "limit_not_readable"
    zh = "无法识别时限“{text}”。请写成数量加单位，例如“2紧急工作时”“3个工作日”。"
    en = "“{text}” is not a time limit. Give an amount and a unit, such as “3 working_day”."


class Unit(StrEnum):
    """A unit of a time limit. Urgent and calendar units run round the clock, holidays included."""

    URGENT_WORKING_HOUR = "urgent_working_hour"
    URGENT_WORKING_DAY = "urgent_working_day"
    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    CALENDAR_HOUR = "calendar_hour"
    CALENDAR_MINUTE = "calendar_minute"

    @property
    def round_the_clock(self) -> bool:
        """Whether the unit ignores the working calendar."""
        return self is not Unit.WORKING_HOUR and self is not Unit.WORKING_DAY

    @property
    def zh(self) -> str:
        """The Chinese word."""
        return _WORDS[self][0]

    @property
    def en(self) -> str:
        """The English word (singular)."""
        return _WORDS[self][1]


_WORDS: dict[Unit, tuple[str, str]] = {
    Unit.URGENT_WORKING_HOUR: ("紧急工作时", "urgent working hour"),
    Unit.URGENT_WORKING_DAY: ("紧急工作日", "urgent working day"),
    Unit.WORKING_HOUR: ("工作时", "working hour"),
    Unit.WORKING_DAY: ("工作日", "working day"),
    Unit.CALENDAR_DAY: ("日历日", "calendar day"),
    Unit.CALENDAR_HOUR: ("小时", "hour"),
    Unit.CALENDAR_MINUTE: ("分钟", "minute"),
}

# [s]; the length of a working day comes from the calendar.
ROUND_THE_CLOCK_S: dict[Unit, int] = {
    Unit.URGENT_WORKING_HOUR: 3_600,
    Unit.URGENT_WORKING_DAY: 86_400,
    Unit.CALENDAR_DAY: 86_400,
    Unit.CALENDAR_HOUR: 3_600,
    Unit.CALENDAR_MINUTE: 60,
}


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of a unit, such as 2 urgent working hours."""

    amount: Decimal
    unit: Unit
    ZERO: ClassVar[Decimal] = Decimal(0)

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or not self.ZERO < self.amount <= MAX_AMOUNT:
            raise LimitNotReadable(field="limit_value", text=str(self.amount))

    @classmethod
    def of(cls, amount: Decimal | int | str, unit: Unit | str) -> Self:
        """Return the limit of `amount` and `unit` as stored or given.

        raises : LimitNotReadable
        """
        try:
            return cls(Decimal(amount), Unit(unit))
        except (InvalidOperation, ValueError):
            raise LimitNotReadable(field="limit_value", text=f"{amount} {unit}") from None

    @property
    def zh(self) -> str:
        """The Chinese wording."""
        return f"{plain(self.amount)} {self.unit.zh}"

    @property
    def en(self) -> str:
        """The English wording."""
        plural = "" if self.amount == 1 else "s"
        return f"{plain(self.amount)} {self.unit.en}{plural}"


def plain(amount: Decimal) -> str:
    """Return a number without needless zeros or an exponent: 2.00 → "2", 0.50 → "0.5"."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_HOUR = {"工作时", "工作小时", "个工作时", "工时", "working_hour", "working hour", "working hours"}
_DAY = {"工作日", "个工作日", "工作天", "working_day", "working day", "working days"}
_PLAIN_WORDS: dict[str, Unit] = {
    **dict.fromkeys(_HOUR, Unit.WORKING_HOUR),
    **dict.fromkeys(_DAY, Unit.WORKING_DAY),
    **dict.fromkeys(("日历日", "自然日", "日历天", "天", "日", "day", "days"), Unit.CALENDAR_DAY),
    **dict.fromkeys(("小时", "时", "钟头", "hour", "hours", "h"), Unit.CALENDAR_HOUR),
    **dict.fromkeys(("分钟", "分", "minute", "minutes", "min"), Unit.CALENDAR_MINUTE),
    **{unit.value: unit for unit in Unit},
}
_URGENT_OF: dict[Unit, Unit] = {
    Unit.WORKING_HOUR: Unit.URGENT_WORKING_HOUR,
    Unit.CALENDAR_HOUR: Unit.URGENT_WORKING_HOUR,
    Unit.WORKING_DAY: Unit.URGENT_WORKING_DAY,
    Unit.CALENDAR_DAY: Unit.URGENT_WORKING_DAY,
}
_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
_DIGITS |= {"五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_WORDING = re.compile(
    r"^\s*([0-9]+(?:\.[0-9]+)?|半|[零〇一二两三四五六七八九十百]+)?\s*个?\s*(.*?)\s*$"
)
_URGENT = re.compile(r"紧急|应急|urgent[ _]?", re.IGNORECASE)


def parse_limit(text: str, *, unit: str = "") -> Limit:
    """Read a limit from wording such as "2紧急工作时", "三个工作日" or "2" with a `unit` column.

    unit : the unit column of the same row; used where `text` names none. The word 紧急 in either
        makes the unit urgent: in the text it wins over the column.
    raises : LimitNotReadable
    source : the column rule is ours, from the manuals of cities
    """
    full_width = str.maketrans("０１２３４５６７８９．", "0123456789.")
    match = _WORDING.match(_URGENT.sub("", text.translate(full_width)))
    amount = _amount(match.group(1) or "") if match else None
    if match is None or amount is None:
        raise LimitNotReadable(field="limit_value", text=f"{text} {unit}".strip())
    urgent = bool(_URGENT.search(text) or _URGENT.search(unit))
    words = _unit_word(match.group(2)) or _unit_word(unit)
    found = _PLAIN_WORDS.get(words)
    if found is None:
        raise LimitNotReadable(field="limit_unit", text=f"{text} {unit}".strip())
    return Limit(amount, _URGENT_OF.get(found, found) if urgent else found)


def _unit_word(text: str) -> str:
    bare = _URGENT.sub("", text).strip(" 个()（）内以之").lower()
    return bare.removesuffix("以内").removesuffix("内")


def _amount(text: str) -> Decimal | None:
    if text == "半":
        return Decimal("0.5")
    if text[:1].isdigit():
        return Decimal(text)
    return _chinese_amount(text) if text else None


def _chinese_amount(text: str) -> Decimal | None:
    """Read 一 to 九百九十九; None where it is no number."""
    total, digit = 0, None
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
            continue
        total += (1 if digit is None else digit) * (10 if sign == "十" else 100)
        digit = None
    total += digit or 0
    return Decimal(total) if total else None
