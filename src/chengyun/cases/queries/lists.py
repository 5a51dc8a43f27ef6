"""Lists of cases: scoped, filtered, sorted, by keyset pages; one query for a page.

Names come from this process's copies, so that no row causes a query.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.filters import CaseFilter, add_filter
from chengyun.cases.queries.names import names
from chengyun.cases.queries.pages import ORDERS, Place, fetch_among_nearest, fetch_page
from chengyun.cases.queries.queue_conditions import queue_conditions
from chengyun.cases.queries.rows import case_row
from chengyun.cases.queries.scope import Conditions, Scope, own_scope, reading_scope
from chengyun.cases.queries.word_frequency import case_sample
from chengyun.cases.rules.access import READ
from chengyun.kernel.clock import now
from chengyun.kernel.paging import PageTokenInvalid, decode_token, encode_token

EVERYTHING: Final = Scope(everything=True)


def list_cases(
    *, actor: Actor, wanted: CaseFilter, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return a page of the cases that the actor may read: {"items": […], "next": token or None}.

    raises : Forbidden (also for a queue of another desk), PageTokenInvalid
    """
    at = now()
    place = _place(wanted.sort, after)
    conditions, scope = narrowed(actor=actor, wanted=wanted, at=at)
    count = limit + 1
    found = None
    sample = case_sample() if wanted.terms else None
    if sample is not None and sample.are_frequent(wanted.terms, count):
        found = fetch_among_nearest(
            sort=wanted.sort,
            conditions=conditions,
            scope=scope,
            place=place,
            count=count,
            sample=sample,
        )
    if found is None:
        found = fetch_page(
            sort=wanted.sort,
            conditions=conditions,
            scope=scope,
            place=place,
            count=count,
            by_words=wanted.asks,
            usual=wanted.is_plain,
        )
    known = names()
    items = [case_row(row, known, at) for _, row in found[:limit]]
    following = _token(wanted.sort, found[limit - 1]) if len(found) > limit else None
    return {"items": items, "next": following}


def narrowed(*, actor: Actor, wanted: CaseFilter, at: datetime) -> tuple[Conditions, Scope]:
    """Return the conditions of a list, and the scope if it is still to be walked arm by arm."""
    conditions = Conditions()
    actor.require(READ)
    is_own = bool(wanted.mine) and wanted.queue is None
    asked = replace(wanted, mine=None) if is_own else wanted
    add_filter(conditions, asked, person_id=actor.person_id, at=at)
    if wanted.queue is not None:
        queue_conditions(actor, wanted.queue, at).add_to(conditions)
        return conditions, EVERYTHING
    scope = own_scope(actor) if is_own else reading_scope(actor)
    if wanted.open_only or wanted.sort in {"due", "updated"}:
        scope.add_to(conditions)
        return conditions, EVERYTHING
    return conditions, scope


def _token(sort: str, last: tuple[int, tuple[Any, ...]]) -> str:
    number, row = last
    instant: datetime = row[ORDERS[sort][number].at]
    return encode_token(f"cases:{sort}", [number, instant.isoformat(), row[0]])


def _place(sort: str, after: str | None) -> Place | None:
    parts = decode_token(f"cases:{sort}", after, (int, str, int))
    if parts is None:
        return None
    number, text, case_id = parts
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise PageTokenInvalid(field="after") from None
    if not 0 <= number < len(ORDERS[sort]) or instant.tzinfo is None:
        raise PageTokenInvalid(field="after")
    return Place(order=number, instant=instant, case_id=case_id)
