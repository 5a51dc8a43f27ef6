"""Reading organisations, within the actor's scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from chengyun.administration.models import Organisation
from chengyun.administration.queries.listing import PINYIN, Listing
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import OrganisationNotFound
from chengyun.administration.rules.scope import Place, reaches
from chengyun.kernel.errors import Forbidden

PERMISSION: Final = "administration.organisations"
DIRECTORY: Final = "directory.read"
_COLUMNS: Final = """o.id, o.parent_id, o.path, o.code, o.credit_code, o.kind, o.department_kind,
    o.zh, o.en, o.zh AS name, o.division_code, o.sort, o.active, o.updated_at,
    (SELECT count(*) FROM administration_organisation c WHERE c.parent_id = o.id) AS children,
    (SELECT count(*) FROM administration_person p
     WHERE p.organisation_id = o.id AND p.is_active) AS people"""


@dataclass(frozen=True, kw_only=True)
class OrganisationFilter:
    """Which organisations to list.

    under : id of an organisation: it and everything below it
    parent : id of the parent, 0 = the roots
    """

    q: str = ""
    under: int | None = None
    parent: int | None = None
    kind: str = ""
    department_kind: str = ""
    division_code: str = ""
    active: bool | None = None


def list_organisations(
    *, actor: Actor, wanted: OrganisationFilter, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return a page of organisations in pinyin order: {items, next}.

    An administrator sees those in his scope; whoever may read the directory sees all in use.
    raises : Forbidden, PageTokenInvalid
    """
    listing = Listing(
        kind="organisations",
        columns=_COLUMNS,
        source="administration_organisation o",
        keys=((f"o.zh {PINYIN}", str), ("o.id", int)),
    )
    _restrict(listing, actor)
    listing.where_contains(("o.zh", "o.pinyin", "o.en", "o.code", "o.credit_code"), wanted.q)
    if wanted.under is not None:
        path = "(SELECT u.path FROM administration_organisation u WHERE u.id = %s)"
        listing.where(f"starts_with(o.path, {path})", wanted.under)
    if wanted.parent is not None:
        listing.where("o.parent_id IS NOT DISTINCT FROM %s", wanted.parent or None)
    for column in ("kind", "department_kind"):
        if getattr(wanted, column):
            listing.where(f"o.{column} = %s", getattr(wanted, column))
    if wanted.division_code:
        listing.where("starts_with(o.division_code, %s)", wanted.division_code)
    if wanted.active is not None:
        listing.where("o.active = %s", wanted.active)
    rows, token = listing.page(limit=limit, after=after)
    return {"items": rows, "next": token}


def get_organisation(*, actor: Actor, organisation_id: int) -> dict[str, Any]:
    """Return one organisation; raises Forbidden, NotFound."""
    listing = Listing(
        kind="organisation",
        columns=_COLUMNS,
        source="administration_organisation o",
        keys=(("o.id", int),),
    )
    _restrict(listing, actor)
    listing.where("o.id = %s", organisation_id)
    rows, _ = listing.page(limit=1, after=None)
    if not rows:
        raise OrganisationNotFound
    return rows[0]


def editable_organisation(
    actor: Actor, organisation_id: int, *, lock: bool = False
) -> Organisation:
    """Return the organisation if the actor may edit it; raises Forbidden, NotFound."""
    grants = actor.scope_for(PERMISSION)
    rows = Organisation.objects.select_for_update() if lock else Organisation.objects.all()
    found = rows.filter(id=organisation_id).first()
    if found is None or not reaches(grants, place_of(found)):
        raise OrganisationNotFound
    return found


def place_of(organisation: Organisation) -> Place:
    """Return where the organisation stands."""
    return Place(division_code=organisation.division_code, path=organisation.path)


def _restrict(listing: Listing, actor: Actor) -> None:
    if actor.can(DIRECTORY):
        if not actor.can(PERMISSION):
            listing.where("o.active")
        return
    if not actor.can(PERMISSION):
        raise Forbidden(permission=PERMISSION)
    grants = actor.scope_for(PERMISSION)
    listing.where_in_scope(grants, division="o.division_code", path="o.path")
