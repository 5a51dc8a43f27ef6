"""Routes of the organisation tree."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from chengyun.administration.api.creating import create_once
from chengyun.administration.api.shapes import (
    LARGEST_ID,
    Code,
    Division,
    Id,
    Key,
    Name,
    PageQuery,
    ShortText,
    Sort,
    Strict,
    given,
)
from chengyun.administration.http import ActorRequest
from chengyun.administration.operations import organisations as operations
from chengyun.administration.queries import organisations as queries
from chengyun.administration.rules.actor import Actor

router = Router(tags=["organisations"])

Kind = Literal[
    "city",
    "district",
    "supervision_centre",
    "command_centre",
    "department",
    "street",
    "enterprise",
    "other",
]


class OrganisationRow(Schema):
    """An organisation; `children` and `people` count what hangs directly below."""

    id: int
    parent_id: int | None
    path: str
    code: str
    credit_code: str
    kind: str
    department_kind: str
    zh: str
    en: str
    name: str
    division_code: str
    sort: int
    active: bool
    children: int
    people: int
    updated_at: datetime


class OrganisationPage(Schema):
    """A page of organisations."""

    items: list[OrganisationRow]
    next: str | None


class OrganisationQuery(PageQuery):
    """Which organisations: `under` = a subtree, `parent` = direct children (0 = the roots)."""

    under: Id | None = None
    parent: Annotated[int, Field(ge=0, le=LARGEST_ID)] | None = None
    kind: Kind | None = None
    department_kind: Code | None = None
    division_code: Division = ""
    active: bool | None = None


class OrganisationIn(Strict):
    """A new organisation; without a division it takes its parent's."""

    parent_id: Id | None
    code: Code
    zh: Name
    kind: Kind
    en: ShortText = ""
    department_kind: ShortText = ""
    credit_code: ShortText = ""
    division_code: Division = ""
    sort: Sort = 0


class OrganisationPatch(Strict):
    """What to change; the rest stays."""

    code: Code | None = None
    zh: Name | None = None
    kind: Kind | None = None
    en: ShortText | None = None
    department_kind: ShortText | None = None
    credit_code: ShortText | None = None
    division_code: Division | None = None
    sort: Sort | None = None


class MoveIn(Strict):
    """The new parent; null = the root."""

    parent_id: Id | None


@router.get("", response=OrganisationPage)
def list_organisations(request: ActorRequest, query: Query[OrganisationQuery]) -> dict[str, Any]:
    """List organisations in pinyin order."""
    wanted = queries.OrganisationFilter(
        q=query.q,
        under=query.under,
        parent=query.parent,
        kind=query.kind or "",
        department_kind=query.department_kind or "",
        division_code=query.division_code,
        active=query.active,
    )
    return queries.list_organisations(
        actor=request.actor, wanted=wanted, limit=query.limit, after=query.after
    )


@router.post("", response={201: OrganisationRow})
def post_organisation(
    request: ActorRequest, body: OrganisationIn, idempotency_key: Key = None
) -> Status[Any]:
    """Add an organisation."""
    values = {name: value for name, value in given(body).items() if name != "parent_id"}

    def act() -> dict[str, Any]:
        made = operations.create_organisation(
            actor=request.actor, parent_id=body.parent_id, values=values
        )
        return _one(request.actor, made.pk)

    return create_once(request, idempotency_key, act)


@router.get("/{organisation_id}", response=OrganisationRow)
def get_organisation(request: ActorRequest, organisation_id: Id) -> dict[str, Any]:
    """Return an organisation."""
    return _one(request.actor, organisation_id)


@router.patch("/{organisation_id}", response=OrganisationRow)
def patch_organisation(
    request: ActorRequest, organisation_id: Id, body: OrganisationPatch
) -> dict[str, Any]:
    """Change an organisation."""
    operations.change_organisation(
        actor=request.actor, organisation_id=organisation_id, values=given(body)
    )
    return _one(request.actor, organisation_id)


@router.post("/{organisation_id}/move", response=OrganisationRow)
def move_organisation(request: ActorRequest, organisation_id: Id, body: MoveIn) -> dict[str, Any]:
    """Hang an organisation under another parent."""
    operations.move_organisation(
        actor=request.actor, organisation_id=organisation_id, parent_id=body.parent_id
    )
    return _one(request.actor, organisation_id)


@router.post("/{organisation_id}/deactivate", response=OrganisationRow)
def deactivate_organisation(request: ActorRequest, organisation_id: Id) -> dict[str, Any]:
    """Take an organisation out of use."""
    operations.deactivate_organisation(actor=request.actor, organisation_id=organisation_id)
    return _one(request.actor, organisation_id)


@router.post("/{organisation_id}/activate", response=OrganisationRow)
def activate_organisation(request: ActorRequest, organisation_id: Id) -> dict[str, Any]:
    """Take an organisation into use again."""
    operations.activate_organisation(actor=request.actor, organisation_id=organisation_id)
    return _one(request.actor, organisation_id)


def _one(actor: Actor, organisation_id: int) -> dict[str, Any]:
    return queries.get_organisation(actor=actor, organisation_id=organisation_id)
