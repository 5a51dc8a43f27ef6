"""Accepting what a census found: each difference becomes a version of a component, or goes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely
from django.db import transaction

from chengyun.administration.rules.actor import Actor
from chengyun.components.models import CensusFinding, CensusTask
from chengyun.components.operations.census_moves import (
    held_task,
    recount,
    task_facts,
    write_task_move,
)
from chengyun.components.operations.change import (
    change_component,
    move_component,
    retire_component,
)
from chengyun.components.operations.photos import give_photos
from chengyun.components.operations.register import ComponentInput, register_component
from chengyun.components.rules.census import ACCEPT, census_move, require_move
from chengyun.components.rules.census_faults import CensusMoveImpossible, CensusReasonNeeded
from chengyun.components.rules.faults import NothingChanged
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Fault, NotFound, SeveralFaults

_SURVEYED = "surveyed"
_DAYS = ("initial_on",)


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionOutcome:
    """What became of one decision."""

    finding_id: int
    component_id: int | None = None
    fault: Fault | None = None


def decide_findings(
    *,
    actor: Actor,
    task_id: int,
    accept: bool,
    finding_ids: Sequence[int] | None = None,
    reason: str = "",
) -> list[DecisionOutcome]:
    """Accept or refuse findings of a task that was handed in; with the last the task is accepted.

    finding_ids : None = every undecided one
    reason : needed for refusing; the collector reads it
    raises : Forbidden, NotFound, CensusMoveImpossible, CensusGuardFailed, CensusReasonNeeded
    """
    if not accept and not reason.strip():
        raise CensusReasonNeeded(field="reason")
    with transaction.atomic():
        task = held_task(actor, task_id, ACCEPT)
        _require_reviewable(actor, task)
        findings = _wanted(task, finding_ids)
        if accept:
            outcomes = [_accepted(actor, task, one) for one in findings]
        else:
            outcomes = [_decided(actor, one, "refused", reason) for one in findings]
        recount(task)
        if task.undecided == 0 and task.refused == 0:
            write_task_move(actor, task, census_move("task", "accept"), task_facts(actor, task))
    return outcomes


def return_task(*, actor: Actor, task_id: int, reason: str) -> None:
    """Send a task back to its collector; what was accepted stays, the rest is collected again.

    raises : Forbidden, NotFound, CensusMoveImpossible, CensusGuardFailed, CensusReasonNeeded
    """
    with transaction.atomic():
        task = held_task(actor, task_id, ACCEPT)
        facts = task_facts(actor, task)
        write_task_move(actor, task, census_move("task", "return"), facts, reason=reason)


def accept_task(*, actor: Actor, task_id: int) -> None:
    """Accept a task in which nothing is left to decide, such as one without components.

    raises : Forbidden, NotFound, CensusMoveImpossible, CensusGuardFailed
    """
    with transaction.atomic():
        task = held_task(actor, task_id, ACCEPT)
        write_task_move(actor, task, census_move("task", "accept"), task_facts(actor, task))


def _require_reviewable(actor: Actor, task: CensusTask) -> None:
    if task.state != "submitted":
        raise CensusMoveImpossible(act_zh="验收", act_en="accept", state=task.state)
    # Who may return it may decide on it: the same guard, and it asks for no figures.
    require_move(census_move("task", "return"), task_facts(actor, task), reason="-")


def _wanted(task: CensusTask, finding_ids: Sequence[int] | None) -> list[CensusFinding]:
    findings = CensusFinding.objects.filter(task=task).exclude(decision="accepted").order_by("pk")
    if finding_ids is None:
        return list(findings.filter(decision=""))
    found = list(findings.filter(pk__in=finding_ids))
    if len(found) != len(set(finding_ids)):
        raise NotFound(what="待审核的采集结果", what_en="A finding to decide on")
    return found


def _accepted(actor: Actor, task: CensusTask, finding: CensusFinding) -> DecisionOutcome:
    try:
        with transaction.atomic():
            component_id = _written(actor, task, finding)
            finding.made_id = component_id if finding.kind == "new" else None
            give_photos(finding, component_id)
            return _decided(actor, finding, "accepted", "")
    except (Fault, SeveralFaults) as fault:
        return DecisionOutcome(finding_id=finding.pk, fault=fault)


def _decided(actor: Actor, finding: CensusFinding, decision: str, reason: str) -> DecisionOutcome:
    finding.decision = decision
    finding.decision_reason = reason.strip()
    finding.decided_at = now()
    finding.decided_by_id = actor.person_id
    finding.decided_by_name = actor.name[:60]
    finding.save()
    return DecisionOutcome(
        finding_id=finding.pk, component_id=finding.made_id or finding.component_id
    )


def _written(actor: Actor, task: CensusTask, finding: CensusFinding) -> int:
    """Write what was found into the component, and return its id."""
    reason = f"普查 {task.plan.name}"[:300]
    at = now()
    if finding.kind == "new":
        return _registered(actor, finding, reason, at)
    component_id = finding.component_id
    if component_id is None:
        raise NotFound(what="部件", what_en="The component")
    if finding.kind == "gone":
        retire_component(
            actor=actor,
            component_id=component_id,
            reason=reason,
            state=finding.values.get("state", "removed"),
            at=at,
            permission=ACCEPT,
        )
    elif finding.kind == "changed":
        _change(actor, finding, component_id, reason, at)
    return component_id


def _change(
    actor: Actor, finding: CensusFinding, component_id: int, reason: str, at: datetime
) -> None:
    if finding.position is not None:
        move_component(
            actor=actor,
            component_id=component_id,
            geometry=_geometry(finding),
            reason=reason,
            at=at,
            permission=ACCEPT,
        )
    try:
        change_component(
            actor=actor,
            component_id=component_id,
            values={**_values(finding), "source": _SURVEYED},
            reason=reason,
            at=at,
            act=_SURVEYED,
            permission=ACCEPT,
        )
    except NothingChanged:
        return


def _registered(actor: Actor, finding: CensusFinding, reason: str, at: datetime) -> int:
    given = ComponentInput(
        type_code=finding.type_code,
        geometry=_geometry(finding),
        source=_SURVEYED,
        **_values(finding),
    )
    return register_component(actor=actor, given=given, at=at, reason=reason, permission=ACCEPT)


def _geometry(finding: CensusFinding) -> Any:
    found: Any = finding.shape or finding.position
    return shapely.from_wkt(found.wkt)


def _values(finding: CensusFinding) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value) if name in _DAYS and value else value
        for name, value in finding.values.items()
    }
