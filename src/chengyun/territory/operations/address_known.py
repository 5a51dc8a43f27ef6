"""Which rows of an import mean addresses that are here, and what they tell otherwise of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.db import connection

from chengyun.territory.address_faults import AddressTwice
from chengyun.territory.models import STORAGE_SRID, Address
from chengyun.territory.operations.address_insert import ACT, Settled, Terms
from chengyun.territory.operations.address_reading import is_changed_place
from chengyun.territory.operations.address_writing import (
    current_name,
    keep_name,
    recompose,
    set_number,
    stored_shape,
    written,
)
from chengyun.territory.rules.addresses.numbers import number_value, plain

KEEP_DIVISION: Final = frozenset({"division", "street"})
_SAME_NUMBER: Final = """
SELECT w.row, a.id FROM unnest(%s::int[], %s::bigint[], %s::int[], %s::text[])
    AS w(row, parent_id, value, number)
JOIN territory_address a ON a.parent_id = w.parent_id AND a.number_value = w.value
    AND a.number = w.number AND a.valid_to IS NULL
"""
_SAME_NAME: Final = """
SELECT w.row, a.id FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    AS w(row, kind, name, division, parent_id)
JOIN territory_addressname n ON n.name = w.name AND n.kind = w.kind AND n.is_current
    AND n.division_code = w.division
JOIN territory_address a ON a.id = n.address_id AND a.valid_to IS NULL
    AND (w.parent_id IS NULL OR a.parent_id = w.parent_id)
ORDER BY w.row, a.parent_id NULLS LAST, a.id DESC
"""
_LOCK: Final = """
SELECT 1 FROM territory_address WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""


def known_by_code(codes: Iterable[str]) -> dict[str, Address]:
    """Return the addresses with the codes, retired ones too, locked."""
    wanted = sorted({code for code in codes if code})
    found = Address.objects.select_for_update().filter(code__in=wanted).order_by("pk")
    return {str(one.code): one for one in found}


def known_by_place(rows: Sequence[Settled]) -> dict[int, Address]:
    """Return by number of row the addresses that are meant without a code, locked.

    A plate is known by its parent and number, others by kind, name, division and, where the row
    tells one, the parent; of several the first that stands below none, else the oldest. A row
    with a code means none that has a code of its own, unless it is a second plate of a number.
    """
    plates = [one for one in rows if one.given.number]
    others = [one for one in rows if not one.given.number]
    _hold({one.parent_id for one in plates if one.parent_id})
    found = _found(_SAME_NUMBER, [_number_key(one) for one in plates], 4)
    found |= _found(_SAME_NAME, [_name_key(one) for one in others], 5)
    codes = {one.given.row: one.given.code for one in rows}
    there = Address.objects.select_for_update().in_bulk(sorted(set(found.values())))
    return {
        row: there[id_]
        for row, id_ in found.items()
        if not codes[row] or not there[id_].code or there[id_].number
    }


def differences(one: Settled, address: Address, told: frozenset[str]) -> dict[str, list[Any]]:
    """Return what a row tells otherwise, field → [before, after].

    told : the columns that count; an empty cell for what must be told says nothing
    """
    given = one.given
    wanted = {
        "code": given.code or address.code,
        "name": given.name,
        "parent_id": one.parent_id or address.parent_id,
        "division_code": given.division,
        "source": given.source,
        "note": given.note,
        "valid_from": given.valid_from or address.valid_from,
    }
    moved = "point" in told and _is_moved(one, address)
    counts = told | ({"division_code"} if moved and address.kind not in KEEP_DIVISION else set())
    changes = {
        name: [getattr(address, name), value]
        for name, value in wanted.items()
        if name in counts and getattr(address, name) != value
    }
    if moved:
        changes["point"] = [[address.point.x, address.point.y], [given.lon, given.lat]]
    return changes


def bring_up(one: Settled, address: Address, changes: dict[str, list[Any]], terms: Terms) -> None:
    """Bring an address to what a row tells; a former name still finds it.

    raises : AddressTwice, TooManyBelow
    """
    given = one.given
    if {"name", "parent_id"} & set(changes):
        _require_single(one, address)
    day = given.valid_from or terms.today
    if "name" in changes:
        keep_name(address, until=day, reason=terms.reason)
        address.names.filter(is_current=True).delete()
    for name, (_, value) in changes.items():
        if name != "point":
            setattr(address, name, value)
    if "point" in changes:
        address.point = Point(given.lon, given.lat, srid=STORAGE_SRID)
        address.geometry = stored_shape(given.shape) or address.geometry
    set_number(address)
    written(terms.actor, address, act=ACT, at=terms.at, reason=terms.reason, changes=changes)
    if "name" in changes:
        current_name(address, day)
    if {"name", "parent_id", "division_code"} & set(changes):
        recompose([address.pk])


def _is_moved(one: Settled, address: Address) -> bool:
    shape = stored_shape(one.given.shape)
    if shape is None:
        return is_changed_place(address, one.given)
    return address.geometry is None or not address.geometry.equals_exact(shape, 1e-6)


def _require_single(one: Settled, address: Address) -> None:
    if not one.given.number:
        return
    parent = one.parent_id or address.parent_id
    twin = Address.objects.filter(parent_id=parent, number=one.given.number, valid_to=None)
    if twin.exclude(pk=address.pk).exists():
        raise AddressTwice(field="name", value=one.given.name)


def _number_key(one: Settled) -> tuple[Any, ...]:
    number = one.given.number
    return one.given.row, one.parent_id, number_value(number), number


def _name_key(one: Settled) -> tuple[Any, ...]:
    given = one.given
    return given.row, given.kind, plain(given.name), given.division, one.parent_id


def _found(statement: str, keys: Sequence[tuple[Any, ...]], width: int) -> dict[int, int]:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [[key[place] for key in keys] for place in range(width)])
        return dict(cursor.fetchall())


def _hold(parents: Iterable[int]) -> None:
    """Lock parents, as whoever registers a plate below one does."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(parents)])
