"""Routes of imports of components: upload, progress, bad rows, quarantine, cancelling."""

from __future__ import annotations

from typing import IO, Annotated, Any, Literal, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import StringConstraints

from chengyun.administration.http import actor_of
from chengyun.administration.operations import record_audit
from chengyun.administration.operations.idempotency import Answer, fingerprint, run_once
from chengyun.components.adapters.mapping import (
    MAX_MAPPING_BYTES,
    Mapping,
    mapping_from,
    shipped_mappings,
    shipped_text,
)
from chengyun.components.api.shapes import Instant, Key, Token
from chengyun.components.operations import imports as operations
from chengyun.components.queries import imports as queries
from chengyun.files.http import as_download
from chengyun.kernel.errors import Invalid, NotFound

router = Router(tags=["component imports"])

Limit = Annotated[int, Query(ge=1, le=200)]


class ComponentMapping(Schema):
    """A mapping that comes with the product: field → column."""

    code: str
    zh: str
    en: str
    crs: str
    columns: dict[str, str]


class ComponentMappingPage(Schema):
    """Mappings; `next` is always null, the list is short."""

    items: list[ComponentMapping]
    next: str | None


class ComponentImportFaultOut(Schema):
    """What ended a run."""

    field: str | None
    code: str
    zh: str
    en: str


class ComponentRowFault(ComponentImportFaultOut):
    """A bad row: its number among the data rows, and what is wrong."""

    row: int


class ComponentRowFaultPage(Schema):
    """Bad rows, in the order of the file."""

    items: list[ComponentRowFault]
    next: str | None


class ComponentImportOut(Schema):
    """A run. Counts are rows; a dry run counts what would be made and keeps nothing of it."""

    id: UUID
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
    faults_by_code: dict[str, int]
    fault: ComponentImportFaultOut | None
    by: str | None
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None


class ComponentImportPage(Schema):
    """Runs, the newest first."""

    items: list[ComponentImportOut]
    next: str | None


class ComponentImportForm(Schema):
    """How to read the file: `mapping` names a shipped mapping, else send one as `mapping_file`."""

    mapping: Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")] = ""
    dry_run: bool = False


@router.get("/mappings", response=ComponentMappingPage, summary="List mappings of components")
def list_component_mappings(request: HttpRequest) -> dict[str, Any]:
    """Return the mappings that come along, with the columns that they read."""
    return {"items": queries.list_mappings(actor=actor_of(request)), "next": None}


@router.get("/mappings/{code}", summary="Download a mapping of components")
def download_component_mapping(request: HttpRequest, code: str) -> HttpResponseBase:
    """Send a mapping as YAML, to be copied for another layout."""
    known = {one["code"] for one in queries.list_mappings(actor=actor_of(request))}
    text = shipped_text(code) if code in known else None
    if text is None:
        raise NotFound(what=f"映射 {code[:60]}")
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    return as_download(response, f"{code}.yaml")


@router.get("", response=ComponentImportPage, summary="List imports of components")
def list_component_imports(
    request: HttpRequest, limit: Limit = 50, after: Token | None = None
) -> dict[str, Any]:
    """Return your runs, or every one's when you may read the audit log."""
    return queries.list_imports(actor=actor_of(request), limit=limit, after=after)


@router.post("", response={202: ComponentImportOut}, summary="Import components")
def start_component_import(
    request: HttpRequest,
    form: Form[ComponentImportForm],
    file: File[UploadedFile],
    mapping_file: Annotated[UploadedFile | None, File()] = None,
    idempotency_key: Key = None,
) -> Status[dict[str, Any]]:
    """Take CSV, XLSX, GeoJSON, a zipped Shapefile or a GeoPackage; the worker imports it."""
    actor = actor_of(request)
    queries.list_mappings(actor=actor)
    mapping = _mapping(form.mapping, mapping_file)
    upload = operations.Upload(
        file=cast("IO[bytes]", file.file), size=file.size or 0, name=file.name or ""
    )

    def act() -> Answer:
        made = operations.start_import(
            actor=actor, upload=upload, mapping=mapping, dry_run=form.dry_run
        )
        return Answer(status=202, body={"id": str(made)})

    told = mapping.model_dump_json() + str(form.dry_run)
    mark = fingerprint(request.method or "", request.path, upload.digest(), told)
    answer = run_once(actor=actor, key=idempotency_key, fingerprint=mark, act=act)
    return Status(202, queries.get_import(actor=actor, run_id=UUID(answer.body["id"])))


@router.get("/{uuid:import_id}", response=ComponentImportOut, summary="Read an import's progress")
def read_component_import(request: HttpRequest, import_id: UUID) -> dict[str, Any]:
    """Return how far a run has come, and what it did."""
    return queries.get_import(actor=actor_of(request), run_id=import_id)


@router.get("/{uuid:import_id}/faults", response=ComponentRowFaultPage, summary="List bad rows")
def list_component_import_faults(
    request: HttpRequest, import_id: UUID, limit: Limit = 50, after: Token | None = None
) -> dict[str, Any]:
    """Return the rows that were left out, and what is wrong with them."""
    return queries.list_faults(actor=actor_of(request), run_id=import_id, limit=limit, after=after)


@router.get("/{uuid:import_id}/quarantine", summary="Download the bad rows")
def download_component_quarantine(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """Send the bad rows as CSV, to be mended and imported; text is no formula."""
    actor = actor_of(request)
    run = queries.get_import(actor=actor, run_id=import_id)
    subject = f"component_import:{import_id}"
    record_audit(actor, "components.quarantine_downloaded", subject, {"rows": run["faulty"]})
    lines = queries.quarantine_lines(import_id, run["columns"])
    response = StreamingHttpResponse(
        (line.encode() for line in lines), content_type="text/csv; charset=utf-8"
    )
    return as_download(response, f"{run['file'].rsplit('.', 1)[0]}-quarantine.csv")


@router.post("/{uuid:import_id}/cancel", response=ComponentImportOut, summary="Cancel an import")
def cancel_component_import(request: HttpRequest, import_id: UUID) -> dict[str, Any]:
    """Stop a run before its next batch; what it has imported stays."""
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
