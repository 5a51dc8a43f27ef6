"""Tables that people hand over: CSV (plain, gzipped, inside a zip) and XLSX, read row by row.

Reading is bounded: a file that unpacks to more than the limit, or has absurdly wide rows, is
refused with a clear fault before it fills memory.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from chengyun.kernel.errors import Fault

MAX_UNPACKED_BYTES = 4 * 1024**3
MAX_COLUMNS = 500
MAX_CELL_CHARACTERS = 100_000
MAX_XLSX_PARTS_BYTES = 512 * 1024**2


class TableUnreadable(Fault):
    """The file is not the table that the mapping says it is."""

    code = "table_unreadable"
    zh = "无法读取表格：{reason_zh}"
    en = "The table cannot be read: {reason_en}"


class ColumnMissing(Fault):
    """The mapping names a column that the table does not have."""

    code = "column_missing"
    zh = "表格中没有列“{column}”。现有列：{columns}"
    en = "The table has no column “{column}”. It has: {columns}"


@dataclass(frozen=True, kw_only=True)
class TableFormat:
    """How a table is laid out.

    header_row : 1-based row that holds the column names
    fill_down : columns whose empty cells take the value above (merged cells in manuals)
    member : file inside a zip, '' = the only one
    """

    kind: str = "auto"
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    member: str = ""
    sheet: str = ""
    header_row: int = 1
    fill_down: tuple[str, ...] = field(default_factory=tuple)


def read_rows(path: Path, layout: TableFormat) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number, column → text) of the table at `path`.

    row number : 1-based number of the data row
    raises : TableUnreadable
    """
    rows = _xlsx_rows(path, layout) if _kind(path, layout) == "xlsx" else _csv_rows(path, layout)
    header = _header(rows, layout)
    above: dict[str, str] = {}
    for number, cells in enumerate(rows, start=1):
        row = dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=False))
        row.pop("", None)
        if not any(row.values()):
            continue
        for column in layout.fill_down:
            row[column] = above[column] = row.get(column) or above.get(column, "")
        yield number, row


def columns_of(path: Path, layout: TableFormat) -> list[str]:
    """Return the column names of the table at `path`."""
    rows = _xlsx_rows(path, layout) if _kind(path, layout) == "xlsx" else _csv_rows(path, layout)
    return _header(rows, layout)


def require_columns(path: Path, layout: TableFormat, wanted: set[str]) -> None:
    """Raise ColumnMissing for the first column that the table lacks."""
    present = columns_of(path, layout)
    for column in sorted(wanted):
        if column not in present:
            raise ColumnMissing(field=column, column=column, columns="、".join(present[:60]))


def _kind(path: Path, layout: TableFormat) -> str:
    if layout.kind != "auto":
        return layout.kind
    return "xlsx" if path.suffix.lower() in {".xlsx", ".xlsm"} else "csv"


def _header(rows: Iterator[list[str]], layout: TableFormat) -> list[str]:
    header: list[str] = []
    for _ in range(layout.header_row):
        header = next(rows, [])
    if not any(header):
        raise TableUnreadable(
            reason_zh=f"第 {layout.header_row} 行没有列名", reason_en="the header row is empty"
        )
    if len(header) > MAX_COLUMNS:
        raise TableUnreadable(reason_zh="列数过多", reason_en="too many columns")
    return [name.strip() for name in header]


def _csv_rows(path: Path, layout: TableFormat) -> Iterator[list[str]]:
    with _opened(path, layout) as raw:
        text = io.TextIOWrapper(raw, encoding=layout.encoding, newline="")
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        try:
            for cells in csv.reader(text, delimiter=layout.delimiter):
                yield [cell.replace("\x00", "") for cell in cells]
        except (UnicodeDecodeError, LookupError) as error:
            raise TableUnreadable(
                reason_zh=f"编码不是 {layout.encoding}", reason_en=f"not {layout.encoding} text"
            ) from error
        except (csv.Error, EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
            raise TableUnreadable(reason_zh=str(error), reason_en=str(error)) from error


@contextmanager
def _opened(path: Path, layout: TableFormat) -> Iterator[IO[bytes]]:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with _zip(path) as archive, archive.open(_member(archive, layout)) as file:
            yield cast("IO[bytes]", _Bounded(file))
    elif suffix == ".gz":
        with gzip.open(path) as unpacked:
            yield cast("IO[bytes]", _Bounded(cast("IO[bytes]", unpacked)))
    else:
        with path.open("rb") as file:
            yield file


def _zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise TableUnreadable(
            reason_zh="不是有效的 zip 文件", reason_en="not a zip file"
        ) from error


def _member(archive: zipfile.ZipFile, layout: TableFormat) -> str:
    names = [name for name in archive.namelist() if not name.endswith("/")]
    wanted = layout.member or (names[0] if len(names) == 1 else "")
    if wanted not in names:
        raise TableUnreadable(
            reason_zh=f"zip 中有 {len(names)} 个文件，请在映射的 table.member 中指明",
            reason_en=f"the zip holds {len(names)} files: name one in table.member",
        )
    return wanted


class _Bounded(io.RawIOBase):
    """A reader that stops a decompression bomb."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = MAX_UNPACKED_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise TableUnreadable(reason_zh="解压后过大", reason_en="too large when unpacked")
        buffer[: len(data)] = data
        return len(data)


def _xlsx_rows(path: Path, layout: TableFormat) -> Iterator[list[str]]:
    with _zip(path) as archive:
        if sum(item.file_size for item in archive.infolist()) > MAX_XLSX_PARTS_BYTES:
            raise TableUnreadable(reason_zh="解压后过大", reason_en="too large when unpacked")
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        raise TableUnreadable(reason_zh="不是有效的 XLSX", reason_en="not an XLSX file") from error
    try:
        if layout.sheet and layout.sheet not in book.sheetnames:
            names = "、".join(book.sheetnames)
            raise TableUnreadable(
                reason_zh=f"没有工作表“{layout.sheet}”，现有：{names}",
                reason_en=f"no sheet “{layout.sheet}”; there are: {names}",
            )
        sheet = book[layout.sheet] if layout.sheet else book[book.sheetnames[0]]
        sheet.reset_dimensions()
        for cells in sheet.iter_rows(values_only=True):
            yield [_text(cell) for cell in cells[: MAX_COLUMNS + 1]]
    finally:
        book.close()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\x00", "")[:MAX_CELL_CHARACTERS]
