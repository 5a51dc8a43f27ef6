"""What every change of a component leaves behind: a version, an audit entry, an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import orjson
from django.db import connection

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.components.queries.reference import TypeInUse
from chengyun.components.rules.faults import ComponentCodeTaken
from chengyun.journal.operations import record_event
from chengyun.kernel.codes import CodeScheme
from chengyun.kernel.text import search_terms
from chengyun.territory.operations.layers import raise_version

LAYER: Final = "components"
MAX_TERM: Final = 40
_VERSION = """
INSERT INTO components_componentversion
    (component_id, version, act, at, by_id, by_name, reason, changes)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb)
"""
# The row of the counter is held to the end of the transaction: no number is given twice.
_NEXT = """
INSERT INTO components_codecounter (prefix, last) VALUES (%s, %s)
ON CONFLICT (prefix) DO UPDATE SET last = components_codecounter.last + excluded.last
RETURNING last
"""
_REACHED = """
INSERT INTO components_codecounter (prefix, last) VALUES (%s, %s)
ON CONFLICT (prefix) DO UPDATE
SET last = greatest(components_codecounter.last, excluded.last)
"""


def next_sequence(prefix: str, count: int = 1) -> int:
    """Take `count` sequence numbers after a prefix, and return the first."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [prefix, count])
        last: int = cursor.fetchone()[0]
    return last - count + 1


def note_sequences(reached: Mapping[str, int]) -> None:
    """Let the counters go on after numbers that were given elsewhere."""
    with connection.cursor() as cursor:
        for prefix, last in sorted(reached.items()):
            cursor.execute(_REACHED, [prefix, last])


def require_unused(code: str) -> None:
    """Raise ComponentCodeTaken when a component has or had the code."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM components_component WHERE code = %s", [code])
        if cursor.fetchone():
            raise ComponentCodeTaken(field="code", value=code)


def component_terms(*, name: str, kind: TypeInUse, address: str) -> list[str]:
    """Return the search terms of a component: its name, type and address."""
    words = f"{name} {address}" if kind.zh in name else f"{name} {kind.zh} {address}"
    return [term for term in search_terms(words) if len(term) <= MAX_TERM]


def terms_array(*, name: str, kind: TypeInUse, address: str) -> str:
    """Return the search terms as an array's text for COPY: what millions of rows need.

    Terms are letters, digits and Chinese signs: nothing has to be quoted.
    """
    found = _terms_of_name(name, kind).union(search_terms(address))
    return "{" + ",".join(sorted(found)) + "}"


@lru_cache(maxsize=10_000)
def _terms_of_name(name: str, kind: TypeInUse) -> frozenset[str]:
    return frozenset(component_terms(name=name, kind=kind, address=""))


def record_version(
    *,
    actor: Actor,
    component_id: int,
    version: int,
    act: str,
    at: datetime,
    reason: str = "",
    changes: Mapping[str, list[Any]] | None = None,
) -> None:
    """Append what was changed, in the caller's transaction."""
    told = orjson.dumps(dict(changes or {}), default=str).decode()
    values: list[Any] = [
        component_id,
        version,
        act,
        at,
        actor.person_id,
        actor.name[:60],
        reason,
        told,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, values)


def tell(
    *,
    actor: Actor,
    act: str,
    at: datetime,
    component_id: int,
    code: str,
    community_code: str,
    organisation_ids: Iterable[int],
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Leave the audit entry and the event `component.<act>`, and let the map be drawn anew."""
    record_audit(
        actor, f"component.{act}", f"component:{component_id}", {"code": code, **(detail or {})}
    )
    record_event(
        at=at,
        kind=f"component.{act}",
        subject=f"component:{component_id}",
        actor_id=actor.person_id,
        payload={"component_id": component_id, "code": code, "act": act},
        division_code=community_code,
        organisation_ids=sorted(organisation_ids),
    )
    raise_version(LAYER)


def prefix_reached(scheme: CodeScheme, code: str) -> tuple[str, int] | None:
    """Return the counter of a given code and the number reached; None without digits."""
    width = scheme.parts[-1].width
    number = code[-width:]
    return (code[:-width], int(number)) if number.isdigit() else None
