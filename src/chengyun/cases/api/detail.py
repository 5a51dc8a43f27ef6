"""Routes that read one case: its page, log, neighbours, reporter and proposals."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import StringConstraints

from chengyun.administration.http import actor_of
from chengyun.cases.api.answers import case_answer, json_answer
from chengyun.cases.api.case_shapes import (
    CaseOut,
    LogPage,
    NearbyOut,
    ProposalsOut,
    ReporterOut,
)
from chengyun.cases.api.shapes import Id
from chengyun.cases.queries.case_log import list_log
from chengyun.cases.queries.nearby import list_nearby
from chengyun.cases.queries.proposals import list_proposals
from chengyun.cases.queries.reporters import read_reporters

router = Router(tags=["cases"])
Radius = Annotated[int, Query(ge=10, le=5000)]


@router.get("/{int:case_id}", response=CaseOut, summary="Read a case")
def get_case(request: HttpRequest, case_id: Id) -> HttpResponse:
    """Return the case with clocks, tasks, attachments and the acts you may do now."""
    return case_answer(actor_of(request), case_id)


@router.get("/{int:case_id}/log", response=LogPage, summary="Read a case's log")
def list_case_log(
    request: HttpRequest,
    case_id: Id,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[str, StringConstraints(max_length=400)] | None = None,
) -> HttpResponse:
    """Return the log, oldest first."""
    actor = actor_of(request)
    return json_answer(list_log(actor=actor, case_id=case_id, limit=limit, after=after))


@router.get("/{int:case_id}/nearby", response=NearbyOut, summary="List cases near a case")
def list_cases_nearby(request: HttpRequest, case_id: Id, radius_m: Radius = 200) -> HttpResponse:
    """Return cases within the radius, open ones first."""
    actor = actor_of(request)
    return json_answer({"items": list_nearby(actor=actor, case_id=case_id, radius_m=radius_m)})


@router.get("/{int:case_id}/reporter", response=ReporterOut, summary="Read who reported")
def read_reporter(request: HttpRequest, case_id: Id) -> HttpResponse:
    """Return name and telephone unmasked; the reading is logged."""
    return json_answer(read_reporters(actor=actor_of(request), case_id=case_id))


@router.get("/{int:case_id}/proposals", response=ProposalsOut, summary="List proposals")
def list_case_proposals(request: HttpRequest, case_id: Id) -> HttpResponse:
    """Return filing conditions, departments and collectors that fit, each with its reason."""
    return json_answer(list_proposals(actor=actor_of(request), case_id=case_id))
