"""The census of components: which moves plans and tasks make, and how a finding differs.

The table (`components/data/census_moves.csv`) is the one place where states, permissions, guards
and events of plans and tasks stand; this module reads it as rules.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from chengyun.components.rules.census_faults import (
    CensusGuardFailed,
    CensusMoveImpossible,
    CensusReasonNeeded,
)

PLAN: Final = "components.census.plan"
COLLECT: Final = "components.census.collect"
ACCEPT: Final = "components.census.accept"
PLAN_STATES: Final = ("draft", "open", "closed", "cancelled")
TASK_STATES: Final = ("assigned", "collecting", "submitted", "returned", "accepted")
SAME: Final = "same"
KINDS: Final = ("confirmed", "changed", "gone", "new")


@dataclass(frozen=True, kw_only=True, slots=True)
class CensusMove:
    """One row of the table: an act that leads a plan or a task from some states to another."""

    thing: str
    act: str
    zh: str
    en: str
    from_states: tuple[str, ...]
    to_state: str
    permission: str
    guards: tuple[str, ...]
    needs_reason: bool
    event: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanFacts:
    """What the guards of a plan ask."""

    state: str
    tasks: int = 0
    unassigned: int = 0
    not_accepted: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskFacts:
    """What the guards of a task ask.

    unseen : known components without a finding
    undecided, refused : findings
    """

    state: str
    is_own: bool
    unseen: int = 0
    undecided: int = 0
    refused: int = 0


_Facts = PlanFacts | TaskFacts
_GUARDS: Final[dict[str, tuple[Callable[[Any], bool], str, str]]] = {
    "has_tasks": (lambda plan: plan.tasks > 0, "先选择普查范围", "choose the areas first"),
    "all_assigned": (
        lambda plan: plan.unassigned == 0,
        "还有任务未指派采集员",
        "tasks have no collector yet",
    ),
    "all_accepted": (
        lambda plan: plan.not_accepted == 0,
        "还有任务未验收；可写明原因提前结束",
        "tasks are not accepted yet; close early with a reason",
    ),
    "is_own": (lambda task: task.is_own, "只有任务的采集员可以办理", "only its collector may"),
    "not_own": (
        lambda task: not task.is_own,
        "不能验收自己采集的成果",
        "nobody accepts what he collected himself",
    ),
    "all_seen": (
        lambda task: task.unseen == 0,
        "还有部件未核对",
        "known components have not been looked at yet",
    ),
    "none_refused": (
        lambda task: task.refused == 0,
        "有被退回的采集结果，需重新采集",
        "refused findings are to be collected again",
    ),
    "all_decided": (
        lambda task: task.undecided == 0,
        "还有差异未审核",
        "differences are undecided",
    ),
}


@cache
def census_moves() -> tuple[CensusMove, ...]:
    """Return the table of moves."""
    source = resources.files("chengyun.components").joinpath("data", "census_moves.csv")
    rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    return tuple(
        CensusMove(
            thing=row["thing"],
            act=row["act"],
            zh=row["zh"],
            en=row["en"],
            from_states=tuple(row["from"].split("|")),
            to_state=row["to"],
            permission=row["permission"],
            guards=tuple(name for name in row["guards"].split("|") if name),
            needs_reason=row["needs_reason"] == "yes",
            event=row["event"],
        )
        for row in rows
    )


def census_move(thing: str, act: str) -> CensusMove:
    """Return a move by its act; raise CensusMoveImpossible for one that is not in the table."""
    for move in census_moves():
        if (move.thing, move.act) == (thing, act):
            return move
    raise CensusMoveImpossible(field="act", act_zh=act, act_en=act, state="")


def require_move(move: CensusMove, facts: _Facts, *, reason: str = "") -> str:
    """Return the state that a move leads to.

    raises : CensusMoveImpossible, CensusReasonNeeded, CensusGuardFailed
    """
    if facts.state not in move.from_states:
        raise CensusMoveImpossible(act_zh=move.zh, act_en=move.en, state=facts.state)
    if move.needs_reason and not reason.strip():
        raise CensusReasonNeeded(field="reason")
    for name in move.guards:
        holds, zh, en = _GUARDS[name]
        if not holds(facts):
            raise CensusGuardFailed(
                guard=name, act_zh=move.zh, act_en=move.en, why_zh=zh, why_en=en
            )
    return facts.state if move.to_state == SAME else move.to_state


def offered_moves(thing: str, facts: _Facts, permissions: frozenset[str]) -> list[str]:
    """Return the acts that are possible now for who holds the permissions."""
    return [
        move.act
        for move in census_moves()
        if move.thing == thing
        and move.permission in permissions
        and facts.state in move.from_states
        and all(_GUARDS[name][0](facts) for name in move.guards)
    ]


def field_changes(known: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return field → [known, found] of what differs; attributes are told one by one.

    found : only the fields that the collector told
    """
    changes: dict[str, list[Any]] = {}
    for name, value in found.items():
        if name == "attributes":
            changes |= _attribute_changes(known.get("attributes") or {}, value)
        elif known.get(name) != value:
            changes[name] = [known.get(name), value]
    return changes


def _attribute_changes(known: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        f"attributes.{key}": [known.get(key), found.get(key)]
        for key in sorted(set(known) | set(found))
        if known.get(key) != found.get(key)
    }
