"""How far an administrator reaches, and what he may give to others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chengyun.administration.rules.actor import Actor, Grant
from chengyun.administration.rules.faults import GrantTooWide


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an organisation stands: its division and its path in the tree."""

    division_code: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Extent:
    """The scope of a grant to be given.

    organisation : None = every organisation
    case_kinds : empty = every kind
    """

    division_code: str = ""
    organisation: Place | None = None
    case_kinds: tuple[str, ...] = ()


def reaches(grants: Iterable[Grant], place: Place) -> bool:
    """Tell whether one of the grants covers an organisation."""
    return any(_covers_place(grant, place) for grant in grants)


def contains(grant: Grant, extent: Extent) -> bool:
    """Tell whether whoever holds `grant` has all of `extent`.

    A scope limited to an organisation reaches no further than that organisation, so it lies in a
    division when the organisation does.
    """
    own = extent.organisation
    division = extent.division_code or (own.division_code if own else "")
    if not division.startswith(grant.division_code):
        return False
    if grant.organisation_path is not None and (
        own is None or not own.path.startswith(grant.organisation_path)
    ):
        return False
    if not grant.case_kinds:
        return True
    return bool(extent.case_kinds) and set(extent.case_kinds) <= set(grant.case_kinds)


def check_may_give(
    actor: Actor,
    *,
    permissions: Iterable[str],
    extent: Extent,
    guarded: frozenset[str],
    by: str = "administration.people",
) -> None:
    """Raise GrantTooWide unless the actor may give these permissions within `extent`.

    He gives only inside the area in which he manages people (or whatever `by` names); a guarded
    permission he must hold himself over all of it.
    source : ours
    """
    managing = actor.scope_for(by)
    if not any(contains(grant, extent) for grant in managing):
        raise GrantTooWide(what=extent.division_code or "*")
    for permission in sorted(set(permissions) & guarded):
        holding = (grant for grant in actor.grants if permission in grant.permissions)
        if not any(contains(grant, extent) for grant in holding):
            raise GrantTooWide(what=permission)


def _covers_place(grant: Grant, place: Place) -> bool:
    if not place.division_code.startswith(grant.division_code):
        return False
    return grant.organisation_path is None or place.path.startswith(grant.organisation_path)
