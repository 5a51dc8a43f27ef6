"""Reading the journal by cursor, without ever skipping a slow transaction's events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

_AFTER = """
SELECT xid::text::bigint, seq, at, kind, subject, actor_id, division_code, organisation_ids,
       case_kind, payload
FROM journal_event
WHERE (xid, seq) > (%s::text::xid8, %s) AND xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY xid, seq LIMIT %s
"""
_END = """
SELECT xid::text::bigint, seq FROM journal_event
WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid DESC, seq DESC LIMIT 1
"""


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """A place in the journal: after the event (xid, seq)."""

    xid: int = 0
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class JournalEvent:
    """One event with its place."""

    cursor: Cursor
    at: datetime
    kind: str
    subject: str
    actor_id: int | None
    division_code: str
    organisation_ids: tuple[int, ...]
    case_kind: str
    payload: dict[str, Any]


def events_after(*, cursor: Cursor, limit: int = 500) -> list[JournalEvent]:
    """Return the next events after `cursor` whose transactions can no longer be overtaken."""
    with connection.cursor() as reader:
        reader.execute(_AFTER, [str(cursor.xid), cursor.seq, limit])
        return [_event(row) for row in reader.fetchall()]


def end_of_journal() -> Cursor:
    """Return the cursor after the last readable event."""
    with connection.cursor() as reader:
        reader.execute(_END)
        row = reader.fetchone()
    return Cursor(xid=row[0], seq=row[1]) if row else Cursor()


def _event(row: tuple[Any, ...]) -> JournalEvent:
    payload = row[9]
    if isinstance(payload, str):
        import json

        payload = json.loads(payload)
    return JournalEvent(
        cursor=Cursor(xid=row[0], seq=row[1]),
        at=row[2],
        kind=row[3],
        subject=row[4],
        actor_id=row[5],
        division_code=row[6],
        organisation_ids=tuple(row[7]),
        case_kind=row[8],
        payload=payload,
    )
