"""A random walk of a case through the rules, checked after each step."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chengyun.cases.rules import clocks
from chengyun.cases.rules.facts import CaseFacts
from chengyun.cases.rules.replay import replay
from chengyun.cases.tests.rules_walk import (
    BY_DESK,
    CALENDAR,
    COLLECTOR,
    FLOW,
    GARDENS,
    OTHER_COLLECTOR,
    ROADS,
    STAFF,
    STEPS_TO,
    Person,
    Walk,
    walk_to,
)
from chengyun.kernel.errors import Fault

ENABLED = [move for move in FLOW.table.moves if move.enabled]
SOURCES = sorted(FLOW.table.sources)
PEOPLE = st.sampled_from(STAFF)
ORGANISATIONS = st.sampled_from([ROADS, GARDENS])
COLLECTORS = st.sampled_from([COLLECTOR, OTHER_COLLECTOR])
INPUTS = st.fixed_dictionaries(
    {
        "result": st.booleans(),
        "organisation_id": ORGANISATIONS,
        "assignee_id": COLLECTORS,
        "to_state": st.just("reported"),
    },
    optional={
        "opinion": st.just(""),
        "photos": st.just({}),
        "standard_id": st.none(),
        "organisation_disposes": st.just(False),
    },
)


class CaseWalk(RuleBasedStateMachine):
    """People at every desk do, and try to do, whatever they like."""

    def __init__(self) -> None:
        super().__init__()
        self.walk = Walk()
        self.first = CaseFacts()

    @initialize(source=st.sampled_from(SOURCES), state=st.sampled_from(sorted(STEPS_TO)))
    def report(self, source: str, state: str) -> None:
        """A case is reported and has come some way along the main path."""
        self.first = CaseFacts(source=source, public_source=FLOW.table.sources[source].public)
        self.walk = walk_to(state, source=source)

    @rule(minutes=st.sampled_from([0, 1, 7, 45, 600, 3_000, 20_000]))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.walk.at += timedelta(minutes=minutes)

    @rule(data=st.data(), minutes=st.sampled_from([0, 5, 30]))
    def go_on(self, data: st.DataObject, minutes: int) -> None:
        """Whoever can takes the case a step further, with everything it needs."""
        self._do_one_of(data, minutes, primary=True)

    @rule(data=st.data(), minutes=st.sampled_from([0, 5, 30]))
    def do_what_is_offered(self, data: st.DataObject, minutes: int) -> None:
        """Somebody does one of the acts that are offered, with everything it needs."""
        self._do_one_of(data, minutes, primary=False)

    def _do_one_of(self, data: st.DataObject, minutes: int, *, primary: bool) -> None:
        offers = {
            (offer.primary, act): person
            for person in STAFF
            for act, offer in self.walk.offers(person).items()
            if offer.enabled and person.desk != "system"
        }
        assert offers or not self.walk.case.holder.desk, "somebody can act on an open case"
        wanted = [act for act in sorted(offers) if act[0]] if primary else sorted(offers)
        if not wanted:
            return
        chosen = data.draw(st.sampled_from(wanted))
        other = GARDENS if self.walk.case.responsible_organisation_id == ROADS else ROADS
        self.walk.do(
            chosen[1],
            offers[chosen],
            minutes=minutes,
            organisation_id=other if chosen[1] == "redispatch" else data.draw(ORGANISATIONS),
            assignee_id=data.draw(COLLECTORS),
            result=data.draw(st.booleans()),
        )

    @rule(person=PEOPLE, act=st.sampled_from(sorted(FLOW.acts)), given=INPUTS)
    def try_anything(self, person: Person, act: str, given: dict[str, Any]) -> None:
        """Somebody tries any act with any input."""
        self._try(person, act, given)

    @rule(data=st.data())
    def try_at_the_right_desk(self, data: st.DataObject) -> None:
        """Somebody of the right desk, perhaps the wrong person, tries an act of the state."""
        state = self.walk.case.state
        rows = [move for move in ENABLED if state in move.from_states and move.clock]
        pairs = [(move.act, who) for move in rows for who in STAFF if who.desk in move.desks]
        if pairs:
            act, person = data.draw(st.sampled_from(pairs))
            self._try(person, act, {"organisation_id": data.draw(ORGANISATIONS)})

    def _try(self, person: Person, act: str, given: dict[str, Any]) -> None:
        """An act is refused whole, or it was theirs to do."""
        before = (self.walk.case, self.walk.clocks, len(self.walk.log))
        try:
            self.walk.do(act, person, minutes=0, **given)
        except Fault:
            assert (self.walk.case, self.walk.clocks, len(self.walk.log)) == before
            return
        case = before[0]
        rows = [move for move in ENABLED if move.act == act and case.state in move.from_states]
        assert any(person.desk in move.desks for move in rows), "no act by a wrong role"
        if act in {"answer_verification", "answer_check"}:
            assert case.holder.person_id == person.id
        if person.desk == "department" and act != "comment":
            assert case.holder.organisation_id == person.organisation_id

    @invariant()
    def one_holder(self) -> None:
        """An open case has exactly one holder, who can act; an ended one has none."""
        case = self.walk.case
        if not case.state:
            return
        ended = FLOW.state(case.state).terminal
        assert bool(case.holder.desk) is not ended
        if ended:
            return
        if case.holder.desk == "department":
            assert case.holder.organisation_id == case.responsible_organisation_id is not None
        if case.holder.desk == "collector":
            assert case.holder.person_id is not None
        assert self._holder_sees_a_way_on(case)

    def _holder_sees_a_way_on(self, case: CaseFacts) -> bool:
        holders = [
            person
            for person in STAFF
            if person.desk == case.holder.desk
            if case.holder.organisation_id in {None, person.organisation_id}
            if case.holder.desk != "collector" or case.holder.person_id == person.id
        ]
        return any(
            offer.enabled and act != "comment"
            for person in holders
            for act, offer in self.walk.offers(person).items()
        )

    @invariant()
    def clocks_hold(self) -> None:
        """No clock is negative, and beside the whole case's exactly one runs in an open case."""
        case = self.walk.case
        assert clocks.problems(self.walk.clocks, self.walk.at, CALENDAR) == []
        if not case.state:
            return
        running = self.walk.running()
        if FLOW.state(case.state).terminal:
            assert running == set()
        else:
            pending = {"return": "dispatch", "void": "approval"}.get(case.pending)
            assert running == {"whole", pending or FLOW.state(case.state).stage}
        rounds = [(clock.stage, clock.round) for clock in self.walk.clocks]
        assert len(rounds) == len(set(rounds))

    @invariant()
    def log_replays(self) -> None:
        """The log leads to the case as it is."""
        assert replay(FLOW, self.walk.log, self.first) == self.walk.case

    @invariant()
    def every_step_is_logged_once(self) -> None:
        """Entries follow each other without a gap."""
        states = [(step.from_state, step.to_state) for step in self.walk.log]
        for (_, left), (entered, _) in pairwise(states):
            assert left == entered
        if states:
            assert states[-1][1] == self.walk.case.state


CaseWalk.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestCaseWalk = CaseWalk.TestCase


def test_the_walk_has_somebody_at_every_desk() -> None:
    desks = {desk for move in ENABLED for desk in move.desks}
    assert desks <= set(BY_DESK)
