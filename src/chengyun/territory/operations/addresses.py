"""Registering, changing, renaming, moving, merging and retiring addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from chengyun.administration.rules.actor import Actor
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Invalid, NotFound
from chengyun.territory.address_faults import (
    AddressCodeTaken,
    AddressHasChildren,
    AddressNotMergeable,
    AddressTwice,
    AddressUnchanged,
)
from chengyun.territory.models import Address, AddressName, Division
from chengyun.territory.operations.address_writing import (
    chain_of,
    clean_name,
    current_name,
    division_names,
    fit_parent,
    held,
    keep_name,
    log,
    placed,
    recompose,
    set_number,
    today,
    whole_of,
    written,
)
from chengyun.territory.queries.locate import find_place
from chengyun.territory.rules.addresses.kinds import KINDS
from chengyun.territory.rules.scope import MANAGE, prefixes_of, require_codes

CHANGEABLE: Final = ("code", "parent_id", "division_code", "source", "note", "valid_from")


@dataclass(frozen=True, kw_only=True)
class AddressInput:
    """An address as somebody tells it.

    geometry : GeoJSON or a shape, in `crs`; a street's line and a tract's area give the point
    division_code : '' = where the point lies
    """

    kind: str
    name: str
    geometry: object
    crs: str = "EPSG:4490"
    parent_id: int | None = None
    code: str = ""
    division_code: str = ""
    source: str = ""
    note: str = ""
    valid_from: date | None = None


def register_address(
    *, actor: Actor, given: AddressInput, reason: str = "", at: datetime | None = None
) -> int:
    """Register an address and return its id. Audited.

    raises : Forbidden, OutsideScope, Invalid, AddressParentUnfit, AddressCodeTaken,
        AddressNumberMissing, AddressTwice, CoordinateOutOfRange, UnknownCrs
    """
    prefixes_of(actor, MANAGE)
    at = at or now()
    if given.kind not in KINDS:
        raise Invalid(field="kind", reason_zh="不是地址类型", reason_en="is no kind of address")
    name = clean_name(given.name)
    with transaction.atomic():
        parent = fit_parent(given.kind, given.parent_id)
        point, geometry = placed(given.kind, given.geometry, given.crs)
        division = _division(given.division_code, parent, point.x, point.y, at)
        require_codes(actor, MANAGE, [division])
        address = Address(
            code=given.code.strip() or None,
            kind=given.kind,
            parent=parent,
            name=name,
            division_code=division,
            point=point,
            geometry=geometry,
            source=given.source.strip(),
            note=given.note.strip(),
            valid_from=given.valid_from or today(at),
            updated_at=at,
        )
        set_number(address)
        parts = [*chain_of(parent), name] if given.kind != "division" else chain_of(parent)
        address.full = whole_of(division_names([division]), division, parts) or name
        _saved(address)
        current_name(address, address.valid_from)
        log(actor, address, act="registered", at=at, reason=reason.strip(), changes={})
    return address.pk


def change_address(
    *,
    actor: Actor,
    address_id: int,
    values: Mapping[str, Any],
    version: int | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> int:
    """Change what is known of an address beside name and place; return its new version.

    values : of the fields of CHANGEABLE
    raises : Forbidden, NotFound, OutsideScope, AddressChanged, AddressRetired, AddressUnchanged,
        AddressParentUnfit, AddressCodeTaken, AddressTwice, Invalid
    """
    at = at or now()
    with transaction.atomic():
        address = held(actor, address_id, version)
        wanted = _wanted(actor, address, values)
        changes = {
            name: [getattr(address, name), value]
            for name, value in wanted.items()
            if getattr(address, name) != value
        }
        if not changes:
            raise AddressUnchanged
        for name, (_, value) in changes.items():
            setattr(address, name, value)
        _require_single(address)
        try:
            with transaction.atomic():
                version = written(
                    actor, address, act="changed", at=at, reason=reason.strip(), changes=changes
                )
        except IntegrityError as error:
            raise AddressCodeTaken(field="code", value=address.code) from error
        if {"parent_id", "division_code"} & set(changes):
            recompose([address.pk])
    return version


def rename_address(
    *,
    actor: Actor,
    address_id: int,
    name: str,
    reason: str,
    since: date | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> int:
    """Give an address another name; the former one still finds it. Return the new version.

    since : the first day of the new name; None = today
    raises : as `change_address`, AddressNumberMissing, TooManyBelow
    """
    at = at or now()
    reason = _reasoned(reason)
    with transaction.atomic():
        address = held(actor, address_id, version)
        name = clean_name(name)
        if name == address.name:
            raise AddressUnchanged(field="name")
        before, day = address.name, since or today(at)
        keep_name(address, until=day, reason=reason)
        AddressName.objects.filter(address=address, is_current=True).delete()
        address.name = name
        set_number(address)
        _require_single(address)
        changed = written(
            actor, address, act="renamed", at=at, reason=reason, changes={"name": [before, name]}
        )
        current_name(address, day)
        recompose([address.pk])
    return changed


def move_address(
    *,
    actor: Actor,
    address_id: int,
    geometry: object,
    crs: str = "EPSG:4490",
    reason: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> int:
    """Put an address elsewhere or draw its line or area anew; return its new version.

    raises : Forbidden, NotFound, OutsideScope, AddressChanged, AddressRetired, Invalid
    """
    at = at or now()
    with transaction.atomic():
        address = held(actor, address_id, version)
        point, shape = placed(address.kind, geometry, crs)
        before = [address.point.x, address.point.y]
        address.point, address.geometry = point, shape
        division = _division("", None, point.x, point.y, at, address.division_code)
        require_codes(actor, MANAGE, [division])
        changes: dict[str, list[Any]] = {"point": [before, [point.x, point.y]]}
        if address.kind not in {"division", "street"} and division != address.division_code:
            changes["division_code"] = [address.division_code, division]
            address.division_code = division
        changed = written(
            actor, address, act="moved", at=at, reason=reason.strip(), changes=changes
        )
        if "division_code" in changes:
            recompose([address.pk])
    return changed


def merge_address(
    *,
    actor: Actor,
    address_id: int,
    into_id: int,
    reason: str,
    version: int | None = None,
    at: datetime | None = None,
) -> int:
    """Make an address one with another: its names lead there, what stands below it moves there.

    returns : its last version
    raises : as `change_address`, AddressNotMergeable, AddressTwice, TooManyBelow
    """
    at = at or now()
    reason = _reasoned(reason)
    with transaction.atomic():
        address = held(actor, address_id, version)
        heir = Address.objects.select_for_update().filter(pk=into_id, valid_to=None).first()
        if heir is None or heir.kind != address.kind or _stands_below(heir, address):
            raise AddressNotMergeable(field="into_id")
        require_codes(actor, MANAGE, [heir.division_code])
        _require_no_common_numbers(address, heir)
        moved = list(Address.objects.filter(parent=address).values_list("pk", flat=True))
        Address.objects.filter(pk__in=moved).update(parent=heir)
        AddressName.objects.filter(parent_id=address.pk).update(parent_id=heir.pk)
        Address.objects.filter(successor=address).update(successor=heir)
        address.valid_to, address.successor = today(at), heir
        changes: dict[str, list[Any]] = {"successor": [None, heir.full], "below": [len(moved), 0]}
        changed = written(actor, address, act="merged", at=at, reason=reason, changes=changes)
        if moved:
            recompose(moved)
    return changed


def retire_address(
    *,
    actor: Actor,
    address_id: int,
    reason: str,
    version: int | None = None,
    at: datetime | None = None,
) -> int:
    """Take an address out of force for good, and return its last version; its code is kept.

    raises : as `change_address`, AddressHasChildren
    """
    at = at or now()
    reason = _reasoned(reason)
    with transaction.atomic():
        address = held(actor, address_id, version)
        below = Address.objects.filter(parent=address, valid_to=None).count()
        if below:
            raise AddressHasChildren(count=below)
        day = max(today(at), address.valid_from or today(at))
        address.valid_to = day
        return written(
            actor, address, act="retired", at=at, reason=reason, changes={"valid_to": [None, day]}
        )


def _wanted(actor: Actor, address: Address, values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(values) - set(CHANGEABLE))
    if unknown:
        raise Invalid(field=unknown[0], reason_zh="不能这样变更", reason_en="changes otherwise")
    wanted: dict[str, Any] = {
        name: value.strip() if isinstance(value, str) else value for name, value in values.items()
    }
    if "code" in wanted:
        wanted["code"] = wanted["code"] or None
        if address.code is not None and wanted["code"] != address.code:
            raise Invalid(field="code", reason_zh="编码一经确定不能更改", reason_en="a code stays")
    if "division_code" in wanted:
        _require_division(wanted["division_code"])
        require_codes(actor, MANAGE, [wanted["division_code"]])
    if "parent_id" in wanted:
        parent = fit_parent(address.kind, wanted["parent_id"])
        if parent is not None and _stands_below(parent, address):
            raise Invalid(field="parent_id", reason_zh="不能成环", reason_en="makes a circle")
    return wanted


def _division(
    code: str, parent: Address | None, lon: float, lat: float, at: datetime, otherwise: str = ""
) -> str:
    """Return the division of an address: as told, where the point lies, or the parent's."""
    if code:
        _require_division(code)
        return code
    place = find_place(lon=lon, lat=lat, at=at)
    found = place.community_code if place else otherwise or (parent.division_code if parent else "")
    if not found:
        raise Invalid(
            field="division_code",
            reason_zh="该位置不在任何网格内，请写明区划代码",
            reason_en="no grid is there: state the division",
        )
    return found


def _require_division(code: str) -> None:
    if not Division.objects.filter(code=code).exists():
        raise NotFound(what=f"区划 {code}")


def _reasoned(reason: str) -> str:
    if not reason.strip():
        raise Invalid(field="reason", reason_zh="请写明原因", reason_en="say why")
    return reason.strip()


def _saved(address: Address) -> None:
    _require_single(address)
    if address.code and Address.objects.filter(code=address.code).exists():
        raise AddressCodeTaken(field="code", value=address.code)
    try:
        with transaction.atomic():
            address.save()
    except IntegrityError as error:  # another hand took the code between the look and the act
        raise AddressCodeTaken(field="code", value=address.code) from error


def _require_single(address: Address) -> None:
    """Raise AddressTwice when another plate in force below the same parent has the number."""
    if not address.number:
        return
    Address.objects.select_for_update().filter(pk=address.parent_id or 0).first()
    twin = Address.objects.filter(
        parent_id=address.parent_id,
        number_value=address.number_value,
        number=address.number,
        valid_to=None,
    ).exclude(pk=address.pk)
    if twin.exists():
        raise AddressTwice(field="name", value=address.name)


def _require_no_common_numbers(address: Address, heir: Address) -> None:
    own = Address.objects.filter(parent=address, valid_to=None).exclude(number="")
    there = Address.objects.filter(parent=heir, valid_to=None, number__in=own.values("number"))
    first = there.first()
    if first is not None:
        raise AddressTwice(field="into_id", value=first.name)


def _stands_below(address: Address | None, other: Address) -> bool:
    for _ in range(20):
        if address is None:
            return False
        if address == other:
            return True
        address = address.parent
    return True
