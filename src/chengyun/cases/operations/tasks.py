"""Tasks of collectors: to verify before filing, to check before closing."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from chengyun.cases.rules.facts import Decision

_OPEN = """
INSERT INTO cases_task (case_id, kind, assignee_id, sent_by_id, sent_at, due_at, opinion)
VALUES (%s, %s, %s, %s, %s, %s, '')
"""
_END = """
UPDATE cases_task SET answered_at = %s, result = %s, opinion = %s
WHERE case_id = %s AND answered_at IS NULL
"""


def apply_task(
    *, case_id: int, decision: Decision, by_id: int | None, at: datetime, due_at: datetime | None
) -> None:
    """Open, answer or cancel the case's task as the decision says.

    due_at : end of the collector's clock
    """
    task = decision.task
    if task is None:
        return
    with connection.cursor() as cursor:
        if task.op == "open":
            assignee_id = decision.given.assignee_id
            cursor.execute(_OPEN, [case_id, task.kind, assignee_id, by_id, at, due_at])
        else:
            result = decision.given.result if task.op == "answer" else None
            cursor.execute(_END, [at, result, decision.given.opinion, case_id])
