"""Tables that people hand over: CSV (plain, gzipped, inside a zip) and XLSX, read row by row.

What a file is, its content says, not its name. Reading is bounded: a file that unpacks to more
than the limit, or has absurdly long rows, is refused with a clear fault before it fills memory.
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

from chengyun.cases.adapters.archives import is_workbook, open_archive
from chengyun.cases.adapters.sheets import sheet_row_count, sheet_rows
from chengyun.cases.adapters.table_faults import TableUnreadable
from chengyun.kernel.cells import with_formula
from chengyun.kernel.cells import without_formula as neutralised
from chengyun.kernel.mapping_faults import ColumnMissing

MAX_UNPACKED_BYTES = 2 * 1024**3
MAX_ROW_CHARACTERS = 4_000_000
MAX_CELL_CHARACTERS = 100_000
MAX_COLUMNS = 500
ZIPPED = (".xlsx", ".xlsm", ".zip")
ENDINGS = (*ZIPPED, ".gz", ".csv", ".xls")
QUARANTINE_COLUMNS = ("_row", "_field", "_code", "_zh", "_en")
_GZIP = b"\x1f\x8b"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"

__all__ = [
    "TableFormat",
    "TableUnreadable",
    "columns_of",
    "count_rows",
    "ending_of",
    "is_xlsx",
    "read_rows",
    "require_columns",
]


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

    A quarantine file of ours is read as what it was made from.
    row number : 1-based number of the data row
    raises : TableUnreadable
    """
    rows = _rows(path, layout)
    header = _header(rows, layout)
    width, is_quarantine = len(header), set(QUARANTINE_COLUMNS) <= set(header)
    above: dict[str, str] = {}
    for number, cells in enumerate(rows, start=1):
        cells.extend([""] * (width - len(cells)))
        row = dict(zip(header, cells, strict=False))
        row.pop("", None)
        if is_quarantine:
            row = {name: text for name, text in row.items() if name not in QUARANTINE_COLUMNS}
            row = {name: with_formula(text) for name, text in row.items()}
        if not any(row.values()):
            continue
        for column in layout.fill_down:
            row[column] = above[column] = row.get(column) or above.get(column, "")
        yield number, row


def count_rows(path: Path, layout: TableFormat) -> int:
    """Return the number of the last data row: of CSV exactly, of XLSX as the file says.

    raises : TableUnreadable
    """
    if _kind(path, layout) == "xlsx":
        return max(sheet_row_count(path, layout.sheet) - layout.header_row, 0)
    return max(sum(1 for _ in _csv_rows(path, layout)) - layout.header_row, 0)


def ending_of(name: str) -> str:
    """Return the ending by which a file is known as a table, '' for another."""
    return next((one for one in ENDINGS if name.lower().endswith(one)), "")


def is_xlsx(path: Path, layout: TableFormat) -> bool:
    """Tell whether the table is read as an XLSX workbook; raise TableUnreadable."""
    return _kind(path, layout) == "xlsx"


def columns_of(path: Path, layout: TableFormat) -> list[str]:
    """Return the column names of the table at `path`."""
    return _header(_rows(path, layout), layout)


def require_columns(path: Path, layout: TableFormat, wanted: set[str]) -> list[str]:
    """Return the column names; raise ColumnMissing for the first that the table lacks."""
    present = columns_of(path, layout)
    for column in sorted(wanted):
        if column not in present:
            raise ColumnMissing(field=column, column=column, columns="、".join(present[:60]))
    return present


def without_formula(text: str) -> str:
    """Return the text as a spreadsheet program takes it for text; numbers and marks stay."""
    return text if len(text) <= 1 or _is_number(text) else neutralised(text)


def _is_number(text: str) -> bool:
    digits = text[1:].replace(".", "", 1)
    return text[0] in "+-" and digits.isascii() and digits.isdigit()


def _rows(path: Path, layout: TableFormat) -> Iterator[list[str]]:
    if _kind(path, layout) == "xlsx":
        return sheet_rows(path, layout.sheet, MAX_COLUMNS + 1, MAX_CELL_CHARACTERS)
    return _csv_rows(path, layout)


def _kind(path: Path, layout: TableFormat) -> str:
    with path.open("rb") as file:
        begin = file.read(4)
    if begin == _OLD_EXCEL:
        raise TableUnreadable(
            reason_zh="旧版 Excel（.xls）请另存为 .xlsx 或 .csv",
            reason_en="save the old Excel file (.xls) as .xlsx or .csv",
        )
    _check_ending(path.suffix.lower(), begin)
    if layout.kind != "auto":
        return layout.kind
    return "xlsx" if begin in _ZIP and is_workbook(path) else "csv"


def _check_ending(ending: str, begin: bytes) -> None:
    """Raise TableUnreadable when a file is plainly not what its name says."""
    if (ending in ZIPPED and begin not in _ZIP) or (
        ending == ".gz" and not begin.startswith(_GZIP)
    ):
        raise TableUnreadable(
            reason_zh=f"内容不是 {ending} 文件", reason_en=f"the content is no {ending} file"
        )


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
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    with _opened(path, layout) as raw:
        try:
            lines = _Lines(io.TextIOWrapper(raw, encoding=layout.encoding, newline=""))
            for cells in csv.reader(lines, delimiter=layout.delimiter):
                lines.begin_row()
                yield cells
        except (UnicodeError, LookupError) as error:
            raise TableUnreadable(
                reason_zh=f"编码不是 {layout.encoding}", reason_en=f"not {layout.encoding} text"
            ) from error
        except (csv.Error, EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
            raise TableUnreadable(reason_zh=str(error), reason_en=str(error)) from error


class _Lines:
    """Lines of a text without NUL; stops a row, in however many lines, that never ends."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._characters = 0

    def begin_row(self) -> None:
        self._characters = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_ROW_CHARACTERS)
        if not line:
            raise StopIteration
        self._characters += len(line)
        if self._characters >= MAX_ROW_CHARACTERS:
            raise TableUnreadable(
                reason_zh="有一行过长（分隔符、引号或编码不对？）",
                reason_en="a row is too long (wrong delimiter, quotes or encoding?)",
            )
        return line.replace("\x00", "") if "\x00" in line else line


@contextmanager
def _opened(path: Path, layout: TableFormat) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        begin = file.read(4)
        file.seek(0)
        if begin in _ZIP:
            with open_archive(path) as archive, archive.open(_member(archive, layout)) as inner:
                yield cast("IO[bytes]", _Bounded(inner))
        elif begin.startswith(_GZIP):
            with gzip.open(file) as unpacked:
                yield cast("IO[bytes]", _Bounded(cast("IO[bytes]", unpacked)))
        else:
            yield file


def _member(archive: zipfile.ZipFile, layout: TableFormat) -> zipfile.ZipInfo:
    files = {one.filename: one for one in archive.infolist() if not one.is_dir()}
    wanted = layout.member or (next(iter(files)) if len(files) == 1 else "")
    if wanted not in files:
        raise TableUnreadable(
            reason_zh=f"zip 中有 {len(files)} 个文件，请在映射的 table.member 中指明",
            reason_en=f"the zip holds {len(files)} files: name one in table.member",
        )
    found = files[wanted]
    if found.flag_bits & 1:
        raise TableUnreadable(reason_zh="zip 有密码", reason_en="the zip is encrypted")
    if wanted.lower().endswith((".xlsx", ".xlsm")):
        raise TableUnreadable(
            reason_zh="zip 中是 Excel 文件，请解压后导入", reason_en="unpack the workbook first"
        )
    return found


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
