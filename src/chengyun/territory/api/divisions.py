"""Routes of divisions and code schemes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.territory.api import fields
from chengyun.territory.operations import code_schemes as operations
from chengyun.territory.queries import code_schemes, divisions

router = Router(tags=["divisions"])

Level = Literal["province", "city", "county", "street", "community"]
Word = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Standard = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00]+$")]


class DivisionOut(Schema):
    """A division; `grids` and `area_m2` tell of the unit grids inside."""

    code: str
    parent_code: str
    level: Level
    zh: str
    en: str
    grids: int
    area_m2: float | None
    has_children: bool


class DivisionPage(Schema):
    """A page of divisions."""

    items: list[DivisionOut]
    next: str | None


class DivisionDetail(DivisionOut):
    """A division with those above it; bounds are west, south, east, north, EPSG:4490."""

    ancestors: list[DivisionOut]
    bounds: list[float] | None


class DivisionFilter(Schema):
    """What to list. `parent`: code, "" for those at the top; absent for all."""

    parent: fields.DivisionPrefix | None = None
    q: fields.SearchText = ""
    level: Level | None = None
    with_grids: bool = False
    limit: Annotated[int, Field(ge=1, le=1000)] = 200
    after: fields.PageToken | None = None


class CodePartOut(Schema):
    """One part of a code."""

    name: str
    width: int
    zh: str = ""
    charset: str = "digits"


class CodeSchemeOut(Schema):
    """How the codes of a subject are built by a standard, with its days of validity."""

    id: int
    subject: str
    standard: str
    parts: list[CodePartOut]
    length: int
    valid_from: date | None
    valid_to: date | None
    predecessor: str
    source: str
    certainty: str


class CodePartIn(fields.Strict):
    """One part of a code."""

    name: Word
    width: Annotated[int, Field(ge=1, le=40)]
    zh: Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")] = ""
    charset: Literal["digits", "alphanumeric"] = "digits"


class CodeSchemeIn(fields.Strict):
    """A scheme to add, or to put in place of the one of the same subject and standard."""

    subject: Word
    standard: Standard
    parts: Annotated[list[CodePartIn], Field(min_length=1, max_length=20)]
    valid_from: fields.Day | None = None
    valid_to: fields.Day | None = None
    predecessor: Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")] = ""
    source: Line = ""
    certainty: Annotated[str, StringConstraints(max_length=20, pattern=r"^[^\x00]*$")] = ""


@router.get("/divisions", response=DivisionPage, summary="List or search divisions")
def list_divisions(request: HttpRequest, wanted: Query[DivisionFilter]) -> Any:
    """Return a page of divisions by code: children of one, or found by name or code."""
    return divisions.list_divisions(
        actor=actor_of(request),
        parent=wanted.parent,
        q=wanted.q.strip(),
        level=wanted.level or "",
        with_grids=wanted.with_grids,
        limit=wanted.limit,
        after=wanted.after,
    )


@router.get("/divisions/{code}", response=DivisionDetail, summary="One division")
def get_division(request: HttpRequest, code: fields.DivisionCode) -> Any:
    """Return a division with those above it and the bounds of its grids."""
    return divisions.get_division(actor=actor_of(request), code=code)


@router.get("/code-schemes", response=list[CodeSchemeOut], summary="List code schemes")
def list_code_schemes(request: HttpRequest, subject: Word | None = None) -> Any:
    """Return how codes are built, by subject and time."""
    return code_schemes.list_code_schemes(actor=actor_of(request), subject=subject or "")


@router.put("/code-schemes", response=CodeSchemeOut, summary="Add or replace a code scheme")
def save_code_scheme(request: HttpRequest, body: CodeSchemeIn) -> Any:
    """Add a scheme, or replace the one of the same subject and standard."""
    actor = actor_of(request)
    saved = operations.save_code_scheme(actor=actor, **body.dict())
    rows = code_schemes.list_code_schemes(actor=actor, subject=saved.subject)
    return next(row for row in rows if row["id"] == saved.pk)
