"""Values of another JSON type are faults, instants are written out."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from chengyun.administration.bodies import Day, Instant, Strict

ONE = "6f1c1d1e-0000-4000-8000-000000000001"


class Inner(Strict):
    """Nested."""

    wide: Annotated[int, Field(ge=1)]


class Body(Strict):
    """One of each."""

    number: Annotated[int, Field(ge=0)] | None = None
    share: Decimal | None = None
    degrees: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    flag: bool | None = None
    word: str = ""
    kind: Literal["", "a"] = ""
    at: Instant | None = None
    on: Day | None = None
    id: UUID | None = None
    ids: list[int] = Field(default_factory=list)
    pairs: list[list[str]] = Field(default_factory=list)
    inner: Inner | None = None
    inners: list[Inner] = Field(default_factory=list)
    anything: Any = None
    number_or_word: int | str | None = None


GOOD = [
    {"number": 3, "share": 0.5, "degrees": 1, "flag": False, "word": "0", "kind": "a"},
    {"number": None, "flag": None, "id": ONE, "ids": [1, 2], "pairs": [["a", "b"]]},
    {"at": "2026-01-31T08:00:00Z", "on": "2026-01-31", "inner": {"wide": 2}},
    {"inners": [{"wide": 2}], "anything": False, "number_or_word": "x"},
    {"anything": [1, True], "number_or_word": 1, "share": 2},
    {"share": "0.5"},
]
BAD: list[tuple[str, Any, str]] = [
    ("number", False, "int_type"),
    ("number", "5", "int_type"),
    ("share", True, "decimal_type"),
    ("share", "half", "decimal_parsing"),
    ("degrees", "1", "float_type"),
    ("degrees", True, "float_type"),
    ("flag", 0, "bool_type"),
    ("flag", "true", "bool_type"),
    ("at", 0, "datetime_type"),
    ("at", "0.5", "datetime_type"),
    ("at", "9999-12-31T23:59:59Z", "datetime_type"),
    ("at", "0001-01-01T00:00:00+14:00", "datetime_type"),
    ("at", "2026-01-31T08:00:00", "timezone_aware"),
    ("on", 0, "date_type"),
    ("on", "1700000000", "date_type"),
    ("on", "0001-01-01", "date_type"),
    ("id", 5, "string_type"),
    ("ids", [True], "int_type"),
    ("ids", ["1"], "int_type"),
    ("kind", 0, "string_type"),
    ("unknown", 1, "extra_forbidden"),
]


@pytest.mark.parametrize("body", GOOD)
def test_what_is_of_its_type_passes(body: dict[str, Any]) -> None:
    assert Body.model_validate(body).model_dump(exclude_unset=True).keys() == body.keys()


@pytest.mark.parametrize(("field", "value", "kind"), BAD)
def test_what_is_not_is_named(field: str, value: object, kind: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Body.model_validate({field: value})
    found = refusal.value.errors()[0]
    assert (found["loc"][0], found["type"]) == (field, kind)


def test_nested_bodies_are_strict_too() -> None:
    with pytest.raises(ValidationError) as refusal:
        Body.model_validate({"inners": [{"wide": True}]})
    assert refusal.value.errors()[0]["loc"] == ("inners", 0, "wide")


def test_an_instant_is_taken_in_any_zone_and_given_in_utc() -> None:
    found = TypeAdapter(Instant).validate_python("2026-01-31T08:00:00+08:00")
    assert found == datetime(2026, 1, 31, tzinfo=UTC)
    assert found.tzinfo is UTC
