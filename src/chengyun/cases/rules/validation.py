"""Prove at start that the workflow table is whole; each problem names its row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product

from chengyun.cases.rules.facts import NEW, ClockEffect
from chengyun.cases.rules.faults import WorkflowInvalid
from chengyun.cases.rules.guards import guard_names
from chengyun.cases.rules.table import (
    ANY,
    AXES,
    CLOCK_OPS,
    PHASES,
    TASK_KINDS,
    TASK_OPS,
    WHOS,
    Move,
    Table,
)

SETTABLE = {
    "verified": {"result", "clear"},
    "responsible": {"given"},
    "standard": {"given"},
    "rework": {"+1"},
    "return": {"+1"},
    "extension": {"+1"},
    "appeal": {"+1"},
    "supervision": {"+1", "-1"},
}
SPECIAL_STATES = {"same", "given"}
SPECIAL_HOLDERS = {"state", "same", "none", "actor"}


def validate(table: Table) -> None:
    """Check the table.

    raises : WorkflowInvalid with every problem found
    """
    problems = [*_names(table)]
    if not problems:
        for moves in (table.moves, tuple(move for move in table.moves if move.enabled)):
            problems += _graph(table, moves)
        problems += _rows(table)
    if problems:
        raise WorkflowInvalid(list(dict.fromkeys(problems)))


def _names(table: Table) -> Iterator[str]:
    """Everything that a row names exists."""
    for code, state in table.states.items():
        if state.stage and state.stage not in table.stages:
            yield f"state {code}: stage “{state.stage}” is not in stages.csv"
        if state.step not in table.steps:
            yield f"state {code}: step “{state.step}” is not in steps.csv"
        if state.terminal == bool(state.desk):
            yield f"state {code}: an ended state has no desk, every other has one"
        if state.desk and state.desk not in table.desks:
            yield f"state {code}: desk “{state.desk}” is not in desks.csv"
    for move in table.moves:
        for text in _names_of(table, move):
            yield f"{move.name}: {text}"


def _names_of(table: Table, move: Move) -> Iterator[str]:
    states = set(table.states)
    yield from _unknown("state", move.from_states, states | {NEW})
    yield from _unknown("state", [move.to_state], states | SPECIAL_STATES)
    yield from _unknown("primary state", move.primary, move.from_states)
    yield from _unknown("desk", move.desks, table.desks)
    yield from _unknown("axis", [move.axis], AXES)
    yield from _unknown("guard", move.guards, guard_names())
    yield from _unknown("phase", move.needs.photos, PHASES)
    yield from _unknown("clock op", [effect.op for effect in move.clock], CLOCK_OPS)
    stages = [effect.stage for effect in move.clock]
    yield from _unknown("clock stage", stages, {*table.stages, "state", ANY})
    if move.needs.reasons:
        yield from _unknown("reason list", [move.needs.reasons], table.reasons)
    if move.task:
        yield from _unknown("task", [move.task.op, move.task.kind], TASK_OPS | TASK_KINDS)
    for name, value in move.sets:
        yield from _unknown(f"value of “{name}”", [value], SETTABLE.get(name, set()))
    if move.holder_after not in SPECIAL_HOLDERS:
        desk, _, who = move.holder_after.partition("/")
        yield from _unknown("desk", [desk], table.desks)
        yield from _unknown("holder", [who or "desk"], WHOS)
    if not move.from_states or not move.desks:
        yield "names no state to start from, or no desk"
    if not move.event.startswith("case."):
        yield f"event “{move.event}” does not begin with “case.”"


def _unknown(what: str, used: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    known = set(known)
    yield from (f"{what} “{name}” is not known" for name in used if name not in known)


def _rows(table: Table) -> Iterator[str]:
    applications = {
        move.leaves_pending: move for move in table.moves if move.leaves_pending not in {"", ANY}
    }
    for move in table.moves:
        for text in (
            *_axis(table, move),
            *_holder(table, move),
            *_clock(table, move, applications),
            *_decider(table, move, applications),
        ):
            yield f"{move.name}: {text}"
    yield from _ambiguous(table)
    yield from _screen(table)


def _axis(table: Table, move: Move) -> Iterator[str]:
    """The side that judges is not the side that does the work."""
    if move.axis != "any":
        for desk in move.desks:
            if table.desks[desk].axis not in {move.axis, "none"}:
                yield f"desk “{desk}” is not on the {move.axis} axis"
    if move.to_state == "dispatched" and move.axis != "command":
        yield "only the command axis dispatches"
    if move.to_state in {"closed", "forced_close"} and move.axis not in {"supervision", "any"}:
        yield "only the supervision axis closes"


def _holder(table: Table, move: Move) -> Iterator[str]:
    """Exactly one holder in an open state, none in an ended one."""
    if move.to_state == "given":
        return
    for start in move.from_states:
        end = table.states.get(start if move.to_state == "same" else move.to_state)
        if end is None:
            yield "a new case cannot stay in the same state"
            continue
        desk = _desk_after(table, move, start, end.code)
        if end.terminal and desk:
            yield f"leaves the holder “{desk}” on the ended state {end.code}"
        if not end.terminal and not desk:
            yield f"leaves the open state {end.code} without a holder"
        if not end.terminal and move.leaves_pending == "" and desk not in {end.desk, ANY}:
            yield f"the state {end.code} belongs to the desk “{end.desk}”, not to “{desk}”"
    yield from _given_holder(table, move)


def _desk_after(table: Table, move: Move, start: str, end: str) -> str:
    if move.holder_after == "state":
        return table.states[end].desk
    if move.holder_after == "none":
        return ""
    if move.holder_after == "actor":
        return ANY
    if move.holder_after == "same":
        return table.states[start].desk
    return move.holder_after.partition("/")[0]


def _given_holder(table: Table, move: Move) -> Iterator[str]:
    """A collector who holds a case must be named by the act that sends it."""
    who = move.holder_after.partition("/")[2]
    if who == "assignee" and "assignee" not in move.needs.accepted:
        yield "sends the case to an assignee but does not ask for one"
    end = table.states.get(move.to_state)
    if end and end.holder == "person" and who != "assignee" and move.holder_after != "actor":
        yield f"the state {end.code} is held by a person, whom the act does not name"


def _running(table: Table, state: str, pending: str, applications: dict[str, Move]) -> str:
    """Return the stage whose clock runs in a state, while `pending` waits."""
    stage = table.states[state].stage if state in table.states else ""
    application = applications.get(pending)
    if application is None:
        return stage
    before = application.needs_pending
    return _after(table, application, state, _running(table, state, before, applications))[0]


def _after(table: Table, move: Move, start: str, running: str) -> tuple[str, list[str]]:
    """Return the stage that runs after the move's effects, and what is wrong with them."""
    texts: list[str] = []
    for effect in move.clock:
        stage = _resolved(table, move, effect, start)
        if stage == "whole" or effect.op in {"extend", "exempt"}:
            continue
        if stage == ANY:
            running = "" if effect.op in {"finish", "pause"} else "?"
        elif effect.op in {"finish", "pause"}:
            if stage != running:
                texts.append(f"{effect} from {start or 'new'}, where “{running}” runs")
            running = ""
        elif effect.op == "cancel":
            running = "" if stage == running else running
        elif running:
            texts.append(f"{effect} from {start or 'new'} while “{running}” still runs")
        else:
            running = stage
    return running, texts


def _resolved(table: Table, move: Move, effect: ClockEffect, start: str) -> str:
    if effect.stage != "state":
        return effect.stage
    state = move.to_state if effect.op == "start" else start
    return table.states[state].stage if state in table.states else ""


def _clock(table: Table, move: Move, applications: dict[str, Move]) -> Iterator[str]:
    """After each move exactly the clock of the new state runs."""
    if ANY in {move.needs_pending, move.leaves_pending} or move.to_state == "given":
        return
    for start in sorted(move.from_states):
        end = start if move.to_state == "same" else move.to_state
        before = _running(table, start, move.needs_pending, applications)
        after, texts = _after(table, move, start, before)
        yield from texts
        wanted = _running(table, end, move.leaves_pending, applications)
        if after not in {wanted, "?"}:
            yield f"from {start or 'new'} leaves “{after}” running, not “{wanted}”"


def _decider(table: Table, move: Move, applications: dict[str, Move]) -> Iterator[str]:
    """Whoever holds a pending application can decide on it."""
    if move.needs_pending in {"", ANY}:
        return
    application = applications.get(move.needs_pending)
    if application is None:
        yield f"nothing applies for “{move.needs_pending}”"
        return
    if move.enabled and not application.enabled:
        yield f"is switched on, but what applies for “{move.needs_pending}” is not"
    if not move.from_states <= application.from_states:
        yield f"decides on “{move.needs_pending}” in states where nobody applies for it"
    holder = application.holder_after.partition("/")[0]
    if holder in table.desks and holder not in move.desks:
        yield f"“{move.needs_pending}” lies with the desk “{holder}”, which may not decide"


def _ambiguous(table: Table) -> Iterator[str]:
    """An act, a state, a pending application and a result name one row."""
    seen: dict[tuple[str, str, str], list[Move]] = {}
    places = ((move, state) for move in table.moves for state in sorted(move.from_states))
    for move, state in places:
        others = seen.setdefault((move.act, state, move.needs_pending), [])
        yield from (
            f"{move.name}: repeats {other.name} for the state {state or 'new'}"
            for other in others
            if None in {move.result, other.result} or move.result is other.result
        )
        others.append(move)


def _screen(table: Table) -> Iterator[str]:
    """One primary act and no key twice for a desk in a state; one name per act."""
    names: dict[str, tuple[str, str, bool]] = {}
    for move in table.moves:
        name = (move.zh, move.en, move.enabled)
        if names.setdefault(move.act, name) != name:
            yield f"{move.name}: another name or switch than the act's first row"
    yield from _primaries(table)
    yield from _keys(table)


def _shown(table: Table) -> Iterator[tuple[Move, str, tuple[str, str, str]]]:
    """Each move that is offered, with a state and where it is offered: desk, state, application."""
    for move in table.moves:
        if move.enabled and move.result is not False:
            for desk, state in product(move.desks, sorted(move.from_states)):
                yield move, state, (desk, state, move.needs_pending)


def _primaries(table: Table) -> Iterator[str]:
    primary: Counter[tuple[str, str, str]] = Counter()
    for move, state, place in _shown(table):
        primary[place] += state in move.primary
    for (desk, state, _), count in primary.items():
        if count > 1:
            yield f"the desk {desk} has {count} primary acts in the state {state or 'new'}"


def _keys(table: Table) -> Iterator[str]:
    keys: dict[tuple[tuple[str, str, str], str], str] = {}
    for move, state, place in _shown(table):
        taken_by = keys.setdefault((place, move.key), move.act)
        if move.key and taken_by != move.act:
            taken = f"taken by {taken_by} in {state or 'new'}"
            yield f"{move.name}: the key {move.key} is {taken}"


def _graph(table: Table, moves: tuple[Move, ...]) -> Iterator[str]:
    """Every state is reached, every open one has a way out for who holds it, to an end."""
    ways: dict[str, set[str]] = {}
    for move in moves:
        for start in move.from_states:
            ends = {start} if move.to_state == "same" else {move.to_state}
            if move.to_state != "given":
                ways.setdefault(start, set()).update(ends - {start})
    reached = _reach(ways, NEW)
    all_rows = len(moves) == len(table.moves)
    if all_rows:
        yield from (
            f"state {code} is never reached" for code in table.states if code not in reached
        )
    for code in sorted(reached & set(table.states)):
        state = table.states[code]
        if state.terminal:
            continue
        if not any(table.states[end].terminal for end in _reach(ways, code) if end):
            yield f"state {code}: no way leads from it to an end"
        if not any(_leaves(move, code, state.desk) for move in moves):
            yield f"state {code}: its holder, the desk “{state.desk}”, has no way out"


def _leaves(move: Move, state: str, desk: str) -> bool:
    return state in move.from_states and desk in move.desks and move.to_state not in {"same", state}


def _reach(ways: dict[str, set[str]], start: str) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        for state in ways.get(waiting.pop(), set()) - reached:
            reached.add(state)
            waiting.append(state)
    return reached
