"""Routes of roles, permissions, posts and grants."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from chengyun.administration.api.creating import create_once
from chengyun.administration.api.shapes import (
    Code,
    Division,
    Id,
    Key,
    Name,
    PageQuery,
    ShortText,
    Strict,
    given,
)
from chengyun.administration.http import ActorRequest
from chengyun.administration.operations import grants as grant_operations
from chengyun.administration.operations import roles as operations
from chengyun.administration.queries import roles as queries

roles_router = Router(tags=["roles"])
permissions_router = Router(tags=["roles"])
posts_router = Router(tags=["posts"])
grants_router = Router(tags=["grants"])

Permissions = Annotated[list[Code], Field(max_length=200)]
CaseKind = Literal["component", "matter"]


class PermissionOut(Schema):
    """A permission; `guarded` = only its holder may give it."""

    code: str
    zh: str
    en: str
    context: str
    axis: str
    guarded: bool


class RoleOut(Schema):
    """A role."""

    id: int
    code: str
    zh: str
    en: str
    permissions: list[str]
    builtin: bool
    active: bool
    grants: int


class RolePage(Schema):
    """A page of roles."""

    items: list[RoleOut]
    next: str | None


class ActiveQuery(PageQuery):
    """Which ones."""

    active: bool | None = None


class RoleIn(Strict):
    """A new role."""

    code: Code
    zh: Name
    en: ShortText = ""
    permissions: Permissions


class RolePatch(Strict):
    """What to change; the rest stays."""

    zh: Name | None = None
    en: ShortText | None = None
    permissions: Permissions | None = None


class PostOut(Schema):
    """A post."""

    id: int
    code: str
    name: str
    zh: str
    en: str
    active: bool
    people: int


class PostPage(Schema):
    """A page of posts."""

    items: list[PostOut]
    next: str | None


class PostIn(Strict):
    """A new post."""

    code: Code
    zh: Name
    en: ShortText = ""


class PostPatch(Strict):
    """What to change; the rest stays."""

    zh: Name | None = None
    en: ShortText | None = None
    active: bool | None = None


class GrantRow(Schema):
    """A role of a person within a scope."""

    id: int
    person_id: int
    person_name: str
    role: str
    role_zh: str
    role_en: str
    division_code: str
    organisation_id: int | None
    organisation_name: str | None
    case_kinds: list[str]
    created_at: datetime


class GrantPage(Schema):
    """A page of grants."""

    items: list[GrantRow]
    next: str | None


class GrantQuery(PageQuery):
    """Which grants."""

    person_id: Id | None = None
    organisation_id: Id | None = None
    role: Code | None = None


class GrantIn(Strict):
    """A role to give; empty division, organisation or kinds mean every one."""

    person_id: Id
    role: Code
    division_code: Division = ""
    organisation_id: Id | None = None
    case_kinds: Annotated[list[CaseKind], Field(max_length=2)] = Field(default_factory=list)


@permissions_router.get("", response=list[PermissionOut])
def list_permissions(request: ActorRequest) -> list[dict[str, Any]]:
    """List every permission."""
    return queries.list_permissions(actor=request.actor)


@roles_router.get("", response=RolePage)
def list_roles(request: ActorRequest, query: Query[ActiveQuery]) -> dict[str, Any]:
    """List roles."""
    return queries.list_roles(
        actor=request.actor, q=query.q, active=query.active, limit=query.limit, after=query.after
    )


@roles_router.post("", response={201: RoleOut})
def post_role(request: ActorRequest, body: RoleIn, idempotency_key: Key = None) -> Status[Any]:
    """Add a role."""

    def act() -> dict[str, Any]:
        made = operations.create_role(
            actor=request.actor,
            code=body.code,
            zh=body.zh,
            en=body.en,
            permissions=body.permissions,
        )
        return queries.get_role(actor=request.actor, role_id=made.pk)

    return create_once(request, idempotency_key, act)


@roles_router.get("/{role_id}", response=RoleOut)
def get_role(request: ActorRequest, role_id: Id) -> dict[str, Any]:
    """Return a role."""
    return queries.get_role(actor=request.actor, role_id=role_id)


@roles_router.patch("/{role_id}", response=RoleOut)
def patch_role(request: ActorRequest, role_id: Id, body: RolePatch) -> dict[str, Any]:
    """Change a role of one's own making."""
    operations.change_role(actor=request.actor, role_id=role_id, **given(body))
    return queries.get_role(actor=request.actor, role_id=role_id)


@roles_router.post("/{role_id}/deactivate", response=RoleOut)
def deactivate_role(request: ActorRequest, role_id: Id) -> dict[str, Any]:
    """Take a role out of use."""
    operations.switch_role(actor=request.actor, role_id=role_id, active=False)
    return queries.get_role(actor=request.actor, role_id=role_id)


@roles_router.post("/{role_id}/activate", response=RoleOut)
def activate_role(request: ActorRequest, role_id: Id) -> dict[str, Any]:
    """Take a role into use again."""
    operations.switch_role(actor=request.actor, role_id=role_id, active=True)
    return queries.get_role(actor=request.actor, role_id=role_id)


@posts_router.get("", response=PostPage)
def list_posts(request: ActorRequest, query: Query[ActiveQuery]) -> dict[str, Any]:
    """List posts in pinyin order."""
    return queries.list_posts(
        actor=request.actor, q=query.q, active=query.active, limit=query.limit, after=query.after
    )


@posts_router.post("", response={201: PostOut})
def post_post(request: ActorRequest, body: PostIn, idempotency_key: Key = None) -> Status[Any]:
    """Add a post."""

    def act() -> dict[str, Any]:
        made = operations.create_post(actor=request.actor, code=body.code, zh=body.zh, en=body.en)
        return queries.get_post(actor=request.actor, post_id=made.pk)

    return create_once(request, idempotency_key, act)


@posts_router.patch("/{post_id}", response=PostOut)
def patch_post(request: ActorRequest, post_id: Id, body: PostPatch) -> dict[str, Any]:
    """Change a post, or take it out of use or into use."""
    operations.change_post(actor=request.actor, post_id=post_id, **given(body))
    return queries.get_post(actor=request.actor, post_id=post_id)


@grants_router.get("", response=GrantPage)
def list_grants(request: ActorRequest, query: Query[GrantQuery]) -> dict[str, Any]:
    """List grants, newest first."""
    return queries.list_grants(
        actor=request.actor,
        q=query.q,
        person_id=query.person_id,
        organisation_id=query.organisation_id,
        role=query.role or "",
        limit=query.limit,
        after=query.after,
    )


@grants_router.post("", response={201: GrantRow})
def post_grant(request: ActorRequest, body: GrantIn, idempotency_key: Key = None) -> Status[Any]:
    """Give a role to a person."""

    def act() -> dict[str, Any]:
        made = grant_operations.grant_role(
            actor=request.actor,
            person_id=body.person_id,
            role_code=body.role,
            division_code=body.division_code,
            organisation_id=body.organisation_id,
            case_kinds=body.case_kinds,
        )
        return queries.get_grant(actor=request.actor, grant_id=made.pk)

    return create_once(request, idempotency_key, act)


@grants_router.delete("/{grant_id}", response={204: None})
def delete_grant(request: ActorRequest, grant_id: Id) -> None:
    """Take a grant back."""
    grant_operations.withdraw_grant(actor=request.actor, grant_id=grant_id)
