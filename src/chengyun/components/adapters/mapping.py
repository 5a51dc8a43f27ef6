"""Mapping files of components: which column becomes which field.

They are YAML, so that another city's layout needs no change of code.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from chengyun.components.adapters.source import Layout
from chengyun.kernel.cells import with_formula
from chengyun.kernel.coordinates import UnknownCrs, crs_name
from chengyun.kernel.mapping_faults import (
    ColumnMissing,
    MappingInvalid,
    ValueUnknown,
    ValueUnreadable,
)

MAX_MAPPING_BYTES: Final = 1024 * 1024
FIELDS: Final = (
    "code",
    "type",
    "name",
    "state",
    "source",
    "competent",
    "owner",
    "maintainer",
    "address",
    "accuracy",
    "bearing",
    "note",
    "initial_on",
    "changed_on",
    "lon",
    "lat",
)
_SUFFIX: Final = ".yaml"
_LONGEST_SEARCHED: Final = 2000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Table(_Strict):
    """The layout of the file, see Layout."""

    encoding: str = Field("", max_length=30)
    delimiter: str = Field(",", min_length=1, max_length=1)
    sheet: str = ""
    layer: str = ""
    header_row: int = Field(1, ge=1, le=50)

    def layout(self) -> Layout:
        """Return the layout as the readers take it."""
        return Layout(**self.model_dump())


class FieldSource(_Strict):
    """Where a field's value comes from.

    otherwise : for a value that the aliases do not know ("*" keeps it)
    """

    column: str = ""
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


class Title(_Strict):
    """What a list of mappings calls this one."""

    zh: str = Field("", max_length=100)
    en: str = Field("", max_length=100)


class Mapping(_Strict):
    """A whole mapping file.

    crs : '' = as the file states it, WGS 84 where it does not
    make_codes : rows without a code get one; the same type at the same point is the same component
    quoted_formulas : texts like '=1 are read without the quote that our exports put there
    known : what becomes of a row whose component is here: update what the mapping reads, or skip
    """

    name: str = Field(min_length=1, max_length=40)
    title: Title = Title()
    purpose: Literal["components"] = "components"
    table: Table = Table()
    nulls: tuple[str, ...] = ("",)
    date_formats: tuple[str, ...] = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
    crs: str = Field("", max_length=20)
    make_codes: bool = False
    quoted_formulas: bool = False
    known: Literal["update", "skip"] = "update"
    fields: dict[str, FieldSource]
    attributes: dict[str, FieldSource] = {}
    aliases: dict[str, dict[str, str]] = {}

    @field_validator("crs")
    @classmethod
    def _crs(cls, value: str) -> str:
        try:
            return crs_name(value) if value else ""
        except UnknownCrs as error:
            raise ValueError(error.text("en")) from error

    def used_columns(self) -> set[str]:
        """Return every column that the mapping reads."""
        every = (*self.fields.values(), *self.attributes.values())
        return {source.column for source in every if source.column}

    def require_columns(self, columns: list[str]) -> None:
        """Raise ColumnMissing for a column that the file does not have."""
        missing = sorted(self.used_columns() - set(columns))
        if missing:
            raise ColumnMissing(
                field="file", column=missing[0], columns="、".join(columns[:60]) or "-"
            )


def mapping_from(content: bytes | str) -> Mapping:
    """Read and check a mapping as YAML; raise MappingInvalid naming the place."""
    if len(content) > MAX_MAPPING_BYTES:
        raise MappingInvalid(field="mapping", where="file", reason="> 1 MiB")
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        told = " ".join(str(error).split())[:300]
        raise MappingInvalid(field="mapping", where="YAML", reason=told) from error
    return parse_mapping(data)


def parse_mapping(data: Any) -> Mapping:
    """Check the mapping in `data`; raise MappingInvalid naming the place."""
    try:
        mapping = Mapping.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise MappingInvalid(field=where, where=where, reason=first["msg"]) from error
    for name, source in (*mapping.fields.items(), *mapping.attributes.items()):
        if name not in FIELDS and name in mapping.fields:
            raise _mistake(f"fields.{name}", f"no such field; there are {', '.join(FIELDS)}")
        if source.aliases and source.aliases not in mapping.aliases:
            raise _mistake(f"fields.{name}.aliases", f"no table {source.aliases}")
    if "type" not in mapping.fields and "code" not in mapping.fields:
        raise _mistake("fields.type", "the type is needed, or a code that holds it")
    if "code" not in mapping.fields and not mapping.make_codes:
        raise _mistake("fields.code", "map the code, or set make_codes")
    if ("lon" in mapping.fields) != ("lat" in mapping.fields):
        raise _mistake("fields.lat", "lon and lat belong together")
    return mapping


def load_mapping(path: Path) -> Mapping:
    """Read and check the mapping file at `path`; raise MappingInvalid naming the place."""
    with path.open("rb") as file:
        return mapping_from(file.read(MAX_MAPPING_BYTES + 1))


@cache
def shipped_mappings() -> dict[str, Mapping]:
    """Return the mappings that come with the product by file name without its ending."""
    return {name: mapping_from(text) for name, text in _texts().items()}


def shipped_text(name: str) -> str | None:
    """Return a mapping as its file says it, to be copied and changed; None without one."""
    return _texts().get(name)


class RowReader:
    """Turns a row of texts into fields, by a mapping."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self._nulls = frozenset(mark.strip() for mark in (*mapping.nulls, ""))

    def text(self, name: str, row: dict[str, str]) -> str:
        """Return the field's text, '' when empty or not mapped; raise ValueUnknown."""
        source = self.mapping.fields.get(name)
        return "" if source is None else self._value(name, source, row)

    def attributes(self, row: dict[str, str]) -> dict[str, str]:
        """Return the further attributes that have a value."""
        found = {
            name: self._value(name, source, row) for name, source in self.mapping.attributes.items()
        }
        return {name: value for name, value in found.items() if value}

    def number(self, name: str, row: dict[str, str]) -> float | None:
        """Return the field as a number, None when empty; raise ValueUnreadable."""
        value = self.text(name, row)
        if not value:
            return None
        try:
            return float(value)
        except ValueError as error:
            raise ValueUnreadable(field=name, name=name, value=value[:80]) from error

    def day(self, name: str, row: dict[str, str]) -> date | None:
        """Return the field as a day, None when empty; raise ValueUnreadable."""
        value = self.text(name, row)
        if not value:
            return None
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            pass
        for form in self.mapping.date_formats:
            try:
                return datetime.strptime(value, form).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        raise ValueUnreadable(field=name, name=name, value=value[:80])

    def _value(self, name: str, source: FieldSource, row: dict[str, str]) -> str:
        value = source.constant or row.get(source.column, "").strip()
        if self.mapping.quoted_formulas:
            value = with_formula(value)
        if value in self._nulls:
            value = ""
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
        raise ValueUnknown(field=name, value=value[:80], aliases=source.aliases)


@cache
def _texts() -> dict[str, str]:
    folder = files("chengyun.components").joinpath("data", "mappings")
    return {
        one.name.removesuffix(_SUFFIX): one.read_text(encoding="utf-8")
        for one in sorted(folder.iterdir(), key=lambda one: one.name)
        if one.name.endswith(_SUFFIX)
    }


def _mistake(where: str, reason: str) -> MappingInvalid:
    return MappingInvalid(field=where, where=where, reason=reason)
