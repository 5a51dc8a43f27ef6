"""Reading API tokens and sessions of people in scope."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet

from chengyun.administration.models import SignIn
from chengyun.administration.queries.listing import Listing
from chengyun.administration.queries.people import PERMISSION as PEOPLE
from chengyun.administration.queries.people import person_in_reach
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import PersonNotFound, SessionNotFound

TOKENS: Final = "administration.tokens"
_PERSON: Final = """JOIN administration_person p ON p.id = {table}.person_id
    JOIN administration_organisation o ON o.id = p.organisation_id"""


def list_tokens(
    *,
    actor: Actor,
    q: str = "",
    person_id: int | None = None,
    live: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of API tokens, newest first: {items, next}; secrets are not kept anywhere.

    live : neither revoked nor expired
    raises : Forbidden, PageTokenInvalid
    """
    is_live = "(t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now()))"
    listing = Listing(
        kind="tokens",
        columns="t.id, t.person_id, p.name AS person_name, p.username, t.name, t.prefix,"
        " t.created_at, t.expires_at, t.revoked_at, t.last_used_at,"
        f" ({is_live} AND p.is_active) AS live",
        source=f"administration_apitoken t {_PERSON.format(table='t')}",
        keys=(("t.id", int),),
        descending=True,
    )
    grants = actor.scope_for(TOKENS)
    listing.where_in_scope(grants, division="o.division_code", path="o.path")
    listing.where_contains(("t.name", "p.name", "p.username", "t.prefix"), q)
    if person_id is not None:
        listing.where("t.person_id = %s", person_id)
    if live is not None:
        listing.where(is_live if live else f"NOT {is_live}")
    rows, token = listing.page(limit=limit, after=after)
    return {"items": rows, "next": token}


def list_sessions(
    *,
    actor: Actor,
    q: str = "",
    person_id: int | None = None,
    live: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of the sessions of people in scope, newest first: {items, next}.

    raises : Forbidden, PageTokenInvalid
    """
    listing = _sessions()
    grants = actor.scope_for(PEOPLE)
    listing.where_in_scope(grants, division="o.division_code", path="o.path")
    listing.where_contains(("p.name", "p.username", "host(s.address)"), q)
    if person_id is not None:
        listing.where("s.person_id = %s", person_id)
    if live is not None:
        listing.where("s.ended_at IS NULL" if live else "s.ended_at IS NOT NULL")
    rows, token = listing.page(limit=limit, after=after)
    return {"items": rows, "next": token}


def list_own_sessions(*, actor: Actor, current_id: int | None) -> list[dict[str, Any]]:
    """Return where the actor is signed in, newest first; `current` marks this session."""
    listing = _sessions()
    listing.where("s.person_id = %s AND s.ended_at IS NULL", actor.person_id)
    rows, _ = listing.page(limit=100, after=None)
    return [{**row, "current": row["id"] == current_id} for row in rows]


def session_in_reach(*, actor: Actor, session_id: int) -> SignIn:
    """Return a session that the actor may end: his own, or of a person he manages.

    raises : SessionNotFound
    """
    found = _living().filter(id=session_id).first()
    if found is None:
        raise SessionNotFound
    if found.person_id == actor.person_id:
        return found
    if not actor.can(PEOPLE):
        raise SessionNotFound
    try:
        person_in_reach(actor, found.person_id, permission=PEOPLE)
    except PersonNotFound:
        raise SessionNotFound from None
    return found


def _living() -> QuerySet[SignIn]:
    return SignIn.objects.filter(ended_at=None)


def _sessions() -> Listing:
    return Listing(
        kind="sessions",
        columns="s.id, s.person_id, p.name AS person_name, p.username, host(s.address) AS address,"
        " s.agent, s.created_at, s.last_seen_at, s.ended_at, FALSE AS current",
        source=f"administration_signin s {_PERSON.format(table='s')}",
        keys=(("s.id", int),),
        descending=True,
    )
