"""Reading roles, permissions, posts and grants."""

from __future__ import annotations

from typing import Any, Final

from chengyun.administration.models import Role, RoleGrant
from chengyun.administration.queries.listing import PINYIN, Listing
from chengyun.administration.queries.people import PERMISSION as PEOPLE
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.definitions import permission_definitions
from chengyun.administration.rules.faults import GrantNotFound, PostNotFound, RoleNotFound
from chengyun.kernel.errors import Forbidden

ROLES: Final = "administration.roles"
_GRANT_COLUMNS: Final = """g.id, g.person_id, p.name AS person_name, r.code AS role,
    r.zh AS role_zh, r.en AS role_en, g.division_code, g.organisation_id, s.zh AS organisation_name,
    g.case_kinds, g.created_at"""
_GRANT_SOURCE: Final = """administration_rolegrant g
    JOIN administration_role r ON r.id = g.role_id
    JOIN administration_person p ON p.id = g.person_id
    JOIN administration_organisation o ON o.id = p.organisation_id
    LEFT JOIN administration_organisation s ON s.id = g.organisation_id"""


def list_permissions(*, actor: Actor) -> list[dict[str, Any]]:
    """Return every permission with its names; raises Forbidden."""
    _require_any(actor)
    return [
        {
            "code": known.code,
            "zh": known.zh,
            "en": known.en,
            "context": known.context,
            "axis": known.axis,
            "guarded": known.guarded,
        }
        for known in permission_definitions().values()
    ]


def list_roles(
    *,
    actor: Actor,
    q: str = "",
    active: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of roles, built-in ones first: {items, next}; raises Forbidden."""
    _require_any(actor)
    listing = Listing(
        kind="roles",
        columns="r.id, r.code, r.zh, r.en, r.permissions, r.builtin, r.active,"
        " (SELECT count(*) FROM administration_rolegrant g WHERE g.role_id = r.id) AS grants",
        source="administration_role r",
        keys=(("r.id", int),),
    )
    listing.where_contains(("r.zh", "r.en", "r.code"), q)
    if active is not None:
        listing.where("r.active = %s", active)
    rows, token = listing.page(limit=limit, after=after)
    return {"items": rows, "next": token}


def get_role(*, actor: Actor, role_id: int) -> dict[str, Any]:
    """Return one role; raises Forbidden, RoleNotFound."""
    _require_any(actor)
    role = Role.objects.filter(id=role_id).first()
    if role is None:
        raise RoleNotFound
    names = ("id", "code", "zh", "en", "permissions", "builtin", "active")
    grants = RoleGrant.objects.filter(role=role).count()
    return {**{name: getattr(role, name) for name in names}, "grants": grants}


def list_posts(
    *,
    actor: Actor,
    q: str = "",
    active: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of posts in pinyin order: {items, next}; raises Forbidden."""
    _require_any(actor)
    listing = _posts()
    listing.where_contains(("t.zh", "t.en", "t.code"), q)
    if active is not None:
        listing.where("t.active = %s", active)
    rows, token = listing.page(limit=limit, after=after)
    return {"items": rows, "next": token}


def get_post(*, actor: Actor, post_id: int) -> dict[str, Any]:
    """Return one post; raises Forbidden, PostNotFound."""
    _require_any(actor)
    listing = _posts()
    listing.where("t.id = %s", post_id)
    rows, _ = listing.page(limit=1, after=None)
    if not rows:
        raise PostNotFound
    return rows[0]


def _posts() -> Listing:
    return Listing(
        kind="posts",
        columns="t.id, t.code, t.zh, t.en, t.zh AS name, t.active,"
        " (SELECT count(*) FROM administration_person_posts m WHERE m.post_id = t.id) AS people",
        source="administration_post t",
        keys=((f"t.zh {PINYIN}", str), ("t.id", int)),
    )


def list_grants(
    *,
    actor: Actor,
    q: str = "",
    person_id: int | None = None,
    role: str = "",
    organisation_id: int | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of the grants of people in scope, newest first: {items, next}.

    raises : Forbidden, PageTokenInvalid
    """
    listing = _grants(actor)
    listing.where_contains(("p.name", "p.username", "r.zh", "r.en"), q)
    if person_id is not None:
        listing.where("g.person_id = %s", person_id)
    if organisation_id is not None:
        listing.where("g.organisation_id = %s", organisation_id)
    if role:
        listing.where("r.code = %s", role)
    rows, token = listing.page(limit=limit, after=after)
    return {"items": rows, "next": token}


def get_grant(*, actor: Actor, grant_id: int) -> dict[str, Any]:
    """Return one grant; raises Forbidden, GrantNotFound."""
    listing = _grants(actor)
    listing.where("g.id = %s", grant_id)
    rows, _ = listing.page(limit=1, after=None)
    if not rows:
        raise GrantNotFound
    return rows[0]


def _grants(actor: Actor) -> Listing:
    listing = Listing(
        kind="grants",
        columns=_GRANT_COLUMNS,
        source=_GRANT_SOURCE,
        keys=(("g.id", int),),
        descending=True,
    )
    grants = actor.scope_for(PEOPLE)
    listing.where_in_scope(grants, division="o.division_code", path="o.path")
    return listing


def _require_any(actor: Actor) -> None:
    if not (actor.can(ROLES) or actor.can(PEOPLE)):
        raise Forbidden(permission=ROLES)
