"""Turns the steps of stories into COPY text at once: what `histories` tells by objects.

What is decided along a way comes from the outlines, as templates of text; a case puts its own ids
and instants in. A test tells every case of a city both ways and compares the bytes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from chengyun.cases.operations.bulk import Line, LogText, PastCase
from chengyun.cases.operations.copy_text import NULL, escaped
from chengyun.cases.rules.clocks import WHOLE
from chengyun.cases.rules.facts import CaseFacts, Decision, Holder
from chengyun.demo.histories import (
    AFTER,
    MOMENTS,
    PHASES,
    drawn_reporter,
    random_uuid,
    receiver_of,
    row_of,
)
from chengyun.demo.outlines import CONDITION, Beat, Turn, placed
from chengyun.demo.quick_clocks import (
    QUICK,
    QuickClock,
    exact_text,
    exempt,
    instant_text,
    shown_columns,
)
from chengyun.demo.rules.pictures import VARIANTS, Picture
from chengyun.demo.rules.reports import Report
from chengyun.demo.rules.stories import Step
from chengyun.demo.standing import GridPlace, PersonRow, Platform, StandardRow, TypeRow

_ID_KEYS: Final = ("standard_id", "organisation_id", "assignee_id")
_MARKS: Final = re.compile(r'"@(-?\d+)@"')
_CONDITION_MARK: Final = '"@@"'


@lru_cache(maxsize=100_000)
def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()


@lru_cache(maxsize=100_000)
def _actor(person: PersonRow | None, role: str) -> tuple[str, str, str, str]:
    """Return who acted: in JSON, as COPY text, and his organisation likewise."""
    if person is None:
        return '[null,"",""]', f"{NULL}\t\t", '[null,""]', f"{NULL}\t"
    here = f"[{person.organisation_id},{_quoted(person.organisation_name)}]"
    organisation = f"{person.organisation_id}\t{escaped(person.organisation_name)}"
    named = f"[{person.id},{_quoted(person.name)},{_quoted(role)}]"
    return named, f"{person.id}\t{escaped(person.name)}\t{role}", here, organisation


@lru_cache(maxsize=10_000)
def _picture(picture: Picture, phase: str) -> tuple[str, str]:
    """Return a picture's columns as COPY text: phase to key, and names with size."""
    kept = (phase, "photo", picture.media_type, str(picture.size), picture.sha256)
    named = (picture.thumbnail_key, picture.name, str(picture.width), str(picture.height))
    return "\t".join((*kept, escaped(picture.storage_key))), "\t".join(map(escaped, named))


class _Template(NamedTuple):
    """A beat's words for the log in canonical JSON: texts, and the stand-ins between them."""

    texts: tuple[str, ...]
    stand_ins: tuple[int, ...]
    has_condition: bool


def _marked(data: dict[str, Any]) -> dict[str, Any]:
    """Return a beat's data with marks in the place of ids and of the closing condition."""
    marked = dict(data)
    marked["holder"] = dict(data["holder"])
    for words, name in (
        *((marked, name) for name in _ID_KEYS),
        (marked["holder"], "organisation_id"),
        (marked["holder"], "person_id"),
    ):
        if words[name] is not None:
            words[name] = f"@{words[name]}@"
    if marked["condition"] == CONDITION:
        marked["condition"] = "@@"
    return marked


def _template(data: dict[str, Any]) -> _Template:
    text = orjson.dumps(_marked(data), option=orjson.OPT_SORT_KEYS).decode()
    pieces = _MARKS.split(text)
    return _Template(
        tuple(pieces[::2]), tuple(int(one) for one in pieces[1::2]), _CONDITION_MARK in text
    )


class _Frame(NamedTuple):
    """What of a log entry hangs on the way alone: JSON and COPY text of act and states."""

    data: _Template
    act: str
    begins: str
    came_from: str
    ends: str
    states: str


@dataclass(slots=True)
class _Task:
    kind: str
    assignee_id: int
    sent_by: int | str
    sent_at: str
    due_at: str
    rest: str = f"{NULL}\t{NULL}\t"


@dataclass(slots=True, kw_only=True)
class QuickBook:
    """Writes one case, as `histories.Casebook` does.

    ids : of the people and organisations it has named; places : by username or code
    """

    platform: Platform
    report: Report
    place: GridPlace
    type: TypeRow
    standard: StandardRow
    number: str
    draw: random.Random
    beat: Beat = field(init=False)
    clocks: list[QuickClock] = field(default_factory=list)
    log: list[LogText] = field(default_factory=list)
    tasks: list[_Task] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)
    first_photo: str | None = None
    spot: str = ""
    point: str = ""
    ids: list[int] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        report = self.report
        self.beat = self.platform.outlines.first(report.source, urgent=report.urgent)
        self.spot = orjson.dumps([report.lon, report.lat]).decode()
        self.point = f"SRID=4490;POINT({report.lon!r} {report.lat!r})"

    def write(self, steps: Sequence[Step], moments: Sequence[datetime]) -> PastCase:
        """Apply the steps that have happened by now; return the case as the acts left it."""
        now, second = self.platform.now, 0
        for step, at in zip(steps, moments, strict=True):
            if at > now:
                break
            second = int(at.timestamp())
            self._apply(step, second)
        return self._case(second, int(now.timestamp()))

    def _apply(self, step: Step, at: int) -> None:
        person = self.platform.people[step.person.username] if step.person else None
        photos = self._photos(step, at, person)
        beat = self.beat = self.platform.outlines.after(self.beat, self._turn(step, person))
        decision = beat.decided
        self._keep_clocks(beat, at)
        if decision.task is not None:
            self._task(step, decision, person, at)
        self.log.append(self._entry(step, decision, person, at, photos))
        if len(self.log) == 1:
            self.columns["created_by_id"] = person.id if person else None
        if step.act in MOMENTS:
            self.columns[MOMENTS[step.act]] = instant_text(at)
        if decision.ended:
            self.columns["ended_at"] = instant_text(at)

    def _turn(self, step: Step, person: PersonRow | None) -> Turn:
        platform, who, whom = self.platform, step.person, step.assignee
        code = step.organisation
        return (
            step.act,
            step.desk,
            step.result,
            step.reason,
            self._place(who.username, person.id) if who and person else None,
            self._place(code, platform.organisations[code][0]) if code else None,
            self._place(whom.username, platform.people[whom.username].id) if whom else None,
        )

    def _place(self, name: str, key: int) -> int:
        """Return where the case has named somebody; usernames and codes never agree."""
        place = self.places.get(name)
        if place is None:
            place = self.places[name] = len(self.ids)
            self.ids.append(key)
        return place

    def _id(self, value: int | None) -> int | None:
        return None if value is None else placed(value, self.ids, self.standard.id)

    def _keep_clocks(self, beat: Beat, at: int) -> None:
        """Do to the clocks at `at` what the ledger did on the stand-ins."""
        clocks = self.clocks
        for tick in beat.ticks:
            if tick.change is not None:
                QUICK.get(tick.change, exempt)(clocks[tick.index], at)
                continue
            tempo = self.platform.tempo(self.standard, tick.stage)
            charged = self._id(beat.facts.responsible_organisation_id) if tick.charged else None
            clocks.append(QuickClock(tick.stage, tempo, at, tick.round, charged))

    def _photos(self, step: Step, at: int, person: PersonRow | None) -> list[str]:
        """Take the photos of a step; return their ids."""
        draw = self.draw
        first = draw.randrange(VARIANTS)
        if not step.photos:
            return []
        phases, made = PHASES.get(step.act, ()), []
        for k in range(step.photos):
            phase = phases[k % len(phases)]
            shows_end = phase in AFTER and step.result is not False
            pictures = self.platform.pictures[self.report.pattern.scene, shows_end]
            kept, named = _picture(pictures[(first + k) % len(pictures)], phase)
            id_ = random_uuid(draw.getrandbits(128))
            taken = instant_text(at - draw.randint(20, 300))
            by = person.id if person else NULL
            self.photos.append(
                f"{self.point}\t{id_}\t{kept}\t{instant_text(at)}\t{named}\t{taken}\t{by}"
            )
            made.append(id_)
        self.first_photo = self.first_photo or made[0]
        return made

    def _task(self, step: Step, decision: Decision, person: PersonRow | None, at: int) -> None:
        task = decision.task
        if task is None:
            return
        if task.op != "open":
            result = ("t" if step.result else "f") if task.op == "answer" else NULL
            self.tasks[-1].rest = f"{instant_text(at)}\t{result}\t{escaped(step.opinion)}"
        elif step.assignee is not None:
            running = (clock for clock in self.clocks if clock.running and clock.stage != WHOLE)
            due = next(running, None)
            self.tasks.append(
                _Task(
                    task.kind,
                    self.platform.people[step.assignee.username].id,
                    person.id if person else NULL,
                    instant_text(at),
                    NULL if due is None else instant_text(due.due),
                )
            )

    def _entry(
        self,
        step: Step,
        decision: Decision,
        person: PersonRow | None,
        at: int,
        photos: list[str],
    ) -> LogText:
        frame = self._frame(decision)
        data = self._data(frame.data, step) if self.log else self._first_data(frame.data)
        on_site = step.desk == "collector" or not self.log
        actor, actor_copied, here, here_copied = _actor(
            person, step.person.role if step.person else ""
        )
        said = step.opinion
        opinion = _quoted(said) if self.log else orjson.dumps(said).decode()
        receiver = receiver_of(self.platform, step, decision)
        attached = ",".join([f'"{one}"' for one in photos])
        return LogText(
            f'{frame.begins}{actor},"at":"{exact_text(at)}","attachments":[{attached}],"case":',
            f',"data":{data}{frame.came_from}{opinion},"organisation":{here},'
            f'"position":{self.spot if on_site else "[null,null]"},'
            f'"receiver":{_quoted(receiver)},"seq":',
            frame.ends,
            f"{instant_text(at)}\t{frame.act}\t{actor_copied}\t{here_copied}\t{escaped(said)}"
            f"\t{escaped(receiver)}\t{frame.states}\t{{{','.join(photos)}}}"
            f"\t{self.point if on_site else NULL}\t{escaped(data)}",
        )

    def _frame(self, decision: Decision) -> _Frame:
        frame = self.platform.frames.get(id(self.beat))
        if frame is None:
            act, came_from = decision.act, decision.from_state
            frame = self.platform.frames[id(self.beat)] = _Frame(
                _template(dict(self.beat.data)),
                act,
                f'{{"act":{_quoted(act)},"actor":',
                f',"from":{_quoted(came_from)},"opinion":',
                f',"to":{_quoted(decision.to_state)}}}',
                f"{came_from}\t{decision.to_state}",
            )
        return frame

    def _data(self, template: _Template, step: Step) -> str:
        """Return a step's words for the log with the case's own ids."""
        texts, ids, standard_id = template.texts, self.ids, self.standard.id
        text = texts[0]
        for k, value in enumerate(template.stand_ins, start=1):
            text += f"{placed(value, ids, standard_id)}{texts[k]}"
        if template.has_condition:
            condition = self.standard.closing_condition if step.act == "close" else ""
            text = text.replace(_CONDITION_MARK, _quoted(condition))
        return text

    def _first_data(self, template: _Template) -> str:
        """Return the report's words for the log."""
        report = self.report
        data = orjson.loads(self._data(template, _NO_STEP))
        data |= {
            "number": self.number,
            "source": report.source,
            "urgent": report.urgent,
            "kind": report.pattern.kind,
            "type": report.pattern.code,
            "grid": self.place.grid_code,
        }
        return orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()

    def _real(self, facts: CaseFacts) -> CaseFacts:
        holder = facts.holder
        return replace(
            facts,
            standard_id=self._id(facts.standard_id),
            responsible_organisation_id=self._id(facts.responsible_organisation_id),
            holder=Holder(
                desk=holder.desk,
                organisation_id=self._id(holder.organisation_id),
                person_id=self._id(holder.person_id),
            ),
        )

    def _case(self, at: int, now: int) -> PastCase:
        report = self.report
        columns = row_of(
            self,
            facts=self._real(self.beat.facts),
            ended="ended_at" in self.columns,
            thumbnail=self.first_photo,
        )
        columns |= self.columns | shown_columns(self.clocks, now)
        columns["version"] = len(self.log)
        columns["reported_at"] = instant_text(int(report.at.timestamp()))
        columns["updated_at"] = instant_text(at)
        return PastCase(
            values=columns,
            log=self.log,
            position=(report.lon, report.lat),
            clocks=[Line(clock.line(now)) for clock in self.clocks],
            tasks=[
                Line(
                    f"{one.kind}\t{one.assignee_id}\t{one.sent_at}\t{one.sent_by}\t{one.due_at}"
                    f"\t{one.rest}"
                )
                for one in self.tasks
            ],
            attachments=[Line(one) for one in self.photos],
            reporter=drawn_reporter(report, self.draw),
        )


_NO_STEP: Final = Step(act="report", desk="", person=None)
