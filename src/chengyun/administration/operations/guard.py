"""Checks that keep administrators from giving or taking more than they have."""

from __future__ import annotations

from django.db import connection

from chengyun.administration.models import Organisation, Person, RoleGrant
from chengyun.administration.queries.people import count_general_administrators
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.axes import check_axes
from chengyun.administration.rules.definitions import permission_definitions
from chengyun.administration.rules.faults import LastAdministrator
from chengyun.administration.rules.scope import Extent, Place, check_may_give

_ADMINISTRATOR_LOCK = 7_204_002


def guarded_permissions() -> frozenset[str]:
    """Return the permissions that only their holder may give."""
    return frozenset(p.code for p in permission_definitions().values() if p.guarded)


def extent_of(grant: RoleGrant) -> Extent:
    """Return the scope of a grant as a value."""
    return Extent(
        division_code=grant.division_code,
        organisation=place(grant.organisation) if grant.organisation else None,
        case_kinds=tuple(grant.case_kinds),
    )


def place(organisation: Organisation) -> Place:
    """Return where an organisation stands."""
    return Place(division_code=organisation.division_code, path=organisation.path)


def check_may_grant(actor: Actor, grant: RoleGrant, *, by: str = "administration.people") -> None:
    """Raise GrantTooWide unless the actor may give this grant, or take it away."""
    check_may_give(
        actor,
        permissions=grant.role.permissions,
        extent=extent_of(grant),
        guarded=guarded_permissions(),
        by=by,
    )


def check_may_take_over(actor: Actor, person: Person, *, by: str = "administration.people") -> None:
    """Raise GrantTooWide unless the actor could have given the person everything he has.

    Who may set a password or make a token for somebody can act as he does.
    """
    if person.pk == actor.person_id:
        return
    for grant in person.grants.select_related("role", "organisation"):
        check_may_grant(actor, grant, by=by)


def check_person_axes(person_id: int) -> None:
    """Raise AxesConflict when the person's active roles stand on both sides and may not."""
    if setting("administration.allow_both_axes"):
        return
    roles = RoleGrant.objects.filter(person_id=person_id, role__active=True)
    held = {code for codes in roles.values_list("role__permissions", flat=True) for code in codes}
    check_axes(held, axes())


def axes() -> dict[str, str]:
    """Return the axis of every permission."""
    return {code: known.axis for code, known in permission_definitions().items()}


def count_administrators_locked() -> int:
    """Return how many people manage people everywhere, and let no other change count meanwhile.

    Two removals at once would otherwise both leave "the other one".
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADMINISTRATOR_LOCK])
    return count_general_administrators()


def check_administrator_remains(before: int) -> None:
    """Raise LastAdministrator when the change has left nobody; `before` = the count before it."""
    if before and not count_general_administrators():
        raise LastAdministrator
