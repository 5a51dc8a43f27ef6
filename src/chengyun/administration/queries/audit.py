"""Reading the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chengyun.administration.queries.listing import Listing
from chengyun.administration.rules.actor import Actor

PERMISSION: Final = "administration.audit"
_EXPORT_STEP: Final = 1000


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Which entries to list.

    act : whole, or a prefix that ends in a dot
    subject : whole, or a prefix that ends in a colon
    """

    actor_id: int | None = None
    act: str = ""
    subject: str = ""
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None
    q: str = ""


def list_audit(
    *, actor: Actor, wanted: AuditFilter, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return a page of the audit log, newest first: {items, next}.

    Who may read it within a scope sees what people of the organisations in that scope did.
    raises : Forbidden, PageTokenInvalid
    """
    listing = _listing(actor, wanted)
    rows, token = listing.page(limit=limit, after=after)
    return {"items": rows, "next": token}


def iterate_audit(*, actor: Actor, wanted: AuditFilter) -> Iterator[dict[str, Any]]:
    """Yield every entry of the filter, newest first, page by page; raises Forbidden."""
    after: str | None = None
    while True:
        page = list_audit(actor=actor, wanted=wanted, limit=_EXPORT_STEP, after=after)
        yield from page["items"]
        after = page["next"]
        if after is None:
            return


def _listing(actor: Actor, wanted: AuditFilter) -> Listing:
    listing = Listing(
        kind="audit",
        columns="e.id, e.at, e.actor_id, e.actor_name, e.act, e.subject,"
        " host(e.address) AS address, e.detail",
        source="administration_auditentry e"
        " LEFT JOIN administration_person p ON p.id = e.actor_id"
        " LEFT JOIN administration_organisation o ON o.id = p.organisation_id",
        keys=(("e.id", int),),
        descending=True,
    )
    grants = actor.scope_for(PERMISSION)
    if all(grant.division_code or grant.organisation_id is not None for grant in grants):
        listing.where_in_scope(grants, division="o.division_code", path="o.path")
    if wanted.actor_id is not None:
        listing.where("e.actor_id = %s", wanted.actor_id)
    _where_prefix(listing, "e.act", wanted.act, ".")
    _where_prefix(listing, "e.subject", wanted.subject, ":")
    if wanted.address:
        listing.where("host(e.address) = %s", wanted.address)
    if wanted.since is not None:
        listing.where("e.at >= %s", wanted.since)
    if wanted.until is not None:
        listing.where("e.at < %s", wanted.until)
    listing.where_contains(("e.actor_name", "e.detail::text"), wanted.q)
    return listing


def _where_prefix(listing: Listing, column: str, text: str, mark: str) -> None:
    if text.endswith(mark):
        listing.where(f"starts_with({column}, %s)", text)
    elif text:
        listing.where(f"{column} = %s", text)
