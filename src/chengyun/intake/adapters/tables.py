"""Tables: CSV (plain, gzipped, inside a zip) and XLSX, read row by row within bounds.

A file that unpacks to more than the limit, or has absurdly long rows, is refused with a clear fault
before it fills memory.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

import shapely
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry.base import BaseGeometry

from chengyun.intake.adapters.archives import open_archive
from chengyun.intake.adapters.sheets import held_bytes, sheet_row_count, sheet_rows
from chengyun.intake.rules.source import (
    GEOMETRY_COLUMN,
    MAX_CELL,
    QUARANTINE_COLUMNS,
    Described,
    Layout,
    Row,
    checked_columns,
    unreadable,
)
from chengyun.kernel.cells import with_formula

MAX_UNPACKED_BYTES: Final = 2 * 1024**3
MAX_ROW_CHARACTERS: Final = 4_000_000
_UTF_8: Final = "utf-8-sig"
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
# What has to be read of a workbook before its columns are known: a bigger one takes long to open.
_QUICKLY_READ: Final = 4 * 1024**2


class CsvSource:
    """A CSV file, plain, gzipped, or inside a zip."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path = path
        self._layout = layout

    def described(self) -> Described:
        """Return the columns; how many rows there are, only reading tells."""
        return Described(columns=_own(_header(self._cells(), self._layout)))

    def counted(self) -> int:
        """Return the number of the last row, empty ones too."""
        return max(sum(1 for _ in self._cells()) - self._layout.header_row, 0)

    def rows(self) -> Iterator[Row]:
        """Yield the rows after the header."""
        return _rows(self._cells(), self._layout)

    def _cells(self) -> Iterator[list[str]]:
        csv.field_size_limit(MAX_CELL)
        encoding = self._layout.encoding or _UTF_8
        with _opened(self._path, self._layout) as raw:
            try:
                lines = _Lines(io.TextIOWrapper(raw, encoding=encoding, newline=""))
                for cells in csv.reader(lines, delimiter=self._layout.delimiter):
                    lines.begin_row()
                    yield cells
            except (UnicodeError, LookupError) as error:
                raise unreadable(f"编码不是 {encoding}", f"not {encoding} text") from error
            except (csv.Error, EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
                raise unreadable(f"CSV 有误：{error}", f"bad CSV: {error}") from error


class XlsxSource:
    """A sheet of an XLSX workbook."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path = path
        self._layout = layout

    def is_quick(self) -> bool:
        """Tell whether its columns are known without reading much."""
        return held_bytes(self._path) <= _QUICKLY_READ

    def described(self) -> Described:
        """Return the columns of the sheet."""
        return Described(columns=_own(_header(self._cells(), self._layout)))

    def counted(self) -> int:
        """Return how many rows the file says that there are."""
        found = sheet_row_count(self._path, self._layout.sheet)
        return max(found - self._layout.header_row, 0)

    def rows(self) -> Iterator[Row]:
        """Yield the rows after the header."""
        return _rows(self._cells(), self._layout)

    def _cells(self) -> Iterator[list[str]]:
        return sheet_rows(self._path, self._layout.sheet)


def _rows(cells: Iterator[list[str]], layout: Layout) -> Iterator[Row]:
    """Yield rows that hold something; a quarantine file of ours as what it was made from."""
    names = _header(cells, layout)
    width, is_ours = len(names), set(QUARANTINE_COLUMNS) <= set(names)
    has_geometry, has_blank = GEOMETRY_COLUMN in names, "" in names
    above: dict[str, str] = {}
    for number, line in enumerate(cells, start=1):
        if len(line) < width:
            line.extend([""] * (width - len(line)))
        values = dict(zip(names, line, strict=False))
        if has_blank:
            values.pop("")
        if is_ours:
            values = _as_it_was(values)
        if not any(values.values()):
            continue
        for column in layout.fill_down:
            values[column] = above[column] = values.get(column) or above.get(column, "")
        shape = _geometry(values.pop(GEOMETRY_COLUMN)) if has_geometry else None
        yield Row(number=number, values=values, geometry=shape)


def _as_it_was(values: dict[str, str]) -> dict[str, str]:
    return {
        name: with_formula(text) for name, text in values.items() if name not in QUARANTINE_COLUMNS
    }


def _header(cells: Iterator[list[str]], layout: Layout) -> list[str]:
    header: list[str] = []
    for _ in range(layout.header_row):
        header = next(cells, [])
    names = checked_columns(header)
    if not any(names):
        raise unreadable(f"第 {layout.header_row} 行没有列名", "the header row is empty")
    return names


def _own(names: list[str]) -> list[str]:
    hidden = {"", GEOMETRY_COLUMN, *QUARANTINE_COLUMNS}
    return [name for name in names if name not in hidden]


def _geometry(text: str) -> BaseGeometry | None:
    if not text:
        return None
    try:
        found: BaseGeometry = shapely.from_wkt(text)
    except (GEOSException, ShapelyError, ValueError):
        return None
    return found


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
            raise unreadable(
                "有一行过长（分隔符、引号或编码不对？）",
                "a row is too long (wrong delimiter, quotes or encoding?)",
            )
        return line.replace("\x00", "") if "\x00" in line else line


@contextmanager
def _opened(path: Path, layout: Layout) -> Iterator[IO[bytes]]:
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


def _member(archive: zipfile.ZipFile, layout: Layout) -> zipfile.ZipInfo:
    files = {one.filename: one for one in archive.infolist() if not one.is_dir()}
    wanted = layout.member or (next(iter(files)) if len(files) == 1 else "")
    if wanted not in files:
        raise unreadable(
            f"zip 中有 {len(files)} 个文件，请在映射的 table.member 中指明",
            f"the zip holds {len(files)} files: name one in table.member",
        )
    found = files[wanted]
    if found.flag_bits & 1:
        raise unreadable("zip 有密码", "the zip is encrypted")
    if wanted.lower().endswith((".xlsx", ".xlsm")):
        raise unreadable("zip 中是 Excel 文件，请解压后导入", "unpack the workbook first")
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
            raise unreadable("解压后过大", "too large when unpacked")
        buffer[: len(data)] = data
        return len(data)
