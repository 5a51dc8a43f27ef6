"""Ways that a case can take, walked through the real workflow and clocks, with times relative.

A skeleton is made once and used for many cases: each gets its own start, place, people and words.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from chengyun.administration.queries import working_calendar
from chengyun.cases.operations.limits import stage_limits
from chengyun.cases.rules.clocks import Clock, Ledger
from chengyun.cases.rules.facts import ActInput, ActorFacts, CaseFacts, Decision
from chengyun.cases.rules.workflow import workflow
from chengyun.kernel.units import Limit

Act = tuple[str, bool | None]
ORIGIN: Final = datetime(2024, 1, 1, tzinfo=UTC)
STANDARD, ORGANISATION, COLLECTOR, HANDLER = -1, -2, -3, -4
MAIN: Final[tuple[Act, ...]] = (
    ("report", None),
    ("accept", None),
    ("file", None),
    ("dispatch", None),
    ("start_handling", None),
    ("hand_back", None),
    ("give_feedback", None),
    ("send_check", None),
    ("answer_check", True),
    ("close", None),
)
VERIFIED: Final = (MAIN[0], ("send_verification", None), ("answer_verification", True), *MAIN[1:])
REWORKED: Final = (
    *MAIN[:8],
    ("answer_check", False),
    ("rework", None),
    *MAIN[4:],
)
REFUSED: Final = (MAIN[0], ("refuse", None))
RETURNED: Final = (*MAIN[:4], ("apply_return", None))
_DISPOSAL_LIMITS = ("2 calendar_hour", "1 calendar_day", "2 calendar_day", "3 calendar_day")
_WAYS: Final[tuple[tuple[tuple[Act, ...], int], ...]] = (
    (MAIN, 55),
    (VERIFIED, 35),
    (REWORKED, 6),
    (REFUSED, 4),
)
_OPEN_WAYS: Final[tuple[tuple[tuple[Act, ...], int], ...]] = (
    (MAIN, 50),
    (VERIFIED, 40),
    (REWORKED, 7),
    (RETURNED, 3),
)
# Middle of the time [s] before each act; what is not named takes ten minutes.
_PACE_S = {"hand_back": 90_000, "start_handling": 5_400, "answer_check": 4_000, "close": 1_500}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One act: seconds after the report, and what the log keeps of it."""

    after_s: int
    act: str
    from_state: str
    to_state: str
    desk: str
    data: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Skeleton:
    """A way with its times. `length_s` runs to the last act, `age_s` to now (open ones)."""

    steps: Sequence[Step]
    clocks: Sequence[Clock]
    facts: CaseFacts
    ended: bool
    public: bool
    length_s: int
    age_s: int
    stamps: dict[str, int]


def make_skeletons(draw: random.Random, count: int, *, is_open: bool) -> list[Skeleton]:
    """Return skeletons of ended or open cases, in plausible shares."""
    shares = _OPEN_WAYS if is_open else _WAYS
    chosen = draw.choices([way for way, _ in shares], [share for _, share in shares], k=count)
    return [_walk(draw, _cut(draw, way) if is_open else way, is_open=is_open) for way in chosen]


def _cut(draw: random.Random, way: Sequence[Act]) -> Sequence[Act]:
    if way is RETURNED:
        return way
    # most open cases lie with the departments
    places = range(1, len(way))
    weights = [6 if way[place - 1][0] in {"dispatch", "start_handling"} else 1 for place in places]
    return way[: draw.choices(places, weights)[0]]


def _walk(draw: random.Random, way: Sequence[Act], *, is_open: bool) -> Skeleton:
    rules = workflow()
    text = draw.choice(_DISPOSAL_LIMITS)
    amount, unit = text.split()
    ledger = Ledger(
        calendar=working_calendar(),
        limits=stage_limits(Limit.of(amount, unit)),
        organisation_id=ORGANISATION,
    )
    facts = CaseFacts(public_source=VERIFIED[1] in way)
    clocks: tuple[Clock, ...] = ()
    steps: list[Step] = []
    stamps: dict[str, int] = {}
    after_s = 0
    for act, result in way:
        after_s += _pause(draw, act) if steps else 0
        made = _decision(act, result, facts)
        facts = made.after
        at = ORIGIN + timedelta(seconds=after_s)
        clocks = ledger.apply(clocks, made.effects, at)
        stamps.update(dict.fromkeys(_STAMPS.get(act, ()), after_s))
        steps.append(_step(made, after_s))
    tail_s = int(draw.expovariate(1 / _tail_s(facts.state))) if is_open else 0
    return Skeleton(
        steps=steps,
        clocks=clocks,
        facts=facts,
        ended=rules.state(facts.state).terminal,
        public=facts.public_source,
        length_s=after_s,
        age_s=after_s + tail_s,
        stamps=stamps,
    )


_STAMPS: dict[str, tuple[str, ...]] = {
    "accept": ("accepted_at",),
    "file": ("filed_at",),
    "dispatch": ("dispatched_at",),
    "hand_back": ("handled_at",),
    "close": ("ended_at",),
    "refuse": ("ended_at",),
}


def _pause(draw: random.Random, act: str) -> int:
    return 30 + int(draw.lognormvariate(0, 0.8) * _PACE_S.get(act, 420))


def _tail_s(state: str) -> int:
    return 60_000 if state in {"dispatched", "handling"} else 900


def _decision(act: str, result: bool | None, facts: CaseFacts) -> Decision:
    rules = workflow()
    move = rules.find_move(act, facts, result)
    if move is None:
        msg = f"the way of the bench does not fit the workflow: {act} from {facts.state}"
        raise LookupError(msg)
    desk = facts.holder.desk if facts.holder.desk in move.desks else move.desks[0]
    who = HANDLER if act == "start_handling" else COLLECTOR
    given = ActInput(
        result=result, standard_id=STANDARD, organisation_id=ORGANISATION, assignee_id=who
    )
    actor = ActorFacts(person_id=None, desks=frozenset({desk}))
    return rules.outcome(move, case=facts, actor=actor, given=given)


def _step(made: Decision, after_s: int) -> Step:
    return Step(
        after_s=after_s,
        act=made.act,
        from_state=made.from_state,
        to_state=made.to_state,
        desk=made.desk,
        data=made.as_data(),
    )
