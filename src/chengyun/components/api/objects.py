"""Routes of components: find, read, register, change, move, retire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from chengyun.administration.http import actor_of
from chengyun.administration.operations.idempotency import Answer, fingerprint, run_once
from chengyun.components.api.shapes import (
    Accuracy,
    Bearing,
    ComponentCode,
    ComponentFilterIn,
    ComponentLocation,
    ComponentNear,
    ComponentOut,
    ComponentPage,
    ComponentWord,
    Crs,
    Day,
    Degrees,
    Id,
    Instant,
    Key,
    Line,
    Name,
    Note,
    OrganisationId,
    Reason,
    Strict,
    Token,
    TypeCode,
    Word,
    area_from,
)
from chengyun.components.operations.change import (
    change_component,
    move_component,
    retire_component,
)
from chengyun.components.operations.register import ComponentInput, register_component
from chengyun.components.queries import objects, statistics
from chengyun.kernel.coordinates import API_SYSTEMS, Position, to_storage
from chengyun.kernel.errors import Invalid

router = Router(tags=["components"])

Limit = Annotated[int, Query(ge=1, le=200)]
Attributes = Annotated[dict[str, Any], Field(max_length=100)]


class ComponentIn(Strict):
    """A component to be registered. Without `code` it gets one by the scheme in force."""

    type: TypeCode
    location: ComponentLocation
    code: ComponentCode = ""
    name: Name = ""
    state: Word = "intact"
    source: Word = "surveyed"
    competent_id: OrganisationId | None = None
    owner_id: OrganisationId | None = None
    maintainer_id: OrganisationId | None = None
    address: Line = ""
    accuracy: Accuracy = ""
    bearing: Bearing | None = None
    note: Note = ""
    initial_on: Day | None = None
    attributes: Attributes = Field(default_factory=dict)
    reason: Reason = ""


class ComponentChange(Strict):
    """What is to be changed; what is left out stays. `version` as you saw it."""

    version: Id | None = None
    reason: Reason = ""
    name: Name | None = None
    state: Word | None = None
    source: Word | None = None
    competent_id: OrganisationId | None = None
    owner_id: OrganisationId | None = None
    maintainer_id: OrganisationId | None = None
    address: Line | None = None
    accuracy: Accuracy | None = None
    bearing: Bearing | None = None
    note: Note | None = None
    initial_on: Day | None = None
    changed_on: Day | None = None
    attributes: Attributes | None = None


class ComponentMove(Strict):
    """Where the component stands now."""

    location: ComponentLocation
    version: Id | None = None
    reason: Reason = ""


class ComponentRetirement(Strict):
    """Why the component goes out of use, and in which state."""

    reason: Reason
    state: Word = "removed"
    version: Id | None = None


class ComponentNearIn(ComponentFilterIn):
    """A point, and which components near it."""

    lon: Degrees
    lat: Degrees
    crs: Crs = API_SYSTEMS[0]
    radius_m: Annotated[int, Field(ge=1, le=5000)] | None = None
    limit: Annotated[int, Field(ge=1, le=objects.MOST_NEAR)] = 10

    def point(self) -> Position:
        """Return the point in EPSG:4490; raise Invalid, CoordinateOutOfRange."""
        if self.crs not in API_SYSTEMS:
            names = ", ".join(API_SYSTEMS)
            raise Invalid(field="crs", reason_zh=f"须为 {names}", reason_en=f"is one of {names}")
        return to_storage(self.lon, self.lat, self.crs)


class ComponentArea(Strict):
    """A polygon as GeoJSON, EPSG:4490."""

    area: dict[str, Any]


class ComponentNearPage(Schema):
    """The nearest components; `next` is always null."""

    items: list[ComponentNear]
    next: str | None


class ComponentVersionOut(Schema):
    """One change: field → [before, after]."""

    version: int
    act: str
    at: Instant
    by: str
    reason: str
    changes: dict[str, list[Any]]


class ComponentVersionPage(Schema):
    """Changes, the newest first."""

    items: list[ComponentVersionOut]
    next: str | None


class ComponentCount(ComponentWord):
    """A figure, and the filter of the list behind it."""

    count: int
    filter: dict[str, str]


class ComponentCounts(Schema):
    """Figures, the largest first; `groups` tells how many there are in all.

    `counted_at`: when kept numbers were counted; null = counted just now.
    """

    by: str
    total: int
    groups: int
    counted_at: Instant | None
    items: list[ComponentCount]


_NULLABLE = {"competent_id", "owner_id", "maintainer_id", "bearing", "initial_on", "changed_on"}


@router.get("", response=ComponentPage, summary="List components")
def list_components(
    request: HttpRequest,
    wanted: Query[ComponentFilterIn],
    limit: Limit = 50,
    after: Token | None = None,
) -> dict[str, Any]:
    """Return a page of components by code; `q` finds names, addresses and beginnings of codes."""
    return objects.list_components(
        actor=actor_of(request), wanted=wanted.wanted(), limit=limit, after=after
    )


@router.post("", response={201: ComponentOut}, summary="Register a component")
def register(
    request: HttpRequest, body: ComponentIn, idempotency_key: Key = None
) -> Status[dict[str, Any]]:
    """Register a component; the same Idempotency-Key registers once."""
    actor = actor_of(request)
    fields = body.dict(exclude={"type", "location", "reason"})
    given = ComponentInput(
        type_code=body.type, geometry=body.location.shape(), crs=body.location.crs, **fields
    )

    def act() -> Answer:
        made = register_component(actor=actor, given=given, reason=body.reason)
        return Answer(status=201, body={"id": made})

    mark = fingerprint(request.method or "", request.path, request.body)
    answer = run_once(actor=actor, key=idempotency_key, fingerprint=mark, act=act)
    return Status(201, objects.get_component(actor=actor, component_id=answer.body["id"]))


@router.get("/nearest", response=ComponentNearPage, summary="Find the nearest components")
def nearest(request: HttpRequest, wanted: Query[ComponentNearIn]) -> dict[str, Any]:
    """Return the components within `radius_m` of a point, the nearest first."""
    actor = actor_of(request)
    point = wanted.point()
    items = objects.nearest_components(
        actor=actor,
        lon=point.lon,
        lat=point.lat,
        wanted=wanted.wanted(),
        radius_m=wanted.radius_m,
        limit=wanted.limit,
    )
    return {"items": items, "next": None}


@router.post("/in-area", response=ComponentPage, summary="Find the components in an area")
def in_area(
    request: HttpRequest,
    body: ComponentArea,
    wanted: Query[ComponentFilterIn],
    limit: Limit = 50,
    after: Token | None = None,
) -> dict[str, Any]:
    """Return a page of the components within a polygon, by code."""
    return objects.list_in_area(
        actor=actor_of(request),
        area=area_from(body.area),
        wanted=wanted.wanted(),
        limit=limit,
        after=after,
    )


@router.get("/statistics", response=ComponentCounts, summary="Count components")
def count_components(
    request: HttpRequest,
    wanted: Query[ComponentFilterIn],
    by: Literal[
        "type",
        "state",
        "source",
        "competent",
        "owner",
        "maintainer",
        "district",
        "street",
        "community",
        "grid",
    ] = "type",
) -> dict[str, Any]:
    """Return how many components there are by what; each figure names the list behind it."""
    return statistics.count_components(actor=actor_of(request), wanted=wanted.wanted(), by=by)


@router.get("/by-code/{code}", response=ComponentOut, summary="Read a component by its code")
def read_component_by_code(request: HttpRequest, code: str) -> dict[str, Any]:
    """Return the component that a code on a plate stands for."""
    bare = "".join(sign for sign in code if sign.isalnum())[:40]
    return objects.get_component_by_code(actor=actor_of(request), code=bare)


@router.get("/{int:component_id}", response=ComponentOut, summary="Read a component")
def read_component(request: HttpRequest, component_id: Id) -> dict[str, Any]:
    """Return a component with everything known of it."""
    return objects.get_component(actor=actor_of(request), component_id=component_id)


@router.patch("/{int:component_id}", response=ComponentOut, summary="Change a component")
def change(request: HttpRequest, component_id: Id, body: ComponentChange) -> dict[str, Any]:
    """Change what is known of a component; attributes are put in place of the former ones."""
    actor = actor_of(request)
    values = body.dict(exclude_unset=True, exclude={"version", "reason"})
    missing = sorted(
        name for name, value in values.items() if value is None and name not in _NULLABLE
    )
    if missing:
        raise Invalid(field=missing[0], reason_zh="不能为空", reason_en="cannot be null")
    change_component(
        actor=actor,
        component_id=component_id,
        values=values,
        version=body.version,
        reason=body.reason,
    )
    return objects.get_component(actor=actor, component_id=component_id)


@router.post("/{int:component_id}/move", response=ComponentOut, summary="Move a component")
def move(request: HttpRequest, component_id: Id, body: ComponentMove) -> dict[str, Any]:
    """Put a component elsewhere; it keeps its code."""
    actor = actor_of(request)
    move_component(
        actor=actor,
        component_id=component_id,
        geometry=body.location.shape(),
        crs=body.location.crs,
        version=body.version,
        reason=body.reason,
    )
    return objects.get_component(actor=actor, component_id=component_id)


@router.post("/{int:component_id}/retire", response=ComponentOut, summary="Retire a component")
def retire(request: HttpRequest, component_id: Id, body: ComponentRetirement) -> dict[str, Any]:
    """Take a component out of use for good; its code is never given again."""
    actor = actor_of(request)
    retire_component(
        actor=actor,
        component_id=component_id,
        reason=body.reason,
        state=body.state,
        version=body.version,
    )
    return objects.get_component(actor=actor, component_id=component_id)


@router.get(
    "/{int:component_id}/versions", response=ComponentVersionPage, summary="List the changes"
)
def list_versions(
    request: HttpRequest, component_id: Id, limit: Limit = 50, after: Token | None = None
) -> dict[str, Any]:
    """Return who changed what of a component, and when; the newest first."""
    return objects.list_versions(
        actor=actor_of(request), component_id=component_id, limit=limit, after=after
    )
