"""A file of components: what it is, its content says, not its name.

Read are CSV, XLSX, GeoJSON (a collection, or one feature a line), zipped Shapefiles and
GeoPackages. Whatever the kind, a row is a number, texts by column, and perhaps a geometry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from shapely.geometry.base import BaseGeometry

from chengyun.kernel.errors import Fault

QUARANTINE_COLUMNS: Final = ("_row", "_field", "_code", "_zh", "_en")
GEOMETRY_COLUMN: Final = "_geometry"
MAX_COLUMNS: Final = 300
MAX_CELL: Final = 20_000
ENDINGS: Final = (".csv", ".xlsx", ".geojson", ".json", ".geojsonl", ".gpkg", ".zip")


class FileUnreadable(Fault):
    """The file is not what it should be."""

    code = "file_unreadable"
    zh = "无法读取文件：{reason_zh}"
    en = "The file cannot be read: {reason_en}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """How a file is laid out, where it does not say so itself.

    header_row : 1-based, of tables
    layer : of a GeoPackage, '' = the only one
    """

    encoding: str = ""
    delimiter: str = ","
    sheet: str = ""
    layer: str = ""
    header_row: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row: its 1-based number, texts by column ('' = empty), its geometry.

    point : in place of `geometry`, for most components are points and millions of them come
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
    rows : how many, None where only reading tells
    """

    columns: list[str]
    crs: str = ""
    rows: int | None = None
    has_geometry: bool = field(default=True)


class Source(Protocol):
    """A file being read."""

    def described(self) -> Described:
        """Return what the file says of itself; raise FileUnreadable."""

    def rows(self) -> Iterator[Row]:
        """Yield its rows; raise FileUnreadable."""


def unreadable(reason_zh: str, reason_en: str) -> FileUnreadable:
    """Return the fault of a file that cannot be read."""
    return FileUnreadable(field="file", reason_zh=reason_zh, reason_en=reason_en)


def cell_text(value: object) -> str:
    """Return a value of a file as text; whole numbers without a point, nothing as ''."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        text = str(int(value))
    elif isinstance(value, bytes):
        text = ""
    else:
        text = str(value)
    return text.replace("\x00", "")[:MAX_CELL]


def checked_columns(names: list[str]) -> list[str]:
    """Return the column names without outer blanks; raise FileUnreadable for too many."""
    if len(names) > MAX_COLUMNS:
        raise unreadable("列数过多", "it has too many columns")
    return [name.strip() for name in names]
