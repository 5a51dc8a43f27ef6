"""Bodies and instants of requests, for the routes of every context.

Pydantic turns a false into a 0, a 1 into a true, a "5" into a 5 and a 0.5 into an instant of 1970.
A client that sends such a value has mistaken one field for another: it is told so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin
from uuid import UUID

from ninja import Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

FIRST_YEAR, LAST_YEAR = 1900, 9999

_TEXT: tuple[tuple[type, str], ...] = ((datetime, "datetime_type"), (date, "date_type"))
_NAMES = {bool: "bool_type", int: "int_type", float: "float_type", Decimal: "decimal_type"}


def _as_utc(instant: datetime) -> datetime:
    # PostgreSQL takes no offsets beyond 16 hours, Python no instants outside its years.
    if not FIRST_YEAR < instant.year < LAST_YEAR:
        raise PydanticCustomError("datetime_type", "the year is out of range")
    return instant.astimezone(UTC)


def _known_year(day: date) -> date:
    if not FIRST_YEAR < day.year < LAST_YEAR:
        raise PydanticCustomError("date_type", "the year is out of range")
    return day


def _no_number(kind: str) -> Callable[[Any], Any]:
    """Return a check that refuses seconds since 1970, as a number or as its digits."""

    def check(value: Any) -> Any:
        if isinstance(value, int | float) or (isinstance(value, str) and _is_number(value)):
            raise PydanticCustomError(kind, "must be written out")
        return value

    return check


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


Instant = Annotated[
    AwareDatetime, BeforeValidator(_no_number("datetime_type")), AfterValidator(_as_utc)
]
Day = Annotated[date, BeforeValidator(_no_number("date_type")), AfterValidator(_known_year)]


class Strict(Schema):
    """A JSON body: a name that nobody knows is a fault, and so is a value of another JSON type."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_type(cls, value: Any, info: ValidationInfo) -> Any:
        field = cls.model_fields[info.field_name or ""]
        annotation: Any = field.annotation
        if not isinstance(value, list):
            _check(value, _plain_types(annotation))
            return value
        for one in value:
            _check(one, _item_types(annotation))
        return value


def _check(value: Any, wanted: frozenset[type]) -> None:
    """Raise where a JSON value is none of the types; what has no plain type is passed over."""
    if value is None or not wanted or not isinstance(value, bool | int | float | str):
        return
    if any(_is_json_of(value, kind) for kind in wanted):
        return
    raise PydanticCustomError(_fault_of(wanted), "wrong type of JSON value")


def _is_json_of(value: bool | float | str, kind: type) -> bool:
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    if kind in {int, float}:
        return isinstance(value, int | float)
    return isinstance(value, str) or kind is Decimal  # a decimal may be written as a text


def _fault_of(wanted: frozenset[type]) -> str:
    named = [name for kind, name in (*_NAMES.items(), *_TEXT) if kind in wanted]
    return named[0] if named else "string_type"


@cache
def _plain_types(annotation: Any) -> frozenset[type]:
    """Return the plain types of a field; empty where anything else is taken, too."""
    found = set(_members(annotation))
    plain = {bool, int, float, Decimal, str, date, datetime, time, UUID}
    return frozenset(found) if found <= plain else frozenset()


@cache
def _item_types(annotation: Any) -> frozenset[type]:
    """Return the plain types of the items of a list."""
    for part in (annotation, *get_args(annotation)):
        if get_origin(part) is list:
            return _plain_types(get_args(part)[0])
    return frozenset()


def _members(annotation: Any) -> Iterator[Any]:
    """Yield the members of a union, without None and without annotations."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin is Literal:
        yield from (type(one) for one in get_args(annotation) if one is not None)
    elif origin is not None and origin not in {list, dict, tuple, set}:
        for part in get_args(annotation):
            yield from _members(part)
    elif annotation is not type(None):
        yield annotation
