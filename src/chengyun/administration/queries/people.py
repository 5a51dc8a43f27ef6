"""Reading people, within the actor's scope; telephone numbers masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from chengyun.administration.models import Person
from chengyun.administration.queries.listing import PINYIN, Listing
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import PersonNotFound
from chengyun.administration.rules.masking import masked_phone
from chengyun.administration.rules.scope import Place, reaches
from chengyun.kernel.errors import Forbidden

PERMISSION: Final = "administration.people"
DIRECTORY: Final = "directory.read"
_SOURCE: Final = """administration_person p
    JOIN administration_organisation o ON o.id = p.organisation_id"""
_POSTS: Final = """(SELECT coalesce(jsonb_agg(jsonb_build_object(
        'id', t.id, 'code', t.code, 'name', t.zh, 'zh', t.zh, 'en', t.en) ORDER BY t.id), '[]')
    FROM administration_person_posts m JOIN administration_post t ON t.id = m.post_id
    WHERE m.person_id = p.id) AS posts"""
_ROLES: Final = """(SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object(
        'code', r.code, 'zh', r.zh, 'en', r.en)), '[]')
    FROM administration_rolegrant g JOIN administration_role r ON r.id = g.role_id
    WHERE g.person_id = p.id) AS roles"""
_ORGANISATION: Final = "jsonb_build_object('id', o.id, 'name', o.zh) AS organisation"
_DIRECTORY_COLUMNS: Final = f"""p.id, p.name, {_ORGANISATION}, {_POSTS}, p.is_active AS active,
    '' AS username, '' AS phone, '[]'::jsonb AS roles, p.language,
    FALSE AS must_change_password, NULL::timestamptz AS last_login,
    NULL::timestamptz AS created_at"""
_COLUMNS: Final = f"""p.id, p.name, {_ORGANISATION}, {_POSTS}, p.is_active AS active, p.username,
    p.phone, {_ROLES}, p.language, p.must_change_password, p.last_login, p.created_at"""


@dataclass(frozen=True, kw_only=True)
class PersonFilter:
    """Which people to list.

    under : id of an organisation: people of it and of everything below
    permission : people whom some grant gives this permission
    """

    q: str = ""
    under: int | None = None
    organisation_id: int | None = None
    role: str = ""
    permission: str = ""
    post: str = ""
    active: bool | None = None


def list_people(
    *, actor: Actor, wanted: PersonFilter, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return a page of people in pinyin order: {items, next}.

    An administrator sees those of the organisations in his scope; whoever may read the directory
    sees active people with organisation and posts only.
    raises : Forbidden, PageTokenInvalid
    """
    listing = _listing(actor, kind="people")
    columns = (
        ("p.name", "p.pinyin", "p.username") if actor.can(PERMISSION) else ("p.name", "p.pinyin")
    )
    listing.where_contains((*columns, "o.zh"), wanted.q)
    if wanted.under is not None:
        path = "(SELECT u.path FROM administration_organisation u WHERE u.id = %s)"
        listing.where(f"starts_with(o.path, {path})", wanted.under)
    if wanted.organisation_id is not None:
        listing.where("p.organisation_id = %s", wanted.organisation_id)
    _filter_grants(listing, wanted)
    if wanted.post:
        listing.where(
            "EXISTS (SELECT 1 FROM administration_person_posts m JOIN administration_post t"
            " ON t.id = m.post_id WHERE m.person_id = p.id AND t.code = %s)",
            wanted.post,
        )
    if wanted.active is not None:
        listing.where("p.is_active = %s", wanted.active)
    rows, token = listing.page(limit=limit, after=after)
    return {"items": [_shown(row) for row in rows], "next": token}


def get_person(*, actor: Actor, person_id: int) -> dict[str, Any]:
    """Return one person; raises Forbidden, NotFound."""
    listing = _listing(actor, kind="person")
    listing.where("p.id = %s", person_id)
    rows, _ = listing.page(limit=1, after=None)
    if not rows:
        raise PersonNotFound
    return _shown(rows[0])


def editable_person(actor: Actor, person_id: int, *, lock: bool = False) -> Person:
    """Return the person if the actor may edit him; raises Forbidden, NotFound."""
    return person_in_reach(actor, person_id, permission=PERMISSION, lock=lock)


def person_in_reach(actor: Actor, person_id: int, *, permission: str, lock: bool = False) -> Person:
    """Return the person if he works where the actor has the permission.

    raises : Forbidden, NotFound
    """
    grants = actor.scope_for(permission)
    people = Person.objects.select_related("organisation")
    if lock:
        people = people.select_for_update(of=("self",))
    found = people.filter(id=person_id).first()
    if found is None or not reaches(grants, home_of(found)):
        raise PersonNotFound
    return found


def home_of(person: Person) -> Place:
    """Return where the person's organisation stands."""
    own = person.organisation
    return Place(division_code=own.division_code, path=own.path)


def count_general_administrators() -> int:
    """Return how many active people manage people everywhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT p.id) FROM administration_person p"
            " JOIN administration_rolegrant g ON g.person_id = p.id"
            " JOIN administration_role r ON r.id = g.role_id AND r.active"
            " WHERE p.is_active AND g.division_code = '' AND g.organisation_id IS NULL"
            " AND %s = ANY(r.permissions)",
            [PERMISSION],
        )
        return int(cursor.fetchone()[0])


def _listing(actor: Actor, *, kind: str) -> Listing:
    manages = actor.can(PERMISSION)
    if not manages and not actor.can(DIRECTORY):
        raise Forbidden(permission=PERMISSION)
    listing = Listing(
        kind=kind,
        columns=_COLUMNS if manages else _DIRECTORY_COLUMNS,
        source=_SOURCE,
        keys=((f"p.name {PINYIN}", str), ("p.id", int)),
    )
    if manages:
        grants = actor.scope_for(PERMISSION)
        listing.where_in_scope(grants, division="o.division_code", path="o.path")
    else:
        listing.where("p.is_active")
    return listing


def _filter_grants(listing: Listing, wanted: PersonFilter) -> None:
    granted = (
        "EXISTS (SELECT 1 FROM administration_rolegrant g JOIN administration_role r"
        " ON r.id = g.role_id AND r.active WHERE g.person_id = p.id AND {test})"
    )
    if wanted.role:
        listing.where(granted.format(test="r.code = %s"), wanted.role)
    if wanted.permission:
        listing.where(granted.format(test="%s = ANY(r.permissions)"), wanted.permission)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "phone": masked_phone(row["phone"])}
