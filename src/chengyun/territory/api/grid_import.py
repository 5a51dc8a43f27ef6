"""Route of importing unit grids by upload."""

from __future__ import annotations

from typing import Annotated, Any, BinaryIO, cast

from django.http import HttpRequest
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import StringConstraints

from chengyun.administration.http import actor_of
from chengyun.territory.adapters.geojson import MIB, Limits
from chengyun.territory.adapters.vector_files import open_vector
from chengyun.territory.api import fields
from chengyun.territory.faults import FileTooLarge
from chengyun.territory.operations.grid_import import (
    GridImportOptions,
    GridProperties,
    import_grids,
)
from chengyun.territory.rules.scope import MANAGE

router = Router(tags=["grids"])

_MOST_UPLOADED_MB = 64
_LIMITS = Limits(unpacked_bytes=256 * MIB, feature_bytes=16 * MIB)
PropertyName = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class GridImportForm(Schema):
    """How to read the file and what to do.

    crs: EPSG code, GCJ-02 or BD-09; absent = as the file states, else WGS 84.
    layer: of a GeoPackage or KML with several. encoding: of a Shapefile's texts; absent = as it
    states, else UTF-8 or GB 18030.
    standard: of the codes; absent = the one in force. valid_from: absent = now.
    """

    crs: fields.Crs | None = None
    standard: Annotated[str, StringConstraints(max_length=60)] | None = None
    valid_from: fields.Moment | None = None
    retire_missing: bool = False
    make_divisions: bool = False
    dry_run: bool = False
    layer: Annotated[str, StringConstraints(max_length=100)] = ""
    encoding: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,20}$")] = ""
    code_property: PropertyName = "code"
    community_property: PropertyName = "community_code"
    area_class_property: PropertyName = "area_class"
    land_use_property: PropertyName = "land_use"
    note_property: PropertyName = "note"

    def options(self) -> GridImportOptions:
        """Return the form as the operation takes it."""
        names = GridProperties(
            code=self.code_property,
            community=self.community_property,
            area_class=self.area_class_property,
            land_use=self.land_use_property,
            note=self.note_property,
        )
        return GridImportOptions(
            crs=self.crs,
            standard=self.standard,
            properties=names,
            valid_from=self.valid_from,
            retire_missing=self.retire_missing,
            make_divisions=self.make_divisions,
            dry_run=self.dry_run,
        )


class GridFaultOut(Schema):
    """One fault or warning; `index` counts the file's features from 0."""

    index: int | None
    code: str
    reason: str
    detail: str
    zh: str
    en: str
    lon: float | None
    lat: float | None
    geometry: dict[str, Any] | None


class GridReportOut(Schema):
    """How the import went; `written` is false when there is a fault, or on a dry run."""

    file: str
    crs: str
    standard: str
    features: int
    added: int
    changed: int
    unchanged: int
    retired: int
    divisions_added: int
    dry_run: bool
    written: bool
    more_faults: int
    faults: list[GridFaultOut]
    warnings: list[GridFaultOut]


@router.post("/import", response=GridReportOut, summary="Import unit grids")
def post_grids(request: HttpRequest, form: Form[GridImportForm], file: File[UploadedFile]) -> Any:
    """Check all grids of a file; write them when there is no fault.

    GeoJSON (plain or gzipped), Shapefile (zipped), GeoPackage, KML, KMZ.
    Grids in force under the same code that differ get a new version.
    """
    actor = actor_of(request)
    actor.require(MANAGE)
    if (file.size or 0) > _MOST_UPLOADED_MB * MIB:
        raise FileTooLarge(field="file", limit_mb=_MOST_UPLOADED_MB)
    return import_grids(
        actor=actor,
        file=open_vector(
            cast("BinaryIO", file.file),
            limits=_LIMITS,
            layer=form.layer,
            encoding=form.encoding,
        ),
        name=(file.name or "upload")[:100],
        options=form.options(),
    )
