"""Routes of people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints

from chengyun.administration.api.creating import create_once
from chengyun.administration.api.shapes import (
    NO_NUL,
    Code,
    Id,
    IdAndName,
    Key,
    Label,
    PageQuery,
    Strict,
    given,
)
from chengyun.administration.http import ActorRequest
from chengyun.administration.operations import people as operations
from chengyun.administration.queries import people as queries
from chengyun.administration.rules.actor import Actor

router = Router(tags=["people"])

Username = Annotated[str, StringConstraints(min_length=2, max_length=60, pattern=NO_NUL)]
PersonName = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)]
Phone = Annotated[str, StringConstraints(max_length=20, pattern=r"^[0-9+ -]*$")]
Password = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=NO_NUL)]
Language = Literal["zh-CN", "en"]
PostIds = Annotated[list[Id], Field(max_length=20)]


class PersonPost(IdAndName):
    """A post of a person."""

    code: str
    zh: str
    en: str


class PersonRow(Schema):
    """A person; the telephone number is masked. From the directory, private parts are empty."""

    id: int
    username: str
    name: str
    phone: str
    organisation: IdAndName
    posts: list[PersonPost]
    roles: list[Label]
    language: str
    active: bool
    must_change_password: bool
    last_login: datetime | None
    created_at: datetime | None


class PersonPage(Schema):
    """A page of people."""

    items: list[PersonRow]
    next: str | None


class PersonQuery(PageQuery):
    """Which people: `under` = of an organisation and everything below it."""

    under: Id | None = None
    organisation_id: Id | None = None
    role: Code | None = None
    permission: Code | None = None
    post: Code | None = None
    active: bool | None = None


class PersonIn(Strict):
    """A new person; without a password one is made and shown once."""

    username: Username
    name: PersonName
    organisation_id: Id
    phone: Phone = ""
    language: Language = "zh-CN"
    post_ids: PostIds = Field(default_factory=list)
    password: Password | None = None


class PersonPatch(Strict):
    """What to change; the rest stays."""

    username: Username | None = None
    name: PersonName | None = None
    organisation_id: Id | None = None
    phone: Phone | None = None
    language: Language | None = None
    post_ids: PostIds | None = None


class PasswordIn(Strict):
    """The new password; null = one is made."""

    password: Password | None = None


class NewPerson(PersonRow):
    """A person just added, with his first password: shown once."""

    password: str | None


class NewPassword(Schema):
    """The password just made, to be changed at first use: shown once."""

    password: str


class PrivatePerson(Schema):
    """A person's data in clear; the reading is logged."""

    id: int
    name: str
    phone: str


@router.get("", response=PersonPage)
def list_people(request: ActorRequest, query: Query[PersonQuery]) -> dict[str, Any]:
    """List people in pinyin order."""
    wanted = queries.PersonFilter(
        q=query.q,
        under=query.under,
        organisation_id=query.organisation_id,
        role=query.role or "",
        permission=query.permission or "",
        post=query.post or "",
        active=query.active,
    )
    return queries.list_people(
        actor=request.actor, wanted=wanted, limit=query.limit, after=query.after
    )


@router.post("", response={201: NewPerson})
def post_person(request: ActorRequest, body: PersonIn, idempotency_key: Key = None) -> Status[Any]:
    """Add a person."""
    values = body.model_dump(exclude={"post_ids", "password"})

    def act() -> dict[str, Any]:
        made = operations.create_person(
            actor=request.actor, values=values, post_ids=body.post_ids, password=body.password
        )
        return {**_one(request.actor, made.person.pk), "password": made.password}

    return create_once(request, idempotency_key, act, hidden=("password",))


@router.get("/{person_id}", response=PersonRow)
def get_person(request: ActorRequest, person_id: Id) -> dict[str, Any]:
    """Return a person."""
    return _one(request.actor, person_id)


@router.patch("/{person_id}", response=PersonRow)
def patch_person(request: ActorRequest, person_id: Id, body: PersonPatch) -> dict[str, Any]:
    """Change a person."""
    values = given(body)
    post_ids = values.pop("post_ids", None)
    operations.change_person(
        actor=request.actor, person_id=person_id, values=values, post_ids=post_ids
    )
    return _one(request.actor, person_id)


@router.get("/{person_id}/private", response=PrivatePerson)
def get_private(request: ActorRequest, person_id: Id) -> dict[str, Any]:
    """Return the telephone number in clear; who asked is written down."""
    return operations.read_private(actor=request.actor, person_id=person_id)


@router.post("/{person_id}/deactivate", response=PersonRow)
def deactivate_person(request: ActorRequest, person_id: Id) -> dict[str, Any]:
    """Take a person out of use."""
    operations.deactivate_person(actor=request.actor, person_id=person_id)
    return _one(request.actor, person_id)


@router.post("/{person_id}/activate", response=PersonRow)
def activate_person(request: ActorRequest, person_id: Id) -> dict[str, Any]:
    """Take a person into use again."""
    operations.activate_person(actor=request.actor, person_id=person_id)
    return _one(request.actor, person_id)


@router.post("/{person_id}/password", response=NewPassword)
def reset_password(request: ActorRequest, person_id: Id, body: PasswordIn) -> dict[str, Any]:
    """Give a person a new password."""
    made = operations.reset_password(
        actor=request.actor, person_id=person_id, password=body.password
    )
    return {"password": made.password}


@router.post("/{person_id}/unlock", response={204: None})
def unlock_person(request: ActorRequest, person_id: Id) -> None:
    """Let a person who failed too often sign in again."""
    operations.unlock_person(actor=request.actor, person_id=person_id)


def _one(actor: Actor, person_id: int) -> dict[str, Any]:
    return queries.get_person(actor=actor, person_id=person_id)
