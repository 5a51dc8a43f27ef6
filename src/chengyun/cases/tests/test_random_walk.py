"""A random walk of cases through the real acts on the real database, checked after each step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from chengyun.administration.queries import working_calendar
from chengyun.cases.models import Case, Clock, LogEntry, Task
from chengyun.cases.operations.advance import act_on_case
from chengyun.cases.operations.clocks import load_clocks, shown
from chengyun.cases.operations.lights import mark_lights
from chengyun.cases.queries.chain import find_proof
from chengyun.cases.queries.records import case_facts, find_record
from chengyun.cases.rules.access import ACT, actor_facts
from chengyun.cases.rules.clocks import WHOLE, problems
from chengyun.cases.rules.workflow import workflow
from chengyun.cases.tests.builders import City, make_case, report, request_for
from chengyun.journal.models import Event
from chengyun.kernel.errors import Fault

pytestmark = pytest.mark.django_db
FLOW = workflow()
ENABLED = sorted({move.act for move in FLOW.table.moves if move.enabled})
PEOPLE = [
    "collector",
    "second_collector",
    "hotline_operator",
    "acceptor",
    "shift_leader",
    "dispatcher",
    "department",
    "cleaner",
    "inspector",
    "leader",
    "integrator",
    "outsider",
]
ACTORS = [name for name in PEOPLE if name not in {"integrator", "outsider"}]
STATES = ["reported", "verifying", "filed", "handling", "handled", "checking", "check_failed"]
WAITS = st.sampled_from([0, 1, 7, 45, 600, 3_000])


@dataclass
class Walk:
    """One case on its way, with what is expected of it."""

    city: City
    case: Case
    at: datetime
    done: list[str] = field(default_factory=list)

    def offered(self, *, primary: bool = False) -> list[tuple[str, str]]:
        """Return (person, act) for every act that somebody is offered, or its primary ones."""
        record = find_record(self.case.pk)
        assert record is not None
        facts = case_facts(record)
        return [
            (name, offer.act)
            for name in ACTORS
            for offer in FLOW.offers(facts, actor_facts(self.city.actor(name), record), self.at)
            if offer.enabled and (offer.primary or not primary)
        ]

    def try_act(self, name: str, act: str, choices: dict[str, Any]) -> bool:
        """Let somebody try an act; return whether it was done. A refusal changes nothing."""
        offered = (name, act) in self.offered()
        before = self.snapshot()
        request = request_for(self.city, act, name, **choices)
        try:
            with transaction.atomic():
                act_on_case(
                    actor=self.city.actor(name),
                    case_id=self.case.pk,
                    request=request,
                    at=self.at,
                )
        except Fault:
            assert self.snapshot() == before
            return False
        assert offered, f"{name} was not offered {act}, yet did it"
        desks = {desk for move in FLOW.acts[act] for desk in move.desks}
        assert any(self.city.actor(name).can(ACT + desk) for desk in desks)
        self.done.append(act)
        return True

    def snapshot(self) -> tuple[Any, ...]:
        row = Case.objects.filter(pk=self.case.pk).values_list()[0]
        clocks = list(Clock.objects.filter(case=self.case).order_by("id").values_list())
        log = LogEntry.objects.filter(case=self.case).count()
        return row, clocks, log, Event.objects.count(), Task.objects.count()

    def check(self) -> None:
        """Assert every invariant."""
        self.case.refresh_from_db()
        clocks = load_clocks(self.case.pk)
        assert problems(clocks, self.at, working_calendar()) == []
        self._check_holder()
        self._check_clocks(clocks)
        self._check_task()
        proof = find_proof(self.case.pk)
        assert proof is not None
        assert proof.finding is None, (proof.finding, self.done)
        assert self.case.log_length == len(self.done)

    def _check_holder(self) -> None:
        case, state = self.case, FLOW.table.states[self.case.state]
        assert case.is_open is not state.terminal
        assert bool(case.desk) is case.is_open
        assert (case.holder_organisation_id is not None) == (case.desk == "department")
        if case.desk == "collector":
            assert case.holder_person_id is not None
        if not case.is_open:
            assert case.holder_person_id is None

    def _check_clocks(self, clocks: tuple[Any, ...]) -> None:
        case = self.case
        mirrored = shown(clocks, case.updated_at)
        assert (case.stage, case.due_at, case.yellow_at) == (
            mirrored.stage,
            mirrored.due_at,
            mirrored.yellow_at,
        )
        running = [clock.stage for clock in clocks if clock.running]
        if not case.is_open:
            assert running == []
            return
        assert WHOLE in running
        if not case.pending:
            assert case.stage == FLOW.table.states[case.state].stage

    def _check_task(self) -> None:
        waiting = Task.objects.filter(case=self.case, answered_at=None)
        expected = {"verifying": ["verify"], "checking": ["check"]}.get(self.case.state, [])
        assert [task.kind for task in waiting] == expected


def choices_for(data: st.DataObject, city: City, act: str) -> dict[str, Any]:
    """Draw what an actor chooses; sound choices, or none at all."""
    collector = data.draw(st.sampled_from(["collector", "second_collector"]))
    department = data.draw(st.sampled_from([city.works.pk, city.cleaning.pk]))
    choices: dict[str, Any] = {}
    if act in {"send_verification", "send_check"}:
        choices["assignee_id"] = city.people[collector].pk
    if act in {"dispatch", "redispatch"}:
        choices["organisation_id"] = department
    if act.startswith("answer_"):
        choices["result"] = data.draw(st.booleans())
    return choices


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_people_do_every_invariant_holds(city: City, data: st.DataObject) -> None:
    with transaction.atomic():
        walk = started(data, city)
        walk.check()
        for _ in range(data.draw(st.integers(5, 20))):
            walk.at += timedelta(minutes=data.draw(WAITS))
            step = data.draw(st.sampled_from(["main", "main", "main", "aside", "anything", "mark"]))
            take_step(data, walk, step)
            walk.check()
        event(f"ended in {walk.case.state}")
        transaction.set_rollback(True)


def started(data: st.DataObject, city: City) -> Walk:
    """Report a case from some source, or take one that has come some way already."""
    state = data.draw(st.sampled_from(STATES))
    if state == "reported":
        source = data.draw(st.sampled_from(["hotline_operator", "collector", "acceptor"]))
        case = report(city, by=source)
    else:
        case = make_case(city, state)
    acts = LogEntry.objects.filter(case=case).order_by("seq").values_list("act", flat=True)
    return Walk(city=city, case=case, at=case.updated_at, done=list(acts))


def take_step(data: st.DataObject, walk: Walk, step: str) -> None:
    """Do an offered act, try any act as anybody, or let the system mark the clocks."""
    if step == "mark":
        walk.done += ["mark"] * mark_lights(at=walk.at)
        assert mark_lights(at=walk.at) == 0
        return
    offered = walk.offered(primary=step == "main")
    if step != "anything" and offered:
        name, act = data.draw(st.sampled_from(sorted(offered)))
        # a draw may name the same department for another one, which is refused
        walk.try_act(name, act, choices_for(data, walk.city, act))
        return
    name, act = data.draw(st.sampled_from(PEOPLE)), data.draw(st.sampled_from(ENABLED))
    walk.try_act(name, act, choices_for(data, walk.city, act))
