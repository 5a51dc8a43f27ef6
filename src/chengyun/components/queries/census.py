"""Reading a census: plans, tasks, what is known in an area, what was found there and differs.

Reads `administration_person` for collectors' names and `territory_unitgrid` for extents.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.components.queries.census_scope import add_task_scope, area_column, type_ids
from chengyun.components.queries.conditions import Conditions
from chengyun.components.queries.objects import bare, division_names
from chengyun.components.queries.reference import types_by_id
from chengyun.components.rules.census import PlanFacts, TaskFacts, offered_moves
from chengyun.kernel.errors import NotFound
from chengyun.kernel.paging import decode_token, encode_token

FIGURES: Final = (
    "known", "confirmed", "changed", "gone", "fresh", "undecided", "accepted", "refused",
)  # fmt: skip
_SUMS: Final = ", ".join(f"coalesce(sum(t.{name}), 0)::bigint AS {name}" for name in FIGURES)
_STATES: Final = "assigned", "collecting", "submitted", "returned", "accepted"
_BY_STATE: Final = ", ".join(
    f"count(*) FILTER (WHERE t.state = '{state}') AS {state}_tasks" for state in _STATES
)
_PLAN: Final = """p.id, p.name, p.unit, p.types, p.starts_on, p.ends_on, p.note, p.tolerance_m,
    p.duplicate_m, p.state, p.version, p.by_name, p.created_at, p.updated_at, p.ended_at"""
_PLANS: Final = """
SELECT {plan}, count(*) AS tasks, count(*) FILTER (WHERE t.collector_id IS NULL) AS unassigned,
    {states}, {sums}
FROM components_censusplan p JOIN components_censustask t ON t.plan_id = p.id
WHERE {conditions} GROUP BY p.id ORDER BY p.id DESC LIMIT %s
"""
_TASK: Final = """t.id, t.plan_id, p.name AS plan_name, p.state AS plan_state, p.unit, p.ends_on,
    t.area_code, t.community_code, t.street_code, t.district_code, t.collector_id,
    w.name AS collector, t.state, t.version, t.updated_at, t.submitted_at, t.ended_at, """
_TASKS: Final = """
SELECT {task} {figures}
FROM components_censustask t JOIN components_censusplan p ON p.id = t.plan_id
LEFT JOIN administration_person w ON w.id = t.collector_id
WHERE {conditions} ORDER BY t.id LIMIT %s
"""
_UNSEEN: Final = """
SELECT count(*) FROM components_component c
WHERE c.{column} = %s AND c.retired_at IS NULL AND (%s::bigint[] IS NULL OR c.type_id = ANY(%s))
AND NOT EXISTS (SELECT FROM components_censusfinding f
    WHERE f.task_id = %s AND f.component_id = c.id)
"""
_KNOWN: Final = """
SELECT c.id, c.code, c.type_id, c.name, c.state, c.address, ST_X(c.position) AS lon,
    ST_Y(c.position) AS lat, c.attributes::text AS attributes, c.version,
    f.key, f.kind, f.decision, f.decision_reason
FROM components_component c
LEFT JOIN components_censusfinding f ON f.task_id = %s AND f.component_id = c.id
WHERE c.{column} = %s AND (c.retired_at IS NULL OR f.id IS NOT NULL)
AND (%s::bigint[] IS NULL OR c.type_id = ANY(%s)) AND c.code > %s
ORDER BY c.code LIMIT %s
"""
_EVENTS: Final = """
SELECT e.act, e.at, e.by_name AS by, e.reason, e.from_state, e.to_state
FROM components_censusevent e WHERE {test} ORDER BY e.id DESC LIMIT 200
"""
_EXTENT: Final = """
SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM (
    SELECT ST_Extent(geometry) AS b FROM territory_unitgrid
    WHERE valid_to IS NULL AND {column} = %s) e
"""


@dataclass(frozen=True, kw_only=True)
class TaskFilter:
    """Which tasks. Empty values ask for nothing.

    mine : only the actor's own
    """

    plan: int | None = None
    state: str = ""
    division: str = ""
    collector: int | None = None
    mine: bool = False


def require_any(actor: Actor) -> None:
    """Raise Forbidden without any permission of a census."""
    add_task_scope(Conditions(), actor)


def list_plans(
    *, actor: Actor, state: str = "", limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return a page of the plans of which the actor sees a task, the newest first.

    The figures count the tasks that the actor sees. Raises Forbidden, PageTokenInvalid.
    """
    conditions = Conditions()
    add_task_scope(conditions, actor)
    if state:
        conditions.add("p.state = %s", state)
    key = decode_token("census_plans", after, (int,))
    if key:
        conditions.add("p.id < %s", *key)
    rows = _plans(conditions, limit + 1)
    more = len(rows) > limit
    items = [_shown_plan(row, actor) for row in rows[:limit]]
    token = encode_token("census_plans", [items[-1]["id"]]) if more else None
    return {"items": items, "next": token}


def get_plan(*, actor: Actor, plan_id: int) -> dict[str, Any]:
    """Return a plan with its figures, report, events and extent; raise Forbidden, NotFound."""
    conditions = Conditions()
    add_task_scope(conditions, actor)
    conditions.add("p.id = %s", plan_id)
    rows = _plans(conditions, 1)
    if not rows:
        raise NotFound(what=f"普查计划 {plan_id}", what_en=f"Census plan {plan_id}")
    shown = _shown_plan(rows[0], actor)
    report = _rows("SELECT report::text AS r FROM components_censusplan WHERE id = %s", [plan_id])
    shown["report"] = json.loads(report[0]["r"]) if report[0]["r"] else None
    test = "e.plan_id = %s AND e.task_id IS NULL"
    shown["events"] = _rows(_EVENTS.format(test=test), [plan_id])
    return shown


def list_tasks(
    *, actor: Actor, wanted: TaskFilter, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return a page of the tasks that the actor sees, in order of their areas."""
    conditions = Conditions()
    add_task_scope(conditions, actor)
    _add_filter(conditions, wanted, actor)
    key = decode_token("census_tasks", after, (int,))
    if key:
        conditions.add("t.id > %s", *key)
    rows = _tasks(conditions, limit + 1)
    more = len(rows) > limit
    token = encode_token("census_tasks", [rows[limit - 1]["id"]]) if more else None
    return {"items": _shown_tasks(rows[:limit]), "next": token}


def get_task(*, actor: Actor, task_id: int) -> dict[str, Any]:
    """Return a task with its extent, events and the acts that are possible now."""
    row = seen_task(actor, task_id)
    shown = _shown_tasks([row])[0]
    column = "code" if row["unit"] == "grid" else "community_code"
    with connection.cursor() as cursor:
        cursor.execute(_EXTENT.format(column=column), [row["area_code"]])
        found = cursor.fetchone()
    shown["bounds"] = list(found) if found and found[0] is not None else None
    shown["unseen"] = count_unseen(task_id)
    shown["events"] = _rows(_EVENTS.format(test="e.task_id = %s"), [task_id])
    facts = TaskFacts(
        state=row["state"],
        is_own=actor.person_id is not None and row["collector_id"] == actor.person_id,
        unseen=shown["unseen"],
        undecided=row["undecided"],
        refused=row["refused"],
    )
    is_open = row["plan_state"] == "open"
    shown["acts"] = offered_moves("task", facts, actor.permissions) if is_open else []
    shown["is_own"] = facts.is_own
    return shown


def seen_task(actor: Actor, task_id: int) -> dict[str, Any]:
    """Return a task's row when the actor sees it; raise Forbidden, NotFound."""
    conditions = Conditions()
    add_task_scope(conditions, actor)
    conditions.add("t.id = %s", task_id)
    rows = _tasks(conditions, 1)
    if not rows:
        raise NotFound(what=f"普查任务 {task_id}", what_en=f"Census task {task_id}")
    return rows[0]


def list_known(
    *, actor: Actor, task_id: int, limit: int = 200, after: str | None = None
) -> dict[str, Any]:
    """Return a page of what is known in a task's area, each with the finding it has, by code."""
    task = seen_task(actor, task_id)
    key = decode_token("census_known", after, (str,))
    types = type_ids(_types_of(task["plan_id"]))
    statement = _KNOWN.format(column=area_column(task["unit"]))
    values = [task_id, task["area_code"], types, types, key[0] if key else "", limit + 1]
    rows = _rows(statement, values)
    kinds = types_by_id()
    items = [
        {
            **{name: row[name] for name in ("id", "code", "name", "state", "address", "version")},
            "type": kinds[row["type_id"]].label(),
            "lon": row["lon"],
            "lat": row["lat"],
            "attributes": json.loads(row["attributes"]),
            "finding": {
                "key": row["key"],
                "kind": row["kind"],
                "decision": row["decision"],
                "decision_reason": row["decision_reason"],
            }
            if row["key"]
            else None,
        }
        for row in rows[:limit]
    ]
    more = len(rows) > limit
    return {
        "items": items,
        "next": encode_token("census_known", [items[-1]["code"]]) if more else None,
    }


def count_unseen(task_id: int) -> int:
    """Return how many known components of a task's area have no finding yet."""
    rows = _rows(
        "SELECT t.area_code, p.unit, p.types FROM components_censustask t"
        " JOIN components_censusplan p ON p.id = t.plan_id WHERE t.id = %s",
        [task_id],
    )
    types = type_ids(rows[0]["types"])
    with connection.cursor() as cursor:
        cursor.execute(
            _UNSEEN.format(column=area_column(rows[0]["unit"])),
            [rows[0]["area_code"], types, types, task_id],
        )
        found: int = cursor.fetchone()[0]
    return found


def _types_of(plan_id: int) -> list[str]:
    rows = _rows("SELECT types FROM components_censusplan WHERE id = %s", [plan_id])
    found: list[str] = rows[0]["types"]
    return found


def _add_filter(conditions: Conditions, wanted: TaskFilter, actor: Actor) -> None:
    if wanted.plan is not None:
        conditions.add("t.plan_id = %s", wanted.plan)
    if wanted.state:
        conditions.add("t.state = %s", wanted.state)
    if wanted.division:
        conditions.add("t.area_code LIKE %s", f"{wanted.division}%")
    if wanted.collector is not None:
        conditions.add("t.collector_id = %s", wanted.collector)
    if wanted.mine:
        conditions.add("t.collector_id = %s AND p.state = 'open'", actor.person_id)


def _plans(conditions: Conditions, limit: int) -> list[dict[str, Any]]:
    statement = _PLANS.format(
        plan=_PLAN, states=_BY_STATE, sums=_SUMS, conditions=conditions.text()
    )
    return _rows(statement, [*conditions.values, limit])


def _tasks(conditions: Conditions, limit: int) -> list[dict[str, Any]]:
    figures = ", ".join(f"t.{name}" for name in FIGURES)
    statement = _TASKS.format(task=_TASK, figures=figures, conditions=conditions.text())
    return _rows(statement, [*conditions.values, limit])


def _shown_plan(row: dict[str, Any], actor: Actor) -> dict[str, Any]:
    facts = PlanFacts(
        state=row["state"],
        tasks=row["tasks"],
        unassigned=row["unassigned"],
        not_accepted=row["tasks"] - row["accepted_tasks"],
    )
    return {
        **{
            name: row[name]
            for name in (
                "id", "name", "unit", "types", "starts_on", "ends_on", "note", "tolerance_m",
                "duplicate_m", "state", "version", "created_at", "updated_at", "ended_at",
                "tasks", "unassigned",
            )
        },
        "by": row["by_name"],
        "by_state": {state: row[f"{state}_tasks"] for state in _STATES},
        "figures": {name: row[name] for name in FIGURES},
        "acts": offered_moves("plan", facts, actor.permissions),
    }  # fmt: skip


def _shown_tasks(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    codes = {
        row[name] for row in rows for name in ("community_code", "street_code", "district_code")
    }
    names = division_names(codes)
    return [
        {
            **{
                name: row[name]
                for name in (
                    "id", "plan_id", "plan_name", "plan_state", "unit", "ends_on", "area_code",
                    "state", "version", "updated_at", "submitted_at", "ended_at",
                )
            },
            **{
                name: names.get(row[f"{name}_code"]) or bare(row[f"{name}_code"])
                for name in ("community", "street", "district")
            },
            "collector": {"id": row["collector_id"], "name": row["collector"]}
            if row["collector_id"]
            else None,
            "figures": {name: row[name] for name in FIGURES},
        }
        for row in rows
    ]  # fmt: skip


def _rows(statement: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
