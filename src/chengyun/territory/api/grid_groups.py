"""Routes of management and evaluation grids."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, BinaryIO, Final, Literal, cast

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.administration.throttle import Throttle
from chengyun.territory.adapters.geojson import MIB, Limits
from chengyun.territory.adapters.vector_files import open_vector
from chengyun.territory.adapters.vector_output import FORMATS
from chengyun.territory.api import fields
from chengyun.territory.faults import FileTooLarge
from chengyun.territory.operations import grid_group_files as files
from chengyun.territory.operations import grid_groups as operations
from chengyun.territory.queries import grid_groups as queries
from chengyun.territory.rules.grouping import Kind
from chengyun.territory.rules.scope import MANAGE

router = Router(tags=["grid groups"])

_MOST_UPLOADED_MB = 32
_LIMITS = Limits(unpacked_bytes=128 * MIB, feature_bytes=16 * MIB)
_FILE: Final = {"schema": {"type": "string", "format": "binary"}}
_ANSWER: Final = {
    "description": "the file",
    "content": {one.media_type: _FILE for one in FORMATS.values()}
    | {"application/geo+json": {"schema": {"type": "object"}}},
}
GroupCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,30}$")]
Text = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00]*$"),
]
EnglishName = Annotated[str, StringConstraints(max_length=120, pattern=r"^[^\x00]*$")]
AreaClass = Literal["", "A", "B", "C"]


class GroupOrganisationOut(Schema):
    """Who manages the grid."""

    id: int
    zh: str
    en: str


class GroupOut(Schema):
    """A management or evaluation grid; `unit_grids` counts those below it."""

    kind: str
    code: str
    zh: str
    en: str
    area_class: str
    division_code: str
    note: str
    unit_grids: int
    area_m2: float
    version: int
    valid_from: datetime
    valid_to: datetime | None
    lon: float
    lat: float
    organisation: GroupOrganisationOut | None
    geometry: dict[str, Any] | None = None


class GroupVersionOut(Schema):
    """One version."""

    version: int
    zh: str
    area_class: str
    unit_grids: int
    area_m2: float
    valid_from: datetime
    valid_to: datetime | None


class GroupDetail(GroupOut):
    """A grid with its members then and all versions."""

    members: list[str]
    versions: list[GroupVersionOut]


class GroupPage(Schema):
    """A page of grids."""

    items: list[GroupOut]
    next: str | None


class GroupFilter(Schema):
    """What to list; `geometry` adds the areas. grid: the one that holds this unit grid."""

    division: fields.DivisionPrefix = ""
    q: fields.SearchText = ""
    organisation: fields.Id | None = None
    grid: fields.GridCode | None = None
    at: fields.Moment | None = None
    geometry: bool = False
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    after: fields.PageToken | None = None


class GroupIn(fields.Strict):
    """How the grid should be; members are unit grids, or management grids of an evaluation grid."""

    zh: Name
    en: EnglishName = ""
    organisation_id: fields.Id | None = None
    area_class: AreaClass = ""
    note: Text = ""
    members: Annotated[list[GroupCode], Field(min_length=1, max_length=5_000)]
    dry_run: bool = False

    def wish(self) -> operations.GroupWish:
        """Return the body as the operation takes it."""
        return operations.GroupWish(**self.dict(exclude={"dry_run", "code"}))


class NewGroupIn(GroupIn):
    """A new grid; without a code it gets the next free one."""

    code: GroupCode | Literal[""] = ""


class TakenOut(Schema):
    """A member that another grid holds."""

    code: str
    holder: str


class GroupCheckOut(Schema):
    """What is wrong; `apart`: pieces that do not hang together with the largest."""

    apart: list[list[str]]
    taken: list[TakenOut]
    classes: list[str]


class GroupSavedOut(Schema):
    """What was saved or would be; version 0 = nothing changed."""

    code: str
    version: int
    unit_grids: int
    area_m2: float
    check: GroupCheckOut
    written: bool


class GroupCountOut(Schema):
    """How many faults of a reason."""

    reason: str
    count: int


class GroupFaultOut(Schema):
    """What is not covered, or wrong, and a point inside it."""

    reason: str
    code: str
    zh: str
    lon: float
    lat: float


class GroupFaultsOut(Schema):
    """The first 500 of each reason, and all counted."""

    counts: list[GroupCountOut]
    faults: list[GroupFaultOut]


class GroupImportForm(Schema):
    """How to read the file. crs: of a vector file; absent = as it states, else WGS 84."""

    crs: fields.Crs | None = None
    layer: Annotated[str, StringConstraints(max_length=100)] = ""
    dry_run: bool = False


class GroupFileFaultOut(Schema):
    """What is wrong with one grid of the file; `place` is its row or feature."""

    place: int
    code: str
    reason: str
    zh: str
    en: str


class GroupFileReportOut(Schema):
    """How the import went; `written` is false when there is a fault, or on a trial."""

    file: str
    groups: int
    added: int
    changed: int
    unchanged: int
    dry_run: bool
    written: bool
    more_faults: int
    faults: list[GroupFileFaultOut]


class GroupExportFilter(Schema):
    """What to write, and how."""

    format: Literal["geojson", "shapefile", "geopackage", "kml"] = "geojson"
    crs: Literal["EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09"] = "EPSG:4490"
    division: fields.DivisionPrefix = ""
    at: fields.Moment | None = None


@router.get("/{kind}", response=GroupPage, summary="List management or evaluation grids")
def list_groups(request: HttpRequest, kind: Kind, wanted: Query[GroupFilter]) -> Any:
    """Return the grids in force (now or at a moment), by code."""
    return queries.list_groups(
        actor=actor_of(request),
        kind=kind,
        at=fields.moment_or_now(wanted.at),
        division=wanted.division,
        q=wanted.q.strip(),
        organisation_id=wanted.organisation,
        grid=wanted.grid or "",
        geometry=wanted.geometry,
        limit=wanted.limit,
        after=wanted.after,
    )


@router.post(
    "/{kind}", response={201: GroupSavedOut}, summary="Make a management or evaluation grid"
)
def add_group(request: HttpRequest, kind: Kind, body: NewGroupIn) -> Any:
    """Join adjacent unit grids, or rate management grids of one class; a trial tells the faults."""
    saved = operations.save_group(
        actor=_manager(request),
        kind=kind,
        code=body.code,
        wish=body.wish(),
        new=True,
        dry_run=body.dry_run,
    )
    return Status(201, asdict(saved))


@router.get("/{kind}/faults", response=GroupFaultsOut, summary="What grids leave uncovered")
def list_faults(request: HttpRequest, kind: Kind, division: fields.DivisionPrefix = "") -> Any:
    """Return unit grids in no management grid, grids that fell apart, and the like."""
    return queries.list_group_faults(actor=actor_of(request), kind=kind, division=division)


@router.get(
    "/{kind}/export",
    summary="Management or evaluation grids as a file",
    throttle=Throttle("export"),
    openapi_extra={"responses": {200: _ANSWER}},
)
def export_groups(
    request: HttpRequest, kind: Kind, wanted: Query[GroupExportFilter]
) -> HttpResponse:
    """Return the grids in force with their members as a file that the import reads back."""
    file = files.export_groups(
        actor=actor_of(request),
        kind=kind,
        form=wanted.format,
        crs=wanted.crs,
        division=wanted.division,
        at=fields.moment_or_now(wanted.at),
    )
    response = HttpResponse(file.content, content_type=file.media_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response


@router.post("/{kind}/import", response=GroupFileReportOut, summary="Import members of grids")
def post_file(
    request: HttpRequest, kind: Kind, form: Form[GroupImportForm], file: File[UploadedFile]
) -> Any:
    """Make or change the grids of a file, all or none.

    CSV: one row per member with code, name, member, area_class, organisation. GeoJSON and other
    vector files: members named, or the unit grids inside the area.
    """
    actor = _manager(request)
    if (file.size or 0) > _MOST_UPLOADED_MB * MIB:
        raise FileTooLarge(field="file", limit_mb=_MOST_UPLOADED_MB)
    name = (file.name or "upload")[:100]
    if name.lower().endswith((".csv", ".txt")):
        drafts = files.drafts_of_csv(file.read())
    else:
        source = open_vector(cast("BinaryIO", file.file), limits=_LIMITS, layer=form.layer)
        drafts = files.drafts_of_features(kind, source, form.crs)
    return asdict(
        files.import_groups(actor=actor, kind=kind, drafts=drafts, name=name, dry_run=form.dry_run)
    )


@router.get("/{kind}/{code}", response=GroupDetail, summary="A management or evaluation grid")
def get_group(
    request: HttpRequest, kind: Kind, code: GroupCode, at: fields.Moment | None = None
) -> Any:
    """Return the grid with area, members and versions."""
    return queries.get_group(
        actor=actor_of(request), kind=kind, code=code, at=fields.moment_or_now(at)
    )


@router.put("/{kind}/{code}", response=GroupSavedOut, summary="Change a grid from now on")
def change_group(request: HttpRequest, kind: Kind, code: GroupCode, body: GroupIn) -> Any:
    """Begin a new version; the old one stays on record."""
    saved = operations.save_group(
        actor=_manager(request),
        kind=kind,
        code=code,
        wish=body.wish(),
        new=False,
        dry_run=body.dry_run,
    )
    return asdict(saved)


@router.delete("/{kind}/{code}", response={204: None}, summary="End a grid")
def retire_group(request: HttpRequest, kind: Kind, code: GroupCode) -> Any:
    """End the grid now; its members are free, its code is never used again."""
    operations.retire_group(actor=_manager(request), kind=kind, code=code)
    return Status(204, None)


def _manager(request: HttpRequest) -> Any:
    actor = actor_of(request)
    actor.require(MANAGE)
    return actor
