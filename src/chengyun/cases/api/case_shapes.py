"""Shapes of the case answers, as the OpenAPI file tells them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema

Light = Literal["none", "green", "yellow", "red"]


class Named(Schema):
    """A code with its names."""

    code: str
    zh: str
    en: str


class Reference(Schema):
    """A person."""

    id: int
    name: str


class OrganisationReference(Schema):
    """An organisation."""

    id: int
    name: str
    name_en: str


class TypeOut(Named):
    """The matter type of a case."""

    class_code: str
    class_zh: str
    class_en: str


class CaseHolderOut(Schema):
    """Who has the case now; desk '' when it has ended."""

    desk: str
    organisation: OrganisationReference | None
    person: Reference | None


class CaseRowOut(Schema):
    """A case in a list. Instants in UTC; lon, lat in EPSG:4490 [degrees]."""

    id: int
    number: str
    title: str
    kind: str
    state: str
    source: str
    record_type: str
    type: TypeOut
    address: str
    district: Named | None
    street: Named | None
    community: Named | None
    grid_code: str
    lon: float | None
    lat: float | None
    light: Light
    due_at: datetime | None
    yellow_at: datetime | None
    stage: str
    case_due_at: datetime | None
    case_light: Light
    is_open: bool
    reported_at: datetime
    updated_at: datetime
    urgent: bool
    holder: CaseHolderOut
    thumbnail: str | None
    rework_count: int
    version: int
    pending_kind: str
    calendar_uncertain: bool


class CasePage(Schema):
    """A page of cases; `next` is the token of the next one."""

    items: list[CaseRowOut]
    next: str | None


class StandardChoice(Schema):
    """A filing condition with its limit and closing condition."""

    id: int
    condition: str
    area_class: str | None
    condition_zh: str
    condition_en: str
    closing_zh: str
    closing_en: str
    limit_value: float
    limit_unit: str
    limit_zh: str
    limit_en: str
    department_kind: str | None


class CaseClock(Schema):
    """A clock; seconds are counted ones in the tempo of the unit."""

    id: int
    stage: str
    round: int
    limit_value: float
    limit_unit: str
    limit_zh: str
    limit_en: str
    limit_s: int
    started_at: datetime
    due_at: datetime
    yellow_at: datetime
    paused_at: datetime | None
    used_s: int
    remaining_s: int
    finished_at: datetime | None
    overdue: bool
    light: Light
    exempt: bool
    uncertain: bool


class PendingOut(Schema):
    """An application that waits for a decision."""

    kind: str
    reason: str
    by: str
    at: datetime


class TaskOut(Schema):
    """A verify or check task."""

    id: int
    kind: str
    assignee: Reference
    sent_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    result: bool | None
    opinion: str


class FileOut(Schema):
    """A file; lon, lat (EPSG:4490) and taken_at are what the device wrote into it."""

    id: UUID
    phase: str
    kind: str
    media_type: str
    name: str
    size: int
    width: int | None
    height: int | None
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    url: str
    thumbnail: str | None
    at: datetime


class CaseAttachment(FileOut):
    """A file of the case, with the name of who uploaded it."""

    by: str | None


class MaskedReporter(Schema):
    """Who reported, masked."""

    name_masked: str | None
    phone_masked: str | None
    anonymous: bool
    has_private: bool


class ResultWords(Schema):
    """An answer that an act asks for."""

    value: bool
    zh: str
    en: str


class ActNeeds(Schema):
    """What an act asks for; `accepts` names what may be given beside."""

    opinion: bool
    opinion_zh: str
    opinion_en: str
    photos: int
    phase: str
    standard: bool
    condition: bool
    organisation: bool
    assignee: bool
    reason: bool
    reasons: str
    result: bool
    results: list[ResultWords]
    accepts: list[str]


class ActOut(Schema):
    """An act that the reader may do; `reason` says why it is not possible just now."""

    act: str
    zh: str
    en: str
    primary: bool
    danger: bool
    key: str | None
    needs: ActNeeds
    enabled: bool
    reason: str | None
    reason_en: str | None


class NearbyCounts(Schema):
    """How many cases lie near; `most` = no count goes beyond it, so there may be more."""

    radius_m: int
    most: int
    open: int
    history: int


class StepOut(Named):
    """A step of the loop."""

    at: datetime | None
    state: Literal["done", "now", "todo"]


class CaseOut(CaseRowOut):
    """The whole of a case."""

    description: str
    component_code: str
    verified: bool | None
    area_class: str
    log_length: int
    standard: StandardChoice | None
    responsible: OrganisationReference | None
    assisting: list[OrganisationReference]
    clocks: list[CaseClock]
    pending: PendingOut | None
    tasks: list[TaskOut]
    attachments: list[CaseAttachment]
    reporter: MaskedReporter | None
    acts: list[ActOut]
    nearby: NearbyCounts
    steps: list[StepOut]


class LogEntryOut(Schema):
    """An entry of the log."""

    seq: int
    at: datetime
    act: str
    zh: str
    en: str
    actor: str | None
    role: str | None
    organisation: str | None
    opinion: str | None
    receiver: str | None
    from_state: str | None
    to_state: str
    result: bool | None
    attachments: list[CaseAttachment]
    lon: float | None
    lat: float | None
    hash: str


class LogPage(Schema):
    """A page of the log."""

    items: list[LogEntryOut]
    next: str | None


class NearbyCase(Schema):
    """A case near by."""

    id: int
    number: str
    title: str
    state: str
    light: Light
    lon: float
    lat: float
    open: bool
    type: Named
    reported_at: datetime
    distance_m: float


class NearbyOut(Schema):
    """Cases near by."""

    items: list[NearbyCase]


class ReporterOut(Schema):
    """A reporter unmasked."""

    name: str
    phone: str
    anonymous: bool
    source: str
    at: datetime


class DepartmentProposal(Schema):
    """A department with the reason."""

    organisation: OrganisationReference
    rule: str
    reason: str
    reason_en: str


class CollectorProposal(Schema):
    """A collector with the reason."""

    person: Reference
    reason: str
    reason_en: str


class ProposalsOut(Schema):
    """What fits the case."""

    standards: list[StandardChoice]
    departments: list[DepartmentProposal]
    collectors: list[CollectorProposal]
