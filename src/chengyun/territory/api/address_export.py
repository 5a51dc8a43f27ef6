"""Route that exports addresses."""

from __future__ import annotations

from typing import Final, Literal

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router

from chengyun.administration.http import actor_of
from chengyun.administration.throttle import Throttle
from chengyun.files.http import as_download
from chengyun.territory.api import address_shapes as shapes
from chengyun.territory.api.addresses import listed
from chengyun.territory.operations.address_export import export_addresses

router = Router(tags=["addresses"])

_TYPES: Final = {"csv": "text/csv; charset=utf-8", "geojson": "application/geo+json"}
_ANSWER: Final = {
    "description": "the file, in EPSG:4490",
    "content": {
        "text/csv": {"schema": {"type": "string", "format": "binary"}},
        "application/geo+json": {"schema": {"type": "object"}},
    },
}


@router.get(
    "/export",
    summary="Addresses as a file",
    throttle=Throttle("export"),
    openapi_extra={"responses": {200: _ANSWER}},
)
def get_address_export(
    request: HttpRequest,
    wanted: Query[shapes.AddressListFilter],
    format: Literal["csv", "geojson"] = "csv",  # noqa: A002
) -> HttpResponseBase:
    """Send the addresses that the filters leave, however many, as they are read."""
    pieces = export_addresses(actor=actor_of(request), wanted=listed(wanted), form=format)
    response = StreamingHttpResponse(pieces, content_type=_TYPES[format])
    return as_download(response, f"addresses.{format}")
