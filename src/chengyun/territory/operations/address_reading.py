"""Rows of a file read through the mapping, each checked by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from shapely.geometry.base import BaseGeometry

from chengyun.intake.rules.mapping_faults import ValueUnknown
from chengyun.intake.rules.row_reader import RowReader, Texts
from chengyun.intake.rules.source import Row
from chengyun.kernel.coordinates import WGS_84, crs_name, point_mover
from chengyun.kernel.errors import Invalid
from chengyun.territory.adapters.address_mapping import AddressMapping
from chengyun.territory.address_faults import AddressDivisionUnknown, AddressWithoutPlace
from chengyun.territory.models import Address, Division
from chengyun.territory.operations.address_writing import checked_place, clean_name, number_of
from chengyun.territory.rules.addresses.kinds import KINDS
from chengyun.territory.rules.division_codes import significant

# From large to small; the kind of each field that names a parent.
PARTS: Final = (("tract", "tract"), ("street", "street"), ("plate", "door_plate"))
_WORDS: Final = {name: name for name in KINDS} | {
    "区域": "division",
    "地片": "tract",
    "街巷": "street",
    "门(楼)牌": "door_plate",
    "门（楼）牌": "door_plate",
    "门牌": "door_plate",
    "楼牌": "door_plate",
    "兴趣点": "poi",
}
_CODE: Final = re.compile(r"[0-9A-Za-z._-]{1,40}")
_LENGTHS: Final = {"name": 100, "source": 60, "note": 300}
_FORMER: Final = re.compile(r"[;；|、]")
_MOST_FORMER: Final = 20
_SAME_PLACE: Final = 1e-6  # degrees
_LEVEL_BREAK: Final = re.compile(r"[\s/>]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenAddress:
    """An address as a row tells it.

    row : its number; 0 = made on the way
    number : the one form of a door number, '' of other kinds
    parts : kind and name of what it stands below, from large to small
    division : '' = where the point lies
    lon, lat : EPSG:4490
    """

    row: int
    code: str
    kind: str
    name: str
    number: str
    lon: float
    lat: float
    parent_code: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    division: str = ""
    shape: BaseGeometry | None = None
    former: tuple[str, ...] = ()
    source: str = ""
    note: str = ""
    valid_from: date | None = None

    def in_division(self, code: str) -> GivenAddress:
        """Return the address with its division."""
        return replace(self, division=code)


class AddressReader:
    """Reads rows; what they refer to is looked up once."""

    def __init__(self, mapping: AddressMapping, *, crs: str) -> None:
        self._reader = RowReader(mapping)
        self._mapping = mapping
        self._crs = crs_name(crs or WGS_84)
        self._move = point_mover(self._crs)
        self._divisions: dict[str, str] = {}
        self._named: dict[str, list[str]] = {}
        for code, zh in Division.objects.values_list("code", "zh"):
            self._named.setdefault(zh, []).append(code)
            self._divisions[code] = code

    def read(self, row: Row) -> GivenAddress:
        """Return what a row tells; raise the first thing that is wrong with it."""
        texts, reader = row.values, self._reader
        code = self._code("code", texts)
        kind = self._kind(texts)
        name = self._name(reader.required("name", texts))
        lon, lat, shape = self._place(row, kind)
        return GivenAddress(
            row=row.number,
            code=code,
            kind=kind,
            name=name,
            number=number_of(name) if kind == "door_plate" else "",
            lon=lon,
            lat=lat,
            shape=shape,
            parent_code=self._code("parent", texts),
            parts=tuple(
                (part, self._name(found))
                for field, part in PARTS
                if (found := reader.text(field, texts))
            ),
            division=self._division(reader.text("division", texts)),
            former=self._former(reader.text("former_names", texts)),
            source=self._line("source", texts),
            note=self._line("note", texts),
            valid_from=reader.day("valid_from", texts),
        )

    def _kind(self, texts: Texts) -> str:
        text = self._reader.required("kind", texts)
        found = _WORDS.get(text)
        if found is None:
            raise ValueUnknown(field="kind", value=text[:80], aliases=", ".join(KINDS))
        return found

    def _code(self, field: str, texts: Texts) -> str:
        text = self._reader.text(field, texts)
        if text and not _CODE.fullmatch(text):
            raise Invalid(
                field=field,
                reason_zh="编码只能含字母、数字和 . _ -，最多 40 位",
                reason_en="a code has up to 40 letters, digits, dots, dashes",
            )
        return text

    def _name(self, text: str) -> str:
        return _short("name", clean_name(text))

    def _line(self, field: str, texts: Texts) -> str:
        return _short(field, " ".join(self._reader.text(field, texts).split()))

    def _former(self, text: str) -> tuple[str, ...]:
        names = [self._name(one) for one in _FORMER.split(text) if one.strip()]
        return tuple(dict.fromkeys(names[:_MOST_FORMER]))

    def _place(self, row: Row, kind: str) -> tuple[float, float, BaseGeometry | None]:
        """Return the point, and the line or area; of columns where the file has no geometry."""
        if row.geometry is not None:
            point, shape = checked_place(kind, row.geometry, self._crs)
            return point.x, point.y, shape
        if row.point is not None:
            return *self._move(*row.point), None
        lon, lat = (self._reader.number(name, row.values) for name in ("lon", "lat"))
        if lon is None or lat is None:
            raise AddressWithoutPlace(field="geometry")
        return *self._move(lon, lat), None

    def _division(self, text: str) -> str:
        """Return the code of a division given by code, or by names from large to small."""
        if not text:
            return ""
        found = self._divisions.get(text)
        if found is None:
            found = self._divisions[text] = self._found_division(text)
        if not found:
            raise AddressDivisionUnknown(field="division", value=text[:60])
        return found

    def _found_division(self, text: str) -> str:
        code = significant(text)
        if code is not None:
            return self._divisions.get(code, "")
        above = [""]
        for name in _LEVEL_BREAK.split(text.strip()):
            above = [
                one
                for one in self._named.get(name, [])
                if any(one.startswith(prefix) and one != prefix for prefix in above)
            ]
        return above[0] if len(above) == 1 else ""


def told_fields(mapping: AddressMapping, *, has_geometry: bool) -> frozenset[str]:
    """Return the columns of an address that the mapping reads: only these are compared."""
    names = {"code", "name", "source", "note", "valid_from"} & set(mapping.fields)
    if {"parent", *(field for field, _ in PARTS)} & set(mapping.fields):
        names.add("parent_id")
    if "division" in mapping.fields:
        names.add("division_code")
    if has_geometry or "lon" in mapping.fields:
        names.add("point")
    return frozenset(names)


def is_changed_place(address: Address, given: GivenAddress) -> bool:
    """Return whether an address lies elsewhere now: a millionth of a degree is none."""
    return max(abs(address.point.x - given.lon), abs(address.point.y - given.lat)) > _SAME_PLACE


def _short(field: str, text: str) -> str:
    most = _LENGTHS[field]
    if len(text) > most:
        raise Invalid(
            field=field, reason_zh=f"超过 {most} 字", reason_en=f"is over {most} characters"
        )
    return text
