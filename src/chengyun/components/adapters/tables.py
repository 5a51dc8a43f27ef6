"""Tables of components: CSV and XLSX, row by row, within bounds."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final
from xml.etree.ElementTree import ParseError

import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry.base import BaseGeometry

from chengyun.components.adapters.source import (
    GEOMETRY_COLUMN,
    MAX_CELL,
    QUARANTINE_COLUMNS,
    Described,
    Layout,
    Row,
    cell_text,
    checked_columns,
    unreadable,
)
from chengyun.kernel.cells import with_formula

MAX_LINE: Final = 2_000_000
MAX_UNPACKED: Final = 1024**3
MAX_HELD: Final = 64 * 1024**2
_BROKEN: Final = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    zlib.error,
    zipfile.BadZipFile,
    ParseError,
    NotImplementedError,
    RuntimeError,
)


class CsvSource:
    """A CSV file; UTF-8 unless the layout says otherwise."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path = path
        self._layout = layout

    def described(self) -> Described:
        """Return the columns; how many rows there are, only reading tells."""
        for cells in self._cells():
            return Described(columns=_plain_columns(cells), has_geometry=GEOMETRY_COLUMN in cells)
        raise unreadable("没有表头", "it has no header row")

    def rows(self) -> Iterator[Row]:
        """Yield the rows after the header."""
        return _rows(self._cells())

    def _cells(self) -> Iterator[list[str]]:
        csv.field_size_limit(MAX_CELL)
        encoding = self._layout.encoding or "utf-8-sig"
        try:
            with self._path.open(encoding=encoding, newline="") as file:
                reader = csv.reader(_lines(file), delimiter=self._layout.delimiter)
                yield from islice(reader, self._layout.header_row - 1, None)
        except (UnicodeError, LookupError) as error:
            raise unreadable(f"编码不是 {encoding}", f"it is not {encoding} text") from error
        except csv.Error as error:
            raise unreadable(f"CSV 有误：{error}", f"bad CSV: {error}") from error


class XlsxSource:
    """A sheet of an XLSX workbook."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path = path
        self._layout = layout

    def described(self) -> Described:
        """Return the columns of the sheet."""
        for cells in self._cells():
            return Described(columns=_plain_columns(cells), has_geometry=GEOMETRY_COLUMN in cells)
        raise unreadable("没有表头", "it has no header row")

    def rows(self) -> Iterator[Row]:
        """Yield the rows after the header."""
        return _rows(self._cells())

    def _cells(self) -> Iterator[list[str]]:
        self._check_size()
        # Handed over open: by its name the library would judge it by the ending.
        with self._path.open("rb") as file:
            yield from self._cells_of(file)

    def _cells_of(self, file: IO[bytes]) -> Iterator[list[str]]:
        from openpyxl import load_workbook  # slow to import
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            book = load_workbook(file, read_only=True, data_only=True)
        except (*_BROKEN, InvalidFileException) as error:
            raise unreadable("不是有效的 XLSX", "it is no XLSX file") from error
        try:
            sheet = self._sheet(book)
            sheet.reset_dimensions()
            for cells in sheet.iter_rows(values_only=True, min_row=self._layout.header_row):
                yield [cell_text(cell) for cell in cells]
        except _BROKEN as error:
            raise unreadable("不是有效的 XLSX", "it is no XLSX file") from error
        finally:
            book.close()

    def _sheet(self, book: Any) -> Any:
        names = [sheet.title for sheet in book.worksheets]
        wanted = self._layout.sheet
        if not names or (wanted and wanted not in names):
            told = "、".join(names[:30])
            raise unreadable(f"没有工作表“{wanted}”，现有：{told}", f"no sheet “{wanted}”: {told}")
        return book[wanted] if wanted else book.worksheets[0]

    def _check_size(self) -> None:
        try:
            with zipfile.ZipFile(self._path) as archive:
                parts = archive.infolist()
        except _BROKEN as error:
            raise unreadable("不是有效的 XLSX", "it is no XLSX file") from error
        held = sum(p.file_size for p in parts if not p.filename.startswith("xl/worksheets/"))
        if held > MAX_HELD or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise unreadable("工作簿解压后过大，请另存为 CSV", "too large when unpacked: use CSV")


def _rows(cells: Iterator[list[str]]) -> Iterator[Row]:
    header = next(cells, None)
    if header is None:
        raise unreadable("没有表头", "it has no header row")
    names = checked_columns(header)
    is_ours = set(QUARANTINE_COLUMNS) <= set(names)
    for number, line in enumerate(cells, start=1):
        values = dict(zip(names, line + [""] * (len(names) - len(line)), strict=False))
        values.pop("", None)
        if not any(values.values()):
            continue
        if is_ours:
            for name in QUARANTINE_COLUMNS:
                values.pop(name)
            values = {name: with_formula(text) for name, text in values.items()}
        yield Row(number=number, values=values, geometry=_geometry(values.pop(GEOMETRY_COLUMN, "")))


def _geometry(text: str) -> BaseGeometry | None:
    if not text:
        return None
    try:
        found: BaseGeometry = shapely.from_wkt(text)
    except (GEOSException, ShapelyError, ValueError):
        return None
    return found


def _plain_columns(cells: list[str]) -> list[str]:
    hidden = {"", GEOMETRY_COLUMN, *QUARANTINE_COLUMNS}
    return [name for name in checked_columns(cells) if name not in hidden]


def _lines(file: io.TextIOWrapper | Any) -> Iterator[str]:
    while line := file.readline(MAX_LINE):
        if len(line) >= MAX_LINE:
            raise unreadable("有一行过长", "a row is too long")
        yield line.replace("\x00", "")
