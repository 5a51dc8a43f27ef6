"""A file as it is read: what it is, its content says, not its name.

Whatever the kind, a row is a number, texts by column, and perhaps a geometry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from shapely.geometry.base import BaseGeometry

from chengyun.kernel.errors import Fault

QUARANTINE_COLUMNS: Final = ("_row", "_field", "_code", "_zh", "_en")
GEOMETRY_COLUMN: Final = "_geometry"
MAX_COLUMNS: Final = 500
MAX_CELL: Final = 100_000
_EXACT: Final = 2**53


class TableUnreadable(Fault):
    """The file is not what the mapping, or its own name, says it is."""

    code = "table_unreadable"
    zh = "无法读取文件：{reason_zh}"
    en = "The file cannot be read: {reason_en}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """How a file is laid out, where it does not say so itself.

    kind : auto, or csv and xlsx where the content cannot tell
    encoding : of texts, '' = as the file says, else UTF-8
    member : file inside a zip, '' = the only one
    layer : of a GeoPackage, '' = the only one
    header_row : 1-based, of tables
    fill_down : columns whose empty cells take the value above (merged cells in manuals)
    """

    kind: Literal["auto", "csv", "xlsx"] = "auto"
    encoding: str = ""
    delimiter: str = ","
    member: str = ""
    sheet: str = ""
    layer: str = ""
    header_row: int = 1
    fill_down: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row: its 1-based number, texts by column ('' = empty), its geometry.

    point : in place of `geometry`, for most rows are points and millions of them come
    """

    number: int
    values: dict[str, str]
    geometry: BaseGeometry | None = None
    point: tuple[float, float] | None = None

    @property
    def has_geometry(self) -> bool:
        """Whether the file says where the row lies."""
        return self.point is not None or self.geometry is not None


@dataclass(frozen=True, kw_only=True)
class Described:
    """What a file says of itself.

    crs : as stated, '' = not at all
    rows : number of the last row, None where only reading tells
    """

    columns: list[str]
    crs: str = ""
    rows: int | None = None


class Source(Protocol):
    """A file being read."""

    def described(self) -> Described:
        """Return what the file says of itself, quickly; raise TableUnreadable."""

    def counted(self) -> int | None:
        """Return the number of the last row, by reading the file if need be."""

    def rows(self) -> Iterator[Row]:
        """Yield its rows; raise TableUnreadable."""


def unreadable(reason_zh: str, reason_en: str) -> TableUnreadable:
    """Return the fault of a file that cannot be read."""
    return TableUnreadable(field="file", reason_zh=reason_zh, reason_en=reason_en)


def cell_text(value: object) -> str:
    """Return a value of a file as text; whole numbers without a point, nothing as ''."""
    if isinstance(value, str):
        text = value
    elif value is None or isinstance(value, bytes):
        return ""
    elif isinstance(value, bool):
        return "true" if value else "false"
    elif isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    else:
        text = str(value)
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if len(text) <= MAX_CELL else text[:MAX_CELL]


def checked_columns(names: list[str]) -> list[str]:
    """Return the column names without outer blanks; raise TableUnreadable for too many."""
    if len(names) > MAX_COLUMNS:
        raise unreadable("列数过多", "too many columns")
    return [name.strip() for name in names]
