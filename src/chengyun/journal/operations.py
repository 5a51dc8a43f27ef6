"""Writing to the journal, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

_INSERT = """
INSERT INTO journal_event
    (at, kind, subject, actor_id, division_code, organisation_ids, case_kind, payload)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb)
"""


def record_event(
    *,
    at: datetime,
    kind: str,
    subject: str,
    actor_id: int | None,
    payload: dict[str, Any],
    division_code: str = "",
    organisation_ids: Sequence[int] = (),
    case_kind: str = "",
) -> None:
    """Append an event in the present transaction; it is seen by readers after commit.

    kind : dotted, past tense, such as `case.filed`
    subject : `context:id`
    division_code, organisation_ids, case_kind : what a reader's data scope is compared with
    """
    statement, values = event_statement(
        at=at,
        kind=kind,
        subject=subject,
        actor_id=actor_id,
        payload=payload,
        division_code=division_code,
        organisation_ids=organisation_ids,
        case_kind=case_kind,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def event_statement(
    *,
    at: datetime,
    kind: str,
    subject: str,
    actor_id: int | None,
    payload: dict[str, Any],
    division_code: str = "",
    organisation_ids: Sequence[int] = (),
    case_kind: str = "",
) -> tuple[str, list[Any]]:
    """Return the statement and values of `record_event`, for who sends several at once."""
    values = [
        at,
        kind,
        subject,
        actor_id,
        division_code,
        list(organisation_ids),
        case_kind,
        orjson.dumps(payload).decode(),
    ]
    return _INSERT, values
