"""Rows of a file as components: read through the mapping, checked one by one, no database asked."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import orjson
import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from chengyun.components.adapters.mapping import ComponentMapping
from chengyun.components.operations.writing import terms_array
from chengyun.components.queries.reference import (
    SOURCES,
    STATES,
    TypeInUse,
    attributes_of,
    check_word,
    type_in_use,
)
from chengyun.components.rules.attributes import Definition, checked_attributes
from chengyun.components.rules.codes import SUBJECT, check_type, place_in, scheme_of, type_in
from chengyun.components.rules.faults import GeometryUnusable, OrganisationUnknown
from chengyun.components.rules.shapes import StoredShape, plain, stored_point, stored_shape
from chengyun.intake.rules.mapping_faults import ValueMissing
from chengyun.intake.rules.row_reader import RowReader
from chengyun.intake.rules.source import Row
from chengyun.kernel.codes import CodeScheme
from chengyun.kernel.errors import Invalid
from chengyun.territory.queries.code_schemes import code_schemes

_LENGTHS: Final = {"name": 100, "address": 200, "note": 500}
_FULL_TURN: Final = 360
_MOST_KEPT: Final = 20_000  # of what is read once for many rows
_NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# Fields whose values come again and again: a row that repeats their cells is not read anew.
_COMMON: Final = ("type", "state", "source", "competent", "owner", "maintainer", "accuracy")
_POINT: Final = struct.Struct("<BIIdd")
_POINT_WITH_SRID: Final = (1, 0x20000001, 4490)
STAGED: Final = (
    "row",
    "code",
    "code_place",
    "name",
    "position",
    "shape",
    "position_source",
    "bearing",
    "address",
    "attributes",
    "note",
    "initial_on",
    "changed_on",
    "search",
    "type_id",
    "state",
    "source",
    "competent_id",
    "owner_id",
    "maintainer_id",
    "accuracy",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Staged:
    """A row that may become a component: its line for COPY, with the columns of STAGED.

    reached : the counter of its code, and the number reached
    """

    number: int
    code: str
    line: str
    reached: tuple[str, int] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Common:
    """The type, and the columns of the fields of _COMMON as they end a line."""

    kind: TypeInUse
    columns: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Coded:
    """What a code tells: its place, its counter and how many digits are the number."""

    place: str
    prefix: str
    width: int


class RowChecker:
    """Turns rows into staged ones; what a row refers to is looked up once a batch."""

    def __init__(self, mapping: ComponentMapping, *, crs: str, today: date) -> None:
        self._reader = RowReader(mapping)
        self._mapping = mapping
        self._crs = crs
        self._today = today.isoformat()
        self._schemes = [one for one in code_schemes() if one.subject == SUBJECT]
        self._organisations = _organisations()
        sources = mapping.sources()
        columns = (sources[name] for name in _COMMON if name in sources)
        self._cells = tuple({cell for one in columns for cell in (one.column, *one.columns)})
        self._width = 0
        self.begin_batch()

    def begin_batch(self) -> None:
        """Forget what was looked up for the rows before: words and types may have changed."""
        self._definitions: dict[str, dict[str, Definition]] = {}
        self._commons: dict[tuple[str | None, ...], _Common] = {}
        self._coded: dict[tuple[str, int], _Coded] = {}
        self._days: dict[str, str] = {}

    def check(self, row: Row) -> Staged:
        """Return the row to be staged.

        raises : the first thing that is wrong with it
        """
        texts, read = row.values, self._reader
        code = read.text("code", texts)
        if not code and not self._mapping.make_codes:
            raise ValueMissing(field="code", name="code")
        common = self._common(texts, code)
        kind = common.kind
        coded = self._told_by(code, kind) if code else None
        shape = self._shape(row, kind)
        name = self._line("name", texts) or kind.zh
        address = self._line("address", texts)
        bearing = self._bearing(texts)
        point = _POINT.pack(*_POINT_WITH_SRID, shape.lon, shape.lat).hex()
        line = (
            f"{row.number}\t{code or _NULL}\t{coded.place if coded else ''}\t{escaped(name)}"
            f"\t{point}\t{_hex(shape.shape)}\t{shape.given_in}"
            f"\t{_NULL if bearing is None else bearing}\t{escaped(address)}"
            f"\t{escaped(self._attributes(kind, texts))}\t{escaped(self._line('note', texts))}"
            f"\t{self._day('initial_on', texts) or _NULL}"
            f"\t{self._day('changed_on', texts) or self._today}"
            f"\t{terms_array(name=name, kind=kind, address=address)}\t{common.columns}\n"
        )
        return Staged(number=row.number, code=code, line=line, reached=_reached(coded, code))

    def _common(self, texts: dict[str, str], code: str) -> _Common:
        key = tuple(map(texts.get, self._cells))
        found = self._commons.get(key)
        if found is not None:
            return found
        read = self._reader.text
        type_text = read("type", texts)
        kind = self._kind(type_text, code)
        values = (
            kind.id,
            check_word(STATES, read("state", texts) or "intact"),
            check_word(SOURCES, read("source", texts) or "surveyed"),
            *(self._organisation(one, texts) for one in ("competent", "owner", "maintainer")),
            self._accuracy(texts),
        )
        columns = "\t".join(_NULL if one is None else escaped(str(one)) for one in values)
        found = _Common(kind=kind, columns=columns)
        if type_text and len(self._commons) < _MOST_KEPT:  # else the code tells the type
            self._commons[key] = found
        return found

    def _told_by(self, code: str, kind: TypeInUse) -> _Coded:
        """Return what a code tells; codes that differ by their number alone tell the same."""
        number = code[-self._width :]
        if self._width and number.isascii() and number.isdigit():
            found = self._coded.get((code[: -self._width], kind.id))
            if found is not None and found.width == self._width:
                return found
        scheme = check_type(code, self._schemes, type_codes=kind.codes)
        self._width = width = scheme.parts[-1].width
        found = _Coded(place=place_in(scheme, code), prefix=code[:-width], width=width)
        if len(self._coded) < _MOST_KEPT:
            self._coded[found.prefix, kind.id] = found
        return found

    def _day(self, name: str, texts: dict[str, str]) -> str:
        text = self._reader.text(name, texts)
        if not text:
            return ""
        found = self._days.get(text)
        if found is None:
            found = str(self._reader.day(name, texts) or "")
            if len(self._days) < _MOST_KEPT:
                self._days[text] = found
        return found

    def _kind(self, text: str, code: str) -> TypeInUse:
        if text:
            return type_in_use(text)
        if not code:
            raise ValueMissing(field="type", name="type")
        scheme: CodeScheme = scheme_of(code, self._schemes)
        return type_in_use(type_in(scheme.parse(code)))

    def _shape(self, row: Row, kind: TypeInUse) -> StoredShape:
        crs = self._mapping.crs or self._crs
        if row.point is not None:
            return stored_point(*row.point, crs)
        if row.geometry is not None:
            shape = plain(row.geometry)
            return stored_shape(shape, crs=crs, kind=kind.geometry, type_zh=kind.zh)
        lon, lat = (self._reader.number(name, row.values) for name in ("lon", "lat"))
        if lon is None or lat is None:
            raise GeometryUnusable(
                field="geometry", reason_zh="没有位置", reason_en="there is no position"
            )
        return stored_point(lon, lat, crs)

    def _line(self, name: str, texts: dict[str, str]) -> str:
        value = self._reader.text(name, texts)
        if len(value) > _LENGTHS[name]:
            most = _LENGTHS[name]
            raise Invalid(
                field=name, reason_zh=f"超过 {most} 字", reason_en=f"is over {most} characters"
            )
        return value

    def _organisation(self, name: str, texts: dict[str, str]) -> int | None:
        value = self._reader.text(name, texts)
        if not value:
            return None
        found = self._organisations.get(value)
        if found is None:
            raise OrganisationUnknown(field=name, value=value[:60])
        return found

    def _accuracy(self, texts: dict[str, str]) -> str:
        value = self._reader.text("accuracy", texts)
        if value not in {"", "A", "B", "C"}:
            raise Invalid(field="accuracy", reason_zh="应为 A、B 或 C", reason_en="is A, B or C")
        return value

    def _bearing(self, texts: dict[str, str]) -> float | None:
        value = self._reader.number("bearing", texts)
        if value is not None and not 0 <= value < _FULL_TURN:
            raise Invalid(
                field="bearing", reason_zh="应为 0–360 度", reason_en="0 to below 360 degrees"
            )
        return value

    def _attributes(self, kind: TypeInUse, texts: dict[str, str]) -> str:
        if kind.code not in self._definitions:
            self._definitions[kind.code] = attributes_of(kind.code)
        definitions = self._definitions[kind.code]
        if not definitions and not self._mapping.attributes:
            return "{}"
        given = self._given(texts)
        kept, faults = checked_attributes(given, definitions, reading=True)
        if faults:
            raise faults[0]
        return orjson.dumps(kept).decode()

    def _given(self, texts: dict[str, str]) -> dict[str, str]:
        found = {
            name: self._reader.text(f"attributes.{name}", texts)
            for name in self._mapping.attributes
        }
        return {name: value for name, value in found.items() if value}


def escaped(text: str) -> str:
    """Return text as COPY's text format holds it."""
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def _reached(coded: _Coded | None, code: str) -> tuple[str, int] | None:
    number = code[-coded.width :] if coded else ""
    return (coded.prefix, int(number)) if coded and number.isdigit() else None


def _hex(shape: BaseGeometry | None) -> str:
    if shape is None:
        return _NULL
    return str(shapely.to_wkb(shapely.set_srid(shape, 4490), hex=True, include_srid=True))


def _organisations() -> dict[str, int]:
    """Return the organisations in use by code, credit code and unmistakable name.

    Reads `administration_organisation`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, code, credit_code, zh FROM administration_organisation WHERE active"
        )
        rows: Sequence[tuple[int, str, str, str]] = cursor.fetchall()
    known: dict[str, int] = {}
    times = Counter(name for *_, name in rows)
    known |= {name: pk for pk, _, _, name in rows if times[name] == 1}
    for pk, code, credit_code, _ in rows:  # a code wins over a name
        known |= {key: pk for key in (credit_code, code) if key}
    return known
