"""The outcome of a census: figures by type and area, and the rows of its export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.components.queries.census import FIGURES, get_plan
from chengyun.components.queries.census_scope import add_task_scope
from chengyun.components.queries.conditions import Conditions

_PAGE: Final = 5_000
_MOST_LEFT: Final = 200
_SUMS: Final = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in FIGURES)
_KINDS: Final = ("confirmed", "changed", "gone", "new")
_BY_TYPE: Final = """
SELECT f.type_code, f.kind, count(*), count(*) FILTER (WHERE f.decision = 'accepted')
FROM components_censusfinding f JOIN components_censustask t ON t.id = f.task_id
WHERE t.plan_id = %s GROUP BY 1, 2 ORDER BY 1, 2
"""
EXPORT_COLUMNS: Final = {
    "area": "t.area_code",
    "community": "t.community_code",
    "task_state": "t.state",
    "collector": "f.by_name",
    "found_at": "f.found_at",
    "kind": "f.kind",
    "type": "f.type_code",
    "code": "coalesce(m.code, c.code)",
    "name": "coalesce(c.name, f.values ->> 'name')",
    "changes": "nullif(f.changes::text, '{}')",
    "moved_m": "f.moved_m",
    "lon": "ST_X(coalesce(f.position, c.position))",
    "lat": "ST_Y(coalesce(f.position, c.position))",
    "decision": "f.decision",
    "decision_reason": "f.decision_reason",
    "decided_by": "f.decided_by_name",
    "note": "f.note",
}
_EXPORT: Final = """
SELECT {columns}, f.id FROM components_censusfinding f
JOIN components_censustask t ON t.id = f.task_id
LEFT JOIN components_component c ON c.id = f.component_id
LEFT JOIN components_component m ON m.id = f.made_id
WHERE {conditions} ORDER BY f.id LIMIT %s
"""


def census_report(*, plan_id: int) -> dict[str, Any]:
    """Return the figures of a plan as its report keeps them: totals, by type, what was left."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE state = 'accepted'), {_SUMS}"
            " FROM components_censustask WHERE plan_id = %s",
            [plan_id],
        )
        tasks, accepted_tasks, *sums = cursor.fetchone()
        cursor.execute(_BY_TYPE, [plan_id])
        by_type: dict[str, dict[str, Any]] = {}
        for type_code, kind, count, accepted in cursor.fetchall():
            row = by_type.setdefault(
                type_code, {"type": type_code, **dict.fromkeys(_KINDS, 0), "accepted": 0}
            )
            row[kind] = count
            row["accepted"] += accepted
        cursor.execute(
            "SELECT area_code FROM components_censustask WHERE plan_id = %s"
            " AND state <> 'accepted' ORDER BY area_code LIMIT %s",
            [plan_id, _MOST_LEFT],
        )
        left = [row[0] for row in cursor.fetchall()]
    return {
        "tasks": tasks,
        "accepted_tasks": accepted_tasks,
        "figures": dict(zip(FIGURES, sums, strict=True)),
        "by_type": list(by_type.values()),
        "left": left,
    }


def census_rows(*, actor: Actor, plan_id: int) -> Iterator[tuple[Any, ...]]:
    """Yield what was found in a plan, as far as the actor sees it; raise Forbidden, NotFound."""
    get_plan(actor=actor, plan_id=plan_id)
    return _pages(actor, plan_id)


def _pages(actor: Actor, plan_id: int) -> Iterator[tuple[Any, ...]]:
    after = 0
    while True:
        conditions = Conditions()
        add_task_scope(conditions, actor)
        conditions.add("t.plan_id = %s AND f.id > %s", plan_id, after)
        statement = _EXPORT.format(
            columns=", ".join(EXPORT_COLUMNS.values()), conditions=conditions.text()
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [*conditions.values, _PAGE])
            rows = cursor.fetchall()
        for row in rows:
            yield row[:-1]
        if len(rows) < _PAGE:
            return
        after = rows[-1][-1]
