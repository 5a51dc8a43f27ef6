"""Writing many addresses at once by COPY: for the demo city and benchmarks.

The caller has decided that the rows are right. Rows are numbered by their `key`, which counts up
from 1 through the run; a parent comes before what stands below it. No change is logged: the first
version is how the address came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import connection, transaction
from shapely.geometry.base import BaseGeometry

from chengyun.territory.models import Division
from chengyun.territory.operations import address_lines as lines
from chengyun.territory.operations.address_writing import shown_codes
from chengyun.territory.operations.loading import without_indexes
from chengyun.territory.rules.addresses.kinds import LONGEST, composed
from chengyun.territory.rules.addresses.numbers import normal_number, number_value

_TABLES: Final = ("territory_address", "territory_addressname", "territory_addresschange")
_NULL: Final = "\\N"


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
        cursor.execute(f"LOCK {_TABLES[0]}, {_TABLES[1]} IN EXCLUSIVE MODE")
        cursor.execute("SELECT coalesce(max(id), 0), count(*) = 0 FROM territory_address")
        base, empty = cursor.fetchone()
        writer = _Writer(base=base, since=since, at=at, source=source)
        with without_indexes(_TABLES) if empty else nullcontext():
            lines.send(cursor, lines.ADDRESSES, writer.rows(rows))
            lines.send(cursor, lines.NAMES, writer.names)
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('territory_address', 'id'), %s)",
            [max(base + writer.count, 1)],
        )
        cursor.execute("ANALYZE territory_address, territory_addressname")
    return writer.count


class _Writer:
    """Turns rows into lines of COPY; what is reckoned of a name is reckoned once."""

    def __init__(self, *, base: int, since: date, at: datetime, source: str) -> None:
        self._base, self._since = base, since
        self._end = f"{lines.escaped(source)}\t\t{since}\t1\t{at}\n"
        self._numbers: dict[str, str] = {}
        self._divisions: dict[str, str] = {}
        self._division_names = dict(Division.objects.values_list("code", "zh"))
        self._parts: dict[int, str] = {}
        self.names: list[str] = []
        self.count = 0

    def rows(self, rows: Iterable[AddressRow]) -> Iterator[str]:
        """Yield the lines of addresses, keeping those of names."""
        base, parts = self._base, self._parts
        for row in rows:
            self.count += 1
            name, kind, division, above = row.name, row.kind, row.division_code, row.parent_key
            point = lines.point_hex(row.lon, row.lat)
            part = parts.get(above, "")
            if kind != "division":
                part += name
            parts[row.key] = part
            if kind == "door_plate":
                number = self._number(name)
            else:
                number = f"\t{_NULL}"
                self._name(row, point)
            full = (self._division(division) + part)[-LONGEST:] or name
            code = _NULL if row.code is None else lines.escaped(row.code)
            parent = base + above if above else _NULL
            shape = _NULL if row.geometry is None else lines.shape_hex(row.geometry)
            yield (
                f"{base + row.key}\t{code}\t{kind}\t{parent}\t{lines.escaped(name)}"
                f"\t{lines.escaped(full)}\t{number}\t{division}\t{point}\t{shape}\t{self._end}"
            )

    def _name(self, row: AddressRow, point: str) -> None:
        """Keep the lines of the present and the former name."""
        id_, where = self._base + row.key, f"{row.kind}\t{row.division_code}\t{point}\n"
        since = row.former[1] if row.former else self._since
        begin = f"{id_}\t{_NULL}\t\t"
        self.names.append(f"{begin}{lines.found_by(row.name)}\tt\t{since}\t{_NULL}\t\t{where}")
        if row.former:
            name, until, reason = row.former
            self.names.append(
                f"{begin}{lines.found_by(name)}\tf\t{self._since}\t{until}"
                f"\t{lines.escaped(reason)}\t{where}"
            )

    def _number(self, name: str) -> str:
        """Return the number of a plate and its value as columns."""
        found = self._numbers.get(name)
        if found is None:
            number = normal_number(name)
            value = number_value(number)
            found = f"{lines.escaped(number)}\t{_NULL if value is None else value}"
            self._numbers[name] = found
        return found

    def _division(self, code: str) -> str:
        """Return the names that a whole in a division begins with."""
        found = self._divisions.get(code)
        if found is None:
            names = [self._division_names.get(one, "") for one in shown_codes(code)]
            found = self._divisions[code] = composed(names, [])
        return found
