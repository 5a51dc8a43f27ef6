"""Rows of a file as components: read through the mapping, checked one by one, no database asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson
import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from chengyun.components.adapters.mapping import ComponentMapping
from chengyun.components.operations.writing import component_terms, prefix_reached
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
_MOST_TERMS: Final = 50_000
STAGED: Final = (
    "row",
    "code",
    "code_place",
    "type_id",
    "name",
    "state",
    "source",
    "competent_id",
    "owner_id",
    "maintainer_id",
    "position",
    "shape",
    "position_source",
    "accuracy",
    "bearing",
    "address",
    "attributes",
    "note",
    "initial_on",
    "changed_on",
    "search",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Staged:
    """A row that may become a component: its values in the order of STAGED.

    reached : the counter of its code, and the number reached
    """

    number: int
    code: str
    values: tuple[Any, ...]
    reached: tuple[str, int] | None


class RowChecker:
    """Turns rows into staged ones; what a row refers to is looked up once."""

    def __init__(self, mapping: ComponentMapping, *, crs: str, today: date) -> None:
        self._reader = RowReader(mapping)
        self._mapping = mapping
        self._crs = crs
        self._today = today
        self._schemes = [one for one in code_schemes() if one.subject == SUBJECT]
        self._organisations = _organisations()
        self._known_terms: dict[tuple[str, int, str], list[str]] = {}
        self._definitions: dict[str, dict[str, Definition]] = {}

    def check(self, row: Row) -> Staged:
        """Return the row to be staged.

        raises : the first thing that is wrong with it
        """
        texts, read = row.values, self._reader
        code = read.text("code", texts)
        if not code and not self._mapping.make_codes:
            raise ValueMissing(field="code", name="code")
        kind = self._kind(read.text("type", texts), code)
        scheme = check_type(code, self._schemes, type_codes=kind.codes) if code else None
        shape = self._shape(row, kind)
        name = self._line("name", texts) or kind.zh
        address = self._line("address", texts)
        values = (
            row.number,
            code or None,
            place_in(scheme, code) if scheme else "",
            kind.id,
            name,
            check_word(STATES, read.text("state", texts) or "intact"),
            check_word(SOURCES, read.text("source", texts) or "surveyed"),
            *(self._organisation(one, texts) for one in ("competent", "owner", "maintainer")),
            f"SRID=4490;POINT({shape.lon!r} {shape.lat!r})",
            _hex(shape.shape),
            shape.given_in,
            self._accuracy(texts),
            self._bearing(texts),
            address,
            self._attributes(kind, texts),
            self._line("note", texts),
            read.day("initial_on", texts),
            read.day("changed_on", texts) or self._today,
            # Terms are letters, digits and Chinese signs: nothing to be quoted in an array.
            "{" + ",".join(self._terms(name, kind, address)) + "}",
        )
        reached = prefix_reached(scheme, code) if scheme else None
        return Staged(number=row.number, code=code, values=values, reached=reached)

    def _terms(self, name: str, kind: TypeInUse, address: str) -> list[str]:
        key = (name, kind.id, address)
        found = self._known_terms.get(key)
        if found is None:
            found = component_terms(name=name, kind=kind, address=address)
            if len(self._known_terms) >= _MOST_TERMS:
                self._known_terms.clear()
            self._known_terms[key] = found
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


def _hex(shape: BaseGeometry | None) -> str | None:
    if shape is None:
        return None
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
