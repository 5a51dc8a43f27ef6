"""Shapes that the routes of components share."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import shapely
from ninja import Header, Schema
from pydantic import Field, StringConstraints
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from chengyun.administration.bodies import Day, Instant, Strict
from chengyun.components.queries.conditions import Bounds, ComponentFilter
from chengyun.components.rules.shapes import geometry_from
from chengyun.kernel.coordinates import API_SYSTEMS
from chengyun.kernel.errors import Invalid

__all__ = [
    "Day",
    "Id",
    "Instant",
    "Key",
    "Line",
    "Strict",
]
_NO_NUL = r"^[^\x00]*$"
_LON, _LAT = 180, 90

Id = Annotated[int, Field(ge=1, lt=2**63)]
OrganisationId = Annotated[int, Field(ge=1, lt=2**63)]
Line = Annotated[str, StringConstraints(max_length=200, pattern=_NO_NUL, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(max_length=100, pattern=_NO_NUL, strip_whitespace=True)]
Note = Annotated[str, StringConstraints(max_length=500, pattern=_NO_NUL, strip_whitespace=True)]
Reason = Annotated[str, StringConstraints(max_length=300, pattern=_NO_NUL, strip_whitespace=True)]
Word = Annotated[str, StringConstraints(max_length=20, pattern=r"^[a-z0-9_]*$")]
TypeCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,8}$")]
ComponentCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{0,20}$")]
Accuracy = Annotated[str, StringConstraints(pattern=r"^[ABC]?$")]
Bearing = Annotated[float, Field(ge=0, lt=360, allow_inf_nan=False)]
Degrees = Annotated[float, Field(allow_inf_nan=False)]
Crs = Annotated[str, StringConstraints(max_length=20, pattern=r"^[A-Za-z0-9:_-]*$")]
Token = Annotated[str, StringConstraints(max_length=400)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", description="same key, same answer")]


class ComponentLocation(Strict):
    """Where a component lies: a point, or `geometry` (GeoJSON) for lines and areas."""

    lon: Degrees | None = None
    lat: Degrees | None = None
    geometry: dict[str, Any] | None = None
    crs: Crs = API_SYSTEMS[0]

    def shape(self) -> BaseGeometry:
        """Return the geometry; raise Invalid, GeometryUnusable."""
        if self.geometry is not None:
            return geometry_from(self.geometry)
        if self.lon is None or self.lat is None:
            raise Invalid(
                field="location",
                reason_zh="请给出 lon、lat 或 geometry",
                reason_en="give lon and lat, or geometry",
            )
        return Point(self.lon, self.lat)


class ComponentWord(Schema):
    """A code with its names."""

    code: str
    zh: str
    en: str


class ComponentTypeRef(ComponentWord):
    """A type as lists show it; geometry is point, line or polygon."""

    geometry: str


class ComponentOrganisation(Schema):
    """An organisation as lists show it."""

    id: int
    name: str
    name_en: str


class ComponentRow(Schema):
    """A component as a list shows it. Coordinates are EPSG:4490."""

    id: int
    code: str
    type: ComponentTypeRef
    name: str
    state: ComponentWord
    source: ComponentWord
    competent: ComponentOrganisation | None
    owner: ComponentOrganisation | None
    maintainer: ComponentOrganisation | None
    address: str
    grid_code: str
    community: ComponentWord
    street: ComponentWord
    district: ComponentWord
    lon: float
    lat: float
    version: int
    changed_on: date | None
    retired_at: Instant | None
    updated_at: Instant


class ComponentOut(ComponentRow):
    """A component with everything known of it. `shape` is the GeoJSON of a line or area."""

    shape: dict[str, Any] | None
    attributes: dict[str, Any]
    attribute_names: list[str]
    accuracy: str
    bearing: float | None
    note: str
    initial_on: date | None
    position_source: str
    created_at: Instant


class ComponentNear(ComponentRow):
    """A component near a point, with its distance [m]."""

    distance_m: float


class ComponentPhotoOut(Schema):
    """A photo; when and where it was taken, where its metadata said so (EPSG:4490)."""

    id: str
    name: str
    width: int
    height: int
    size: int
    taken_at: Instant | None
    lon: float | None
    lat: float | None
    at: Instant
    by: str
    url: str
    thumbnail: str


class ComponentPage(Schema):
    """A page of components."""

    items: list[ComponentRow]
    next: str | None


class ComponentFilterIn(Schema):
    """Which components. `type` may be a class (2 digits); an organisation 0 means none given."""

    type: Annotated[str, StringConstraints(pattern=r"^([0-9]{2,8})?$")] = ""
    state: Word = ""
    source: Word = ""
    division: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,12}$")] = ""
    grid: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,20}$")] = ""
    competent: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    owner: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    maintainer: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    retired: Annotated[str, StringConstraints(pattern=r"^(no|yes|all)$")] = "no"
    q: Annotated[str, StringConstraints(max_length=60, pattern=_NO_NUL)] = ""
    bounds: Annotated[str, StringConstraints(max_length=120)] = ""

    def wanted(self) -> ComponentFilter:
        """Return the filter; raise Invalid for bounds that are none."""
        given = {name: getattr(self, name) for name in ComponentFilterIn.model_fields}
        given["retired"] = {"no": False, "yes": True, "all": None}[self.retired]
        given["bounds"] = parse_bounds(self.bounds)
        return ComponentFilter(**given)


def parse_bounds(text: str) -> Bounds | None:
    """Return west, south, east, north of "w,s,e,n" [degrees]; raise Invalid."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (-_LON <= west <= east <= _LON and -_LAT <= south <= north <= _LAT):
        raise Invalid(
            field="bounds",
            reason_zh="应为“西,南,东,北”（度）",
            reason_en='write "west,south,east,north" in degrees',
        )
    return west, south, east, north


def area_from(geometry: dict[str, Any]) -> str:
    """Return a polygon as EWKB in hex; raise Invalid, GeometryUnusable."""
    shape = geometry_from(geometry)
    if shape.geom_type not in {"Polygon", "MultiPolygon"} or not shape.is_valid:
        raise Invalid(
            field="area", reason_zh="应为有效的多边形", reason_en="draw a polygon that is valid"
        )
    return str(shapely.to_wkb(shapely.set_srid(shape, 4490), hex=True, include_srid=True))
