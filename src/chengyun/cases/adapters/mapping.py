"""Mapping files: which column becomes which field, with aliases, null marks and time formats.

A mapping is YAML, so that another city's layout needs no change of code.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from chengyun.cases.adapters.import_fields import import_fields
from chengyun.cases.adapters.tables import TableFormat
from chengyun.kernel.coordinates import UnknownCrs, crs_name
from chengyun.kernel.mapping_faults import (
    MappingInvalid,
    ValueMissing,
    ValueUnknown,
    ValueUnreadable,
)

MAX_MAPPING_BYTES = 1024 * 1024
_LONGEST_SEARCHED = 2000  # characters that a pattern is tried on
_USUAL_FORM, _USUAL_LENGTH = "%Y-%m-%d %H:%M:%S", 19


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Table(_Strict):
    """The layout of the file, see TableFormat."""

    kind: Literal["auto", "csv", "xlsx"] = "auto"
    encoding: str = "utf-8-sig"
    delimiter: str = Field(",", min_length=1, max_length=1)
    member: str = ""
    sheet: str = ""
    header_row: int = Field(1, ge=1, le=50)
    fill_down: tuple[str, ...] = ()

    def layout(self) -> TableFormat:
        """Return the layout as the table reader takes it."""
        return TableFormat(**self.model_dump())


class Source(_Strict):
    """Where a field's value comes from, and how it is turned.

    default : for an empty value
    otherwise : for a value that the aliases do not know ("*" keeps it)
    """

    column: str = ""
    columns: tuple[str, ...] = ()
    join: str = " "
    constant: str = ""
    pattern: str = Field("", max_length=200)
    aliases: str = ""
    default: str = ""
    otherwise: str = ""

    @field_validator("pattern")
    @classmethod
    def _pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return value

    def used_columns(self) -> set[str]:
        """Return the columns that this field reads."""
        return {name for name in (self.column, *self.columns) if name}


class Times(_Strict):
    """Formats tried in order, and the zone of times without one."""

    formats: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S",)
    zone: str = "Asia/Shanghai"

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("unknown time zone") from error
        return value


class Outcome(_Strict):
    """What became of a row: the first whose `when` matches decides.

    when : column → one text or several; an empty text stands for a null mark, "*" for any value
    """

    when: dict[str, str | list[str]] = {}
    state: Literal["open", "closed", "not_accepted", "not_filed", "voided"]
    overdue: bool | None = None


class LocalTypes(_Strict):
    """Where types that no alias knows are made: a class of local extensions."""

    class_code: str = Field(min_length=2, max_length=2, pattern=r"^[0-9]+$")
    class_zh: str = Field(min_length=1, max_length=60)
    class_en: str = Field("", max_length=100)


class Place(_Strict):
    """A position that stands for "not known" [degrees]."""

    lon: float
    lat: float


class Title(_Strict):
    """What a list of mappings calls this one."""

    zh: str = Field("", max_length=100)
    en: str = Field("", max_length=100)


class Mapping(_Strict):
    """A whole mapping file.

    name : of the source system too: with the external id it makes a row unique
    """

    name: str = Field(min_length=1, max_length=40)
    title: Title = Title()
    purpose: Literal["cases", "standards"]
    table: Table = Table()
    nulls: tuple[str, ...] = ("",)
    html_entities: bool = False
    times: Times = Times()
    crs: str = "EPSG:4326"
    fields: dict[str, Source]
    aliases: dict[str, dict[str, str]] = {}
    outcomes: tuple[Outcome, ...] = ()
    without_position: Literal["keep", "quarantine"] = "keep"
    no_position: tuple[Place, ...] = ()
    local_types: LocalTypes | None = None
    number_prefix: str = Field("IM", max_length=8, pattern=r"^[A-Za-z0-9]*$")
    create_divisions: bool = False
    create_departments: bool = False
    standard_set: str = Field("", max_length=40, pattern=r"^[A-Za-z0-9._-]*$")

    @field_validator("crs")
    @classmethod
    def _crs(cls, value: str) -> str:
        try:
            return crs_name(value)
        except UnknownCrs as error:
            raise ValueError(error.text("en")) from error

    def used_columns(self) -> set[str]:
        """Return every column that the mapping reads."""
        wanted = {name for source in self.fields.values() for name in source.used_columns()}
        return wanted | {name for outcome in self.outcomes for name in outcome.when}


def load_mapping(path: Path) -> Mapping:
    """Read and check the mapping file at `path`; raise MappingInvalid naming the place."""
    with path.open("rb") as file:
        return mapping_from(file.read(MAX_MAPPING_BYTES + 1))


def mapping_from(content: bytes | str) -> Mapping:
    """Read and check a mapping as YAML; raise MappingInvalid naming the place."""
    if len(content) > MAX_MAPPING_BYTES:
        raise MappingInvalid(field="mapping", where="file", reason="> 1 MiB")
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MappingInvalid(field="mapping", where="YAML", reason=_short(error)) from error
    return parse_mapping(data)


def parse_mapping(data: Any) -> Mapping:
    """Check the mapping in `data`; raise MappingInvalid naming the place."""
    try:
        mapping = Mapping.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise MappingInvalid(field=where, where=where, reason=first["msg"]) from error
    known = import_fields(mapping.purpose)
    for name, source in mapping.fields.items():
        if name not in known:
            raise _mistake(f"fields.{name}", f"no such field; there are {', '.join(known)}")
        if source.aliases and source.aliases not in mapping.aliases:
            raise _mistake(f"fields.{name}.aliases", f"no table {source.aliases}")
    for name, one in known.items():
        if one.required and name not in mapping.fields:
            raise _mistake(f"fields.{name}", "this field is needed")
    if mapping.purpose == "standards" and not mapping.standard_set:
        raise _mistake("standard_set", "name the set that the standards go into")
    return mapping


def _mistake(where: str, reason: str) -> MappingInvalid:
    return MappingInvalid(field=where, where=where, reason=reason)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


class RowReader:
    """Turns a row of text into fields, by a mapping."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self._fields = dict(mapping.fields)
        self._zone = ZoneInfo(mapping.times.zone)
        self._nulls = frozenset(mark.strip() for mark in (*mapping.nulls, ""))
        self._has_entities = mapping.html_entities
        self._outcomes = [
            (outcome, [(k, [v] if isinstance(v, str) else v) for k, v in outcome.when.items()])
            for outcome in mapping.outcomes
        ]
        self._open = Outcome(state="open")

    def clean(self, text: str) -> str:
        """Return the text without entities and outer blanks; '' for a null mark."""
        value = html.unescape(text) if self._has_entities and "&" in text else text
        value = value.strip()
        return "" if value in self._nulls else value

    def text(self, name: str, row: dict[str, str]) -> str:
        """Return the field's text, '' when empty or not mapped; raise ValueUnknown."""
        source = self._fields.get(name)
        if source is None:
            return ""
        value = self._raw(source, row)
        if source.pattern and value:
            found = re.search(source.pattern, value[:_LONGEST_SEARCHED])
            value = (found[1] if found.groups() else found[0]) if found else ""
        if not value:
            return source.default
        if not source.aliases:
            return value
        known = self.mapping.aliases[source.aliases].get(value)
        if known is not None:
            return known
        if source.otherwise:
            return value if source.otherwise == "*" else source.otherwise
        raise ValueUnknown(field=name, value=value, aliases=source.aliases)

    def required(self, name: str, row: dict[str, str]) -> str:
        """Return the field's text; raise ValueMissing when empty."""
        value = self.text(name, row)
        if not value:
            raise ValueMissing(field=name, name=name)
        return value

    def instant(self, name: str, row: dict[str, str]) -> datetime | None:
        """Return the field as an aware UTC instant, None when empty; raise ValueUnreadable."""
        value = self.text(name, row)
        if not value:
            return None
        for form in self.mapping.times.formats:
            try:
                found = _moment(value, form)
            except ValueError:
                continue
            aware = found if found.tzinfo else found.replace(tzinfo=self._zone)
            return aware.astimezone(UTC)
        raise ValueUnreadable(field=name, name=name, value=value[:80])

    def number(self, name: str, row: dict[str, str]) -> Decimal | None:
        """Return the field as a number, None when empty; raise ValueUnreadable."""
        value = self.text(name, row)
        if not value:
            return None
        try:
            found = Decimal(value.replace(",", ""))
        except InvalidOperation as error:
            raise ValueUnreadable(field=name, name=name, value=value[:80]) from error
        if not found.is_finite():
            raise ValueUnreadable(field=name, name=name, value=value[:80])
        return found

    def outcome(self, row: dict[str, str]) -> Outcome:
        """Return what became of the row; open when no rule matches."""
        for outcome, when in self._outcomes:
            if all(self._matches(row.get(column, ""), wanted) for column, wanted in when):
                return outcome
        return self._open

    def _matches(self, text: str, wanted: list[str]) -> bool:
        value = self.clean(text)
        return any(value == one or (one == "*" and value != "") for one in wanted)

    def _raw(self, source: Source, row: dict[str, str]) -> str:
        if source.constant:
            return source.constant
        if source.columns:
            parts = [self.clean(row.get(name, "")) for name in source.columns]
            return source.join.join(part for part in parts if part)
        return self.clean(row.get(source.column, ""))


def _moment(text: str, form: str) -> datetime:
    """Return the moment; the usual form by the quick way. Raises ValueError."""
    if form == _USUAL_FORM and len(text) == _USUAL_LENGTH and text[10] == " ":
        return datetime.fromisoformat(text)
    return datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
