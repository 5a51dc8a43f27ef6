"""Routes of unit grids: list, one, and where a point lies."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from chengyun.administration.http import actor_of
from chengyun.kernel.coordinates import STORAGE_CRS, to_storage
from chengyun.territory.api import fields
from chengyun.territory.api.fields import moment_or_now, parse_bounds
from chengyun.territory.queries import grids as queries
from chengyun.territory.queries import locate
from chengyun.territory.rules.scope import READ

router = Router(tags=["grids"])


class GridOut(Schema):
    """A unit grid. `lon`, `lat`: a point inside, EPSG:4490; area in m²."""

    id: int
    code: str
    version: int
    area_class: str
    area_m2: float
    land_use: str
    note: str
    valid_from: datetime
    valid_to: datetime | None
    lon: float
    lat: float
    community: fields.NamedOut
    street: fields.NamedOut
    district: fields.NamedOut
    geometry: dict[str, Any] | None = None


class GridPage(Schema):
    """A page of unit grids."""

    items: list[GridOut]
    next: str | None


class GridVersionOut(Schema):
    """One version of a grid in time."""

    id: int
    version: int
    valid_from: datetime
    valid_to: datetime | None
    area_class: str
    area_m2: float


class GridDetail(GridOut):
    """A grid with its versions."""

    versions: list[GridVersionOut]


class GridFilter(Schema):
    """What to list. `bounds`: "west,south,east,north" in degrees, EPSG:4490."""

    division: fields.DivisionPrefix = ""
    q: Annotated[str, Field(pattern=r"^[0-9]{0,20}$")] = ""
    bounds: fields.Bounds | None = None
    at: fields.Moment | None = None
    geometry: bool = False
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    after: fields.PageToken | None = None


class PlaceGridOut(Schema):
    """The grid at a point; `id` is its version."""

    id: int
    code: str
    area_class: str


class PlaceOut(Schema):
    """Where a point lies; `lon`, `lat` as stored, EPSG:4490."""

    lon: float
    lat: float
    grid: PlaceGridOut
    community: fields.NamedOut
    street: fields.NamedOut
    district: fields.NamedOut


class PlaceFilter(Schema):
    """A point in a stated CRS, and the moment whose grid version counts."""

    lon: float
    lat: float
    crs: fields.Crs = STORAGE_CRS
    at: fields.Moment | None = None


@router.get("", response=GridPage, summary="List unit grids")
def list_grids(request: HttpRequest, wanted: Query[GridFilter]) -> Any:
    """Return a page of the grids in force (now or at a moment), by code."""
    return queries.list_grids(
        actor=actor_of(request),
        at=moment_or_now(wanted.at),
        division=wanted.division,
        q=wanted.q,
        bounds=parse_bounds(wanted.bounds),
        geometry=wanted.geometry,
        limit=wanted.limit,
        after=wanted.after,
    )


@router.get("/at", response=PlaceOut, summary="Where a point lies")
def get_place(request: HttpRequest, wanted: Query[PlaceFilter]) -> Any:
    """Return grid, community, street and district at a point; 422 where no grid covers it."""
    actor_of(request).require(READ)
    point = to_storage(wanted.lon, wanted.lat, wanted.crs)
    place = locate.get_place(lon=point.lon, lat=point.lat, at=moment_or_now(wanted.at))
    return {
        "lon": point.lon,
        "lat": point.lat,
        "grid": {"id": place.grid_id, "code": place.grid_code, "area_class": place.area_class},
        "community": asdict(place.community),
        "street": asdict(place.street),
        "district": asdict(place.district),
    }


@router.get("/{code}", response=GridDetail, summary="One unit grid")
def get_grid(request: HttpRequest, code: fields.GridCode, at: fields.Moment | None = None) -> Any:
    """Return a grid with its geometry and versions; a retired one gives its last version."""
    return queries.get_grid(actor=actor_of(request), code=code, at=moment_or_now(at))
