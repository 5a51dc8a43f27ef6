"""The log of a case, page by page, in the words of the workflow table."""

from __future__ import annotations

from typing import Any

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.detail import list_attachments
from chengyun.cases.queries.records import get_record
from chengyun.cases.rules.workflow import workflow
from chengyun.kernel.paging import decode_token, encode_token

_SELECT = """
SELECT seq, at, act, actor_name, role, organisation_name, opinion, receiver, from_state, to_state,
       attachment_ids, ST_X(position), ST_Y(position), data, hash
FROM cases_logentry WHERE case_id = %s AND seq > %s ORDER BY seq LIMIT %s
"""
_KIND = "case-log"
_MARKS = {
    "mark_yellow": ("时钟转黄", "Clock turned yellow"),
    "mark_red": ("时钟转红", "Clock turned red"),
}


def list_log(
    *, actor: Actor, case_id: int, limit: int = 100, after: str | None = None
) -> dict[str, Any]:
    """Return a page of the case's log, oldest first: {items, next}; raises NotFound."""
    get_record(actor=actor, case_id=case_id)
    key = decode_token(_KIND, after, (int,))
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [case_id, key[0] if key else 0, limit + 1])
        rows = cursor.fetchall()
    files = {item["id"]: item for item in list_attachments(case_id)}
    items = [_entry(row, files) for row in rows[:limit]]
    following = encode_token(_KIND, [items[-1]["seq"]]) if len(rows) > limit else None
    return {"items": items, "next": following}


def _entry(row: tuple[Any, ...], files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    data = row[13] if isinstance(row[13], dict) else {}
    zh, en = words_of(row[2], data.get("result"))
    return {
        "seq": row[0],
        "at": row[1],
        "act": row[2],
        "zh": zh,
        "en": en,
        "actor": row[3] or None,
        "role": row[4] or None,
        "organisation": row[5] or None,
        "opinion": row[6] or None,
        "receiver": row[7] or None,
        "from_state": row[8] or None,
        "to_state": row[9],
        "result": data.get("result"),
        "attachments": [files[str(one)] for one in row[10] if str(one) in files],
        "lon": row[11],
        "lat": row[12],
        "hash": bytes(row[14]).hex(),
    }


def words_of(act: str, result: bool | None) -> tuple[str, str]:
    """Return an act in Chinese and English; its code where the table no longer knows it."""
    if act in _MARKS:
        return _MARKS[act]
    try:
        return workflow().label(act, result=result)
    except (KeyError, IndexError, StopIteration):
        return act, act
