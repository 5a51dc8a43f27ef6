"""Routes of the base map: its layers, what a map page needs, outside base maps."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.territory.faults import NoSuchTile
from chengyun.territory.queries import layers as queries
from chengyun.territory.rules.tiles import find_tile

router = Router(tags=["map"])

BaseMapCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Number = Annotated[int, Field(ge=0, lt=2**31)]


class LayerOut(Schema):
    """An imported layer; bounds are west, south, east, north, EPSG:4490."""

    name: str
    zh: str
    en: str
    attribution: str
    crs: str
    features: int
    repaired: int
    rejected: int
    bounds: list[float] | None
    imported_at: datetime


class BaseMapOut(Schema):
    """An outside base map; `url` holds {z}, {x}, {y}."""

    code: str
    zh: str
    en: str = ""
    kind: str
    url: str
    attribution: str = ""
    min_zoom: int = 0
    max_zoom: int = 18
    relayed: bool


class MapOut(Schema):
    """What a map page needs. `versions`: counts up when tiles of a layer change."""

    centre: list[float]
    zoom: float
    bounds: list[float] | None
    attribution: list[str]
    versions: dict[str, int]
    layers: list[LayerOut]
    base_maps: list[BaseMapOut]


@router.get("/layers", response=list[LayerOut], summary="Layers of the base map")
def list_layers(request: HttpRequest) -> Any:
    """Return the imported layers in drawing order, with who must be named for them."""
    return queries.list_layers(actor=actor_of(request))


@router.get("/map", response=MapOut, summary="What a map page needs")
def describe_map(request: HttpRequest) -> Any:
    """Return place, bounds, layers, versions of the tiles, attribution and base maps."""
    return queries.describe_map(actor=actor_of(request))


@router.get("/base-maps", response=list[BaseMapOut], summary="Outside base maps")
def list_base_maps(request: HttpRequest) -> Any:
    """Return the outside base maps that the administrator has set."""
    return queries.list_base_maps(actor=actor_of(request))


@router.get("/base-maps/{code}/{z}/{x}/{y}", response=bytes, summary="A tile of a base map")
def relay_tile(
    request: HttpRequest, code: BaseMapCode, z: Number, x: Number, y: Number
) -> HttpResponse:
    """Return a tile of an outside base map that needs a key, which the browser never sees."""
    actor = actor_of(request)
    if find_tile(z, x, y) is None:
        raise NoSuchTile(z=z, x=x, y=y)
    picture = queries.relay_tile(actor=actor, code=code, z=z, x=x, y=y)
    response = HttpResponse(picture.content, content_type=picture.media_type)
    response["Cache-Control"] = "private, max-age=86400"
    return response
