"""Mapping files: which column becomes which field, with aliases, null marks and time formats.

A mapping is YAML, so that another layout needs no change of code. What stands here every mapping
has; a context adds its own keys by a subclass.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from chengyun.intake.rules.mapping_faults import ColumnMissing, MappingInvalid
from chengyun.intake.rules.patterns import compiled
from chengyun.intake.rules.source import Layout
from chengyun.kernel.coordinates import UnknownCrs, crs_name

MAX_MAPPING_BYTES: Final = 1024 * 1024
_BRACKETS: Final = re.compile(r"[][{}]")
_DEEPEST: Final = 50


class Strict(BaseModel):
    """A part of a mapping: a word that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Table(Strict):
    """The layout of the file, see Layout."""

    kind: Literal["auto", "csv", "xlsx"] = "auto"
    encoding: str = Field("", max_length=30)
    delimiter: str = Field(",", min_length=1, max_length=1)
    member: str = ""
    sheet: str = ""
    layer: str = ""
    header_row: int = Field(1, ge=1, le=50)
    fill_down: tuple[str, ...] = ()

    def layout(self) -> Layout:
        """Return the layout as the readers take it."""
        return Layout(**self.model_dump())


class FieldSource(Strict):
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
        compiled(value)
        return value

    def used_columns(self) -> list[str]:
        """Return the columns that this field reads."""
        return [name for name in (self.column, *self.columns) if name]


class Times(Strict):
    """Formats tried in order, and the zone of times without one."""

    formats: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S",)
    zone: str = "Asia/Shanghai"

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("unknown time zone") from error
        return value


class Title(Strict):
    """What a list of mappings calls this one."""

    zh: str = Field("", max_length=100)
    en: str = Field("", max_length=100)


class Mapping(Strict):
    """What every mapping file says.

    name : of the source, too
    purpose : the kind of rows
    crs : '' = as the file states it
    quoted_formulas : texts like '=1 are read without the quote that our exports put there
    """

    name: str = Field(min_length=1, max_length=40)
    title: Title = Title()
    purpose: str = Field(max_length=20)
    table: Table = Table()
    nulls: tuple[str, ...] = ("",)
    html_entities: bool = False
    quoted_formulas: bool = False
    times: Times = Times()
    date_formats: tuple[str, ...] = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
    crs: str = Field("", max_length=20)
    fields: dict[str, FieldSource]
    aliases: dict[str, dict[str, str]] = {}

    @field_validator("crs")
    @classmethod
    def _crs(cls, value: str) -> str:
        try:
            return crs_name(value) if value else ""
        except UnknownCrs as error:
            raise ValueError(error.text("en")) from error

    def sources(self) -> dict[str, FieldSource]:
        """Return whatever is read, by name."""
        return dict(self.fields)

    def used_columns(self) -> set[str]:
        """Return every column that the mapping reads."""
        return {name for source in self.sources().values() for name in source.used_columns()}

    def require_columns(self, columns: list[str]) -> None:
        """Raise ColumnMissing for the first column that the file does not have."""
        missing = sorted(self.used_columns() - set(columns))
        if missing:
            told = "、".join(columns[:60]) or "-"
            raise ColumnMissing(field=missing[0], column=missing[0], columns=told)

    def check(self) -> None:
        """Raise MappingInvalid for what the form alone does not tell; a subclass says what."""

    def check_fields(self, known: list[str]) -> None:
        """Raise MappingInvalid for a field or an alias table that there is not."""
        for name in self.fields:
            if name not in known:
                raise mistake(f"fields.{name}", f"no such field; there are {', '.join(known)}")
        for name, source in self.sources().items():
            if source.aliases and source.aliases not in self.aliases:
                raise mistake(f"fields.{name}.aliases", f"no table {source.aliases}")


AnyMapping = TypeVar("AnyMapping", bound=Mapping)


def mapping_data(content: bytes | str) -> Any:
    """Return what the YAML of a mapping says; raise MappingInvalid."""
    if len(content) > MAX_MAPPING_BYTES:
        raise mistake("file", "> 1 MiB")
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        _check_depth(text)
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise mistake("YAML", " ".join(str(error).split())[:300]) from error


def _check_depth(text: str) -> None:
    """Raise ValueError for brackets in brackets without end: the library takes ages over them."""
    depth = 0
    for found in _BRACKETS.finditer(text):
        depth += 1 if found[0] in "[{" else -1
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")


def validated(form: type[AnyMapping], data: Any) -> AnyMapping:
    """Return `data` as a mapping of the form; raise MappingInvalid naming the place."""
    try:
        return form.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise mistake(where, first["msg"]) from error


def mistake(where: str, reason: str) -> MappingInvalid:
    """Return the fault of a mapping with a mistake at `where`."""
    return MappingInvalid(field=where, where=where, reason=reason)
