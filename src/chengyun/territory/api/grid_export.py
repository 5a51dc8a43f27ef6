"""Route of exporting unit grids."""

from __future__ import annotations

from typing import Final, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from chengyun.administration.http import actor_of
from chengyun.administration.throttle import Throttle
from chengyun.territory.adapters.vector_output import FORMATS
from chengyun.territory.api import fields
from chengyun.territory.operations.grid_export import export_grids

router = Router(tags=["grids"])

_FILE: Final = {"schema": {"type": "string", "format": "binary"}}
_ANSWER: Final = {
    "description": "the file",
    "content": {one.media_type: _FILE for one in FORMATS.values()}
    | {"application/geo+json": {"schema": {"type": "object"}}},
}


class GridExportFilter(Schema):
    """What to write, and how."""

    format: Literal["geojson", "shapefile", "geopackage", "kml"] = "geojson"
    crs: Literal["EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09"] = "EPSG:4490"
    division: fields.DivisionPrefix = ""
    at: fields.Moment | None = None


@router.get(
    "/export",
    summary="Unit grids as a file",
    throttle=Throttle("export"),
    openapi_extra={"responses": {200: _ANSWER}},
)
def get_export(request: HttpRequest, wanted: Query[GridExportFilter]) -> HttpResponse:
    """Return the grids in force (now or at a moment) as a file; a Shapefile comes zipped."""
    file = export_grids(
        actor=actor_of(request),
        kind=wanted.format,
        crs=wanted.crs,
        division=wanted.division,
        at=fields.moment_or_now(wanted.at),
    )
    response = HttpResponse(file.content, content_type=file.media_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    return response
