"""Replay a case's log: from its entries to the state, holder and counts that they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chengyun.cases.rules.facts import NEW, ActInput, ActorFacts, CaseFacts
from chengyun.cases.rules.workflow import Workflow
from chengyun.kernel.errors import Fault


class LogDoesNotReplay(Fault):
    """An entry of the log does not follow from those before it."""

    code = "log_does_not_replay"
    status = 409
    zh = "案卷日志第 {seq} 条与前文不符：{reason}"
    en = "Entry {seq} of the case's log does not follow from those before it: {reason}"


@dataclass(frozen=True, kw_only=True, slots=True)
class LogStep:
    """What replaying needs of a log entry; `data` as `Decision.as_data` gave it."""

    seq: int
    act: str
    from_state: str
    to_state: str
    actor_id: int | None
    data: Mapping[str, Any]


def replay(
    workflow: Workflow, steps: Iterable[LogStep], first: CaseFacts | None = None
) -> CaseFacts:
    """Return the facts to which the log leads.

    first : facts that no act changes (source, urgent); None = defaults
    raises : LogDoesNotReplay, naming the entry
    """
    case = first or CaseFacts()
    for step in steps:
        case = _after(workflow, case, step)
    return case


def _after(workflow: Workflow, case: CaseFacts, step: LogStep) -> CaseFacts:
    if step.from_state != case.state:
        raise _broken(step, f"it starts at “{step.from_state}”, the case was at “{case.state}”")
    move = workflow.find_move(step.act, case, step.data.get("result"))
    if move is None:
        raise _broken(step, f"no row “{step.act}” leads away from “{case.state or NEW}”")
    actor = ActorFacts(person_id=step.actor_id, desks=frozenset({step.data.get("desk", "")}))
    after = workflow.outcome(move, case=case, actor=actor, given=_given(step)).after
    if after.state != step.to_state:
        raise _broken(step, f"it ends at “{step.to_state}”, the table says “{after.state}”")
    return after


def _given(step: LogStep) -> ActInput:
    return ActInput(
        result=step.data.get("result"),
        standard_id=step.data.get("standard_id"),
        organisation_id=step.data.get("organisation_id"),
        assignee_id=step.data.get("assignee_id"),
        to_state=step.to_state,
    )


def _broken(step: LogStep, reason: str) -> LogDoesNotReplay:
    return LogDoesNotReplay(seq=step.seq, reason=reason)
