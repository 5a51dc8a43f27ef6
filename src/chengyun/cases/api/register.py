"""Routes that report a case, and that look before reporting."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.cases.api.answers import case_answer
from chengyun.cases.api.case_shapes import CaseOut
from chengyun.cases.api.once import done_once
from chengyun.cases.api.shapes import (
    NO_NUL,
    AttachmentIds,
    Code,
    Key,
    Line,
    Location,
    Strict,
    Words,
)
from chengyun.cases.operations.report import ReporterInput, ReportInput, report_case
from chengyun.cases.queries.suggestions import suggest_before_report

router = Router(tags=["cases"])

Name = Annotated[str, StringConstraints(max_length=60, pattern=NO_NUL, strip_whitespace=True)]
Phone = Annotated[str, StringConstraints(max_length=30, pattern=r"^[0-9+() -]*$")]
Title = Annotated[str, StringConstraints(max_length=120, pattern=NO_NUL, strip_whitespace=True)]
TypeCode = Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=r"^[0-9]+$")]
Kind = Literal["component", "matter"]


class ReporterIn(Strict):
    """Who called or wrote."""

    name: Name = ""
    phone: Phone = ""
    anonymous: bool = False


class ReportIn(Strict):
    """A report. `type` is a code of the 2026 list; 2013 and 2007 codes are mapped."""

    type: TypeCode
    location: Location
    source: Code = Field("", description="empty = the usual one of your desk")
    kind: Kind | None = None
    title: Title = ""
    description: Words = ""
    address: Line = ""
    component_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{0,20}$")] = ""
    urgent: bool = False
    record_type: Literal["daily", "survey", "other"] = "daily"
    self_handled: bool = Field(default=False, description="fixed on the spot by the collector")
    reporter: ReporterIn | None = None
    attachments: AttachmentIds = Field(default_factory=list)


class SuggestIn(Strict):
    """Where and what one is about to report."""

    location: Location
    type: TypeCode | None = None
    kind: Kind | None = None


class PlaceNameOut(Schema):
    """A division."""

    code: str
    zh: str
    en: str


class SuggestedGridOut(Schema):
    """The unit grid at the point."""

    id: int
    code: str
    area_class: str


class DuplicateOut(Schema):
    """An open case that the report probably repeats, with the reason."""

    id: int
    number: str
    title: str
    state: str
    distance_m: float
    reported_at: str
    thumbnail: str | None
    zh: str
    en: str


class SuggestOut(Schema):
    """The place, and cases that are probably the same."""

    grid: SuggestedGridOut | None
    community: PlaceNameOut | None
    street: PlaceNameOut | None
    district: PlaceNameOut | None
    in_scope: bool
    duplicates: list[DuplicateOut]


@router.post("", response={201: CaseOut}, summary="Report a case")
def report(request: HttpRequest, body: ReportIn, idempotency_key: Key = None) -> HttpResponse:
    """Report a case and answer 201 with it; the same Idempotency-Key reports once."""
    actor = actor_of(request)
    given = _given(body)
    case_id = done_once(
        request, actor, idempotency_key, lambda: report_case(actor=actor, given=given)
    )
    return case_answer(actor, case_id, status=201)


@router.post("/suggest", response=SuggestOut, summary="Look before reporting")
def suggest(request: HttpRequest, body: SuggestIn) -> dict[str, Any]:
    """Return the grid of a point and the open cases that a report there would repeat."""
    point = body.location.stored()
    return suggest_before_report(
        actor=actor_of(request),
        lon=point.lon,
        lat=point.lat,
        type_code=body.type or "",
        kind=body.kind or "",
    )


def _given(body: ReportIn) -> ReportInput:
    point = body.location.stored()
    person = body.reporter
    return ReportInput(
        type_code=body.type,
        kind=body.kind or "",
        lon=point.lon,
        lat=point.lat,
        given_in=point.given_in,
        source=body.source,
        title=body.title,
        description=body.description,
        address=body.address,
        component_code=body.component_code,
        urgent=body.urgent,
        record_type=body.record_type,
        self_handled=body.self_handled,
        reporter=ReporterInput(**person.model_dump()) if person else None,
        attachment_ids=tuple(body.attachments),
    )
