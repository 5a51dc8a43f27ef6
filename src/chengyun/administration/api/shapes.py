"""Shapes that the routes of administration share."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Header, Schema
from pydantic import Field, StringConstraints

from chengyun.administration.bodies import Day, Instant, Strict

__all__ = [
    "Code",
    "Day",
    "Division",
    "Id",
    "IdAndName",
    "Instant",
    "Key",
    "Label",
    "Limit",
    "Name",
    "PageQuery",
    "Search",
    "ShortText",
    "Sort",
    "Strict",
    "Text",
    "Token",
    "given",
]

NO_NUL = r"^[^\x00]*$"
LARGEST_ID = 2**63 - 1

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
