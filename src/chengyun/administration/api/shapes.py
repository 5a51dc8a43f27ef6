"""Shapes that the routes of administration share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from ninja import Header, Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

NO_NUL = r"^[^\x00]*$"
LARGEST_ID = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1900, 9999


def _as_utc(instant: datetime) -> datetime:
    # PostgreSQL takes no offsets beyond 16 hours, Python no instants outside its years.
    if not FIRST_YEAR < instant.year < LAST_YEAR:
        message = "the year is out of range"
        raise ValueError(message)
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_as_utc)]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Sort = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[\w.-]+$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NO_NUL)]
Text = Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)]
ShortText = Annotated[str, StringConstraints(max_length=160, pattern=NO_NUL)]
Search = Annotated[str, StringConstraints(max_length=100, pattern=NO_NUL)]
Division = Annotated[str, StringConstraints(max_length=12, pattern=r"^[0-9]*$")]
Token = Annotated[str, StringConstraints(max_length=2000)]
Limit = Annotated[int, Field(ge=1, le=200)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", description="same key, same answer")]


class Strict(Schema):
    """A body in which a name that nobody knows is a fault."""

    model_config = ConfigDict(extra="forbid")


class PageQuery(Schema):
    """Which page of a list."""

    q: Search = ""
    limit: Limit = 50
    after: Token | None = None


class IdAndName(Schema):
    """An id with its name."""

    id: int
    name: str


class Label(Schema):
    """A code with its names."""

    code: str
    zh: str
    en: str


def given(body: Schema) -> dict[str, Any]:
    """Return what the client sent; null and absent mean "leave it"."""
    return body.model_dump(exclude_unset=True, exclude_none=True)
