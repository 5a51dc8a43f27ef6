"""What every act on addresses shares: holding a row, its names, its log, its whole text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import orjson
import shapely
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import connection
from shapely.geometry.base import BaseGeometry

from chengyun.administration.operations import record_audit
from chengyun.administration.queries import time_zone
from chengyun.administration.rules.actor import Actor
from chengyun.journal.operations import record_event
from chengyun.kernel.coordinates import to_storage
from chengyun.kernel.errors import Invalid, NotFound
from chengyun.territory.adapters.crs import converter, stated_name
from chengyun.territory.adapters.shapes import ShapeFault, read_shape
from chengyun.territory.address_faults import (
    AddressChanged,
    AddressNumberMissing,
    AddressParentUnfit,
    AddressRetired,
    TooManyBelow,
)
from chengyun.territory.models import STORAGE_SRID, Address, AddressChange, AddressName
from chengyun.territory.queries.divisions import names_of
from chengyun.territory.rules.addresses.keys import name_keys
from chengyun.territory.rules.addresses.kinds import composed, may_stand_below
from chengyun.territory.rules.addresses.numbers import normal_number, number_value
from chengyun.territory.rules.division_codes import ancestors_of
from chengyun.territory.rules.scope import MANAGE, READ, prefixes_of, require_codes

MOST_BELOW: Final = 20_000
_SHAPES: Final = {
    "street": {"LineString", "MultiLineString"},
    "tract": {"Polygon", "MultiPolygon"},
    "division": {"Polygon", "MultiPolygon"},
    "poi": {"Polygon", "MultiPolygon"},
}
_SHOWN_LEVEL: Final = 6  # the whole begins with the district: the city's name is on every one
_BELOW: Final = """
WITH RECURSIVE below AS (
    SELECT id, parent_id, name, division_code, kind, 1 AS depth
    FROM territory_address WHERE id = ANY(%s)
    UNION ALL
    SELECT a.id, a.parent_id, a.name, a.division_code, a.kind, depth + 1
    FROM territory_address a JOIN below b ON a.parent_id = b.id WHERE depth < 12
)
SELECT id, parent_id, name, division_code, kind FROM below ORDER BY depth LIMIT %s
"""


def held(actor: Actor, address_id: int, version: int | None = None) -> Address:
    """Return an address in force, locked, that the actor may change.

    raises : Forbidden, NotFound, OutsideScope, AddressChanged, AddressRetired
    """
    prefixes_of(actor, MANAGE)
    address = Address.objects.select_for_update().filter(pk=address_id).first()
    seen = prefixes_of(actor, READ if actor.can(READ) else MANAGE)
    if address is None or not address.division_code.startswith(seen):
        raise NotFound(what=f"地址 {address_id}")
    require_codes(actor, MANAGE, [address.division_code])
    if address.valid_to is not None:
        raise AddressRetired(value=address.full)
    if version is not None and version != address.version:
        raise AddressChanged(field="version", version=address.version)
    return address


def fit_parent(kind: str, parent_id: int | None) -> Address | None:
    """Return the parent; raise AddressParentUnfit unless such an address may stand below it."""
    parent = Address.objects.filter(pk=parent_id, valid_to=None).first() if parent_id else None
    missing = parent_id is not None and parent is None
    if missing or not may_stand_below(kind, parent.kind if parent else ""):
        raise AddressParentUnfit(field="parent_id", kind=kind)
    return parent


def placed(kind: str, geometry: object, crs: str) -> tuple[Point, GEOSGeometry | None]:
    """Return the point and, of a street or tract, the geometry, in EPSG:4490.

    raises : Invalid, CoordinateOutOfRange, UnknownCrs
    """
    point, shape = checked_place(kind, geometry, crs)
    return Point(point.x, point.y, srid=STORAGE_SRID), stored_shape(shape)


def checked_place(
    kind: str, geometry: object, crs: str
) -> tuple[shapely.Point, BaseGeometry | None]:
    """Return the point and, of a street or tract, the geometry, in EPSG:4490; see `placed`."""
    try:
        shape = read_shape(geometry, converter(stated_name(crs)))
    except ShapeFault as fault:
        raise _unusable(str(fault)) from fault
    if isinstance(shape, shapely.Point):
        return shape, None
    if shape.geom_type not in _SHAPES.get(kind, set()) or not shape.is_valid:
        raise _unusable(f"{kind}: {shape.geom_type}, {shapely.is_valid_reason(shape)[:80]}")
    return point_on(shape), shape


def stored_shape(shape: BaseGeometry | None) -> GEOSGeometry | None:
    """Return a geometry in EPSG:4490 as the model takes it."""
    if shape is None:
        return None
    return GEOSGeometry(shapely.to_wkb(shape, hex=True), srid=STORAGE_SRID)


def clean_name(name: str) -> str:
    """Return a name without outer and double blanks; raise Invalid for none."""
    cleaned = " ".join(name.split())
    if not cleaned or any(not sign.isprintable() for sign in cleaned):
        raise Invalid(field="name", reason_zh="请填写名称", reason_en="write a name")
    return cleaned


def set_number(address: Address) -> None:
    """Read the number of a door plate from its name; other kinds have none.

    raises : AddressNumberMissing
    """
    is_plate = address.kind == "door_plate"
    address.number = number_of(address.name) if is_plate else ""
    address.number_value = number_value(address.number) if is_plate else None


def number_of(name: str) -> str:
    """Return the number of a door plate; raise AddressNumberMissing."""
    number = normal_number(name)
    if not number:
        raise AddressNumberMissing(field="name", value=name)
    return number


def point_at(lon: float, lat: float, crs: str) -> dict[str, Any]:
    """Return a point given in a system as GeoJSON in EPSG:4490."""
    found = to_storage(lon, lat, crs)
    return {"type": "Point", "coordinates": [found.lon, found.lat]}


def point_on(shape: BaseGeometry) -> shapely.Point:
    """Return the middle of the longest line, or a point inside an area."""
    if shape.geom_type.endswith("LineString"):
        longest = max(shapely.get_parts(shape), key=lambda part: float(part.length))
        middle: shapely.Point = longest.interpolate(0.5, normalized=True)
        return middle
    return shape.representative_point()


def whole_of(divisions: Mapping[str, str], division_code: str, parts: Sequence[str]) -> str:
    """Return the whole address; `divisions` are names by code."""
    codes = (*ancestors_of(division_code), division_code)
    return composed([divisions[code] for code in codes if code in divisions], parts)


def division_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names that wholes begin with: of the codes and those above, from the district."""
    wanted = {one for code in set(codes) for one in shown_codes(code)}
    return {code: names[0] for code, names in names_of(sorted(wanted)).items()}


def shown_codes(code: str) -> list[str]:
    """Return the codes whose names a whole begins with, the largest first."""
    least = min(_SHOWN_LEVEL, len(code))
    return [one for one in (*ancestors_of(code), code) if len(one) >= least]


def chain_of(parent: Address | None) -> list[str]:
    """Return the names from the largest part down to a parent, without divisions."""
    names: list[str] = []
    while parent is not None and len(names) < 12:  # noqa: PLR2004 - no chain is as long
        if parent.kind != "division":
            names.append(parent.name)
        parent = parent.parent
    return names[::-1]


def recompose(address_ids: Sequence[int]) -> int:
    """Write the wholes of addresses and of all below them anew; return how many there are.

    raises : TooManyBelow
    """
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [list(address_ids), MOST_BELOW + 1])
        rows = cursor.fetchall()
        if len(rows) > MOST_BELOW:
            raise TooManyBelow(limit=MOST_BELOW)
        parts: dict[int, list[str]] = {}
        names = division_names(row[3] for row in rows)
        wholes: dict[int, str] = {}
        for id_, parent_id, name, division, kind in rows:
            if parent_id is not None and parent_id not in parts:
                parts[parent_id] = chain_of(Address.objects.get(pk=parent_id))
            own = [] if kind == "division" and name in names.values() else [name]
            parts[id_] = [*parts.get(parent_id, []), *own]
            wholes[id_] = whole_of(names, division, parts[id_])
        cursor.execute(
            'UPDATE territory_address a SET "full" = t."full"'
            ' FROM unnest(%s::bigint[], %s::text[]) t(id, "full")'
            " WHERE a.id = t.id AND a.full <> t.full",
            [list(wholes), list(wholes.values())],
        )
    return len(rows)


def current_name(address: Address, since: date | None) -> None:
    """Write the name under which an address is found now; a numbered plate needs none."""
    if address.number:
        return
    keys = name_keys(address.name)
    AddressName.objects.update_or_create(
        address=address,
        is_current=True,
        defaults={
            "name": keys.name,
            "pinyin": keys.pinyin,
            "initials": keys.initials,
            "grams": list(keys.grams),
            "kind": address.kind,
            "division_code": address.division_code,
            "point": address.point,
            "valid_from": since,
        },
    )


def keep_name(address: Address, *, until: date, reason: str) -> None:
    """Keep the present name as a former one: it still finds the address."""
    keys = name_keys(address.name)
    present = AddressName.objects.filter(address=address, is_current=True).first()
    AddressName.objects.create(
        address=address,
        parent_id=address.parent_id if address.number else None,
        number=address.number,
        name=address.name if address.number else keys.name,
        pinyin=keys.pinyin,
        initials=keys.initials,
        grams=list(keys.grams),
        kind=address.kind,
        division_code=address.division_code,
        point=address.point,
        is_current=False,
        valid_from=present.valid_from if present else address.valid_from,
        valid_to=until,
        reason=reason,
    )


def written(
    actor: Actor,
    address: Address,
    *,
    act: str,
    at: datetime,
    reason: str,
    changes: Mapping[str, Sequence[Any]],
) -> int:
    """Save a changed address with its next version, its log, audit entry and event."""
    address.version += 1
    address.updated_at = at
    address.save()
    AddressName.objects.filter(address=address).update(
        division_code=address.division_code, point=address.point
    )
    log(actor, address, act=act, at=at, reason=reason, changes=changes)
    return address.version


def log(
    actor: Actor,
    address: Address,
    *,
    act: str,
    at: datetime,
    reason: str,
    changes: Mapping[str, Sequence[Any]],
) -> None:
    """Append what was changed; leave the audit entry and the event `address.<act>`."""
    told = orjson.loads(orjson.dumps({k: list(v) for k, v in changes.items()}, default=str))
    AddressChange.objects.create(
        address=address,
        version=address.version,
        act=act,
        at=at,
        by_id=actor.person_id,
        by_name=actor.name[:60],
        reason=reason,
        changes=told,
    )
    record_audit(actor, f"address.{act}", f"address:{address.pk}", {"fields": sorted(changes)})
    record_event(
        at=at,
        kind=f"address.{act}",
        subject=f"address:{address.pk}",
        actor_id=actor.person_id,
        payload={"address_id": address.pk, "act": act},
        division_code=address.division_code,
    )


def today(at: datetime) -> date:
    """Return the day of an instant where the platform stands."""
    return at.astimezone(time_zone()).date()


def _unusable(detail: str) -> Invalid:
    return Invalid(
        field="geometry",
        reason_zh=f"位置或图形不可用（{detail}）",
        reason_en=f"the place cannot be used ({detail})",
    )
