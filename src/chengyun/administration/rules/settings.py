"""Which value a setting takes."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import available_timezones

from chengyun.administration.rules.definitions import SettingDefinition
from chengyun.administration.rules.setting_shapes import problem_of_shape
from chengyun.kernel.errors import Fault
from chengyun.kernel.units import LimitNotReadable, parse_limit, plain

_INT_LIMIT = 2**53


class UnknownSetting(Fault):
    """There is no setting of this key."""

    code = "unknown_setting"
    status = 404
    zh = "没有参数 {key}。"
    en = "There is no setting {key}."


class SettingValueInvalid(Fault):
    """The value does not fit the setting."""

    code = "setting_value_invalid"
    zh = "参数 {key} 的值无效：{reason_zh}"
    en = "The value of {key} is not valid: {reason_en}"


def checked_value(definition: SettingDefinition, value: Any) -> Any:
    """Return `value` as it is stored (JSON), or raise SettingValueInvalid.

    None is taken only where the default is None.
    """
    if value is None:
        if definition.default is None:
            return None
        raise _invalid(definition, "不能为空", "it must not be empty")
    return _CHECKS[definition.kind](definition, value)


def _integer(definition: SettingDefinition, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _INT_LIMIT:
        raise _invalid(definition, "须为整数", "it must be a whole number")
    _check_range(definition, Decimal(value))
    return value


def _decimal(definition: SettingDefinition, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise _invalid(definition, "须为数字", "it must be a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise _invalid(definition, "须为数字", "it must be a number") from None
    if not number.is_finite() or not math.isfinite(float(number)):
        raise _invalid(definition, "须为数字", "it must be a number")
    _check_range(definition, number)
    return int(number) if number == number.to_integral_value() else float(number)


def _boolean(definition: SettingDefinition, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _invalid(definition, "须为是或否", "it must be true or false")
    return value


def _text(definition: SettingDefinition, value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise _invalid(definition, "须为文字", "it must be a text")
    text = value.strip()
    _check_range(definition, Decimal(len(text)))
    return text


def _choice(definition: SettingDefinition, value: Any) -> str:
    if value not in definition.choices:
        options = "、".join(definition.choices)
        raise _invalid(definition, f"可选值为 {options}", f"choose one of {options}")
    return str(value)


def _time_zone(definition: SettingDefinition, value: Any) -> str:
    if not isinstance(value, str) or value not in available_timezones():
        raise _invalid(definition, "没有这个时区", "there is no such time zone")
    return value


def _json(definition: SettingDefinition, value: Any) -> Any:
    problem = problem_of_shape(definition.choices[0], value)
    if problem is not None:
        raise _invalid(definition, *problem)
    return value


def _limit(definition: SettingDefinition, value: Any) -> str:
    """A time limit as "15 calendar_minute"; Chinese wording is read, too."""
    try:
        limit = parse_limit(_text(definition, value))
    except LimitNotReadable as fault:
        raise _invalid(definition, fault.text("zh"), fault.text("en")) from None
    return f"{plain(limit.amount)} {limit.unit.value}"


_CHECKS: dict[str, Callable[[SettingDefinition, Any], Any]] = {
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "text": _text,
    "choice": _choice,
    "time_zone": _time_zone,
    "json": _json,
    "limit": _limit,
}


def _check_range(definition: SettingDefinition, number: Decimal) -> None:
    low, high = definition.minimum, definition.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        zh, en = f"须在 {low} 与 {high} 之间", f"it must lie between {low} and {high}"
        raise _invalid(definition, zh, en)


def _invalid(definition: SettingDefinition, reason_zh: str, reason_en: str) -> SettingValueInvalid:
    return SettingValueInvalid(
        field="value", key=definition.key, reason_zh=reason_zh, reason_en=reason_en
    )
