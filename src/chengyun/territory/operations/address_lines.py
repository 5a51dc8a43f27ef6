"""Addresses, their names and their log as lines of COPY's text format.

A line that is put together here takes a fifth of the time that adapting each value takes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from chengyun.intake.operations.copying import copying
from chengyun.territory.models import STORAGE_SRID
from chengyun.territory.rules.addresses.keys import name_keys

ADDRESSES: Final = (
    'COPY territory_address (id, code, kind, parent_id, name, "full", number, number_value,'
    " division_code, point, geometry, source, note, valid_from, version, updated_at) FROM STDIN"
)
NAMES: Final = (
    "COPY territory_addressname (address_id, parent_id, number, name, pinyin, initials, grams,"
    " is_current, valid_from, valid_to, reason, kind, division_code, point) FROM STDIN"
)
CHANGES: Final = (
    "COPY territory_addresschange (address_id, version, act, at, by_id, by_name, reason, changes)"
    " FROM STDIN"
)
_ROWS_SENT: Final = 1_000
_POINT: Final = struct.Struct("<BIIdd")
_POINT_WITH_SRID: Final = 0x20000001
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SPECIAL: Final = frozenset("\\\t\n\r")


def send(cursor: Any, statement: str, lines: Iterable[str]) -> None:
    """Copy lines, a thousand in each piece: each piece is sent and waited for."""
    rest = iter(lines)
    with copying(cursor, statement) as copy:
        while piece := "".join(islice(rest, _ROWS_SENT)):
            copy.write(piece)


def line(values: Sequence[Any]) -> str:
    """Return values as a line; None as NULL."""
    return "\t".join(["\\N" if value is None else escaped(str(value)) for value in values]) + "\n"


def escaped(text: str) -> str:
    """Return a text as COPY reads it."""
    return text if _SPECIAL.isdisjoint(text) else text.translate(_ESCAPES)


@lru_cache(maxsize=50_000)
def found_by(name: str) -> str:
    """Return the keys of a name as the columns name, pinyin, initials, grams."""
    keys = name_keys(name)
    return f"{escaped(keys.name)}\t{escaped(keys.pinyin)}\t{escaped(keys.initials)}\t" + escaped(
        "{" + ",".join(_quoted(pair) for pair in keys.grams) + "}"
    )


def point_hex(lon: float, lat: float) -> str:
    """Return a point as the database reads it."""
    return _POINT.pack(1, _POINT_WITH_SRID, STORAGE_SRID, lon, lat).hex()


def shape_hex(geometry: BaseGeometry | None) -> str | None:
    """Return a line or an area as the database reads it."""
    if geometry is None:
        return None
    flat = shapely.set_srid(shapely.force_2d(geometry), STORAGE_SRID)
    return str(shapely.to_wkb(flat, hex=True, include_srid=True))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
