"""Routes of imports: upload, progress, faults, quarantine, cancelling, the mappings there are."""

from __future__ import annotations

from datetime import datetime
from typing import IO, Annotated, Any, Literal, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import StringConstraints

from chengyun.administration.http import actor_of
from chengyun.administration.operations.idempotency import Answer, fingerprint, run_once
from chengyun.cases.adapters.mapping import MAX_MAPPING_BYTES, Mapping, mapping_from
from chengyun.cases.adapters.shipped_mappings import shipped_mappings, shipped_text
from chengyun.cases.api.shapes import NO_NUL, Key
from chengyun.cases.operations import import_runs as operations
from chengyun.cases.queries import imports as queries
from chengyun.files.http import as_download
from chengyun.kernel.errors import Invalid, NotFound

router = Router(tags=["imports"])

MappingCode = Annotated[str, StringConstraints(max_length=60, pattern=NO_NUL)]
Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[str, StringConstraints(max_length=400)]
Kind = Literal["cases", "standards"]


class MappedField(Schema):
    """A field, and the columns of the file that it is read from (none: always the same)."""

    field: str
    zh: str
    en: str
    required: bool
    columns: list[str]


class MappingOut(Schema):
    """A mapping that comes with the product."""

    code: str
    name: str
    zh: str
    en: str
    kind: Kind
    encoding: str
    sheet: str
    header_row: int
    crs: str
    columns: list[MappedField]


class MappingPage(Schema):
    """Mappings; `next` is always null, the list is short."""

    items: list[MappingOut]
    next: str | None


class ImportFault(Schema):
    """What ended a run."""

    field: str | None
    code: str
    zh: str
    en: str


class RowFault(ImportFault):
    """A bad row: its number among the data rows, and what is wrong."""

    row: int
    field_zh: str
    field_en: str


class RowFaultPage(Schema):
    """Bad rows, in the order of the file."""

    items: list[RowFault]
    next: str | None


class ImportBy(Schema):
    """Who started a run."""

    id: int
    name: str


class ImportOut(Schema):
    """A run of an import. Counts are rows; `done` of `total` are behind it.

    skipped: here already (cases), or unchanged (standards). open: of those made. A dry run counts
    what would be made and keeps nothing of it.
    """

    id: UUID
    kind: Kind
    file: str
    size: int
    mapping: str
    mapping_zh: str
    mapping_en: str
    dry_run: bool
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    done: int
    total: int | None
    read: int
    made: int
    changed: int
    skipped: int
    faulty: int
    open: int
    without_position: int
    outside_grids: int
    faults_by_code: dict[str, int]
    made_types: list[str]
    made_divisions: list[str]
    made_departments: list[str]
    standard_set: str
    fault: ImportFault | None
    by: ImportBy | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportPage(Schema):
    """Runs, the newest first."""

    items: list[ImportOut]
    next: str | None


class ImportForm(Schema):
    """How to read the file: `mapping` names a shipped mapping, else send one as `mapping_file`.

    dry_run: try everything, keep nothing but the faults.
    """

    mapping: MappingCode = ""
    dry_run: bool = False


@router.get("/mappings", response=MappingPage, summary="List the mappings that come along")
def list_mappings(request: HttpRequest) -> dict[str, Any]:
    """Return the mappings that you may import through, with the columns that they read."""
    return {"items": queries.list_mappings(actor=actor_of(request)), "next": None}


@router.get("/mappings/{code}", summary="Download a mapping")
def download_mapping(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send a mapping as YAML, to be copied for another layout."""
    known = {one["code"] for one in queries.list_mappings(actor=actor_of(request))}
    text = shipped_text(code) if code in known else None
    if text is None:
        raise NotFound(what=f"映射 {code[:60]}")
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    return as_download(response, f"{code}.yaml")


@router.get("", response=ImportPage, summary="List imports")
def list_imports(
    request: HttpRequest,
    kind: Literal["", "cases", "standards"] = "",
    limit: Limit = 50,
    after: After | None = None,
) -> dict[str, Any]:
    """Return your runs, or every one's when you may read the audit log."""
    items, following = queries.list_imports(
        actor=actor_of(request), kind=kind, limit=limit, after=after
    )
    return {"items": items, "next": following}


@router.post("", response={202: ImportOut}, summary="Import a file")
def start_import(
    request: HttpRequest,
    form: Form[ImportForm],
    file: File[UploadedFile],
    mapping_file: Annotated[UploadedFile | None, File()] = None,
    idempotency_key: Key = None,
) -> Status[dict[str, Any]]:
    """Take a CSV (plain, gzipped, zipped) or XLSX file; the worker imports it.

    Ask for the run to see its progress.
    """
    actor = actor_of(request)
    queries.kinds_for(actor)
    mapping = _mapping(form.mapping, mapping_file)
    upload = operations.ImportUpload(
        file=cast("IO[bytes]", file.file), size=file.size or 0, name=file.name or ""
    )
    operations.check_import(actor=actor, upload=upload, mapping=mapping)

    def act() -> Answer:
        made = operations.start_import(
            actor=actor, upload=upload, mapping=mapping, dry_run=form.dry_run
        )
        return Answer(status=202, body={"id": str(made)})

    told = mapping.model_dump_json() + str(form.dry_run)
    mark = fingerprint(request.method or "", request.path, upload.digest(), told)
    answer = run_once(actor=actor, key=idempotency_key, fingerprint=mark, act=act)
    return Status(202, queries.get_import(actor=actor, run_id=UUID(answer.body["id"])))


@router.get("/{uuid:import_id}", response=ImportOut, summary="Read an import's progress")
def read_import(request: HttpRequest, import_id: UUID) -> dict[str, Any]:
    """Return how far a run has come, and what it did."""
    return queries.get_import(actor=actor_of(request), run_id=import_id)


@router.get("/{uuid:import_id}/faults", response=RowFaultPage, summary="List bad rows")
def list_faults(
    request: HttpRequest, import_id: UUID, limit: Limit = 50, after: After | None = None
) -> dict[str, Any]:
    """Return the rows that were left out, and what is wrong with them."""
    items, following = queries.list_faults(
        actor=actor_of(request), run_id=import_id, limit=limit, after=after
    )
    return {"items": items, "next": following}


@router.get(
    "/{uuid:import_id}/quarantine",
    summary="Download the bad rows",
    openapi_extra={
        "responses": {
            200: {
                "description": "CSV in UTF-8: the file's own columns, then what is wrong",
                "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def download_quarantine(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """Send the bad rows as they came, to be mended and imported; text is no formula."""
    run = operations.open_quarantine(actor=actor_of(request), run_id=import_id)
    lines = queries.quarantine_lines(run.pk, run.columns)
    response = StreamingHttpResponse(
        (line.encode() for line in lines), content_type="text/csv; charset=utf-8"
    )
    stem = run.source_name.rsplit(".", 1)[0]
    return as_download(response, f"{stem}-quarantine.csv")


@router.post("/{uuid:import_id}/cancel", response=ImportOut, summary="Cancel an import")
def cancel_import(request: HttpRequest, import_id: UUID) -> dict[str, Any]:
    """Stop a run before its next thousand rows; what it has imported stays."""
    actor = actor_of(request)
    operations.cancel_import(actor=actor, run_id=import_id)
    return queries.get_import(actor=actor, run_id=import_id)


def _mapping(code: str, file: UploadedFile | None) -> Mapping:
    if file is not None and (file.size or 0) > 0:
        return mapping_from(file.read(MAX_MAPPING_BYTES + 1))
    found = shipped_mappings().get(code)
    if found is None:
        names = ", ".join(shipped_mappings())
        raise Invalid(
            field="mapping",
            reason_zh=f"请给出映射文件，或选用自带的映射（{names}）",
            reason_en=f"send a mapping file, or name a shipped one of {names}",
        )
    return found
