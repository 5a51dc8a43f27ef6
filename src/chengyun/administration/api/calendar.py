"""Routes of the working calendar."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints

from chengyun.administration.api.creating import create_once
from chengyun.administration.api.shapes import Code, Day, Key, Name, ShortText, Sort, Strict
from chengyun.administration.http import ActorRequest
from chengyun.administration.operations import calendar as operations
from chengyun.administration.queries import calendar as queries

router = Router(tags=["calendar"])

Year = Annotated[int, Field(ge=2000, le=2100)]
MonthDay = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}-[0-9]{2}$")]
Time = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}:[0-9]{2}$")]
Slots = Annotated[
    list[Annotated[list[Time], Field(min_length=2, max_length=2)]],
    Field(min_length=1, max_length=12),
]


class CalendarOutlookOut(Schema):
    """Which years the calendar knows; `unknown_years` must be entered soon."""

    known_years: list[int]
    unknown_years: list[int]
    time_zone: str


class CalendarDayOut(Schema):
    """A day that differs from the weekend rule."""

    on: date
    kind: str
    zh: str
    en: str
    source: str


class CalendarYearOut(Schema):
    """A year's special days."""

    year: int
    known: bool
    source: str
    working_days: int
    days: list[CalendarDayOut]


class DayIn(Strict):
    """How a day differs."""

    kind: Literal["holiday", "workday"]
    zh: Annotated[str, StringConstraints(max_length=60)] = ""
    en: Annotated[str, StringConstraints(max_length=100)] = ""


class SchemeOut(Schema):
    """Working slots of a day, for a season."""

    code: str
    zh: str
    en: str
    from_month_day: str
    to_month_day: str
    slots: list[Annotated[list[str], Field(min_length=2, max_length=2)]]
    priority: int
    active: bool


class SchemeIn(Strict):
    """A new day scheme."""

    code: Code
    zh: Name
    en: ShortText = ""
    from_month_day: MonthDay = "01-01"
    to_month_day: MonthDay = "12-31"
    slots: Slots
    priority: Sort = 0
    active: bool = True


class SchemePatch(Strict):
    """What to change; the rest stays."""

    zh: Name | None = None
    en: ShortText | None = None
    from_month_day: MonthDay | None = None
    to_month_day: MonthDay | None = None
    slots: Slots | None = None
    priority: Sort | None = None
    active: bool | None = None


@router.get("", response=CalendarOutlookOut)
def get_outlook(request: ActorRequest) -> dict[str, Any]:
    """Tell which years the working calendar knows."""
    return queries.calendar_outlook()


@router.get("/years/{year}", response=CalendarYearOut)
def get_year(request: ActorRequest, year: Year) -> dict[str, Any]:
    """Return a year's special days."""
    return queries.calendar_year(year)


@router.put("/years/{year}", response=CalendarYearOut)
def put_year(request: ActorRequest, year: Year) -> dict[str, Any]:
    """Say that a year's special days are all entered."""
    operations.confirm_year(actor=request.actor, year=year)
    return queries.calendar_year(year)


@router.delete("/years/{year}", response={204: None})
def delete_year(request: ActorRequest, year: Year) -> None:
    """Say that a year's special days are not known."""
    operations.withdraw_year(actor=request.actor, year=year)


@router.put("/days/{on}", response=CalendarDayOut)
def put_day(request: ActorRequest, on: Day, body: DayIn) -> Any:
    """Mark a day as a holiday or a working day."""
    return operations.mark_day(actor=request.actor, on=on, kind=body.kind, zh=body.zh, en=body.en)


@router.delete("/days/{on}", response={204: None})
def delete_day(request: ActorRequest, on: Day) -> None:
    """Let a day follow the weekend rule again."""
    operations.unmark_day(actor=request.actor, on=on)


@router.get("/schemes", response=list[SchemeOut])
def list_schemes(request: ActorRequest) -> list[dict[str, Any]]:
    """List day schemes."""
    return queries.list_schemes()


@router.post("/schemes", response={201: SchemeOut})
def post_scheme(request: ActorRequest, body: SchemeIn, idempotency_key: Key = None) -> Status[Any]:
    """Add a day scheme."""

    def act() -> dict[str, Any]:
        values = body.model_dump(exclude={"code"}, mode="json")
        made = operations.create_scheme(actor=request.actor, code=body.code, values=values)
        return SchemeOut.from_orm(made).model_dump(mode="json")

    return create_once(request, idempotency_key, act)


@router.patch("/schemes/{code}", response=SchemeOut)
def patch_scheme(request: ActorRequest, code: Code, body: SchemePatch) -> Any:
    """Change a day scheme, or take it out of use or into use."""
    values = body.model_dump(exclude_unset=True, exclude_none=True, mode="json")
    return operations.change_scheme(actor=request.actor, code=code, values=values)
