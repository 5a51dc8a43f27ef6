"""Moves of census tasks: by the table, locked, logged, told; and the figures of a task."""

from __future__ import annotations

from typing import Final

from django.db import connection

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.components.models import CensusEvent, CensusTask
from chengyun.components.queries.census import count_unseen
from chengyun.components.rules.access import covers
from chengyun.components.rules.census import (
    ACCEPT,
    COLLECT,
    PLAN,
    CensusMove,
    TaskFacts,
    require_move,
)
from chengyun.components.rules.census_faults import CensusMoveImpossible
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Forbidden, NotFound

_RECOUNT: Final = """
UPDATE components_censustask t SET confirmed = n.confirmed, changed = n.changed, gone = n.gone,
    fresh = n.fresh, undecided = n.undecided, accepted = n.accepted, refused = n.refused,
    updated_at = %s
FROM (SELECT count(*) FILTER (WHERE kind = 'confirmed') AS confirmed,
        count(*) FILTER (WHERE kind = 'changed') AS changed,
        count(*) FILTER (WHERE kind = 'gone') AS gone,
        count(*) FILTER (WHERE kind = 'new') AS fresh,
        count(*) FILTER (WHERE decision = '') AS undecided,
        count(*) FILTER (WHERE decision = 'accepted') AS accepted,
        count(*) FILTER (WHERE decision = 'refused') AS refused
      FROM components_censusfinding WHERE task_id = %s) n
WHERE t.id = %s
"""


def held_task(actor: Actor, task_id: int, permission: str) -> CensusTask:
    """Return a task, locked, that the actor may act on with a permission, in an open plan.

    raises : Forbidden, NotFound, CensusMoveImpossible when the plan is not open
    """
    actor.require(permission)
    task = (
        CensusTask.objects.select_for_update(of=("self",))
        .select_related("plan")
        .filter(pk=task_id)
        .first()
    )
    if task is None or not _sees(actor, task):
        raise NotFound(what=f"普查任务 {task_id}", what_en=f"Census task {task_id}")
    if permission != COLLECT and not _covered(actor, task, permission):
        raise Forbidden(permission=permission)
    if task.plan.state != "open":
        raise CensusMoveImpossible(act_zh="办理", act_en="act", state=task.plan.state)
    return task


def task_facts(actor: Actor, task: CensusTask) -> TaskFacts:
    """Return what the guards of a task ask."""
    return TaskFacts(
        state=task.state,
        is_own=actor.person_id is not None and task.collector_id == actor.person_id,
        unseen=count_unseen(task.pk),
        undecided=task.undecided,
        refused=task.refused,
    )


def write_task_move(
    actor: Actor, task: CensusTask, move: CensusMove, facts: TaskFacts, *, reason: str = ""
) -> None:
    """Move a task by the table, in the caller's transaction; the task is locked.

    raises : CensusMoveImpossible, CensusGuardFailed, CensusReasonNeeded
    """
    to_state = require_move(move, facts, reason=reason)
    at = now()
    before, task.state = task.state, to_state
    task.version += 1
    task.updated_at = at
    if move.act == "submit":
        task.submitted_at = at
    if to_state == "accepted":
        task.ended_at = at
    task.save(
        update_fields=[
            "state", "version", "updated_at", "submitted_at", "ended_at", "collector_id",
        ]
    )  # fmt: skip
    CensusEvent.objects.create(
        plan_id=task.plan_id,
        task=task,
        act=move.act,
        at=at,
        by_id=actor.person_id,
        by_name=actor.name[:60],
        reason=reason.strip(),
        from_state=before,
        to_state=to_state,
    )
    record_audit(actor, move.event, f"census_task:{task.pk}", {"reason": reason.strip()})
    record_event(
        at=at,
        kind=move.event,
        subject=f"census_task:{task.pk}",
        actor_id=actor.person_id,
        payload={
            "plan_id": task.plan_id,
            "task_id": task.pk,
            "act": move.act,
            "state": to_state,
            "person_ids": [task.collector_id] if task.collector_id else [],
        },
        division_code=task.community_code,
        organisation_ids=[],
    )


def recount(task: CensusTask) -> None:
    """Write the figures of a task from its findings, and read them back."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, [now(), task.pk, task.pk])
    task.refresh_from_db(
        fields=["confirmed", "changed", "gone", "fresh", "undecided", "accepted", "refused"]
    )


def _sees(actor: Actor, task: CensusTask) -> bool:
    if actor.can(COLLECT) and actor.person_id is not None and task.collector_id == actor.person_id:
        return True
    return any(_covered(actor, task, one) for one in (PLAN, ACCEPT) if actor.can(one))


def _covered(actor: Actor, task: CensusTask, permission: str) -> bool:
    grants = actor.scope_for(permission)
    return covers(grants, community_code=task.community_code, organisation_ids=())
