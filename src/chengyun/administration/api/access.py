"""Routes of API tokens, sessions and the audit log."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any, Final

import orjson
from django.http import StreamingHttpResponse
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints

from chengyun.administration.api.creating import create_once
from chengyun.administration.api.shapes import NO_NUL, Id, Instant, Key, PageQuery, Search, Strict
from chengyun.administration.http import ActorRequest
from chengyun.administration.operations.audit import record_audit
from chengyun.administration.operations.sessions import end_session
from chengyun.administration.operations.tokens import create_token, revoke_token
from chengyun.administration.queries import audit as audit_queries
from chengyun.administration.queries import tokens as queries
from chengyun.administration.throttle import Throttle
from chengyun.kernel.cells import without_formula

tokens_router = Router(tags=["tokens"])
sessions_router = Router(tags=["sessions"])
audit_router = Router(tags=["audit"])

TokenName = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)]
Act = Annotated[str, StringConstraints(max_length=60, pattern=r"^[\w.]*$")]
Subject = Annotated[str, StringConstraints(max_length=80, pattern=NO_NUL)]
_COLUMNS: Final = ("id", "at", "actor_id", "actor_name", "act", "subject", "address", "detail")


class TokenRow(Schema):
    """An API token; its secret is kept nowhere."""

    id: int
    person_id: int
    person_name: str
    username: str
    name: str
    prefix: str
    live: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class TokenPage(Schema):
    """A page of tokens."""

    items: list[TokenRow]
    next: str | None


class TokenIn(Strict):
    """A new token; without days it lives as long as the policy allows."""

    person_id: Id
    name: TokenName
    days: Annotated[int, Field(ge=1, le=36_500)] | None = None


class NewToken(Schema):
    """A token just made; `token` is shown once."""

    id: int
    token: str | None
    prefix: str
    expires_at: datetime | None


class LiveQuery(PageQuery):
    """Which ones."""

    person_id: Id | None = None
    live: bool | None = None


class SessionRow(Schema):
    """Where somebody is signed in; `current` = this very session."""

    id: int
    person_id: int
    person_name: str
    username: str
    address: str | None
    agent: str
    created_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    current: bool


class SessionPage(Schema):
    """A page of sessions."""

    items: list[SessionRow]
    next: str | None


class AuditRow(Schema):
    """Who did what to which thing."""

    id: int
    at: datetime
    actor_id: int | None
    actor_name: str
    act: str
    subject: str
    address: str | None
    detail: Any


class AuditPage(Schema):
    """A page of the audit log."""

    items: list[AuditRow]
    next: str | None


class AuditFilters(Schema):
    """Which entries: `act` and `subject` whole, or a prefix ending in a dot or a colon."""

    q: Search = ""
    actor_id: Id | None = None
    act: Act = ""
    subject: Subject = ""
    address: IPv4Address | IPv6Address | None = None
    since: Instant | None = None
    until: Instant | None = None


class AuditQuery(PageQuery, AuditFilters):
    """Which page of which entries."""


@tokens_router.get("", response=TokenPage)
def list_tokens(request: ActorRequest, query: Query[LiveQuery]) -> dict[str, Any]:
    """List API tokens, newest first."""
    return queries.list_tokens(
        actor=request.actor,
        q=query.q,
        person_id=query.person_id,
        live=query.live,
        limit=query.limit,
        after=query.after,
    )


@tokens_router.post("", response={201: NewToken})
def post_token(request: ActorRequest, body: TokenIn, idempotency_key: Key = None) -> Status[Any]:
    """Make a token that acts as a person."""

    def act() -> dict[str, Any]:
        made = create_token(
            actor=request.actor, person_id=body.person_id, name=body.name, days=body.days
        )
        return {
            "id": made.id,
            "token": made.secret,
            "prefix": made.prefix,
            "expires_at": made.expires_at,
        }

    return create_once(request, idempotency_key, act, hidden=("token",))


@tokens_router.delete("/{token_id}", response={204: None})
def delete_token(request: ActorRequest, token_id: Id) -> None:
    """Revoke a token."""
    revoke_token(actor=request.actor, token_id=token_id)


@sessions_router.get("", response=SessionPage)
def list_sessions(request: ActorRequest, query: Query[LiveQuery]) -> dict[str, Any]:
    """List the sessions of the people one manages, newest first."""
    page = queries.list_sessions(
        actor=request.actor,
        q=query.q,
        person_id=query.person_id,
        live=query.live,
        limit=query.limit,
        after=query.after,
    )
    own = request.access.session_id
    return {**page, "items": [{**row, "current": row["id"] == own} for row in page["items"]]}


@sessions_router.delete("/{session_id}", response={204: None})
def delete_session_of(request: ActorRequest, session_id: Id) -> None:
    """End a session."""
    queries.session_in_reach(actor=request.actor, session_id=session_id)
    end_session(actor=request.actor, session_id=session_id)


@audit_router.get("", response=AuditPage)
def list_audit(request: ActorRequest, query: Query[AuditQuery]) -> dict[str, Any]:
    """List the audit log, newest first."""
    return audit_queries.list_audit(
        actor=request.actor, wanted=_wanted(query), limit=query.limit, after=query.after
    )


@audit_router.get("/export", throttle=Throttle("export"))
def export_audit(request: ActorRequest, query: Query[AuditFilters]) -> StreamingHttpResponse:
    """Stream the audit log as CSV (UTF-8 with a mark, as spreadsheets want it)."""
    request.actor.require(audit_queries.PERMISSION)
    filters = query.model_dump(mode="json", exclude_defaults=True)
    record_audit(request.actor, "audit.exported", "audit:log", filters)
    rows = audit_queries.iterate_audit(actor=request.actor, wanted=_wanted(query))
    response = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _wanted(query: AuditFilters) -> audit_queries.AuditFilter:
    return audit_queries.AuditFilter(
        actor_id=query.actor_id,
        act=query.act,
        subject=query.subject,
        address=str(query.address) if query.address else "",
        since=query.since,
        until=query.until,
        q=query.q,
    )


def _csv(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    writer.writerow(_COLUMNS)
    for row in rows:
        detail = orjson.dumps(row["detail"]).decode()
        at = row["at"].isoformat().replace("+00:00", "Z")
        shown = {**row, "at": at, "detail": detail}
        writer.writerow([_safe(shown[name]) for name in _COLUMNS])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def _safe(value: Any) -> Any:
    return without_formula(value) if isinstance(value, str) else value
