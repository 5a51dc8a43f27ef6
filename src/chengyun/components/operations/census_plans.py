"""Planning a census: its areas and collectors, its opening and its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection, transaction

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.components.models import CensusEvent, CensusPlan, CensusTask
from chengyun.components.operations.census_moves import task_facts, write_task_move
from chengyun.components.queries.census_report import census_report
from chengyun.components.queries.census_scope import area_column, type_ids
from chengyun.components.rules.access import require_cover
from chengyun.components.rules.census import (
    PLAN,
    PlanFacts,
    census_move,
    require_move,
)
from chengyun.components.rules.census_faults import (
    CensusAreaEmpty,
    CensusTooLarge,
    CollectorUnknown,
)
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Invalid, NotFound

MOST_TASKS: Final = 20_000
MOST_AREAS: Final = 500
_AREAS: Final = """
SELECT DISTINCT ON (g.{column}) g.{column}, g.community_code, g.street_code, g.district_code
FROM territory_unitgrid g
WHERE g.valid_to IS NULL AND g.code LIKE ANY(%s)
ORDER BY g.{column} LIMIT %s
"""
_DUTIES: Final = """
SELECT DISTINCT ON (g.{column}) g.{column}, d.person_id
FROM territory_unitgrid g
JOIN territory_gridduty d ON d.grid_code = g.code AND d.valid_to IS NULL
    AND d.duty = 'collector'
WHERE g.valid_to IS NULL AND g.{column} = ANY(%s) AND d.person_id = ANY(%s)
ORDER BY g.{column}, d.person_id
"""
# Roles carry permissions as a list; a person collects with any active grant that holds it.
_COLLECTORS: Final = """
SELECT p.id FROM administration_person p
WHERE p.is_active AND EXISTS (
    SELECT FROM administration_rolegrant r JOIN administration_role o ON o.id = r.role_id
    WHERE r.person_id = p.id AND o.active AND 'components.census.collect' = ANY(o.permissions))
"""
_COUNT_KNOWN: Final = """
UPDATE components_censustask t SET known = coalesce(n.known, 0)
FROM components_censustask u LEFT JOIN (
    SELECT c.{column} AS area, count(*) AS known FROM components_component c
    WHERE c.retired_at IS NULL AND (%s::bigint[] IS NULL OR c.type_id = ANY(%s))
    AND c.{column} IN (SELECT area_code FROM components_censustask WHERE plan_id = %s)
    GROUP BY 1) n ON n.area = u.area_code
WHERE u.plan_id = %s AND t.id = u.id
"""


@dataclass(frozen=True, kw_only=True)
class CensusPlanInput:
    """A census as it is planned.

    areas : codes of divisions of any level, or of unit grids; each below 12 digits a whole division
    types : codes, or classes by two digits; empty = every type
    collectors : ids; the tasks are dealt out by area in turn
    by_duty : each area to the collector whose responsibility grid it is, where there is one
    """

    name: str
    unit: str
    areas: Sequence[str]
    starts_on: date
    ends_on: date
    types: Sequence[str] = ()
    collectors: Sequence[int] = ()
    by_duty: bool = True
    note: str = ""
    tolerance_m: float = 2
    duplicate_m: float = 3


@transaction.atomic
def plan_census(*, actor: Actor, given: CensusPlanInput) -> int:
    """Make a plan with a task for each area, and return its id. Audited.

    raises : Forbidden, ComponentOutsideScope, Invalid, CensusAreaEmpty, CensusTooLarge,
        CollectorUnknown, ComponentTypeUnknown
    """
    actor.require(PLAN)
    _require_sound(given)
    areas = _areas(given)
    for community in {row[1] for row in areas}:
        require_cover(actor, PLAN, community_code=community, organisation_ids=())
    collectors = _dealt(given, [row[0] for row in areas])
    at = now()
    plan = CensusPlan.objects.create(
        name=given.name.strip(),
        unit=given.unit,
        types=sorted(set(given.types)),
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        note=given.note.strip(),
        tolerance_m=given.tolerance_m,
        duplicate_m=given.duplicate_m,
        by_id=actor.person_id,
        by_name=actor.name[:60],
        created_at=at,
        updated_at=at,
    )
    CensusTask.objects.bulk_create(
        CensusTask(
            plan=plan,
            area_code=area,
            community_code=community,
            street_code=street,
            district_code=district,
            collector_id=collectors.get(area),
            updated_at=at,
        )
        for area, community, street, district in areas
    )
    record_audit(actor, "census.planned", f"census:{plan.pk}", {"tasks": len(areas)})
    return plan.pk


@transaction.atomic
def assign_tasks(
    *, actor: Actor, plan_id: int, task_ids: Sequence[int], collector_id: int, reason: str = ""
) -> int:
    """Give tasks to a collector, and return how many changed hands.

    raises : Forbidden, NotFound, ComponentOutsideScope, CollectorUnknown, CensusMoveImpossible
    """
    plan = held_plan(actor, plan_id)
    if collector_id not in _known_collectors():
        raise CollectorUnknown(field="collector_id", value=collector_id)
    move = census_move("task", "assign")
    tasks = list(
        CensusTask.objects.select_for_update().filter(plan=plan, pk__in=task_ids).order_by("pk")
    )
    if len(tasks) != len(set(task_ids)):
        raise NotFound(what="普查任务", what_en="The census task")
    changed = 0
    for task in tasks:
        require_cover(actor, PLAN, community_code=task.community_code, organisation_ids=())
        if task.collector_id == collector_id:
            continue
        task.collector_id = collector_id
        write_task_move(actor, task, move, task_facts(actor, task), reason=reason)
        changed += 1
    return changed


@transaction.atomic
def move_plan(*, actor: Actor, plan_id: int, act: str, reason: str = "") -> None:
    """Open, close or cancel a plan. Audited, told, logged.

    raises : Forbidden, NotFound, CensusMoveImpossible, CensusGuardFailed, CensusReasonNeeded
    """
    plan = held_plan(actor, plan_id)
    move = census_move("plan", act)
    to_state = require_move(move, plan_facts(plan), reason=reason)
    at = now()
    if act == "open":
        _count_known(plan)
    if to_state == "closed":
        plan.report = census_report(plan_id=plan.pk)
    if to_state in {"closed", "cancelled"}:
        plan.ended_at = at
    before, plan.state = plan.state, to_state
    plan.version += 1
    plan.updated_at = at
    plan.save()
    CensusEvent.objects.create(
        plan=plan,
        act=act,
        at=at,
        by_id=actor.person_id,
        by_name=actor.name[:60],
        reason=reason.strip(),
        from_state=before,
        to_state=to_state,
    )
    record_audit(actor, move.event, f"census:{plan.pk}", {"reason": reason.strip()})
    record_event(
        at=at,
        kind=move.event,
        subject=f"census:{plan.pk}",
        actor_id=actor.person_id,
        payload={
            "plan_id": plan.pk,
            "act": act,
            "state": to_state,
            "person_ids": _collectors_of(plan),
        },
        division_code=_common_area(plan.pk),
        organisation_ids=[],
    )


def held_plan(actor: Actor, plan_id: int) -> CensusPlan:
    """Return a plan to be changed; the actor must cover every one of its areas.

    raises : Forbidden, NotFound, ComponentOutsideScope
    """
    actor.require(PLAN)
    plan = CensusPlan.objects.select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise NotFound(what=f"普查计划 {plan_id}", what_en=f"Census plan {plan_id}")
    communities = set(
        CensusTask.objects.filter(plan=plan).values_list("community_code", flat=True).distinct()
    )
    for community in sorted(communities):
        require_cover(actor, PLAN, community_code=community, organisation_ids=())
    return plan


def plan_facts(plan: CensusPlan) -> PlanFacts:
    """Return what the guards of a plan ask."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE collector_id IS NULL),"
            " count(*) FILTER (WHERE state <> 'accepted')"
            " FROM components_censustask WHERE plan_id = %s",
            [plan.pk],
        )
        tasks, unassigned, not_accepted = cursor.fetchone()
    return PlanFacts(
        state=plan.state, tasks=tasks, unassigned=unassigned, not_accepted=not_accepted
    )


def _require_sound(given: CensusPlanInput) -> None:
    if not given.name.strip():
        raise Invalid(field="name", reason_zh="请填写名称", reason_en="give it a name")
    if given.ends_on < given.starts_on:
        raise Invalid(
            field="ends_on", reason_zh="早于开始日期", reason_en="lies before the beginning"
        )
    if not given.areas or len(given.areas) > MOST_AREAS:
        raise Invalid(
            field="areas",
            reason_zh=f"请选择 1–{MOST_AREAS} 个区划或网格",
            reason_en=f"choose 1 to {MOST_AREAS} divisions or grids",
        )
    found = type_ids(given.types)
    if found == []:
        raise Invalid(field="types", reason_zh="没有这些类型", reason_en="there are no such types")


def _areas(given: CensusPlanInput) -> list[tuple[str, str, str, str]]:
    patterns = [f"{code}%" for code in sorted(set(given.areas))]
    column = "code" if given.unit == "grid" else "community_code"
    with connection.cursor() as cursor:
        cursor.execute(_AREAS.format(column=column), [patterns, MOST_TASKS + 1])
        rows: list[tuple[str, str, str, str]] = cursor.fetchall()
    if not rows:
        raise CensusAreaEmpty(field="areas", value=", ".join(given.areas)[:80])
    if len(rows) > MOST_TASKS:
        raise CensusTooLarge(field="areas", value=f"> {MOST_TASKS}", limit=MOST_TASKS)
    return rows


def _dealt(given: CensusPlanInput, areas: list[str]) -> dict[str, int]:
    known = _known_collectors()
    for one in given.collectors:
        if one not in known:
            raise CollectorUnknown(field="collectors", value=one)
    dealt: dict[str, int] = {}
    if given.collectors:
        share = -(-len(areas) // len(given.collectors))  # neighbours stay with one person
        dealt = {area: given.collectors[i // share] for i, area in enumerate(areas)}
    if given.by_duty:
        allowed = sorted(set(given.collectors) & known if given.collectors else known)
        column = "code" if given.unit == "grid" else "community_code"
        with connection.cursor() as cursor:
            cursor.execute(_DUTIES.format(column=column), [areas, allowed])
            dealt |= dict(cursor.fetchall())
    return dealt


def _known_collectors() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(_COLLECTORS)
        return {row[0] for row in cursor.fetchall()}


def _count_known(plan: CensusPlan) -> None:
    types = type_ids(plan.types)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT_KNOWN.format(column=area_column(plan.unit)), [types, types, plan.pk, plan.pk]
        )


def _collectors_of(plan: CensusPlan) -> list[int]:
    rows = CensusTask.objects.filter(plan=plan, collector__isnull=False)
    return sorted(set(rows.values_list("collector_id", flat=True)))


def _common_area(plan_id: int) -> str:
    """Return the digits with which the areas of all tasks begin: who covers them may hear."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(community_code), max(community_code) FROM components_censustask"
            " WHERE plan_id = %s",
            [plan_id],
        )
        least, most = cursor.fetchone()
    alike: list[str] = []
    for one, other in zip(least or "", most or "", strict=False):
        if one != other:
            break
        alike.append(one)
    return "".join(alike)
