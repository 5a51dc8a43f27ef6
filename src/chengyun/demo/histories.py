"""Turns the steps of stories into past cases, by the very rules that the platform works by."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from chengyun.cases.operations.bulk import (
    PastAttachment,
    PastCase,
    PastClock,
    PastReporter,
    PastTask,
)
from chengyun.cases.operations.clocks import shown
from chengyun.cases.operations.report import shown_columns
from chengyun.cases.rules.clocks import Clock, Ledger, light_at
from chengyun.cases.rules.facts import ActInput, ActorFacts, CaseFacts, Decision
from chengyun.cases.rules.log_entry import LogContent
from chengyun.cases.rules.reporting import case_terms
from chengyun.demo.rules.naming import person_name
from chengyun.demo.rules.pictures import VARIANTS
from chengyun.demo.rules.reports import Report
from chengyun.demo.rules.society import DemoPerson
from chengyun.demo.rules.stories import PUBLIC_SOURCES, Step
from chengyun.demo.standing import GridPlace, PersonRow, Platform, StandardRow, TypeRow

MOMENTS = {
    "accept": "accepted_at",
    "file": "filed_at",
    "dispatch": "dispatched_at",
    "hand_back": "handled_at",
}
PHASES = {
    "report": ("report",),
    "report_self_handled": ("report", "disposal"),
    "answer_verification": ("verify",),
    "hand_back": ("disposal",),
    "answer_check": ("check",),
}
_ANONYMOUS_SHARE = 0.1
AFTER = frozenset({"disposal", "check"})


@dataclass(slots=True, kw_only=True)
class Casebook:
    """Writes one case: applies its steps and gathers what they leave.

    The workflow is asked of every act; `quick_histories` tells the same at a fraction of the cost.
    """

    platform: Platform
    report: Report
    place: GridPlace
    type: TypeRow
    standard: StandardRow
    number: str
    draw: random.Random
    facts: CaseFacts = field(init=False)
    clocks: list[Clock] = field(default_factory=list)
    log: list[LogContent] = field(default_factory=list)
    tasks: list[PastTask] = field(default_factory=list)
    attachments: list[PastAttachment] = field(default_factory=list)
    moments: dict[str, datetime] = field(default_factory=dict)
    created_by_id: int | None = None
    at: datetime = field(init=False)
    version: int = 0

    def __post_init__(self) -> None:
        beat = self.platform.outlines.first(self.report.source, urgent=self.report.urgent)
        self.facts = beat.facts
        self.at = self.report.at

    def write(self, steps: Sequence[Step], moments: Sequence[datetime]) -> PastCase:
        """Apply the steps that have happened by now; return the case as the acts left it."""
        for step, at in zip(steps, moments, strict=True):
            if at > self.platform.now:
                break
            self._apply(step, at)
        return self._case()

    def _apply(self, step: Step, at: datetime) -> None:
        person = self.platform.people[step.person.username] if step.person else None
        photos = self._photos(step, at, person) if step.photos else self._no_photos()
        decision = self._asked(step, person, photos, at)
        self._task(step, decision, person, at)
        self.log.append(self._entry(step, decision, person, at, photos))
        self._note(step, decision, person, at)

    def _asked(
        self,
        step: Step,
        person: PersonRow | None,
        photos: Sequence[PastAttachment],
        at: datetime,
    ) -> Decision:
        """Ask the workflow whether the act may be done, do it, and let the ledger keep clocks."""
        platform = self.platform
        actor = ActorFacts(
            person_id=person.id if person else None,
            desks=frozenset({step.desk}),
            in_holder_organisation=True,
            in_responsible_organisation=True,
        )
        decision = platform.workflow.decide(
            step.act, case=self.facts, actor=actor, given=self._given(step, photos), at=at
        )
        ledger = Ledger(
            calendar=platform.timekeeper.calendar,
            limits=platform.limits_of(self.standard),
            organisation_id=decision.after.responsible_organisation_id,
        )
        self.clocks = list(ledger.apply(self.clocks, decision.effects, at))
        return decision

    def _condition(self, step: Step) -> str:
        return self.standard.closing_condition if step.act == "close" else ""

    def _note(self, step: Step, decision: Decision, person: PersonRow | None, at: datetime) -> None:
        if not self.version:
            self.created_by_id = person.id if person else None
        self.version += 1
        self.facts, self.at = decision.after, at
        if step.act in MOMENTS:
            self.moments[MOMENTS[step.act]] = at
        if decision.ended:
            self.moments["ended_at"] = at

    def _given(self, step: Step, photos: Sequence[PastAttachment]) -> ActInput:
        platform = self.platform
        assignee = platform.people[step.assignee.username] if step.assignee else None
        counts = dict.fromkeys(PHASES.get(step.act, ()), 0)
        for photo in photos:
            counts[photo.phase] += 1
        return ActInput(
            opinion=step.opinion,
            reason=step.reason,
            condition=self._condition(step),
            standard_id=self.standard.id if step.act == "file" else None,
            organisation_id=platform.organisations[step.organisation][0]
            if step.organisation
            else None,
            assignee_id=assignee.id if assignee else None,
            result=step.result,
            photos=counts,
        )

    def _no_photos(self) -> Sequence[PastAttachment]:
        self.draw.randrange(VARIANTS)  # a city of a seed stays what it was
        return ()

    def _photos(self, step: Step, at: datetime, person: PersonRow | None) -> list[PastAttachment]:
        phases = PHASES.get(step.act, ())
        made = []
        first = self.draw.randrange(VARIANTS)
        for k in range(step.photos):
            phase = phases[k % len(phases)]
            shows_end = phase in AFTER and step.result is not False
            pictures = self.platform.pictures[self.report.pattern.scene, shows_end]
            picture = pictures[(first + k) % len(pictures)]
            made.append(
                PastAttachment(
                    id=random_uuid(self.draw.getrandbits(128)),
                    phase=phase,
                    kind="photo",
                    media_type=picture.media_type,
                    size=picture.size,
                    sha256=picture.sha256,
                    storage_key=picture.storage_key,
                    thumbnail_key=picture.thumbnail_key,
                    name=picture.name,
                    width=picture.width,
                    height=picture.height,
                    taken_at=at - timedelta(seconds=self.draw.randint(20, 300)),
                    lon=self.report.lon,
                    lat=self.report.lat,
                    by_id=person.id if person else None,
                    at=at,
                )
            )
        self.attachments.extend(made)
        return made

    def _task(self, step: Step, decision: Decision, person: PersonRow | None, at: datetime) -> None:
        task = decision.task
        if task is None:
            return
        if task.op == "open":
            due = next(
                (clock.due_at for clock in self.clocks if clock.running and clock.stage != "whole"),
                None,
            )
            if step.assignee is not None:
                self.tasks.append(
                    PastTask(
                        kind=task.kind,
                        assignee_id=self.platform.people[step.assignee.username].id,
                        sent_by_id=person.id if person else None,
                        sent_at=at,
                        due_at=due,
                    )
                )
        else:
            last = self.tasks[-1]
            last.answered_at, last.opinion = at, step.opinion
            last.result = step.result if task.op == "answer" else None

    def _entry(
        self,
        step: Step,
        decision: Decision,
        person: PersonRow | None,
        at: datetime,
        photos: Sequence[PastAttachment],
    ) -> LogContent:
        data = decision.as_data()
        if not self.version:
            data |= {
                "number": self.number,
                "source": self.report.source,
                "urgent": self.report.urgent,
                "kind": self.report.pattern.kind,
                "type": self.report.pattern.code,
                "grid": self.place.grid_code,
            }
        on_site = step.desk == "collector" or not self.version
        return LogContent(
            act=step.act,
            at=at,
            from_state=decision.from_state,
            to_state=decision.to_state,
            actor_id=person.id if person else None,
            actor_name=person.name if person else "",
            role=step.person.role if step.person else "",
            organisation_id=person.organisation_id if person else None,
            organisation_name=person.organisation_name if person else "",
            opinion=step.opinion,
            receiver=receiver_of(self.platform, step, decision),
            attachment_ids=tuple(photo.id for photo in photos),
            lon=self.report.lon if on_site else None,
            lat=self.report.lat if on_site else None,
            data=data,
        )

    def _case(self) -> PastCase:
        now, report = self.platform.now, self.report
        columns = row_of(
            self,
            facts=self.facts,
            ended="ended_at" in self.moments,
            thumbnail=self.attachments[0].id if self.attachments else None,
        )
        columns |= {"created_by_id": self.created_by_id, "version": self.version}
        columns |= {"reported_at": report.at, "updated_at": self.at}
        columns |= self.moments | shown_columns(shown(self.clocks, now))
        return PastCase(
            values=columns,
            log=self.log,
            position=(report.lon, report.lat),
            clocks=[_past_clock(clock, now) for clock in self.clocks],
            tasks=self.tasks,
            attachments=self.attachments,
            reporter=drawn_reporter(report, self.draw),
        )


class Told(Protocol):
    """What either way of telling knows of its case."""

    report: Report
    place: GridPlace
    type: TypeRow
    number: str


def row_of(case: Told, *, facts: CaseFacts, ended: bool, thumbnail: str | None) -> dict[str, Any]:
    """Return the columns of a case's row that both ways of telling write alike.

    facts : with ids of organisations and people, not stand-ins
    """
    report, code = case.report, case.place.grid_code
    return {
        "number": case.number,
        "kind": report.pattern.kind,
        "source": report.source,
        "matter_type_id": case.type.id,
        "title": report.title,
        "description": report.text,
        "address": report.address,
        "position_source": "EPSG:4490",
        "urgent": report.urgent,
        "state": facts.state,
        "desk": facts.holder.desk,
        "holder_organisation_id": facts.holder.organisation_id,
        "holder_person_id": facts.holder.person_id,
        "pending": facts.pending,
        "verified": facts.verified,
        "is_open": not ended,
        "standard_id": facts.standard_id,
        "responsible_id": facts.responsible_organisation_id,
        "rework_count": facts.rework_count,
        "return_count": facts.return_count,
        "component_code": report.component_code,
        "grid_id": case.place.grid_id,
        "grid_code": code,
        "area_class": case.place.area_class,
        "community_code": code[:12],
        "street_code": code[:9],
        "district_code": code[:6],
        "thumbnail": thumbnail,
        "search": case_terms(
            case.number, report.title, case.type.zh, case.type.en, report.address, report.text
        ),
    }


def drawn_reporter(report: Report, draw: random.Random) -> PastReporter | None:
    """Return who reported, if somebody from the public did."""
    if report.source not in PUBLIC_SOURCES:
        return None
    name, _ = person_name(draw)
    return PastReporter(
        at=report.at,
        name=name,
        phone=f"1390000{draw.randint(0, 9_999):04d}",
        anonymous=draw.random() < _ANONYMOUS_SHARE,
        source=report.source,
    )


def receiver_of(platform: Platform, step: Step, decision: Decision) -> str:
    """Return who has the case after a step, in words, empty where it stays."""
    holder = decision.holder
    if holder == decision.before.holder:
        return ""
    name = ""
    if holder.organisation_id is not None and step.organisation:
        name = platform.organisations[step.organisation][1]
    person: DemoPerson | None = None
    if holder.person_id is not None:
        person = step.assignee or step.person
    if person is not None and person.name:
        return f"{name} {person.name}" if name else person.name
    if name:
        return name
    desk = platform.workflow.table.desks.get(holder.desk)
    return desk.zh if desk else ""


def random_uuid(bits: int) -> str:
    """Return 128 random bits as a random UUID (RFC 4122, version 4)."""
    text = f"{bits & ~(0xF000 << 64 | 0xC000 << 48) | 4 << 76 | 0x8000 << 48:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _past_clock(clock: Clock, now: datetime) -> PastClock:
    return PastClock(
        stage=clock.stage,
        round=clock.round,
        organisation_id=clock.organisation_id,
        limit_value=clock.limit.amount,
        limit_unit=clock.limit.unit.value,
        limit_s=clock.limit_s,
        started_at=clock.started_at,
        due_at=clock.due_at,
        yellow_at=clock.yellow_at,
        paused_at=clock.paused_at,
        paused_s=clock.paused_s,
        pauses=clock.pauses,
        used_s=clock.used_s,
        extended_s=clock.extended_s,
        yellow_s=clock.yellow_s,
        finished_at=clock.finished_at,
        light=int(light_at(clock, now)),
        overdue=clock.overdue,
        exempt=clock.exempt,
        uncertain=clock.uncertain,
    )
