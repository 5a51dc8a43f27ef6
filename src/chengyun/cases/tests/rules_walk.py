"""A case walked through the pure rules, as operations walk it: facts, clocks and log together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chengyun.cases.rules.clocks import Clock, Ledger, default_limits
from chengyun.cases.rules.facts import ActInput, ActorFacts, CaseFacts, Decision
from chengyun.cases.rules.replay import LogStep
from chengyun.cases.rules.workflow import Offer, workflow
from chengyun.kernel.tests.minute_walker import PlainCalendar, china
from chengyun.kernel.working_calendar import WorkingCalendar

FLOW = workflow()
PLAIN = PlainCalendar()
CALENDAR = PLAIN.rules()
MONDAY = china("2026-11-23 09:00")
PHOTOS = {"report": 1, "verify": 1, "disposal": 1, "check": 1}
COLLECTOR, OTHER_COLLECTOR, ANYBODY = 11, 12, 1
ROADS, GARDENS = 91, 92


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody at a desk, perhaps of a department."""

    desk: str
    id: int = ANYBODY
    organisation_id: int | None = None

    def on(self, case: CaseFacts) -> ActorFacts:
        """The person as the rules see them on a case."""
        mine = self.organisation_id
        return ActorFacts(
            person_id=self.id,
            desks=frozenset({self.desk}),
            in_holder_organisation=mine is not None and mine == case.holder.organisation_id,
            in_responsible_organisation=(
                mine is not None and mine == case.responsible_organisation_id
            ),
        )


STAFF = (
    *(Person(desk=desk) for desk in ("hotline", "acceptor", "shift_leader", "dispatcher")),
    *(Person(desk=desk) for desk in ("inspector", "leader", "administrator", "system")),
    Person(desk="collector", id=COLLECTOR),
    Person(desk="collector", id=OTHER_COLLECTOR),
    Person(desk="department", id=21, organisation_id=ROADS),
    Person(desk="department", id=22, organisation_id=GARDENS),
)
BY_DESK = {person.desk: person for person in reversed(STAFF)}


def full_input(**changed: Any) -> ActInput:
    """Everything that any act may need."""
    values: dict[str, Any] = {
        "opinion": "现场情况已核对",
        "reason": "no_fact",
        "condition": "已恢复原状",
        "standard_id": 3,
        "organisation_id": ROADS,
        "assignee_id": COLLECTOR,
        "result": True,
        "photos": PHOTOS,
    }
    return ActInput(**{**values, **changed})


@dataclass
class Walk:
    """A case and what happened to it."""

    case: CaseFacts = field(default_factory=lambda: CaseFacts(source="hotline", public_source=True))
    at: datetime = MONDAY
    clocks: tuple[Clock, ...] = ()
    log: list[LogStep] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    calendar: WorkingCalendar = CALENDAR

    def offers(self, person: Person) -> dict[str, Offer]:
        """What the person sees on the case."""
        return {offer.act: offer for offer in FLOW.offers(self.case, person.on(self.case), self.at)}

    def do(self, act: str, by: str | Person = "", *, minutes: int = 10, **given: Any) -> Decision:
        """Let time pass, then do the act with everything it may need, changed by `given`."""
        self.at += timedelta(minutes=minutes)
        person = by if isinstance(by, Person) else BY_DESK[by or FLOW.acts[act][0].desks[0]]
        decision = FLOW.decide(
            act,
            case=self.case,
            actor=person.on(self.case),
            given=full_input(**given),
            at=self.at,
        )
        ledger = Ledger(
            calendar=self.calendar,
            limits=default_limits(FLOW.table),
            organisation_id=decision.after.responsible_organisation_id,
        )
        self.clocks = ledger.apply(self.clocks, decision.effects, self.at)
        self.log.append(
            LogStep(
                seq=len(self.log) + 1,
                act=act,
                from_state=decision.from_state,
                to_state=decision.to_state,
                actor_id=person.id,
                data=decision.as_data(),
            )
        )
        self.decisions.append(decision)
        self.case = decision.after
        return decision

    def clock(self, stage: str, number: int = 1) -> Clock:
        """One clock of the case."""
        return next(one for one in self.clocks if (one.stage, one.round) == (stage, number))

    def running(self) -> set[str]:
        """Stages whose clocks run."""
        return {clock.stage for clock in self.clocks if clock.running}


STEPS_TO = {
    "reported": ["report"],
    "verifying": ["send_verification"],
    "accepted": ["answer_verification", "accept"],
    "filed": ["file"],
    "dispatched": ["dispatch"],
    "handling": ["start_handling"],
    "handled": ["hand_back"],
    "feedback_given": ["give_feedback"],
    "checking": ["send_check"],
    "check_passed": ["answer_check"],
    "closed": ["close"],
}


def walk_to(state: str, *, minutes: int = 10, source: str = "hotline") -> Walk:
    """Return a case walked along the main path to `state`."""
    public = FLOW.table.sources[source].public
    walk = Walk(case=CaseFacts(source=source, public_source=public))
    for name, acts in STEPS_TO.items():
        for act in acts:
            walk.do(act, "hotline" if act == "report" else "", minutes=minutes)
        if name == state:
            return walk
    msg = state
    raise KeyError(msg)


def walk_to_failed_check() -> Walk:
    """Return a public case whose check before closing failed."""
    walk = walk_to("checking")
    walk.do("answer_check", result=False)
    return walk
