"""Routes of shifts, and of grids without anybody on duty."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.territory.api import fields
from chengyun.territory.operations.shifts import save_shift
from chengyun.territory.queries import shifts as queries
from chengyun.territory.rules.scope import MANAGE

router = Router(tags=["duties"])


def _clock(text: str) -> str:
    time.fromisoformat(text)
    return text


Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,30}$")]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00]*$"),
]
EnglishName = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")]
Clock = Annotated[
    str,
    StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    AfterValidator(_clock),
]
Weekday = Annotated[int, Field(ge=1, le=7)]


class ShiftIn(fields.Strict):
    """A shift: days on which it begins (1 = Monday), and hours in the platform's time zone.

    ends: not after `starts` = on the next day; equal = a whole day.
    """

    code: Code
    zh: Name
    en: EnglishName = ""
    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)]
    starts: Clock
    ends: Clock
    active: bool = True

    def values(self) -> dict[str, Any]:
        """Return the body as the operation takes it."""
        clocks = {name: time.fromisoformat(getattr(self, name)) for name in ("starts", "ends")}
        return {**self.dict(), **clocks}


class ShiftOut(Schema):
    """A shift."""

    id: int
    code: str
    zh: str
    en: str
    weekdays: list[int]
    starts: str
    ends: str
    active: bool


class GapShiftOut(Schema):
    """A shift by its names."""

    id: int
    code: str
    zh: str
    en: str


class GapGridOut(Schema):
    """A grid, and a point inside it."""

    code: str
    lon: float
    lat: float


class DutyGapOut(Schema):
    """Grids without anybody on duty in a shift: the first 500, and all counted."""

    shift: GapShiftOut | None
    count: int
    grids: list[GapGridOut]


@router.get("/shifts", response=list[ShiftOut], summary="List shifts")
def list_shifts(request: HttpRequest) -> Any:
    """Return every shift, by when it begins."""
    return queries.list_shifts(actor=actor_of(request))


@router.post("/shifts", response={201: ShiftOut}, summary="Make a shift")
def add_shift(request: HttpRequest, body: ShiftIn) -> Any:
    """Make a shift in which collectors answer for grids."""
    actor = actor_of(request)
    actor.require(MANAGE)
    shift = save_shift(actor=actor, shift_id=None, **body.values())
    return Status(201, queries.describe_shift(shift))


@router.put("/shifts/{shift_id}", response=ShiftOut, summary="Change a shift")
def change_shift(request: HttpRequest, shift_id: fields.Id, body: ShiftIn) -> Any:
    """Change names or hours from now on, or switch the shift off when nobody is bound in it."""
    actor = actor_of(request)
    actor.require(MANAGE)
    shift = save_shift(actor=actor, shift_id=shift_id, **body.values())
    return queries.describe_shift(shift)


@router.get("/duties/gaps", response=list[DutyGapOut], summary="Grids without anybody on duty")
def list_gaps(request: HttpRequest, division: fields.DivisionPrefix = "") -> Any:
    """Return by shift the grids for which no active collector answers."""
    return queries.list_duty_gaps(actor=actor_of(request), division=division)
