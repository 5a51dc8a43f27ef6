"""The workflow: which acts are possible on a case, and what each does to it.

The table (`cases/data/workflow.csv`) is the one place where states, roles, guards, needs, clock
effects and events stand; this module reads it as rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from chengyun.cases.rules import faults
from chengyun.cases.rules.facts import (
    NOBODY,
    ActInput,
    ActorFacts,
    CaseFacts,
    ClockEffect,
    Decision,
    Holder,
)
from chengyun.cases.rules.guards import Guard, Question, guard_named
from chengyun.cases.rules.table import ANY, PHASES, Move, Needs, State, Table, shipped_table
from chengyun.cases.rules.validation import validate
from chengyun.kernel.errors import Fault, SeveralFaults

INPUT_NAMES = {
    "opinion": ("意见", "An opinion"),
    "reason": ("原因", "A reason"),
    "standard": ("立案条件", "A filing condition"),
    "condition": ("结案条件", "A closing condition"),
    "organisation": ("责任部门", "A responsible department"),
    "assignee": ("接收人", "An assignee"),
    "result": ("结果", "A result"),
}
FIELDS = {"standard": "standard_id", "organisation": "organisation_id", "assignee": "assignee_id"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """An act that an actor sees on a case; `fault` says why it is not possible just now.

    results : wording of the true and the false answer, where the act asks for one
    """

    act: str
    zh: str
    en: str
    primary: bool
    danger: bool
    key: str
    needs: Needs
    results: tuple[tuple[bool, str, str], ...]
    opinion_zh: str
    opinion_en: str
    fault: Fault | None

    @property
    def enabled(self) -> bool:
        """Whether the act is possible now."""
        return self.fault is None


class Workflow:
    """The rules of a validated table."""

    def __init__(self, table: Table) -> None:
        """Check and index the table.

        raises : WorkflowInvalid
        """
        validate(table)
        self.table = table
        self.acts: dict[str, tuple[Move, ...]] = {}
        for move in table.moves:
            self.acts[move.act] = (*self.acts.get(move.act, ()), move)
        self._guards: dict[int, tuple[Guard, ...]] = {
            move.row: tuple(found for name in move.guards if (found := guard_named(name)))
            for move in table.moves
        }

    def state(self, code: str) -> State:
        """Return a state of the table."""
        return self.table.states[code]

    def label(self, act: str, *, result: bool | None = None) -> tuple[str, str]:
        """Return the Chinese and English name of an act with its result; its code if unknown."""
        moves = self.acts.get(act)
        if not moves:
            return act, act
        named = next((move for move in moves if result is not None and move.result is result), None)
        if named is None:
            return moves[0].zh, moves[0].en
        return f"{named.zh}：{named.result_zh}", f"{named.en}: {named.result_en}"

    def offers(self, case: CaseFacts, actor: ActorFacts, at: datetime) -> list[Offer]:
        """Return the acts that the actor's desks may do in the case's state, in table order.

        An act that a guard forbids just now is listed with the fault that says why.
        """
        found: dict[str, Offer] = {}
        for move in self.table.moves:
            if not move.enabled or move.act in found or not self._fits(move, case):
                continue
            if actor.desks.isdisjoint(move.desks):
                continue
            question = Question(case=case, actor=actor, given=ActInput(), at=at)
            found[move.act] = self._offer(
                move, case.state, self._forbidden(move, question, on_input=False)
            )
        return list(found.values())

    def decide(
        self, act: str, *, case: CaseFacts, actor: ActorFacts, given: ActInput, at: datetime
    ) -> Decision:
        """Return what the act does to the case.

        at : the instant of the act, aware
        raises : the faults of `rules.faults`; several missing inputs come as SeveralFaults
        """
        move = self._move_for(act, case, actor, given)
        question = Question(case=case, actor=actor, given=given, at=at)
        forbidden = self._forbidden(move, question, on_input=False)
        if forbidden:
            raise forbidden
        missing = [*_missing(move, given)]
        if not missing:
            wrong = self._forbidden(move, question, on_input=True)
            missing = [wrong] if wrong else []
        if missing:
            raise missing[0] if len(missing) == 1 else SeveralFaults(missing)
        return self.outcome(move, case=case, actor=actor, given=given)

    def outcome(
        self, move: Move, *, case: CaseFacts, actor: ActorFacts, given: ActInput
    ) -> Decision:
        """Return what a row does to a case, without asking whether it may."""
        to_state = self._to_state(move, case, given)
        ended = self.table.states[to_state].terminal
        after = replace(
            _changed(case, move, given),
            state=to_state,
            pending=case.pending if move.leaves_pending == ANY else move.leaves_pending,
        )
        after = replace(after, holder=NOBODY if ended else self._holder(move, after, actor, given))
        zh, en = self.label(move.act, result=move.result)
        return Decision(
            act=move.act,
            zh=zh,
            en=en,
            desk=next((desk for desk in move.desks if desk in actor.desks), ""),
            before=case,
            after=after,
            effects=tuple(self._effects(move, case.state, to_state)),
            task=move.task,
            event=move.event,
            phase=move.needs.phase,
            given=given,
            ended=ended,
        )

    def find_move(self, act: str, case: CaseFacts, result: bool | None) -> Move | None:
        """Return the row of an act that fits the case and the result, None where there is none."""
        fitting = [move for move in self.acts.get(act, ()) if self._fits(move, case)]
        return next((move for move in fitting if move.result in {None, result}), None)

    def _move_for(self, act: str, case: CaseFacts, actor: ActorFacts, given: ActInput) -> Move:
        moves = self.acts.get(act)
        if not moves:
            raise faults.UnknownAct(field="act", act=act)
        first = moves[0]
        if not first.enabled:
            raise faults.ActSwitchedOff(field="act", act_zh=first.zh, act_en=first.en)
        if all(actor.desks.isdisjoint(move.desks) for move in moves):
            raise self._wrong_desk(moves)
        fitting = [move for move in moves if self._fits(move, case)]
        if not fitting:
            raise self._not_possible(moves, case)
        mine = [move for move in fitting if not actor.desks.isdisjoint(move.desks)]
        if not mine:
            raise self._wrong_desk(tuple(fitting))
        chosen = next((move for move in mine if move.result in {None, given.result}), None)
        if chosen is None:
            raise _input_missing("result")
        return chosen

    def _fits(self, move: Move, case: CaseFacts) -> bool:
        return case.state in move.from_states and move.needs_pending in {ANY, case.pending}

    def _forbidden(self, move: Move, question: Question, *, on_input: bool) -> Fault | None:
        for guard in self._guards[move.row]:
            fault = guard.test(question) if guard.on_input is on_input else None
            if fault:
                return fault
        return None

    def _wrong_desk(self, moves: tuple[Move, ...]) -> Fault:
        desks = [
            self.table.desks[desk]
            for desk in dict.fromkeys(d for move in moves for d in move.desks)
        ]
        return faults.WrongDesk(
            act_zh=moves[0].zh,
            act_en=moves[0].en,
            desks_zh="、".join(desk.zh for desk in desks),
            desks_en=", ".join(desk.en.lower() for desk in desks),
        )

    def _not_possible(self, moves: tuple[Move, ...], case: CaseFacts) -> Fault:
        first = moves[0]
        words = {"act_zh": first.zh, "act_en": first.en}
        in_state = [move for move in moves if case.state in move.from_states]
        if in_state and case.pending:
            return faults.DecisionPending(**words)
        if in_state:
            return faults.NothingPending(**words)
        state = self.table.states.get(case.state)
        return faults.ActNotPossible(
            **words, state_zh=state.zh if state else "新建", state_en=state.en if state else "new"
        )

    def _offer(self, move: Move, state: str, fault: Fault | None) -> Offer:
        variants = [other for other in self.acts[move.act] if other.result is not None]
        results = {bool(other.result): (other.result_zh, other.result_en) for other in variants}
        return Offer(
            act=move.act,
            zh=move.zh,
            en=move.en,
            primary=state in move.primary,
            danger=move.danger,
            key=move.key,
            needs=move.needs,
            results=tuple((value, zh, en) for value, (zh, en) in results.items()),
            opinion_zh=move.opinion_zh,
            opinion_en=move.opinion_en,
            fault=fault,
        )

    def _to_state(self, move: Move, case: CaseFacts, given: ActInput) -> str:
        if move.to_state == "same":
            return case.state
        if move.to_state != "given":
            return move.to_state
        if given.to_state not in self.table.states:
            raise _input_missing("result", field="to_state")
        return given.to_state

    def _effects(self, move: Move, from_state: str, to_state: str) -> Iterator[ClockEffect]:
        ended = self.table.states[to_state].terminal
        for effect in move.clock:
            stage = effect.stage
            if stage == "state":
                state = to_state if effect.op == "start" else from_state
                stage = self.table.states[state].stage
            if stage and not (ended and effect.op == "start"):
                yield ClockEffect(effect.op, stage)

    def _holder(self, move: Move, after: CaseFacts, actor: ActorFacts, given: ActInput) -> Holder:
        rule = move.holder_after
        if rule == "same":
            return after.holder
        if rule == "actor":
            desk = next((desk for desk in move.desks if desk in actor.desks), move.desks[0])
            return Holder(desk=desk, person_id=actor.person_id)
        if rule == "state":
            state = self.table.states[after.state]
            rule = f"{state.desk}/{state.holder}"
        desk, _, who = rule.partition("/")
        return Holder(
            desk=desk,
            organisation_id=after.responsible_organisation_id if desk == "department" else None,
            person_id=(given.assignee_id or actor.person_id) if who == "assignee" else None,
        )


def _missing(move: Move, given: ActInput) -> Iterator[Fault]:
    values = {
        "opinion": given.opinion.strip(),
        "reason": given.reason.strip(),
        "condition": given.condition.strip(),
        "standard": given.standard_id,
        "organisation": given.organisation_id,
        "assignee": given.assignee_id,
    }
    for name, value in values.items():
        if name in move.needs.required and not value:
            yield _input_missing(name, move)
    for phase, count in move.needs.photos.items():
        if given.photos.get(phase, 0) < count:
            zh, en = PHASES[phase]
            yield faults.PhotosMissing(field="attachments", count=count, phase_zh=zh, phase_en=en)


def _input_missing(name: str, move: Move | None = None, *, field: str = "") -> Fault:
    zh, en = INPUT_NAMES[name]
    if move and name == "opinion" and move.opinion_zh:
        zh, en = move.opinion_zh, f"“{move.opinion_en}”"
    return faults.InputMissing(field=field or FIELDS.get(name, name), name_zh=zh, name_en=en)


def _changed(case: CaseFacts, move: Move, given: ActInput) -> CaseFacts:
    """Return the facts with what the row's `sets` column says."""
    for name, value in move.sets:
        if name == "verified":
            case = replace(case, verified=move.result if value == "result" else None)
        elif name == "responsible":
            case = replace(case, responsible_organisation_id=given.organisation_id)
        elif name == "standard":
            case = replace(case, standard_id=given.standard_id)
        else:
            case = _counted(case, name, int(value))
    return case


def _counted(case: CaseFacts, name: str, by: int) -> CaseFacts:
    match name:
        case "rework":
            return replace(case, rework_count=case.rework_count + by)
        case "return":
            return replace(case, return_count=case.return_count + by)
        case "extension":
            return replace(case, extension_count=case.extension_count + by)
        case "appeal":
            return replace(case, appeal_count=case.appeal_count + by)
        case _:
            return replace(case, supervisions=max(0, case.supervisions + by))


@cache
def workflow() -> Workflow:
    """Return the shipped workflow, validated once.

    raises : WorkflowInvalid
    """
    return Workflow(shipped_table())
