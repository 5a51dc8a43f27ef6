"""Routes of responsibility: people bound to unit grids."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Invalid
from chengyun.territory.api import fields
from chengyun.territory.group_faults import UnknownManagementGrids
from chengyun.territory.operations import duties as operations
from chengyun.territory.queries import duties as queries
from chengyun.territory.queries.grids import codes_in
from chengyun.territory.queries.group_members import current_members
from chengyun.territory.rules.grouping import MANAGEMENT
from chengyun.territory.rules.scope import MANAGE

router = Router(tags=["duties"])

Duty = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")]
GridCodes = Annotated[tuple[fields.GridCode, ...], Field(max_length=20_000)]
GroupCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,30}$")]
People = Annotated[list[fields.Id], Field(max_length=200)]


class OrganisationOut(Schema):
    """The organisation of a person."""

    id: int
    zh: str
    en: str


class HolderOut(Schema):
    """Who is bound; `username` is '' for those without `administration.people`."""

    id: int
    name: str
    username: str
    active: bool
    organisation: OrganisationOut


class ShiftNameOut(Schema):
    """A shift by its names."""

    id: int
    code: str
    zh: str
    en: str


class DutyOut(Schema):
    """A person bound to a grid over a time; `shift` null = at any time of the day."""

    id: int
    grid_code: str
    duty: str
    valid_from: datetime
    valid_to: datetime | None
    person: HolderOut
    shift: ShiftNameOut | None


class DutyPage(Schema):
    """A page of bindings."""

    items: list[DutyOut]
    next: str | None


class DutyFilter(Schema):
    """What to list; `history` adds the bindings that have ended."""

    grid: fields.GridCode | None = None
    person: fields.Id | None = None
    division: fields.DivisionPrefix = ""
    history: bool = False
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    after: fields.PageToken | None = None


class DutiesIn(fields.Strict):
    """Who answers for the grid from now on: these and nobody else.

    shift_id: only in this shift, those of other shifts stay; absent = at any time, all others end.
    """

    person_ids: People
    duty: Duty = queries.COLLECTOR
    shift_id: fields.Id | None = None


class BulkDutiesIn(fields.Strict):
    """Bind people to many grids: by code, or all of a division, or of a management grid.

    shift_id: the shift in which they answer; absent = at any time of the day.
    """

    grid_codes: GridCodes = ()
    division: fields.DivisionPrefix = ""
    management_grid: GroupCode | None = None
    shift_id: fields.Id | None = None
    person_ids: People
    mode: Literal["add", "replace", "remove"] = "add"
    duty: Duty = queries.COLLECTOR


class DutyChangeOut(Schema):
    """How many bindings began and ended."""

    bound: int
    ended: int


@router.get("/duties", response=DutyPage, summary="List responsibilities")
def list_duties(request: HttpRequest, wanted: Query[DutyFilter]) -> Any:
    """Return who is bound to which grid within your scope, newest first."""
    return queries.list_duties(
        actor=actor_of(request),
        grid_code=wanted.grid or "",
        person_id=wanted.person,
        division=wanted.division,
        history=wanted.history,
        limit=wanted.limit,
        after=wanted.after,
    )


@router.post("/duties", response=DutyChangeOut, summary="Bind people to many grids")
def change_duties(request: HttpRequest, body: BulkDutiesIn) -> Any:
    """Add, replace or end bindings of the grids named, or of a whole division."""
    actor = actor_of(request)
    actor.require(MANAGE)
    given = [body.grid_codes, body.division, body.management_grid]
    if sum(map(bool, given)) != 1:
        raise Invalid(
            field="grid_codes",
            reason_zh="请在 grid_codes、division、management_grid 中选一个",
            reason_en="give one of grid_codes, division, management_grid",
        )
    codes = body.grid_codes or _codes_of(body)
    return operations.change_duties(
        actor=actor,
        grid_codes=codes,
        person_ids=body.person_ids,
        mode=body.mode,
        duty=body.duty,
        shift_id=body.shift_id,
    )


def _codes_of(body: BulkDutiesIn) -> list[str]:
    if not body.management_grid:
        return codes_in(body.division, at=now())
    codes = current_members(MANAGEMENT, body.management_grid)
    if not codes:
        raise UnknownManagementGrids(field="management_grid", codes=body.management_grid)
    return codes


@router.get("/grids/{code}/duties", response=DutyPage, summary="Who answers for a grid")
def list_duties_of_grid(
    request: HttpRequest, code: fields.GridCode, *, history: bool = False
) -> Any:
    """Return who is bound to the grid; `history` adds the bindings that have ended."""
    return queries.list_duties(actor=actor_of(request), grid_code=code, history=history, limit=500)


@router.put("/grids/{code}/duties", response=DutyChangeOut, summary="Say who answers for a grid")
def set_duties_of_grid(request: HttpRequest, code: fields.GridCode, body: DutiesIn) -> Any:
    """Bind exactly these people to the grid; other bindings of the same duty end now."""
    return operations.change_duties(
        actor=actor_of(request),
        grid_codes=[code],
        person_ids=body.person_ids,
        mode="replace",
        duty=body.duty,
        shift_id=body.shift_id,
        every_shift=body.shift_id is None,
    )
