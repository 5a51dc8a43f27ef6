"""Tasks of collectors: to verify before filing, to check before closing."""

from __future__ import annotations

from datetime import datetime

from chengyun.cases.rules.facts import Decision
from chengyun.cases.writes import Writes

_END = """
UPDATE cases_task SET answered_at = %s, result = %s, opinion = %s
WHERE case_id = %s AND answered_at IS NULL
"""


def apply_task(
    writes: Writes,
    *,
    case_id: int,
    decision: Decision,
    by_id: int | None,
    at: datetime,
    due_at: datetime | None,
) -> None:
    """Add what the decision does to the case's task: it opens, is answered or cancelled.

    due_at : end of the collector's clock
    """
    task = decision.task
    if task is None:
        return
    if task.op != "open":
        result = decision.given.result if task.op == "answer" else None
        writes.add(_END, at, result, decision.given.opinion, case_id)
        return
    columns = {
        "case_id": case_id,
        "kind": task.kind,
        "assignee_id": decision.given.assignee_id,
        "sent_by_id": by_id,
        "sent_at": at,
        "due_at": due_at,
        "opinion": "",
    }
    writes.insert("cases_task", columns)
