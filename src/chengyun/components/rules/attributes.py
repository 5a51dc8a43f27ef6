"""Further attributes of components, checked against their definitions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from chengyun.components.rules.faults import AttributeFault
from chengyun.kernel.errors import Fault

MAX_TEXT: Final = 500
LARGEST: Final = 2**53
_YES: Final = frozenset({"true", "yes", "1", "是", "有"})
_NO: Final = frozenset({"false", "no", "0", "否", "无"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """One attribute: its name, its kind and the values that it takes.

    type_code : a type, a class by its first digits, '' = every type
    choices : code → (zh, en)
    """

    name: str
    kind: str
    type_code: str = ""
    zh: str = ""
    en: str = ""
    unit: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def definitions_for(known: Iterable[Definition], type_code: str) -> dict[str, Definition]:
    """Return the definitions that hold for a type by name; the narrower one wins."""
    fitting = [one for one in known if type_code.startswith(one.type_code)]
    fitting.sort(key=lambda one: len(one.type_code))
    return {one.name: one for one in fitting}


def checked_attributes(
    given: Mapping[str, Any], definitions: Mapping[str, Definition], *, reading: bool = False
) -> tuple[dict[str, Any], list[Fault]]:
    """Return the attributes as they are stored, and what is wrong with them.

    reading : values are texts of a file; "3.5" is a number then, and so on
    """
    kept: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in given.items():
        definition = definitions.get(name)
        if definition is None:
            faults.append(_fault(name, "未定义此属性", "is not defined for this type"))
        elif value is not None and value != "":
            try:
                kept[name] = _checked(definition, value, reading=reading)
            except AttributeFault as fault:
                faults.append(fault)
    faults += [
        _fault(one.name, "必填", "is required")
        for one in definitions.values()
        if one.required and given.get(one.name) in {None, ""}
    ]
    return kept, faults


def _checked(definition: Definition, value: Any, *, reading: bool) -> Any:
    check = {
        "text": _text,
        "integer": _integer,
        "decimal": _decimal,
        "boolean": _boolean,
        "date": _date,
        "choice": _choice,
    }[definition.kind]
    return check(definition, _plain(value) if reading else value)


def _plain(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _text(definition: Definition, value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise _fault(definition.name, "应为文本", "must be text")
    if len(value) > MAX_TEXT:
        raise _fault(definition.name, f"超过 {MAX_TEXT} 字", f"is over {MAX_TEXT} characters")
    return value


def _decimal(definition: Definition, value: Any) -> float:
    if isinstance(value, bool):
        raise _fault(definition.name, "应为数", "must be a number")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise _fault(definition.name, "应为数", "must be a number") from None
    if not math.isfinite(number):
        raise _fault(definition.name, "应为数", "must be a number")
    low, high = definition.minimum, definition.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        zh = f"应在 {_bound(low)} 与 {_bound(high)} 之间"
        raise _fault(definition.name, zh, f"must lie between {_bound(low)} and {_bound(high)}")
    return number


def _integer(definition: Definition, value: Any) -> int:
    number = _decimal(definition, value)
    if not number.is_integer() or abs(number) > LARGEST:
        raise _fault(definition.name, "应为整数", "must be a whole number")
    return int(number)


def _boolean(definition: Definition, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word in _YES | _NO:
        return word in _YES
    raise _fault(definition.name, "应为是或否", "must be true or false")


def _date(definition: Definition, value: Any) -> str:
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        raise _fault(definition.name, "应为日期 YYYY-MM-DD", "must be a day YYYY-MM-DD") from None


def _choice(definition: Definition, value: Any) -> str:
    word = str(value)
    if word in definition.choices:
        return word
    for code, names in definition.choices.items():
        if word in names:
            return code
    known = "、".join(definition.choices)
    raise _fault(definition.name, f"可选：{known}", f"must be one of {known}")


def _bound(value: float | None) -> str:
    return "∞" if value is None else f"{value:g}"


def _fault(name: str, reason_zh: str, reason_en: str) -> AttributeFault:
    return AttributeFault(
        field=f"attributes.{name}", name=name, reason_zh=reason_zh, reason_en=reason_en
    )
