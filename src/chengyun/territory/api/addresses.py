"""Routes of addresses: find, locate, describe a point; register, change, rename, merge, retire."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Query, Router
from ninja.responses import Status

from chengyun.administration.http import actor_of
from chengyun.administration.operations.idempotency import Answer, fingerprint, run_once
from chengyun.administration.throttle import Throttle, take
from chengyun.kernel.errors import Invalid
from chengyun.territory.api import address_shapes as shapes
from chengyun.territory.api import fields
from chengyun.territory.operations import addresses as operations
from chengyun.territory.queries import addresses
from chengyun.territory.queries.address_names import Narrowed
from chengyun.territory.queries.address_nearest import describe_point
from chengyun.territory.queries.address_search import geocode, search_addresses

router = Router(tags=["addresses"])

Limit = Annotated[int, Query(ge=1, le=200)]
Few = Annotated[int, Query(ge=1, le=50)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", description="same key, same answer")]
_NULLABLE = {"parent_id", "valid_from"}
_STATES = {"in_force": True, "retired": False, "all": None}


@router.get("", response=shapes.AddressPage, summary="List addresses")
def list_addresses(
    request: HttpRequest,
    wanted: Query[shapes.AddressListFilter],
    limit: Limit = 50,
    after: fields.PageToken | None = None,
) -> dict[str, Any]:
    """Return a page of addresses by division."""
    return addresses.list_addresses(
        actor=actor_of(request), wanted=listed(wanted), limit=limit, after=after
    )


@router.post("", response={201: shapes.AddressOut}, summary="Register an address")
def register(
    request: HttpRequest, body: shapes.AddressIn, idempotency_key: Key = None
) -> Status[dict[str, Any]]:
    """Register an address; the same Idempotency-Key registers once."""
    actor = actor_of(request)
    given = operations.AddressInput(
        geometry=body.location.shape(),
        crs=body.location.crs,
        **body.dict(exclude={"location", "reason"}),
    )

    def act() -> Answer:
        made = operations.register_address(actor=actor, given=given, reason=body.reason)
        return Answer(status=201, body={"id": made})

    mark = fingerprint(request.method or "", request.path, request.body)
    answer = run_once(actor=actor, key=idempotency_key, fingerprint=mark, act=act)
    return Status(201, addresses.get_address(actor=actor, address_id=answer.body["id"]))


@router.get(
    "/search",
    response=shapes.AddressHits,
    summary="Find addresses",
    throttle=Throttle("search"),
)
def search(
    request: HttpRequest, wanted: Query[shapes.AddressSearchIn], limit: Few = 10
) -> dict[str, Any]:
    """Return addresses by name, former name, number, crossing or pinyin, the best first."""
    items = search_addresses(
        actor=actor_of(request), text=wanted.q, narrowed=wanted.narrowed(), limit=limit
    )
    return {"items": items}


@router.get(
    "/geocode",
    response=shapes.AddressHits,
    summary="Locate an address",
    throttle=Throttle("geocode"),
)
def locate(
    request: HttpRequest, wanted: Query[shapes.AddressSearchIn], limit: Few = 5
) -> dict[str, Any]:
    """Return the places that an address names; a number not there is put between its neighbours."""
    items = geocode(actor=actor_of(request), text=wanted.q, narrowed=wanted.narrowed(), limit=limit)
    return {"items": items}


@router.post(
    "/geocode",
    response=shapes.GeocodedTexts,
    summary="Locate many addresses",
    throttle=Throttle("geocode", by_body=True),
)
def locate_many(request: HttpRequest, body: shapes.GeocodeBatch, limit: Few = 1) -> dict[str, Any]:
    """Return for each of up to 200 texts the places that it names; each counts as one request."""
    actor = actor_of(request)
    take(request, "geocode", len(body.texts))
    narrowed = Narrowed(division=body.division)
    return {
        "items": [
            {
                "text": text,
                "items": geocode(actor=actor, text=text, narrowed=narrowed, limit=limit),
            }
            for text in body.texts
        ]
    }


@router.get(
    "/at",
    response=shapes.PointDescription,
    summary="Describe a point",
    throttle=Throttle("geocode"),
)
def at(request: HttpRequest, wanted: Query[shapes.PointIn]) -> dict[str, Any]:
    """Return the words for a point, the nearest addresses, and its grid, community and street."""
    point = shapes.stored_point(wanted.lon, wanted.lat, wanted.crs)
    return describe_point(actor=actor_of(request), lon=point.lon, lat=point.lat, limit=wanted.limit)


@router.get("/{int:address_id}", response=shapes.AddressOut, summary="Read an address")
def read(request: HttpRequest, address_id: fields.Id) -> dict[str, Any]:
    """Return an address with its names through time and what stands below it."""
    return addresses.get_address(actor=actor_of(request), address_id=address_id)


@router.patch("/{int:address_id}", response=shapes.AddressOut, summary="Change an address")
def change(request: HttpRequest, address_id: fields.Id, body: shapes.AddressEdit) -> dict[str, Any]:
    """Change what is known of an address beside its name and place."""
    actor = actor_of(request)
    values = body.dict(exclude_unset=True, exclude={"version", "reason"})
    missing = sorted(name for name, one in values.items() if one is None and name not in _NULLABLE)
    if missing:
        raise Invalid(field=missing[0], reason_zh="不能为空", reason_en="cannot be null")
    operations.change_address(
        actor=actor,
        address_id=address_id,
        values=values,
        version=body.version,
        reason=body.reason,
    )
    return addresses.get_address(actor=actor, address_id=address_id)


@router.post("/{int:address_id}/rename", response=shapes.AddressOut, summary="Rename an address")
def rename(
    request: HttpRequest, address_id: fields.Id, body: shapes.AddressRename
) -> dict[str, Any]:
    """Give an address another name; the former one still finds it."""
    actor = actor_of(request)
    operations.rename_address(actor=actor, address_id=address_id, **body.dict())
    return addresses.get_address(actor=actor, address_id=address_id)


@router.post("/{int:address_id}/move", response=shapes.AddressOut, summary="Move an address")
def move(request: HttpRequest, address_id: fields.Id, body: shapes.AddressMove) -> dict[str, Any]:
    """Put an address elsewhere, or draw its line or area anew."""
    actor = actor_of(request)
    operations.move_address(
        actor=actor,
        address_id=address_id,
        geometry=body.location.shape(),
        crs=body.location.crs,
        reason=body.reason,
        version=body.version,
    )
    return addresses.get_address(actor=actor, address_id=address_id)


@router.post("/{int:address_id}/merge", response=shapes.AddressOut, summary="Merge an address")
def merge(request: HttpRequest, address_id: fields.Id, body: shapes.AddressMerge) -> dict[str, Any]:
    """Make an address one with another: its names lead there from now on."""
    actor = actor_of(request)
    operations.merge_address(actor=actor, address_id=address_id, **body.dict())
    return addresses.get_address(actor=actor, address_id=address_id)


@router.post("/{int:address_id}/retire", response=shapes.AddressOut, summary="Retire an address")
def retire(
    request: HttpRequest, address_id: fields.Id, body: shapes.AddressRetirement
) -> dict[str, Any]:
    """Take an address out of force for good; its code is never given again."""
    actor = actor_of(request)
    operations.retire_address(actor=actor, address_id=address_id, **body.dict())
    return addresses.get_address(actor=actor, address_id=address_id)


@router.get(
    "/{int:address_id}/changes", response=shapes.AddressChangePage, summary="List the changes"
)
def changes(
    request: HttpRequest,
    address_id: fields.Id,
    limit: Limit = 50,
    after: fields.PageToken | None = None,
) -> dict[str, Any]:
    """Return who changed what of an address, and when; the newest first."""
    return addresses.list_changes(
        actor=actor_of(request), address_id=address_id, limit=limit, after=after
    )


def listed(wanted: shapes.AddressListFilter) -> addresses.AddressFilter:
    """Return the filter of a list; raise Invalid for bounds that are none."""
    return addresses.AddressFilter(
        division=wanted.division,
        kind=wanted.kind or "",
        parent_id=wanted.parent_id,
        in_force=_STATES[wanted.state],
        bounds=fields.parse_bounds(wanted.bounds),
    )
