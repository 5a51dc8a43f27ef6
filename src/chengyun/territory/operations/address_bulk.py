"""Writing many addresses at once by COPY: for the demo city and benchmarks.

The caller has decided that the rows are right. Rows are numbered by their `key`, which counts up
from 1 through the run; a parent comes before what stands below it. No change is logged: the first
version is how the address came.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import shapely
from django.db import connection, transaction
from shapely.geometry.base import BaseGeometry

from chengyun.territory.models import STORAGE_SRID, Division
from chengyun.territory.operations.address_writing import shown_codes
from chengyun.territory.rules.addresses.keys import NameKeys, name_keys
from chengyun.territory.rules.addresses.kinds import LONGEST, composed
from chengyun.territory.rules.addresses.numbers import normal_number, number_value

_ADDRESSES: Final = (
    'COPY territory_address (id, code, kind, parent_id, name, "full", number, number_value,'
    " division_code, point, geometry, source, note, valid_from, version, updated_at) FROM STDIN"
)
_NAMES: Final = (
    "COPY territory_addressname (address_id, number, name, is_current, valid_from, valid_to,"
    " reason, kind, division_code, point, pinyin, initials, grams) FROM STDIN"
)
_POINT: Final = struct.Struct("<BIIdd")
_POINT_WITH_SRID: Final = 0x20000001
# Rebuilt at the end when the table was empty: a tenth of the time of keeping them row by row.
_HEAVY: Final = {
    "address_by_point": "CREATE INDEX address_by_point ON territory_address USING gist (point)"
    " WHERE valid_to IS NULL",
    "address_by_parent": "CREATE INDEX address_by_parent ON territory_address"
    " (parent_id, number_value) WHERE parent_id IS NOT NULL",
    "address_name_grams": "CREATE INDEX address_name_grams ON territory_addressname"
    " USING gin (grams)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRow:
    """An address in force.

    key, parent_key : numbers of this run; 0 = no parent
    former : a former name, since when the present one holds, and why
    """

    key: int
    kind: str
    name: str
    division_code: str
    lon: float
    lat: float
    parent_key: int = 0
    geometry: BaseGeometry | None = None
    code: str | None = None
    former: tuple[str, date, str] | None = None


@transaction.atomic
def copy_addresses(
    rows: Iterable[AddressRow], *, since: date, at: datetime, source: str = ""
) -> int:
    """Write addresses with their names and wholes; return how many there were.

    since : first day of validity of all; at : when they came
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK territory_address, territory_addressname IN EXCLUSIVE MODE")
        cursor.execute("SELECT coalesce(max(id), 0), count(*) = 0 FROM territory_address")
        base, empty = cursor.fetchone()
        if empty:
            for index in _HEAVY:
                cursor.execute(f"DROP INDEX {index}")
        writer = _Writer(base=base, since=since, at=at, source=source)
        with cursor.copy(_ADDRESSES) as copy:
            for row in writer.rows(rows):
                copy.write_row(row)
        with cursor.copy(_NAMES) as copy:
            for name in writer.names:
                copy.write_row(name)
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('territory_address', 'id'), %s)",
            [max(base + writer.count, 1)],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in _HEAVY.values() if empty else ():
            cursor.execute(statement)
        cursor.execute("ANALYZE territory_address, territory_addressname")
    return writer.count


class _Writer:
    """Turns rows into lines of COPY; keys and wholes are made once for each distinct name."""

    def __init__(self, *, base: int, since: date, at: datetime, source: str) -> None:
        self._base, self._since, self._at, self._source = base, since, at, source
        self._keys: dict[str, NameKeys] = {}
        self._numbers: dict[str, tuple[str, int | None]] = {}
        self._divisions: dict[str, str] = {}
        self._division_names = dict(Division.objects.values_list("code", "zh"))
        self._parts: dict[int, str] = {}
        self.names: list[tuple[Any, ...]] = []
        self.count = 0

    def rows(self, rows: Iterable[AddressRow]) -> Iterator[tuple[Any, ...]]:
        """Yield the lines of addresses, keeping those of names."""
        for row in rows:
            self.count += 1
            is_plate = row.kind == "door_plate"
            number, value = self._number(row.name) if is_plate else ("", None)
            above = self._parts.get(row.parent_key, "")
            part = above if row.kind == "division" else above + row.name
            self._parts[row.key] = part
            point = _point(row.lon, row.lat)
            if not is_plate:
                self._name(row, point)
            yield (
                self._base + row.key,
                row.code,
                row.kind,
                self._base + row.parent_key if row.parent_key else None,
                row.name,
                (self._division(row.division_code) + part)[-LONGEST:] or row.name,
                number,
                value,
                row.division_code,
                point,
                None if row.geometry is None else _shape(row.geometry),
                self._source,
                "",
                self._since,
                1,
                self._at,
            )

    def _name(self, row: AddressRow, point: str) -> None:
        keys = self._keys_of(row.name)
        place = (row.kind, row.division_code, point)
        since = row.former[1] if row.former else self._since
        id_ = self._base + row.key
        self.names.append((id_, "", keys.name, True, since, None, "", *place, *_found_by(keys)))
        if row.former:
            name, until, reason = row.former
            old = self._keys_of(name)
            self.names.append(
                (id_, "", old.name, False, self._since, until, reason, *place, *_found_by(old))
            )

    def _keys_of(self, name: str) -> NameKeys:
        if name not in self._keys:
            self._keys[name] = name_keys(name)
        return self._keys[name]

    def _number(self, name: str) -> tuple[str, int | None]:
        if name not in self._numbers:
            number = normal_number(name)
            self._numbers[name] = (number, number_value(number))
        return self._numbers[name]

    def _division(self, code: str) -> str:
        if code not in self._divisions:
            names = [self._division_names.get(one, "") for one in shown_codes(code)]
            self._divisions[code] = composed(names, [])
        return self._divisions[code]


def _found_by(keys: NameKeys) -> tuple[str, str, list[str]]:
    return keys.pinyin, keys.initials, list(keys.grams)


def _point(lon: float, lat: float) -> str:
    return _POINT.pack(1, _POINT_WITH_SRID, STORAGE_SRID, lon, lat).hex()


def _shape(geometry: BaseGeometry) -> str:
    flat = shapely.set_srid(shapely.force_2d(geometry), STORAGE_SRID)
    return str(shapely.to_wkb(flat, hex=True, include_srid=True))
