"""Routes of the census: plan, collect, compare, accept, report."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router
from ninja.responses import Status
from pydantic import StringConstraints

from chengyun.administration.http import actor_of
from chengyun.administration.operations.idempotency import Answer, fingerprint, run_once
from chengyun.administration.throttle import Throttle
from chengyun.components.api import census_shapes as shapes
from chengyun.components.api.shapes import Id, Key, Token
from chengyun.components.operations import census_decisions, census_findings, census_plans
from chengyun.components.operations.census_export import export_census
from chengyun.components.queries import census
from chengyun.components.queries import census_findings as findings
from chengyun.components.rules.census import census_moves
from chengyun.files.http import as_download
from chengyun.kernel.errors import Fault, SeveralFaults

router = Router(tags=["component census"])

Limit = Annotated[int, Query(ge=1, le=200)]
DeviceKey = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
_TYPES: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILE: Final = {"schema": {"type": "string", "format": "binary"}}
_ANSWER: Final = {"description": "the file", "content": dict.fromkeys(_TYPES.values(), _FILE)}


@router.get("/moves", response=shapes.CensusMoves, summary="Read the table of moves")
def read_moves(request: HttpRequest) -> dict[str, Any]:
    """Return which act leads a plan or a task from where to where, and what it asks for."""
    census.require_any(actor_of(request))
    return {"items": [asdict(move) for move in census_moves()], "next": None}


@router.get("/plans", response=shapes.CensusPlanPage, summary="List plans")
def list_plans(
    request: HttpRequest,
    state: shapes.PlanState | Literal[""] = "",
    limit: Limit = 50,
    after: Token | None = None,
) -> dict[str, Any]:
    """Return the plans of which you see a task, the newest first."""
    return census.list_plans(actor=actor_of(request), state=state, limit=limit, after=after)


@router.post("/plans", response={201: shapes.CensusPlanOut}, summary="Plan a census")
def plan_census(
    request: HttpRequest, body: shapes.CensusPlanIn, idempotency_key: Key = None
) -> Status[dict[str, Any]]:
    """Make a plan, a draft, with a task for each grid or community of the areas."""
    actor = actor_of(request)

    def act() -> Answer:
        return Answer(
            status=201, body={"id": census_plans.plan_census(actor=actor, given=body.planned())}
        )

    mark = fingerprint(request.method or "", request.path, request.body)
    answer = run_once(actor=actor, key=idempotency_key, fingerprint=mark, act=act)
    return Status(201, census.get_plan(actor=actor, plan_id=answer.body["id"]))


@router.get("/plans/{int:plan_id}", response=shapes.CensusPlanOut, summary="Read a plan")
def read_plan(request: HttpRequest, plan_id: Id) -> dict[str, Any]:
    """Return a plan with its figures, and its report once it is closed."""
    return census.get_plan(actor=actor_of(request), plan_id=plan_id)


@router.post("/plans/{int:plan_id}/acts", response=shapes.CensusPlanOut, summary="Move a plan")
def move_plan(request: HttpRequest, plan_id: Id, body: shapes.CensusActIn) -> dict[str, Any]:
    """Open, close or cancel a plan."""
    actor = actor_of(request)
    census_plans.move_plan(actor=actor, plan_id=plan_id, act=body.act, reason=body.reason)
    return census.get_plan(actor=actor, plan_id=plan_id)


@router.post("/plans/{int:plan_id}/assign", response=shapes.CensusPlanOut, summary="Assign tasks")
def assign(request: HttpRequest, plan_id: Id, body: shapes.CensusAssignmentIn) -> dict[str, Any]:
    """Give tasks to a collector."""
    actor = actor_of(request)
    census_plans.assign_tasks(
        actor=actor,
        plan_id=plan_id,
        task_ids=body.tasks,
        collector_id=body.collector_id,
        reason=body.reason,
    )
    return census.get_plan(actor=actor, plan_id=plan_id)


@router.get(
    "/plans/{int:plan_id}/export",
    summary="Export what was found",
    throttle=Throttle("export"),
    openapi_extra={"responses": {200: _ANSWER}},
)
def export_plan(
    request: HttpRequest,
    plan_id: Id,
    format: Literal["csv", "xlsx"] = "xlsx",  # noqa: A002
) -> HttpResponseBase:
    """Send what was found in a plan, as far as you see its tasks."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"census-{plan_id}.{format}"
        export_census(actor=actor_of(request), plan_id=plan_id, form=format, path=path)
        # The file is read on after its name is gone.
        return as_download(FileResponse(path.open("rb"), content_type=_TYPES[format]), path.name)


@router.get("/tasks", response=shapes.CensusTaskPage, summary="List tasks")
def list_tasks(
    request: HttpRequest,
    wanted: Query[shapes.CensusTaskFilterIn],
    limit: Limit = 50,
    after: Token | None = None,
) -> dict[str, Any]:
    """Return a page of tasks: a collector's own, a planner's and reviewer's by area."""
    return census.list_tasks(
        actor=actor_of(request), wanted=wanted.wanted(), limit=limit, after=after
    )


@router.get("/tasks/{int:task_id}", response=shapes.CensusTaskOut, summary="Read a task")
def read_task(request: HttpRequest, task_id: Id) -> dict[str, Any]:
    """Return a task with the acts that are possible now."""
    return census.get_task(actor=actor_of(request), task_id=task_id)


@router.get(
    "/tasks/{int:task_id}/known", response=shapes.CensusKnownPage, summary="List what is known"
)
def list_known(
    request: HttpRequest, task_id: Id, limit: Limit = 200, after: Token | None = None
) -> dict[str, Any]:
    """Return a page of the components that are known in the area, each with its finding."""
    return census.list_known(actor=actor_of(request), task_id=task_id, limit=limit, after=after)


@router.get(
    "/tasks/{int:task_id}/findings",
    response=shapes.CensusFindingPage,
    summary="Compare what was found with what was known",
)
def list_findings(
    request: HttpRequest,
    task_id: Id,
    *,
    differing: bool = True,
    limit: Limit = 50,
    after: Token | None = None,
) -> dict[str, Any]:
    """Return a page of findings, field by field; `differing=false` adds the confirmed ones."""
    return findings.list_findings(
        actor=actor_of(request), task_id=task_id, differing=differing, limit=limit, after=after
    )


@router.post(
    "/tasks/{int:task_id}/findings", response=shapes.FindingOutcomes, summary="Send findings"
)
def record(request: HttpRequest, task_id: Id, body: shapes.FindingsIn) -> dict[str, Any]:
    """Keep findings, each for itself: a bad one does not keep back the others."""
    actor = actor_of(request)
    results: list[dict[str, Any]] = []
    good: list[census_findings.FindingInput] = []
    for one in body.items:
        try:
            good.append(one.found())
        except Fault as fault:
            results.append(_told(request, census_findings.FindingOutcome(key=one.key, fault=fault)))
    outcomes = census_findings.record_findings(actor=actor, task_id=task_id, given=good)
    results += [_told(request, one) for one in outcomes]
    place = {one.key: number for number, one in enumerate(body.items)}
    return {"results": sorted(results, key=lambda one: place[one["key"]])}


@router.delete(
    "/tasks/{int:task_id}/findings/{key}", response={204: None}, summary="Take a finding back"
)
def withdraw(request: HttpRequest, task_id: Id, key: DeviceKey) -> Status[None]:
    """Take back a finding that is not accepted."""
    census_findings.withdraw_finding(actor=actor_of(request), task_id=task_id, key=key)
    return Status(204, None)


@router.post("/tasks/{int:task_id}/submit", response=shapes.CensusTaskOut, summary="Hand a task in")
def submit(request: HttpRequest, task_id: Id) -> dict[str, Any]:
    """Hand a task in to be accepted."""
    actor = actor_of(request)
    census_findings.submit_task(actor=actor, task_id=task_id)
    return census.get_task(actor=actor, task_id=task_id)


@router.post(
    "/tasks/{int:task_id}/decisions", response=shapes.DecisionOutcomes, summary="Accept or refuse"
)
def decide(request: HttpRequest, task_id: Id, body: shapes.DecisionIn) -> dict[str, Any]:
    """Accept or refuse findings; with the last accepted one the task is accepted."""
    actor = actor_of(request)
    outcomes = census_decisions.decide_findings(
        actor=actor,
        task_id=task_id,
        accept=body.accept,
        finding_ids=body.findings,
        reason=body.reason,
    )
    results = [
        {
            "id": one.finding_id,
            "ok": one.fault is None,
            "component_id": one.component_id,
            "code": one.fault.code if one.fault else None,
            "detail": _text(request, one.fault),
        }
        for one in outcomes
    ]
    return {"results": results, "task": census.get_task(actor=actor, task_id=task_id)}


@router.post("/tasks/{int:task_id}/accept", response=shapes.CensusTaskOut, summary="Accept a task")
def accept(request: HttpRequest, task_id: Id) -> dict[str, Any]:
    """Accept a task in which nothing is left to decide."""
    actor = actor_of(request)
    census_decisions.accept_task(actor=actor, task_id=task_id)
    return census.get_task(actor=actor, task_id=task_id)


@router.post(
    "/tasks/{int:task_id}/return", response=shapes.CensusTaskOut, summary="Send a task back"
)
def send_back(request: HttpRequest, task_id: Id, body: shapes.CensusReturnIn) -> dict[str, Any]:
    """Send a task back; what was accepted stays."""
    actor = actor_of(request)
    census_decisions.return_task(actor=actor, task_id=task_id, reason=body.reason)
    return census.get_task(actor=actor, task_id=task_id)


@router.get(
    "/of-component/{int:component_id}",
    response=shapes.CensusHistory,
    summary="List what censuses found of a component",
)
def list_of_component(request: HttpRequest, component_id: Id) -> dict[str, Any]:
    """Return what was found of a component, in tasks that you see."""
    items = findings.list_census_of(actor=actor_of(request), component_id=component_id)
    return {"items": items, "next": None}


def _told(request: HttpRequest, outcome: census_findings.FindingOutcome) -> dict[str, Any]:
    fault = outcome.fault
    return {
        "key": outcome.key,
        "ok": fault is None,
        "id": outcome.finding_id,
        "kind": outcome.kind,
        "code": fault.code if fault else None,
        "field": fault.field if fault else None,
        "detail": _text(request, fault),
        "errors": [
            {"field": one.field, "code": one.code, "message": _text(request, one)}
            for one in (fault.faults if isinstance(fault, SeveralFaults) else [fault])
            if one is not None
        ],
    }


def _text(request: HttpRequest, fault: Fault | None) -> str | None:
    if fault is None:
        return None
    english = request.headers.get("Accept-Language", actor_of(request).language).startswith("en")
    return fault.text("en" if english else "zh")
