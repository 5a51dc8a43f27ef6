"""Routes of exports."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.administration.throttle import Throttle
from chengyun.cases.adapters.workbook import XLSX
from chengyun.cases.api.answers import json_answer
from chengyun.cases.api.shapes import Strict
from chengyun.cases.operations.exports import (
    ExportInput,
    Workbook,
    export_cases,
    open_export,
)
from chengyun.cases.queries.exports import all_columns, get_export
from chengyun.files.http import as_download
from chengyun.files.queries import file_store

router = Router(tags=["cases"])

FilterWord = Annotated[str, StringConstraints(max_length=2000)]
ColumnCode = Annotated[str, StringConstraints(max_length=40)]


class ExportIn(Strict):
    """The list to be exported: the words of its address."""

    filters: Annotated[dict[str, FilterWord], Field(max_length=40)] = Field(default_factory=dict)
    columns: Annotated[list[ColumnCode], Field(max_length=100)] = Field(
        default_factory=list, description="codes in order, empty = all"
    )
    language: Literal["zh", "en"] | None = Field(
        default=None, description="of headings and words; else by Accept-Language"
    )


class ExportOut(Schema):
    """A long export. `total` null until it is counted, `url` null until it is done."""

    id: UUID
    state: Literal["waiting", "running", "done", "failed"]
    done: int
    total: int | None
    url: str | None
    detail: str | None


class ColumnOut(Schema):
    """A column that an export may hold."""

    code: str
    zh: str
    en: str


@router.get("/columns", response=list[ColumnOut], summary="List columns of exports")
def list_export_columns(request: HttpRequest) -> HttpResponse:
    """Return the columns in their usual order."""
    actor_of(request).require("case.export")
    columns = all_columns().values()
    return json_answer([{"code": one.code, "zh": one.zh, "en": one.en} for one in columns])


@router.post(
    "",
    response={202: ExportOut},
    summary="Export a list",
    throttle=Throttle("export"),
    openapi_extra={
        "responses": {
            200: {
                "description": "The workbook",
                "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def export(request: HttpRequest, body: ExportIn) -> HttpResponseBase:
    """Answer with the workbook, or 202 with a run to be asked for where it takes longer."""
    actor = actor_of(request)
    english = request.headers.get("Accept-Language", actor.language).lower().startswith("en")
    given = ExportInput(
        filters=body.filters,
        columns=body.columns,
        language=body.language or ("en" if english else "zh"),
    )
    made = export_cases(actor=actor, given=given)
    if isinstance(made, Workbook):
        response = HttpResponse(made.content, content_type=XLSX)
        response["Content-Length"] = str(len(made.content))
        return as_download(response, made.name)
    run = get_export(actor=actor, export_id=made)
    return json_answer(run.as_data(), status=202)


@router.get("/{uuid:export_id}", response=ExportOut, summary="Read an export's progress")
def read_export(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Return how far one of your exports has come."""
    run = get_export(actor=actor_of(request), export_id=export_id)
    return json_answer(run.as_data())


@router.get("/{uuid:export_id}/file", summary="Download an export", throttle=Throttle("export"))
def download_export(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """Send the workbook of one of your exports."""
    key, name = open_export(actor=actor_of(request), export_id=export_id)
    return as_download(StreamingHttpResponse(file_store().read(key), content_type=XLSX), name)
