"""Shapes of the routes of the census."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from chengyun.components.api.shapes import (
    Accuracy,
    Bearing,
    ComponentLocation,
    ComponentPhotoOut,
    ComponentTypeRef,
    ComponentWord,
    Day,
    Id,
    Instant,
    Line,
    Name,
    Note,
    OrganisationId,
    Reason,
    Strict,
    Word,
)
from chengyun.components.operations.census_findings import MOST_AT_ONCE, FindingInput
from chengyun.components.operations.census_plans import MOST_AREAS, CensusPlanInput
from chengyun.components.queries.census import TaskFilter

AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,20}$")]
TypeOrClass = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,8}$")]
DeviceKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
Metres = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
PlanState = Literal["draft", "open", "closed", "cancelled"]
TaskState = Literal["assigned", "collecting", "submitted", "returned", "accepted"]
FindingKind = Literal["confirmed", "changed", "gone", "new"]


class CensusPlanIn(Strict):
    """A census: where (codes of divisions or grids), of which types, when, by whom."""

    name: Annotated[Name, Field(min_length=1)]
    unit: Literal["grid", "community"] = "grid"
    areas: Annotated[list[AreaCode], Field(min_length=1, max_length=MOST_AREAS)]
    types: Annotated[list[TypeOrClass], Field(max_length=200)] = Field(default_factory=list)
    starts_on: Day
    ends_on: Day
    collectors: Annotated[list[Id], Field(max_length=500)] = Field(default_factory=list)
    by_duty: bool = True
    note: Note = ""
    tolerance_m: Metres = 2
    duplicate_m: Metres = 3

    def planned(self) -> CensusPlanInput:
        """Return the operation's input."""
        return CensusPlanInput(**self.dict())


class CensusActIn(Strict):
    """A move of a plan; some ask for a reason."""

    act: Literal["open", "close", "close_early", "cancel"]
    reason: Reason = ""


class CensusAssignmentIn(Strict):
    """Which tasks go to whom."""

    tasks: Annotated[list[Id], Field(min_length=1, max_length=2000)]
    collector_id: Id
    reason: Reason = ""


class CensusTaskFilterIn(Schema):
    """Which tasks. `mine` leaves one's own in plans that are open."""

    plan: Id | None = None
    state: TaskState | Literal[""] = ""
    division: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,20}$")] = ""
    collector: Id | None = None
    mine: bool = False

    def wanted(self) -> TaskFilter:
        """Return the filter."""
        return TaskFilter(**self.dict())


class FindingValues(Strict):
    """What was found; of a known component only what differs, its attributes whole."""

    name: Name | None = None
    state: Word | None = None
    competent_id: OrganisationId | None = None
    owner_id: OrganisationId | None = None
    maintainer_id: OrganisationId | None = None
    address: Line | None = None
    accuracy: Accuracy | None = None
    bearing: Bearing | None = None
    note: Note | None = None
    initial_on: Day | None = None
    attributes: Annotated[dict[str, Any], Field(max_length=100)] | None = None


class FindingIn(Strict):
    """A finding. `key` is the device's: sent twice it is kept once, sent anew it replaces."""

    key: DeviceKey
    kind: FindingKind
    component_id: Id | None = None
    type: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,8}$")] = ""
    location: ComponentLocation | None = None
    values: FindingValues = Field(default_factory=FindingValues)
    note: Note = ""
    found_at: Instant | None = None

    def found(self) -> FindingInput:
        """Return the operation's input; raise Invalid, GeometryUnusable."""
        return FindingInput(
            key=self.key,
            kind=self.kind,
            component_id=self.component_id,
            type_code=self.type,
            geometry=self.location.shape() if self.location else None,
            crs=self.location.crs if self.location else "EPSG:4490",
            values=self.values.dict(exclude_unset=True, exclude_none=True),
            note=self.note,
            found_at=self.found_at,
        )


class FindingsIn(Strict):
    """Findings as a device sends them, after a time without a network perhaps many."""

    items: Annotated[list[FindingIn], Field(min_length=1, max_length=MOST_AT_ONCE)]


class DecisionIn(Strict):
    """What is accepted or refused: some findings, or every undecided one."""

    accept: bool
    findings: Annotated[list[Id], Field(min_length=1, max_length=2000)] | None = None
    reason: Reason = ""


class CensusReturnIn(Strict):
    """Why a task goes back."""

    reason: Reason


class CensusFigures(Schema):
    """Numbers of components: known before, found, decided."""

    known: int
    confirmed: int
    changed: int
    gone: int
    fresh: int
    undecided: int
    accepted: int
    refused: int


class CensusEventOut(Schema):
    """Who moved a plan or a task."""

    act: str
    at: Instant
    by: str
    reason: str
    from_state: str
    to_state: str


class CensusPlanRow(Schema):
    """A plan with the figures of the tasks that the reader sees."""

    id: int
    name: str
    unit: str
    types: list[str]
    starts_on: date
    ends_on: date
    note: str
    tolerance_m: float
    duplicate_m: float
    state: PlanState
    version: int
    by: str
    created_at: Instant
    updated_at: Instant
    ended_at: Instant | None
    tasks: int
    unassigned: int
    by_state: dict[str, int]
    figures: CensusFigures
    acts: list[str]


class CensusTypeFigures(Schema):
    """What a report tells of a type."""

    type: str
    confirmed: int
    changed: int
    gone: int
    new: int
    accepted: int


class CensusReport(Schema):
    """The outcome of a plan; `left` names areas that were not accepted, at most 200."""

    tasks: int
    accepted_tasks: int
    figures: CensusFigures
    by_type: list[CensusTypeFigures]
    left: list[str]


class CensusPlanOut(CensusPlanRow):
    """A plan with its report and what was done with it."""

    report: CensusReport | None
    events: list[CensusEventOut]


class CensusPlanPage(Schema):
    """A page of plans."""

    items: list[CensusPlanRow]
    next: str | None


class CensusCollector(Schema):
    """Who collects."""

    id: int
    name: str


class CensusTaskRow(Schema):
    """A task as lists show it; its area is a unit grid or a community."""

    id: int
    plan_id: int
    plan_name: str
    plan_state: PlanState
    unit: str
    ends_on: date
    area_code: str
    community: ComponentWord
    street: ComponentWord
    district: ComponentWord
    collector: CensusCollector | None
    state: TaskState
    figures: CensusFigures
    version: int
    updated_at: Instant
    submitted_at: Instant | None
    ended_at: Instant | None


class CensusTaskOut(CensusTaskRow):
    """A task with its extent (west, south, east, north) and the acts that are possible now."""

    bounds: list[float] | None
    unseen: int
    is_own: bool
    acts: list[str]
    events: list[CensusEventOut]


class CensusTaskPage(Schema):
    """A page of tasks."""

    items: list[CensusTaskRow]
    next: str | None


class KnownFinding(Schema):
    """The finding that a known component has in the task."""

    key: str
    kind: FindingKind
    decision: str
    decision_reason: str


class CensusKnown(Schema):
    """A component that is known in a task's area."""

    id: int
    code: str
    name: str
    type: ComponentTypeRef
    state: str
    address: str
    lon: float
    lat: float
    attributes: dict[str, Any]
    version: int
    finding: KnownFinding | None


class CensusKnownPage(Schema):
    """A page of what is known, by code."""

    items: list[CensusKnown]
    next: str | None


class SaidValue(Schema):
    """A value in words."""

    zh: str
    en: str


class CensusDifference(Schema):
    """A field side by side; `label` names a further attribute."""

    field: str
    label: SaidValue | None
    known: SaidValue
    found: SaidValue


class CensusDuplicate(Schema):
    """What lies so near that it may be the same: a component, or another finding."""

    what: Literal["component", "finding"]
    id: int
    code: str
    distance_m: float


class CensusFindingOut(Schema):
    """What was found, against what was known. `is_stale`: the component changed since."""

    id: int
    key: str
    kind: FindingKind
    component_id: int | None
    code: str | None
    name: str
    type: ComponentTypeRef
    differences: list[CensusDifference]
    moved_m: float | None
    accuracy: str
    known_lon: float | None
    known_lat: float | None
    lon: float | None
    lat: float | None
    duplicates: list[CensusDuplicate]
    photos: list[ComponentPhotoOut]
    note: str
    found_at: Instant
    by: str
    is_stale: bool
    decision: str
    decision_reason: str
    decided_at: Instant | None
    decided_by: str
    made_id: int | None
    made_code: str | None


class CensusFindingPage(Schema):
    """A page of findings, in the order in which they came."""

    items: list[CensusFindingOut]
    next: str | None


class FindingFault(Schema):
    """One thing that is wrong with a finding."""

    field: str | None
    code: str
    message: str


class FindingOutcomeOut(Schema):
    """What became of a finding; `kind` may have become `confirmed` when nothing differs.

    `errors` tells everything that is wrong with it, `code`, `field` and `detail` the first or
    the whole.
    """

    key: str
    ok: bool
    id: int | None
    kind: str
    code: str | None
    field: str | None
    detail: str | None
    errors: list[FindingFault]


class FindingOutcomes(Schema):
    """What became of each, in the order sent."""

    results: list[FindingOutcomeOut]


class DecisionOutcomeOut(Schema):
    """What became of a decision, and the component that it made or changed."""

    id: int
    ok: bool
    component_id: int | None
    code: str | None
    detail: str | None


class DecisionOutcomes(Schema):
    """What became of each, and the task as it is now."""

    results: list[DecisionOutcomeOut]
    task: CensusTaskOut


class CensusHistoryRow(Schema):
    """What a census found of a component."""

    kind: FindingKind
    found_at: Instant
    by: str
    decision: str
    note: str
    task_id: int
    plan_id: int
    plan_name: str


class CensusHistory(Schema):
    """What censuses found of a component; `next` is always null."""

    items: list[CensusHistoryRow]
    next: str | None


class CensusMoveOut(Schema):
    """A row of the table of moves."""

    thing: Literal["plan", "task"]
    act: str
    zh: str
    en: str
    from_states: list[str]
    to_state: str
    permission: str
    guards: list[str]
    needs_reason: bool


class CensusMoves(Schema):
    """The table of moves; `next` is always null."""

    items: list[CensusMoveOut]
    next: str | None
