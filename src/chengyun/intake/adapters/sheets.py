"""Sheets of XLSX workbooks, read row by row."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from chengyun.intake.adapters.archives import open_archive
from chengyun.intake.rules.source import MAX_COLUMNS, TableUnreadable, cell_text, unreadable

MAX_PARTS_BYTES = 512 * 1024**2
# Sheets are read as they come; every other part is held in memory as a whole.
MAX_HELD_BYTES = 64 * 1024**2
_SHEETS = "xl/worksheets/"
_BROKEN = (
    InvalidFileException,
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
    SyntaxError,
    NotImplementedError,
    RuntimeError,  # an encrypted part
)


def sheet_rows(path: Path, name: str) -> Iterator[list[str]]:
    """Yield the rows of a sheet as texts, '' for an empty cell.

    name : of the sheet, '' = the first
    raises : TableUnreadable
    """
    with _opened(path) as book:
        sheet = _sheet(book, name)
        sheet.reset_dimensions()
        rows = sheet.iter_rows(values_only=True)
        while (cells := _next(rows)) is not None:
            yield [cell_text(cell) for cell in cells[: MAX_COLUMNS + 1]]


def sheet_row_count(path: Path, name: str) -> int:
    """Return how many rows the file says that the sheet has; 0 when it does not say."""
    with _opened(path) as book:
        return int(_sheet(book, name).max_row or 0)


def held_bytes(path: Path) -> int:
    """Return the size of what has to be read before the first row [bytes, unpacked]."""
    with open_archive(path) as archive:
        return sum(one.file_size for one in archive.infolist() if _is_held(one))


@contextmanager
def _opened(path: Path) -> Iterator[Workbook]:
    with open_archive(path) as archive:
        parts = archive.infolist()
    held = sum(one.file_size for one in parts if _is_held(one))
    if held > MAX_HELD_BYTES or sum(one.file_size for one in parts) > MAX_PARTS_BYTES:
        raise unreadable("工作簿解压后过大，请另存为 CSV", "too large when unpacked: save as CSV")
    # By its content, not by its path: openpyxl would judge it by the ending of its name.
    with path.open("rb") as file:
        try:
            book = load_workbook(file, read_only=True, data_only=True)
        except _BROKEN as error:
            raise _broken() from error
        try:
            yield book
        finally:
            book.close()


def _is_held(part: zipfile.ZipInfo) -> bool:
    # Pictures and the like are not read at all.
    return part.filename.endswith((".xml", ".rels")) and not part.filename.startswith(_SHEETS)


def _sheet(book: Workbook, name: str) -> Any:
    names = [sheet.title for sheet in book.worksheets]
    if not names or (name and name not in names):
        told = "、".join(names[:30])
        raise unreadable(
            f"没有工作表“{name}”，现有：{told}", f"no sheet “{name}”; there are: {told}"
        )
    return book[name] if name else book.worksheets[0]


def _next(rows: Iterator[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    try:
        return next(rows, None)
    except _BROKEN as error:
        raise _broken() from error


def _broken() -> TableUnreadable:
    return unreadable("不是有效的 XLSX", "not an XLSX file")
