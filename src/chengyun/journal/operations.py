"""Writing to the journal, inside the caller's transaction.

An upper context may hear of a lower one's events in the same transaction, to defer a job of its
own: both are there after the commit, or neither. It registers when it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

_INSERT = """
INSERT INTO journal_event
    (at, kind, subject, actor_id, division_code, organisation_ids, case_kind, payload)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb)
"""

Hear = Callable[[Mapping[str, Any]], None]
_hearers: dict[tuple[str, str], Hear] = {}


def hear(kind: str, name: str, then: Hear) -> None:
    """Call `then` with the payload of every event of a kind that `record_event` writes.

    kind : such as `administration.calendar_changed`
    name : of the hearer; registering it again replaces it
    then : only defers a job: what takes time, or may fail, must not hold up the change
    """
    _hearers[kind, name] = then


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
    for (heard, _), then in list(_hearers.items()):
        if heard == kind:
            then(payload)


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
    """Return statement and values of `record_event`, for who sends several at once.

    Nobody hears an event that is sent so; it is only read from the journal.
    """
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
