"""Shapes of the routes of addresses."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from chengyun.kernel.coordinates import API_SYSTEMS, Position, to_storage
from chengyun.kernel.errors import Invalid
from chengyun.territory.api import fields
from chengyun.territory.queries.address_names import Narrowed

_NO_NUL = r"^[^\x00]*$"

Kind = Literal["division", "tract", "street", "door_plate", "poi"]
Code = Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9A-Za-z._-]*$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]
Line = Annotated[str, StringConstraints(max_length=60, pattern=_NO_NUL)]
Note = Annotated[str, StringConstraints(max_length=300, pattern=_NO_NUL)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
Lon = Annotated[float, Field(allow_inf_nan=False)]
Match = Literal[
    "exact",
    "old_name",
    "begins",
    "contains",
    "pinyin",
    "initials",
    "typo",
    "number",
    "interpolated",
    "street",
    "crossing",
]


class AddressPlace(fields.Strict):
    """Where an address lies: a point, or `geometry` (GeoJSON) of a street or tract."""

    lon: Lon | None = None
    lat: Lon | None = None
    geometry: dict[str, Any] | None = None
    crs: fields.Crs = API_SYSTEMS[0]

    def shape(self) -> dict[str, Any]:
        """Return the place as GeoJSON in its system; raise Invalid."""
        if self.geometry is not None:
            return self.geometry
        if self.lon is None or self.lat is None:
            raise Invalid(
                field="location",
                reason_zh="请给出 lon、lat 或 geometry",
                reason_en="give lon and lat, or geometry",
            )
        return {"type": "Point", "coordinates": [self.lon, self.lat]}


class AddressIn(fields.Strict):
    """An address to register. Without a division it is the one where the point lies."""

    kind: Kind
    name: Name
    location: AddressPlace
    parent_id: fields.Id | None = None
    code: Code = ""
    division_code: fields.DivisionPrefix = ""
    source: Line = ""
    note: Note = ""
    valid_from: fields.Day | None = None
    reason: Note = ""


class AddressEdit(fields.Strict):
    """What is to be changed; what is left out stays. `version` as you saw it."""

    version: fields.Id | None = None
    reason: Note = ""
    code: Code | None = None
    parent_id: fields.Id | None = None
    division_code: fields.DivisionCode | None = None
    source: Line | None = None
    note: Note | None = None
    valid_from: fields.Day | None = None


class AddressRename(fields.Strict):
    """The new name, why, and since when; the former one still finds the address."""

    name: Name
    reason: Note
    since: fields.Day | None = None
    version: fields.Id | None = None


class AddressMove(fields.Strict):
    """Where the address lies now."""

    location: AddressPlace
    reason: Note = ""
    version: fields.Id | None = None


class AddressMerge(fields.Strict):
    """Into which address this one goes, and why."""

    into_id: fields.Id
    reason: Note
    version: fields.Id | None = None


class AddressRetirement(fields.Strict):
    """Why the address goes out of force."""

    reason: Note
    version: fields.Id | None = None


class AddressRow(Schema):
    """An address as a list shows it. Coordinates are EPSG:4490."""

    id: int
    code: str | None
    kind: Kind
    parent_id: int | None
    name: str
    full: str
    number: str
    division_code: str
    lon: float
    lat: float
    has_geometry: bool
    source: str
    note: str
    valid_from: date | None
    valid_to: date | None
    successor_id: int | None
    version: int
    updated_at: fields.Moment


class AddressNameOut(Schema):
    """A name of an address, present or former; `number` of a former door number."""

    name: str
    number: str
    is_current: bool
    valid_from: date | None
    valid_to: date | None
    reason: str


class AddressBelow(Schema):
    """How many addresses of a kind stand directly below."""

    kind: Kind
    count: int


class AddressOut(AddressRow):
    """An address with everything known of it."""

    geometry: dict[str, Any] | None
    parent_full: str | None
    parent_kind: Kind | None
    successor_full: str | None
    divisions: list[fields.NamedOut]
    names: list[AddressNameOut]
    below: list[AddressBelow]


class AddressPage(Schema):
    """A page of addresses."""

    items: list[AddressRow]
    next: str | None


class AddressChangeOut(Schema):
    """One change: field → [before, after]."""

    version: int
    act: str
    at: fields.Moment
    by: str
    reason: str
    changes: dict[str, list[Any]]


class AddressChangePage(Schema):
    """Changes, the newest first."""

    items: list[AddressChangeOut]
    next: str | None


class AddressHit(Schema):
    """An address that fits: how well (0–1) and by what; id null for a crossing of streets."""

    id: int | None
    kind: Kind
    name: str
    full: str
    division_code: str
    lon: float
    lat: float
    score: float
    match: Match
    matched_name: str


class AddressHits(Schema):
    """Addresses that fit, the best first."""

    items: list[AddressHit]


class AddressWords(Schema):
    """Words in both languages."""

    zh: str
    en: str


class AddressNear(Schema):
    """An address near the point; direction and bearing as seen from the address."""

    id: int
    kind: Kind
    name: str
    full: str
    division_code: str
    lon: float
    lat: float
    distance_m: float
    bearing: float
    direction: AddressWords
    text: AddressWords


class AddressArea(Schema):
    """The grid and the divisions in which a point lies."""

    grid_code: str
    district: fields.NamedOut
    street: fields.NamedOut
    community: fields.NamedOut


class PointDescription(Schema):
    """Words for a point (null without an address within 2 km), the nearest addresses, the area."""

    lon: float
    lat: float
    text: AddressWords | None
    nearest: list[AddressNear]
    place: AddressArea | None


class AddressListFilter(Schema):
    """Which addresses to list. `state`: in force, retired, all."""

    division: fields.DivisionPrefix = ""
    kind: Kind | None = None
    parent_id: fields.Id | None = None
    state: Literal["in_force", "retired", "all"] = "in_force"
    bounds: fields.Bounds | None = None


class AddressSearchIn(Schema):
    """What to find: names, house numbers, crossings, pinyin; near which point first."""

    q: Text
    division: fields.DivisionPrefix = ""
    kind: Kind | None = None
    lon: Annotated[float, Field(allow_inf_nan=False)] | None = None
    lat: Annotated[float, Field(allow_inf_nan=False)] | None = None
    crs: fields.Crs = API_SYSTEMS[0]

    def narrowed(self) -> Narrowed:
        """Return where and what to look for; raise CoordinateOutOfRange, UnknownCrs."""
        near = None
        if self.lon is not None and self.lat is not None:
            point = stored_point(self.lon, self.lat, self.crs)
            near = (point.lon, point.lat)
        kinds = (self.kind,) if self.kind else ()
        return Narrowed(division=self.division, kinds=kinds, near=near)


class PointIn(Schema):
    """A point."""

    lon: Annotated[float, Field(allow_inf_nan=False)]
    lat: Annotated[float, Field(allow_inf_nan=False)]
    crs: fields.Crs = API_SYSTEMS[0]
    limit: Annotated[int, Field(ge=1, le=20)] = 5


class GeocodeBatch(fields.Strict):
    """Address texts to locate."""

    texts: Annotated[list[Text], Field(min_length=1, max_length=200)]
    division: fields.DivisionPrefix = ""


class GeocodedText(Schema):
    """A text and the places it names, the surest first; empty when none fits."""

    text: str
    items: list[AddressHit]


class GeocodedTexts(Schema):
    """Answers in the order of the texts."""

    items: list[GeocodedText]


def stored_point(lon: float, lat: float, crs: str) -> Position:
    """Return a point in EPSG:4490; raise Invalid, CoordinateOutOfRange."""
    if crs not in API_SYSTEMS:
        names = ", ".join(API_SYSTEMS)
        raise Invalid(field="crs", reason_zh=f"须为 {names}", reason_en=f"is one of {names}")
    return to_storage(lon, lat, crs)
