"""Who acts: building an Actor with grants from a session, a token or a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from chengyun.administration.queries.freshness import FreshCache
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules import secrets
from chengyun.administration.rules.actor import Actor, Grant
from chengyun.kernel.clock import now

TOUCH_EVERY: Final = timedelta(seconds=60)

_PERSON = """
SELECT p.id, p.name, p.language, p.must_change_password, o.id, o.zh, o.path
FROM administration_person p JOIN administration_organisation o ON o.id = p.organisation_id
WHERE p.id = %s AND p.is_active
"""
_GRANTS = """
SELECT r.code, r.permissions, g.division_code, g.organisation_id, o.path, g.case_kinds,
       (SELECT array_agg(s.id ORDER BY s.id) FROM administration_organisation s
        WHERE o.path IS NOT NULL AND starts_with(s.path, o.path))
FROM administration_rolegrant g
JOIN administration_role r ON r.id = g.role_id AND r.active
LEFT JOIN administration_organisation o ON o.id = g.organisation_id
WHERE g.person_id = %s ORDER BY r.id, g.id
"""
_SESSION = """
SELECT id, person_id, created_at, last_seen_at FROM administration_signin
WHERE session_key = %s AND ended_at IS NULL
"""
_BY_DIGEST = """
SELECT id, person_id, last_used_at, expires_at FROM administration_apitoken
WHERE digest = %s AND revoked_at IS NULL
"""


@dataclass(frozen=True, kw_only=True)
class Access:
    """An actor with what let him in.

    session_id, token_id : one of them is set
    ends_at : when the session or token ends by itself, None = never
    """

    actor: Actor
    must_change_password: bool = False
    session_id: int | None = None
    token_id: int | None = None
    ends_at: datetime | None = None


# Announced changes drop both at once; the short life of the first bounds what is not announced
# (time running out), the longer one spares the join over organisations.
_accesses: FreshCache[tuple[str, str, str | None], Access | None] = FreshCache("access")
_people: FreshCache[tuple[int, str | None], Access | None] = FreshCache("access", ttl_s=60)


def find_access_by_session(*, key: str, address: str | None) -> Access | None:
    """Return who holds the session key, or None when there is no such living session."""
    if not 0 < len(key) <= secrets.LONGEST:
        return None
    digest = secrets.session_digest(key)
    found = _accesses.get_or_load(
        ("session", digest, address), lambda: _load_session(digest, address)
    )
    return _unless_over(found)


def find_access_by_token(*, token: str, address: str | None) -> Access | None:
    """Return whose token it is, or None when it is unknown, revoked or expired."""
    if not 0 < len(token) <= secrets.LONGEST:
        return None
    digest = secrets.token_digest(token)
    found = _accesses.get_or_load(("token", digest, address), lambda: _load_token(digest, address))
    return _unless_over(found)


def find_actor(person_id: int, *, address: str | None = None) -> Actor | None:
    """Return the active person as an Actor, straight from the database."""
    access = _load_person(person_id, address)
    return access.actor if access else None


def _unless_over(access: Access | None) -> Access | None:
    if access is None or (access.ends_at is not None and access.ends_at <= now()):
        return None
    return access


def _load_session(digest: str, address: str | None) -> Access | None:
    row = _one(_SESSION, digest)
    if row is None:
        return None
    session_id, person_id, created_at, last_seen_at = row
    idle = timedelta(minutes=setting("administration.session_idle_minutes"))
    end = created_at + timedelta(hours=setting("administration.session_max_hours"))
    present = now()
    if present >= min(last_seen_at + idle, end):
        return None
    access = _find_person(person_id, address)
    if access and present - last_seen_at >= TOUCH_EVERY:
        _touch("UPDATE administration_signin SET last_seen_at = %s WHERE id = %s", session_id)
        last_seen_at = present
    return access and Access(
        actor=access.actor,
        must_change_password=access.must_change_password,
        session_id=session_id,
        ends_at=min(last_seen_at + idle, end),
    )


def _load_token(digest: str, address: str | None) -> Access | None:
    row = _one(_BY_DIGEST, digest)
    if row is None:
        return None
    token_id, person_id, last_used_at, expires_at = row
    present = now()
    if expires_at is not None and expires_at <= present:
        return None
    access = _find_person(person_id, address)
    if access and (last_used_at is None or present - last_used_at >= TOUCH_EVERY):
        _touch("UPDATE administration_apitoken SET last_used_at = %s WHERE id = %s", token_id)
    return access and Access(actor=access.actor, token_id=token_id, ends_at=expires_at)


def _touch(update: str, row_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(update, [now(), row_id])


def _find_person(person_id: int, address: str | None) -> Access | None:
    key = (person_id, address)
    return _people.get_or_load(key, lambda: _load_person(person_id, address))


def _load_person(person_id: int, address: str | None) -> Access | None:
    row = _one(_PERSON, person_id)
    if row is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_GRANTS, [person_id])
        grants = tuple(_grant(found) for found in cursor.fetchall())
    actor = Actor(
        person_id=row[0],
        name=row[1],
        language=row[2],
        organisation_id=row[4],
        organisation_name=row[5],
        organisation_path=row[6],
        grants=grants,
        address=address,
    )
    return Access(actor=actor, must_change_password=row[3])


def _grant(row: tuple[Any, ...]) -> Grant:
    return Grant(
        role_code=row[0],
        permissions=frozenset(row[1]),
        division_code=row[2],
        organisation_id=row[3],
        organisation_path=row[4],
        case_kinds=tuple(row[5]),
        organisation_ids=tuple(row[6] or ()),
    )


def _one(statement: str, value: int | str) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
