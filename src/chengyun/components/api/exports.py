"""Route that exports components."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final, Literal

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router

from chengyun.administration.http import actor_of
from chengyun.administration.throttle import Throttle
from chengyun.components.adapters.writers import ENDINGS
from chengyun.components.api.shapes import ComponentFilterIn
from chengyun.components.operations.exports import export_components
from chengyun.files.http import as_download

router = Router(tags=["components"])


_TYPES: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "shp": "application/zip",
}
_FILE: Final = {"schema": {"type": "string", "format": "binary"}}
_ANSWER: Final = {
    "description": "the file",
    "content": dict.fromkeys(_TYPES.values(), _FILE)
    | {"application/geo+json": {"schema": {"type": "object"}}},
}


@router.get(
    "",
    summary="Export components",
    throttle=Throttle("export"),
    openapi_extra={"responses": {200: _ANSWER}},
)
def export(
    request: HttpRequest,
    wanted: Query[ComponentFilterIn],
    format: Literal["csv", "xlsx", "geojson", "gpkg", "shp"] = "xlsx",  # noqa: A002
) -> HttpResponseBase:
    """Send the components that the filters leave as a file; shp is a zip."""
    actor = actor_of(request)
    name = f"components.{ENDINGS[format]}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        export_components(actor=actor, wanted=wanted.wanted(), form=format, path=path)
        # The file is read on after its name is gone.
        return as_download(FileResponse(path.open("rb"), content_type=_TYPES[format]), name)
