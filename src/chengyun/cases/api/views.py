"""Routes of saved views."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.administration.operations.idempotency import Answer, fingerprint, run_once
from chengyun.administration.rules.actor import Actor
from chengyun.cases.api.answers import json_answer
from chengyun.cases.api.case_shapes import Reference
from chengyun.cases.api.shapes import NO_NUL, Id, Key, Strict
from chengyun.cases.operations.views import ViewInput, change_view, remove_view, save_view
from chengyun.cases.queries.views import list_views
from chengyun.kernel.errors import NotFound

router = Router(tags=["cases"])

ViewName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=60, pattern=NO_NUL, strip_whitespace=True),
]
FilterWord = Annotated[str, StringConstraints(max_length=2000)]
FilterWords = Annotated[dict[str, FilterWord], Field(max_length=40)]
Place = Annotated[int, Field(ge=0, le=9999)]


class ViewIn(Strict):
    """A view: a name, and the words of a list's address."""

    name: ViewName
    filters: FilterWords = Field(default_factory=dict)
    shared: bool = Field(default=False, description="seen by your whole organisation")
    sort: Place = 0


class ViewPatch(Strict):
    """What is to be changed; what is not given stays."""

    name: ViewName | None = None
    filters: FilterWords | None = None
    shared: bool | None = None
    sort: Place | None = None


class ViewOut(Schema):
    """A saved view; `mine` ones may be changed."""

    id: int
    name: str
    filters: dict[str, str]
    shared: bool
    sort: int
    mine: bool
    by: Reference | None


@router.get("", response=list[ViewOut], summary="List saved views")
def list_saved_views(request: HttpRequest) -> HttpResponse:
    """Return your views, then those that your organisation shares."""
    return json_answer(list_views(actor=actor_of(request)))


@router.post("", response={201: ViewOut}, summary="Save a view")
def create_view(request: HttpRequest, body: ViewIn, idempotency_key: Key = None) -> HttpResponse:
    """Keep a set of filters under a name; the same Idempotency-Key saves once."""
    actor = actor_of(request)
    given = ViewInput(**body.model_dump())
    answer = run_once(
        actor=actor,
        key=idempotency_key,
        fingerprint=fingerprint(request.method or "", request.path, request.body),
        act=lambda: Answer(status=201, body={"id": save_view(actor=actor, given=given)}),
    )
    return json_answer(_view(actor, answer.body["id"]), status=answer.status)


@router.patch("/{int:view_id}", response=ViewOut, summary="Change a view")
def patch_view(request: HttpRequest, view_id: Id, body: ViewPatch) -> HttpResponse:
    """Change name, filters, sharing or place of one of your views."""
    actor = actor_of(request)
    changes = {key: value for key, value in body.model_dump().items() if value is not None}
    change_view(actor=actor, view_id=view_id, changes=changes)
    return json_answer(_view(actor, view_id))


@router.delete("/{int:view_id}", response={204: None}, summary="Remove a view")
def delete_view(request: HttpRequest, view_id: Id) -> HttpResponse:
    """Remove one of your views."""
    remove_view(actor=actor_of(request), view_id=view_id)
    return HttpResponse(status=204)


def _view(actor: Actor, view_id: int) -> dict[str, Any]:
    found = next((one for one in list_views(actor=actor) if one["id"] == view_id), None)
    if found is None:
        raise NotFound(what=f"视图 {view_id}")
    return found
