"""Past and open cases of the bench, ready for `insert_history`."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from chengyun.cases.bench import skeletons
from chengyun.cases.bench.city import City, Ground, grounds
from chengyun.cases.bench.reference import StandardInUse, grid_ids
from chengyun.cases.bench.skeletons import ORIGIN, Skeleton, Step
from chengyun.cases.operations.bulk import PastCase, PastClock, PastReporter, PastTask
from chengyun.cases.rules.clocks import Clock, light_at, present
from chengyun.cases.rules.log_entry import LogContent
from chengyun.cases.rules.reporting import case_terms

DAYS = 1_095
OPEN_SHARE = 0.03
SKELETONS = 600
_SPOTS = [
    "路口",
    "公交站旁",
    "小学东侧",
    "菜市场门前",
    "小区北门",
    "桥头",
    "银行对面",
    "公园入口",
    "医院西侧",
    "加油站旁",
]
_SIGHTS = (
    "影响通行，请尽快处理",
    "已有市民多次反映",
    "面积约两平方米，有异味",
    "夜间看不清，存在安全隐患",
    "现场无人看管，靠近学校",
    "雨后加重，车辆绕行",
)
_TASK_KINDS = {"verification": "verify", "check": "check"}
_PUBLIC, _OWN = ("hotline", "public"), ("collector", "inspection", "video")


class HistoryMaker:
    """Makes cases; the same numbers give the same cases, in whichever process."""

    def __init__(self, *, city: City, standards: list[StandardInUse], now: datetime) -> None:
        self._city = city
        self._standards = standards
        self._draw = random.Random(0)  # noqa: S311 - made-up cases, nothing secret
        self._now = now
        self._grounds = grounds()
        self._grid_ids = grid_ids()
        self._ended = skeletons.make_skeletons(self._draw, SKELETONS, is_open=False)
        self._open = skeletons.make_skeletons(self._draw, SKELETONS, is_open=True)
        self._terms: dict[str, list[int]] = {}

    def cases(self, numbers: range) -> Iterator[PastCase]:
        """Yield the cases with these sequence numbers."""
        self._draw.seed(numbers.start)
        for number in numbers:
            yield self._case(number)

    def _case(self, number: int) -> PastCase:
        draw = self._draw
        is_open = draw.random() < OPEN_SHARE
        skeleton = draw.choice(self._open if is_open else self._ended)
        age = timedelta(seconds=skeleton.age_s)
        if not is_open:
            age += timedelta(seconds=draw.random() * DAYS * 86_400)
        reported = (self._now - age).replace(microsecond=0)
        ground = draw.choice(self._grounds)
        standard = draw.choice(self._standards)
        people = _People(self._city, ground, standard)
        lon, lat = (round(edge + draw.random() * 0.001, 7) for edge in (ground.lon, ground.lat))
        shift = reported - ORIGIN
        clocks = [_clock(clock, shift, people, self._now) for clock in skeleton.clocks]
        values = self._described(number, reported, ground, standard, skeleton)
        values |= _standing(skeleton, reported, people, self._now)
        return PastCase(
            values=values,
            log=[_entry(step, reported, people, (lon, lat)) for step in skeleton.steps],
            position=(lon, lat),
            clocks=clocks,
            tasks=list(_tasks(skeleton, reported, people)),
            reporter=PastReporter(at=reported, name="王建国", phone="13812342207", source="hotline")
            if skeleton.public
            else None,
        )

    def _described(
        self,
        number: int,
        reported: datetime,
        ground: Ground,
        standard: StandardInUse,
        skeleton: Skeleton,
    ) -> dict[str, Any]:
        draw = self._draw
        address = f"{ground.place}{draw.choice(_SPOTS)}"
        description = f"{standard.zh}，{draw.choice(_SIGHTS)}"
        name = f"BJ{reported:%Y%m%d}-{number:07d}"
        return {
            "number": name,
            "kind": standard.kind,
            "source": draw.choice(_PUBLIC if skeleton.public else _OWN),
            "matter_type_id": standard.matter_type_id,
            "title": standard.zh,
            "description": description,
            "address": address,
            "grid_id": self._grid_ids[ground.code],
            "grid_code": ground.code,
            "community_code": ground.code[:12],
            "street_code": ground.code[:9],
            "district_code": ground.code[:6],
            "area_class": "B",
            "urgent": draw.random() < 0.02,  # noqa: PLR2004 - share of urgent cases
            "search": self._search(name, f"{address} {description}"),
        }

    def _search(self, number: str, text: str) -> list[int]:
        known = self._terms.get(text)
        if known is None:
            known = self._terms[text] = case_terms(text)
        return [*known, *case_terms(number)]


class _People:
    """Who stands behind the placeholders of a skeleton."""

    def __init__(self, city: City, ground: Ground, standard: StandardInUse) -> None:
        of_kind = city.departments.get(standard.department_kind) or city.departments["municipal"]
        self.organisation = of_kind[ground.district]
        self.organisation_name = city.names[self.organisation]
        self.by_desk = {
            "acceptor": city.people["acceptor"],
            "hotline": city.people["hotline_operator"],
            "shift_leader": city.people["shift_leader"],
            "dispatcher": city.people["dispatcher"],
            "department": city.handlers[self.organisation],
            "collector": city.collectors[ground.street],
        }
        self._stand_ins = {
            skeletons.STANDARD: standard.id,
            skeletons.ORGANISATION: self.organisation,
            skeletons.COLLECTOR: self.by_desk["collector"],
            skeletons.HANDLER: self.by_desk["department"],
        }

    def real(self, value: int | None) -> int | None:
        """Return the id that a placeholder stands for."""
        return None if value is None else self._stand_ins.get(value, value)


def _entry(
    step: Step, reported: datetime, people: _People, position: tuple[float, float]
) -> LogContent:
    data = dict(step.data)
    for name in ("standard_id", "organisation_id", "assignee_id"):
        data[name] = people.real(data[name])
    holder = data["holder"]
    data["holder"] = {
        "desk": holder["desk"],
        "organisation_id": people.real(holder["organisation_id"]),
        "person_id": people.real(holder["person_id"]),
    }
    actor = people.by_desk.get(step.desk)
    return LogContent(
        act=step.act,
        at=reported + timedelta(seconds=step.after_s),
        from_state=step.from_state,
        to_state=step.to_state,
        actor_id=actor,
        actor_name=f"bench_{step.desk}",
        role=step.desk,
        opinion="情况属实，请按标准办理" if step.act != "report" else "",
        receiver=people.organisation_name if step.act == "dispatch" else "",
        lon=position[0] if step.desk == "collector" else None,
        lat=position[1] if step.desk == "collector" else None,
        data=data,
    )


def _tasks(skeleton: Skeleton, reported: datetime, people: _People) -> Iterator[PastTask]:
    """Yield the verify and check tasks of the way; the last may be unanswered."""
    task: PastTask | None = None
    for step in skeleton.steps:
        at = reported + timedelta(seconds=step.after_s)
        act, _, kind = step.act.partition("_")
        if act == "send" and kind in _TASK_KINDS:
            task = PastTask(
                kind=_TASK_KINDS[kind], assignee_id=people.by_desk["collector"], sent_at=at
            )
            yield task
        elif act == "answer" and task is not None:
            task.answered_at, task.result = at, step.data["result"]


def _clock(clock: Clock, shift: timedelta, people: _People, now: datetime) -> PastClock:
    return PastClock(
        stage=clock.stage,
        round=clock.round,
        organisation_id=people.real(clock.organisation_id),
        limit_value=clock.limit.amount,
        limit_unit=clock.limit.unit.value,
        limit_s=clock.limit_s,
        started_at=clock.started_at + shift,
        due_at=clock.due_at + shift,
        yellow_at=clock.yellow_at + shift,
        paused_at=clock.paused_at and clock.paused_at + shift,
        paused_s=clock.paused_s,
        pauses=None,
        used_s=clock.used_s,
        extended_s=clock.extended_s,
        yellow_s=clock.yellow_s,
        finished_at=clock.finished_at and clock.finished_at + shift,
        light=int(light_at(clock, now - shift)),
        overdue=clock.overdue,
        exempt=clock.exempt,
        uncertain=clock.uncertain,
    )


def _standing(
    skeleton: Skeleton, reported: datetime, people: _People, now: datetime
) -> dict[str, Any]:
    """Return the columns that repeat the log and the clocks."""
    facts, shift = skeleton.facts, reported - ORIGIN
    at = now - shift
    seen = present(skeleton.clocks, at)
    whole = next((clock for clock in skeleton.clocks if clock.stage == "whole"), None)
    case_due = seen.case_due_at or (whole.due_at if whole else None)
    stamps: dict[str, Any] = {
        name: reported + timedelta(seconds=after_s) for name, after_s in skeleton.stamps.items()
    }
    return {
        "state": facts.state,
        "desk": facts.holder.desk,
        "is_open": not skeleton.ended,
        "holder_organisation_id": people.real(facts.holder.organisation_id),
        "holder_person_id": people.real(facts.holder.person_id),
        "pending": facts.pending,
        "verified": facts.verified,
        "standard_id": people.real(facts.standard_id),
        "responsible_id": people.real(facts.responsible_organisation_id),
        "created_by_id": people.by_desk["hotline" if skeleton.public else "collector"],
        "stage": seen.stage,
        "due_at": seen.due_at and seen.due_at + shift,
        "yellow_at": seen.yellow_at and seen.yellow_at + shift,
        "light": int(seen.light),
        "case_due_at": case_due and case_due + shift,
        "case_yellow_at": seen.case_yellow_at and seen.case_yellow_at + shift,
        "case_light": int(light_at(whole, at)) if whole else 0,
        "rework_count": facts.rework_count,
        "return_count": facts.return_count,
        "reported_at": reported,
        "updated_at": reported + timedelta(seconds=skeleton.length_s),
        **stamps,
    }
