"""A small coherent city with every role, and cases in any state, made by the real acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from chengyun.administration.models import Organisation, Person
from chengyun.administration.operations import seed_reference_data
from chengyun.administration.rules.actor import Actor
from chengyun.administration.tests.builders import actor_for, make_organisation, make_person
from chengyun.cases.models import Attachment, Case, DisposalStandard, MatterType, StandardSet
from chengyun.cases.operations.advance import act_on_case
from chengyun.cases.operations.choices import ActRequest
from chengyun.cases.operations.report import ReporterInput, ReportInput, report_case
from chengyun.territory.models import UnitGrid
from chengyun.territory.tests.builders import DISTRICT, make_duties, make_grids, middle

MONDAY_9 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 2026-03-02 09:00 in Shanghai: a working morning."""
RUBBISH, COVER = "06012", "01002"
STEP = timedelta(minutes=1)


@dataclass(kw_only=True)
class City:
    """One district with people of every role.

    people : by role; `department` works for `works`, `cleaner` for `cleaning`, `outsider` has every
        desk in another district
    types : matter type by code; `standards` : the first filing condition by type code
    """

    grids: list[UnitGrid]
    works: Organisation
    cleaning: Organisation
    people: dict[str, Person]
    types: dict[str, MatterType]
    standards: dict[str, DisposalStandard]
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """Return somebody as an Actor, built once."""
        if name not in self.actors:
            self.actors[name] = actor_for(self.people[name])
        return self.actors[name]


def make_city() -> City:
    """Make the city."""
    seed_reference_data()
    grids = make_grids()
    root = make_organisation(zh="示范市", kind="city", division_code=DISTRICT[:4])
    watch = make_organisation(zh="监督中心", kind="supervision_centre", parent=root)
    command = make_organisation(zh="指挥中心", kind="command_centre", parent=root)
    works = make_organisation(zh="市政管护中心", parent=root, department_kind="municipal")
    cleaning = make_organisation(zh="环卫所", parent=root, department_kind="sanitation")
    centres = {
        "collector": watch,
        "hotline_operator": watch,
        "acceptor": watch,
        "shift_leader": watch,
        "dispatcher": command,
        "inspector": command,
        "leader": root,
        "integrator": root,
        "administrator": root,
    }
    people = {
        role: make_person(role=role, organisation=place, division_code=DISTRICT, name=role)
        for role, place in centres.items()
    }
    people["second_collector"] = make_person(
        role="collector", organisation=watch, division_code=DISTRICT, name="second_collector"
    )
    for name, organisation in (("department", works), ("cleaner", cleaning)):
        people[name] = make_person(
            role="department", organisation=organisation, scope_organisation=organisation, name=name
        )
    people["outsider"] = _outsider(root)
    for name in ("collector", "second_collector"):
        make_duties(people[name], grids)
    types = {RUBBISH: make_type(RUBBISH), COVER: make_type(COVER, kind="component")}
    return City(
        grids=grids,
        works=works,
        cleaning=cleaning,
        people=people,
        types=types,
        standards={code: make_standard(found) for code, found in types.items()},
    )


def _outsider(root: Organisation) -> Person:
    desks = ("collector", "acceptor", "shift_leader", "dispatcher", "department", "hotline")
    return make_person(
        permissions=["case.read", "case.report", "case.batch", *(f"case.act.{d}" for d in desks)],
        organisation=root,
        division_code="330188",
        name="outsider",
    )


def make_type(code: str, *, kind: str = "matter", **values: Any) -> MatterType:
    """Make a matter type of the present standard."""
    defaults = {
        "class_code": code[:2],
        "class_zh": f"{code[:2]} 类",
        "class_en": f"Class {code[:2]}",
        "zh": f"类型{code}",
        "en": f"Type {code}",
        "code_2013": f"{code[:2]}{code[3:]}",
    }
    return MatterType.objects.create(
        standard="GB/T 47678.5-2026", kind=kind, code=code, **(defaults | values)
    )


def make_standard(
    matter_type: MatterType,
    *,
    limit: tuple[str, str] = ("4", "working_hour"),
    area_class: str = "",
    condition_no: int = 1,
    active: bool = True,
) -> DisposalStandard:
    """Make a filing condition."""
    chosen, _ = StandardSet.objects.get_or_create(
        code="default", defaults={"zh": "缺省", "active": True}
    )
    return DisposalStandard.objects.create(
        set=chosen,
        matter_type=matter_type,
        condition_no=condition_no,
        area_class=area_class,
        filing_condition="超过 1 平方米",
        closing_condition="清理干净",
        limit_value=Decimal(limit[0]),
        limit_unit=limit[1],
        active=active,
    )


def make_attachment(
    person: Person, *, phase: str = "report", kind: str = "photo", at: datetime = MONDAY_9
) -> UUID:
    """Make an unbound attachment of the person; there is no file behind it."""
    made = uuid4()
    Attachment.objects.create(
        id=made,
        phase=phase,
        kind=kind,
        media_type="image/jpeg",
        size=1000,
        sha256="0" * 64,
        storage_key=f"attachments/2026/03/02/{made}.jpg",
        thumbnail_key=f"attachments/2026/03/02/{made}-thumb.webp" if kind == "photo" else "",
        by=person,
        at=at,
    )
    return made


def report_input(city: City, *, by: str = "collector", **values: Any) -> ReportInput:
    """Return a sound report in the first grid, with a photo where a collector reports."""
    lon, lat = middle(0, 0)
    defaults: dict[str, Any] = {"type_code": RUBBISH, "lon": lon, "lat": lat}
    if by in {"collector", "second_collector"} and "attachment_ids" not in values:
        defaults["attachment_ids"] = [make_attachment(city.people[by])]
    if by == "hotline_operator":
        defaults["reporter"] = ReporterInput(name="王先生", phone="13812342207")
    return ReportInput(**(defaults | values))


def report(city: City, *, by: str = "collector", at: datetime = MONDAY_9, **values: Any) -> Case:
    """Report a case as somebody."""
    given = report_input(city, by=by, **values)
    return Case.objects.get(pk=report_case(actor=city.actor(by), given=given, at=at))


def act(city: City, case: Case, name: str, *, by: str, at: datetime, **values: Any) -> Case:
    """Do an act as somebody, with what its row of the table needs; return the case afresh."""
    act_on_case(
        actor=city.actor(by), case_id=case.pk, request=request_for(city, name, by, **values), at=at
    )
    case.refresh_from_db()
    return case


def request_for(city: City, name: str, by: str, **values: Any) -> ActRequest:
    """Return a sound request for an act."""
    defaults: dict[str, Any] = {"opinion": "照办"}
    if name == "file":
        defaults["standard_id"] = city.standards[RUBBISH].pk
    if name in {"dispatch", "redispatch"}:
        defaults["organisation_id"] = (city.works if name == "dispatch" else city.cleaning).pk
    if name in {"send_verification", "send_check"}:
        defaults["assignee_id"] = city.people["collector"].pk
    if name in {"answer_verification", "answer_check"}:
        defaults["result"] = True
    if name in {"answer_verification", "answer_check", "hand_back"}:
        defaults["attachment_ids"] = [make_attachment(city.people[by])]
    if name in {"refuse", "decline_filing", "apply_void"}:
        defaults["reason"] = "duplicate"
    if name == "close":
        defaults["condition"] = "清理干净"
    return ActRequest(act=name, **(defaults | values))


MAIN_PATH: tuple[tuple[str, str, str], ...] = (
    ("accepted", "accept", "acceptor"),
    ("filed", "file", "shift_leader"),
    ("dispatched", "dispatch", "dispatcher"),
    ("handling", "start_handling", "department"),
    ("handled", "hand_back", "department"),
    ("feedback_given", "give_feedback", "dispatcher"),
    ("checking", "send_check", "acceptor"),
    ("check_passed", "answer_check", "collector"),
    ("closed", "close", "shift_leader"),
)


def make_case(
    city: City,
    state: str = "reported",
    *,
    at: datetime = MONDAY_9,
    step: timedelta = STEP,
    **values: Any,
) -> Case:
    """Make a case in a state of the main path (or verifying, check_failed), a step per act."""
    case = report(city, at=at, **values)
    if state == "verifying":
        return act(city, case, "send_verification", by="acceptor", at=at + step)
    for number, (reached, name, by) in enumerate(MAIN_PATH, start=1):
        if case.state == state:
            return case
        failed = state == "check_failed" and name == "answer_check"
        extra: dict[str, Any] = {"result": False} if failed else {}
        act(city, case, name, by=by, at=at + number * step, **extra)
        assert case.state == ("check_failed" if failed else reached)
    assert case.state == state
    return case


def photos(person: Person, count: int, *, phase: str = "report") -> Sequence[UUID]:
    """Make several unbound photos."""
    return [make_attachment(person, phase=phase) for _ in range(count)]
