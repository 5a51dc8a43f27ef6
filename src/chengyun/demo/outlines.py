"""What the rules decide along a story, decided once for every story that goes the same way.

A story goes the same way as another when its acts, desks, answers and reasons are the same, and the
same people and organisations come back at the same places. For each step of each way the workflow
decides once, on stand-ins, and its clocks are kept by the ledger once; what the ledger did to which
clock is noted. The cases of the city put their own ids and instants in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from chengyun.cases.rules import clocks as rules
from chengyun.cases.rules.clocks import Clock, Ledger, StageLimit
from chengyun.cases.rules.facts import ActInput, ActorFacts, CaseFacts, Decision
from chengyun.cases.rules.workflow import Workflow
from chengyun.kernel.working_calendar import WorkingCalendar

Turn = tuple[str, str, bool | None, str, int | None, int | None, int | None]
"""act, desk, result, reason, and the places of person, organisation and assignee."""
STANDARD: Final = -1
CONDITION: Final = "\0"
_ORIGIN: Final = datetime(2024, 1, 2, 2, tzinfo=UTC)
Change = Callable[[Clock, datetime, WorkingCalendar], Clock]


def _exempt(clock: Clock, _at: datetime, _calendar: WorkingCalendar) -> Clock:
    return replace(clock, exempt=True)


_CHANGES: Final[tuple[Change, ...]] = (
    rules.finish,
    rules.pause,
    rules.resume,
    rules.cancel,
    rules.go_on,
    _exempt,
)


@dataclass(frozen=True, slots=True)
class Tick:
    """What a step does to a clock: starts one (`change` None), or changes one of those there."""

    index: int
    change: Change | None
    stage: str
    round: int
    charged: bool


@dataclass(slots=True, kw_only=True)
class Beat:
    """A step on a way, with what was decided, and the steps that may follow.

    Ids in it are stand-ins: STANDARD, and for organisations and people −10 − the place at which
    the case names them.
    """

    decision: Decision | None
    facts: CaseFacts
    clocks: tuple[Clock, ...] = ()
    ticks: tuple[Tick, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    next: dict[Turn, Beat] = field(default_factory=dict)

    @property
    def decided(self) -> Decision:
        """The decision of a step; before the report there is none."""
        if self.decision is None:
            raise ValueError("nothing has been decided before the report")
        return self.decision


def stand_in(place: int | None) -> int | None:
    """Return the id that stands for the organisation or person at a place of the case."""
    return None if place is None else -10 - place


class Outlines:
    """Every way that was met so far."""

    def __init__(
        self, workflow: Workflow, calendar: WorkingCalendar, limits: Mapping[str, StageLimit]
    ) -> None:
        self._workflow = workflow
        self._calendar = calendar
        self._limits = limits
        self._first: dict[tuple[str, bool], Beat] = {}

    def first(self, source: str, *, urgent: bool) -> Beat:
        """Return the place before the report, from which every way of a source leads."""
        found = self._first.get((source, urgent))
        if found is None:
            public = self._workflow.table.sources[source].public
            facts = CaseFacts(source=source, public_source=public, urgent=urgent)
            found = self._first[source, urgent] = Beat(decision=None, facts=facts)
        return found

    def after(self, beat: Beat, turn: Turn) -> Beat:
        """Return the step that follows; the rules decide it when it is met for the first time.

        raises : ValueError where the workflow has no such move
        """
        found = beat.next.get(turn)
        if found is None:
            found = beat.next[turn] = self._decided(beat, turn)
        return found

    def _decided(self, beat: Beat, turn: Turn) -> Beat:
        act, desk, result, reason, person, organisation, assignee = turn
        move = self._workflow.find_move(act, beat.facts, result)
        if move is None:
            raise ValueError(f"{act} does not lead away from {beat.facts.state}")
        actor = ActorFacts(
            person_id=stand_in(person),
            desks=frozenset({desk}),
            in_holder_organisation=True,
            in_responsible_organisation=True,
        )
        given = ActInput(
            reason=reason,
            condition=CONDITION if act == "close" else "",
            standard_id=STANDARD if act == "file" else None,
            organisation_id=stand_in(organisation),
            assignee_id=stand_in(assignee),
            result=result,
        )
        decision = self._workflow.outcome(move, case=beat.facts, actor=actor, given=given)
        at = max(map(_last_change, beat.clocks), default=_ORIGIN) + timedelta(minutes=1)
        clocks, ticks = self._kept(beat.clocks, decision, at)
        return Beat(
            decision=decision,
            facts=decision.after,
            clocks=clocks,
            ticks=ticks,
            data=decision.as_data(),
        )

    def _kept(
        self, before: tuple[Clock, ...], decision: Decision, at: datetime
    ) -> tuple[tuple[Clock, ...], tuple[Tick, ...]]:
        ledger = Ledger(
            calendar=self._calendar,
            limits=self._limits,
            organisation_id=decision.after.responsible_organisation_id,
        )
        after = ledger.apply(before, decision.effects, at)
        ticks = [
            Tick(index, self._change(old, new, at), old.stage, old.round, charged=False)
            for index, (old, new) in enumerate(zip(before, after, strict=False))
            if old is not new
        ]
        ticks.extend(
            Tick(index, None, new.stage, new.round, new.organisation_id is not None)
            for index, new in enumerate(after[len(before) :], start=len(before))
        )
        return after, tuple(ticks)

    def _change(self, old: Clock, new: Clock, at: datetime) -> Change:
        """Return the one change that makes the new clock of the old.

        raises : ValueError where no single change does
        """
        for change in _CHANGES:
            if change(old, at, self._calendar) == new:
                return change
        raise ValueError(f"a step changes the clock {old.stage} more than once")


def _last_change(clock: Clock) -> datetime:
    return max(filter(None, (clock.started_at, clock.paused_at, clock.finished_at)))


def placed(value: int | None, ids: Sequence[int], standard_id: int) -> int | None:
    """Return what a stand-in stands for: the standard, or whoever has the place."""
    if value is None:
        return None
    return standard_id if value == STANDARD else ids[-10 - value]
