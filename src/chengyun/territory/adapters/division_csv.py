"""Reads divisions from CSV, plain or gzipped, whatever its columns are called."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chengyun.kernel.errors import Fault
from chengyun.territory.faults import FileNotReadable, FileTooLarge

MIB = 1024 * 1024
_MOST_UNPACKED = 512 * MIB
_ENCODINGS = ("utf-8-sig", "gb18030")
_LONGEST_FIELD = 1_000


class ColumnMissing(Fault):
    """A column that the mapping names is not in the file."""

    code = "column_missing"
    zh = "文件 {file} 中没有“{column}”列。现有列：{columns}。"
    en = "The file {file} has no column “{column}”. It has: {columns}."


@dataclass(frozen=True, kw_only=True, slots=True)
class DivisionColumns:
    """Names of the columns; `en` may be missing from a file."""

    code: str = "code"
    zh: str = "name"
    en: str = "name_en"


@dataclass(frozen=True, kw_only=True, slots=True)
class DivisionLine:
    """One row of a file, as written; `line` counts from 1 with the header."""

    file: str
    line: int
    code: str
    zh: str
    en: str


def division_files(path: Path) -> list[Path]:
    """Return the CSV files of a folder, or the file itself."""
    if path.is_dir():
        names = sorted(path.iterdir())
        return [name for name in names if name.name.lower().endswith((".csv", ".csv.gz"))]
    return [path]


def read_divisions(path: Path, columns: DivisionColumns) -> Iterator[DivisionLine]:
    """Yield the rows of one file; raise FileNotReadable, FileTooLarge or ColumnMissing."""
    rows = csv.reader(io.StringIO(_text(path), newline=""), strict=False)
    try:
        header = [name.strip() for name in next(rows, [])]
        places = _places(path, header, columns)
        for line, row in enumerate(rows, start=2):
            if row:
                code, zh, en = (_cell(row, place) for place in places)
                yield DivisionLine(file=path.name, line=line, code=code, zh=zh, en=en)
    except csv.Error as error:
        raise FileNotReadable(field="file", reason=f"{path.name}: {error}") from error


def _places(path: Path, header: Sequence[str], columns: DivisionColumns) -> list[int | None]:
    for name in (columns.code, columns.zh):
        if name not in header:
            raise ColumnMissing(
                field="file", file=path.name, column=name, columns=", ".join(header)[:200]
            )
    names = (columns.code, columns.zh, columns.en)
    return [header.index(name) if name in header else None for name in names]


def _cell(row: Sequence[str], place: int | None) -> str:
    if place is None or place >= len(row):
        return ""
    return row[place].replace("\x00", "").strip()[:_LONGEST_FIELD]


def _text(path: Path) -> str:
    try:
        data = _unpacked(path)
    except (OSError, EOFError, zlib.error) as error:
        raise FileNotReadable(field="file", reason=f"{path.name}: {error}") from error
    if len(data) > _MOST_UNPACKED:
        raise FileTooLarge(field="file", limit_mb=_MOST_UNPACKED // MIB)
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileNotReadable(field="file", reason=f"{path.name}: neither UTF-8 nor GB 18030")


def _unpacked(path: Path) -> bytes:
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            file.seek(0)
            return file.read(_MOST_UNPACKED + 1)
        file.seek(0)
        with gzip.GzipFile(fileobj=file) as packed:
            return packed.read(_MOST_UNPACKED + 1)
