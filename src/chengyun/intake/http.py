"""Routes of imports: a door for some kinds of rows, the same at every address."""

from __future__ import annotations

from datetime import datetime
from typing import IO, Annotated, Any, Literal, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import File, Form, Header, Query, Router, Schema
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import StringConstraints

from chengyun.administration.http import actor_of
from chengyun.administration.operations.idempotency import Answer, fingerprint, run_once
from chengyun.files.http import as_download
from chengyun.intake.operations import runs as operations
from chengyun.intake.queries import runs as queries
from chengyun.intake.queries.shipped import mapping_from, shipped_mappings, shipped_text
from chengyun.intake.rules.mapping import MAX_MAPPING_BYTES, Mapping
from chengyun.kernel.errors import Invalid, NotFound

_NO_NUL = r"^[^\x00]*$"
Code = Annotated[str, StringConstraints(max_length=60, pattern=_NO_NUL)]
Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[str, StringConstraints(max_length=400)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=80, pattern=_NO_NUL)]


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
    kind: str
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


class ImportRunOut(Schema):
    """A run of an import. Counts are rows; `done` of `total` are behind it.

    skipped: here already, or unchanged. A dry run counts what would be made and keeps nothing.
    """

    id: UUID
    kind: str
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
    fault: ImportFault | None
    by: ImportBy | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportRunPage(Schema):
    """Runs, the newest first."""

    items: list[ImportRunOut]
    next: str | None


class ImportForm(Schema):
    """How to read the file: `mapping` names a shipped mapping, else send one as `mapping_file`.

    dry_run: try everything, keep nothing but the faults.
    """

    mapping: Code = ""
    dry_run: bool = False


def import_routes(
    context: str,
    kinds: tuple[str, ...],
    *,
    run: type[ImportRunOut] = ImportRunOut,
    page: type[Schema] = ImportRunPage,
) -> Router:
    """Return the routes of a context's imports.

    context : begins the names of the operations
    kinds : that come in at this door
    run, page : shapes of a run and of a page of runs, where the kinds tell more
    """
    router = Router(tags=["imports"])
    _add_mappings(router, context, kinds)
    _add_runs(router, context, kinds, run, page)
    _add_start(router, context, kinds, run)
    _add_faults(router, context, kinds)
    return router


def _add_mappings(router: Router, context: str, kinds: tuple[str, ...]) -> None:
    @router.get(
        "/mappings",
        response=MappingPage,
        operation_id=f"{context}_list_mappings",
        summary="List the mappings that come along",
    )
    def list_mappings(request: HttpRequest) -> dict[str, Any]:
        """Return the mappings that you may import through, with the columns that they read."""
        found = queries.list_mappings(actor=actor_of(request), kinds=kinds)
        return {"items": found, "next": None}

    @router.get(
        "/mappings/{code}",
        operation_id=f"{context}_download_mapping",
        summary="Download a mapping",
    )
    def download_mapping(request: HttpRequest, code: str) -> HttpResponseBase:
        """Send a mapping as YAML, to be copied for another layout."""
        listed = queries.list_mappings(actor=actor_of(request), kinds=kinds)
        known = {one["code"] for one in listed}
        text = shipped_text(kinds, code) if code in known else None
        if text is None:
            raise NotFound(what=f"映射 {code[:60]}")
        response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
        return as_download(response, f"{code}.yaml")


def _add_runs(
    router: Router,
    context: str,
    kinds: tuple[str, ...],
    run: type[ImportRunOut],
    page: type[Schema],
) -> None:
    @router.get("", response=page, operation_id=f"{context}_list_imports", summary="List imports")
    def list_imports(
        request: HttpRequest, kind: Code = "", limit: Limit = 50, after: After | None = None
    ) -> dict[str, Any]:
        """Return your runs, or every one's when you may read the audit log."""
        if kind and kind not in kinds:
            told = ", ".join(kinds)
            raise Invalid(field="kind", reason_zh=f"应为 {told}", reason_en=f"is one of {told}")
        items, following = queries.list_runs(
            actor=actor_of(request), kinds=kinds, kind=kind, limit=limit, after=after
        )
        return {"items": items, "next": following}

    @router.get(
        "/{uuid:import_id}",
        response=run,
        operation_id=f"{context}_read_import",
        summary="Read an import's progress",
    )
    def read_import(request: HttpRequest, import_id: UUID) -> dict[str, Any]:
        """Return how far a run has come, and what it did."""
        return queries.get_run(actor=actor_of(request), kinds=kinds, run_id=import_id)

    @router.post(
        "/{uuid:import_id}/cancel",
        response=run,
        operation_id=f"{context}_cancel_import",
        summary="Cancel an import",
    )
    def cancel_import(request: HttpRequest, import_id: UUID) -> dict[str, Any]:
        """Stop a run before its next batch; what it has imported stays."""
        actor = actor_of(request)
        operations.cancel_import(actor=actor, kinds=kinds, run_id=import_id)
        return queries.get_run(actor=actor, kinds=kinds, run_id=import_id)


def _add_start(
    router: Router, context: str, kinds: tuple[str, ...], run: type[ImportRunOut]
) -> None:
    @router.post(
        "",
        response={202: run},
        operation_id=f"{context}_start_import",
        summary="Import a file",
    )
    def start_import(
        request: HttpRequest,
        form: Form[ImportForm],
        file: File[UploadedFile],
        mapping_file: Annotated[UploadedFile | None, File()] = None,
        idempotency_key: Key = None,
    ) -> Status[dict[str, Any]]:
        """Take CSV (plain, gzipped, zipped), XLSX, GeoJSON, a zipped Shapefile or a GeoPackage.

        The worker imports it: ask for the run to see its progress.
        """
        actor = actor_of(request)
        queries.kinds_for(actor, kinds)
        mapping = _mapping(kinds, form.mapping, mapping_file)
        upload = operations.Upload(
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
        made = UUID(answer.body["id"])
        return Status(202, queries.get_run(actor=actor, kinds=kinds, run_id=made))


def _add_faults(router: Router, context: str, kinds: tuple[str, ...]) -> None:
    @router.get(
        "/{uuid:import_id}/faults",
        response=RowFaultPage,
        operation_id=f"{context}_list_import_faults",
        summary="List bad rows",
    )
    def list_faults(
        request: HttpRequest, import_id: UUID, limit: Limit = 50, after: After | None = None
    ) -> dict[str, Any]:
        """Return the rows that were left out, and what is wrong with them."""
        items, following = queries.list_faults(
            actor=actor_of(request), kinds=kinds, run_id=import_id, limit=limit, after=after
        )
        return {"items": items, "next": following}

    @router.get(
        "/{uuid:import_id}/quarantine",
        operation_id=f"{context}_download_quarantine",
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
        found = operations.open_quarantine(actor=actor_of(request), kinds=kinds, run_id=import_id)
        lines = queries.quarantine_lines(found.pk, found.columns)
        response = StreamingHttpResponse(
            (line.encode() for line in lines), content_type="text/csv; charset=utf-8"
        )
        stem = found.source_name.rsplit(".", 1)[0]
        return as_download(response, f"{stem}-quarantine.csv")


def _mapping(kinds: tuple[str, ...], code: str, file: UploadedFile | None) -> Mapping:
    if file is not None and (file.size or 0) > 0:
        return mapping_from(file.read(MAX_MAPPING_BYTES + 1), kinds=kinds)
    shipped = shipped_mappings(kinds)
    if code not in shipped:
        names = ", ".join(shipped)
        raise Invalid(
            field="mapping",
            reason_zh=f"请给出映射文件，或选用自带的映射（{names}）",
            reason_en=f"send a mapping file, or name a shipped one of {names}",
        )
    return shipped[code]
