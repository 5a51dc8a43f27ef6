"""Shapefiles in: the parts of one, zipped together, unpacked within bounds."""

from __future__ import annotations

import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Final

import shapefile
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException, ShapelyError
from shapely.geometry.base import BaseGeometry

from chengyun.components.adapters.source import (
    Described,
    Layout,
    Row,
    cell_text,
    checked_columns,
    unreadable,
)

MAX_UNPACKED: Final = 1024**3
MAX_MEMBERS: Final = 200
MAX_TEXT: Final = 64 * 1024
_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_POINTS: Final = frozenset({1, 11, 21})
_BROKEN: Final = (
    shapefile.ShapefileException,
    struct.error,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    MemoryError,
    EOFError,
    OSError,
)


class ShapefileSource:
    """A zip with one Shapefile (.shp and .dbf, better with .prj and .cpg)."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path = path
        self._layout = layout

    def described(self) -> Described:
        """Return the columns, the system of the .prj and the number of rows."""
        with self._opened() as (reader, folder):
            columns = [str(field[0]) for field in reader.fields[1:]]
            return Described(columns=checked_columns(columns), crs=_crs(folder), rows=len(reader))

    def rows(self) -> Iterator[Row]:
        """Yield the rows."""
        with self._opened() as (reader, _):
            names = checked_columns([str(field[0]) for field in reader.fields[1:]])
            for number, found in enumerate(_each(reader), start=1):
                texts = [cell_text(value).strip() for value in found.record]
                yield Row(
                    number=number,
                    values=dict(zip(names, texts, strict=False)),
                    geometry=_geometry(found.shape),
                    point=_point(found.shape),
                )

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Path]]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self._unpack(folder)
            try:
                reader = shapefile.Reader(
                    str(folder / "layer"), encoding=self._encoding(folder), encodingErrors="replace"
                )
            except _BROKEN as error:
                raise _broken(error) from error
            with reader:
                yield reader, folder

    def _unpack(self, folder: Path) -> None:
        try:
            with zipfile.ZipFile(self._path) as archive:
                _unpack_parts(archive, folder)
        except (
            zipfile.BadZipFile,
            zlib.error,
            RuntimeError,
            NotImplementedError,
            OSError,
        ) as error:
            raise unreadable("压缩包已损坏或有密码", "the archive is broken or locked") from error

    def _encoding(self, folder: Path) -> str:
        told = folder / _kept(".cpg")
        stated = told.read_bytes()[:40].decode("ascii", "ignore").strip() if told.exists() else ""
        names = {"": "utf-8", "936": "gbk", "65001": "utf-8", "ANSI 936": "gbk"}
        found = self._layout.encoding or names.get(stated, stated)
        try:
            "".encode(found)
        except LookupError:
            return "utf-8"
        return found


def _parts(members: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    if len(members) > MAX_MEMBERS:
        raise unreadable("压缩包内文件过多", "the archive holds too many files")
    shapes = [one for one in members if one.filename.lower().endswith(".shp")]
    if len(shapes) != 1:
        raise unreadable("压缩包内须恰有一个 .shp", "the archive must hold exactly one .shp")
    stem = str(PurePosixPath(shapes[0].filename).with_suffix("")).lower()
    found = {
        ending: one
        for one in members
        for ending in _PARTS
        if one.filename.lower() == f"{stem}{ending}"
    }
    if ".dbf" not in found:
        raise unreadable("缺少 .dbf", "the .dbf is missing")
    return found


def _unpack_parts(archive: zipfile.ZipFile, folder: Path) -> None:
    wanted = _parts(archive.infolist())
    if sum(one.file_size for one in wanted.values()) > MAX_UNPACKED:
        raise unreadable("解压后过大", "too large when unpacked")
    for ending, member in wanted.items():
        with archive.open(member) as packed, (folder / _kept(ending)).open("wb") as file:
            _copy(packed, file, member.file_size)


def _kept(ending: str) -> str:
    # The code page is read here: what surveys write there, such as 936, the library does not know.
    return "codepage" if ending == ".cpg" else f"layer{ending}"


def _copy(packed: Any, file: Any, size: int) -> None:
    shutil.copyfileobj(packed, file, 1024 * 1024)
    if file.tell() > size:
        raise unreadable("压缩包结构异常", "the archive is absurd")


def _each(reader: Any) -> Iterator[Any]:
    try:
        yield from reader.iterShapeRecords()
    except _BROKEN as error:
        raise _broken(error) from error


def _point(shape: Any) -> tuple[float, float] | None:
    if shape.shapeType not in _POINTS or not shape.points:
        return None
    x, y = shape.points[0][:2]
    return float(x), float(y)


def _geometry(shape: Any) -> BaseGeometry | None:
    try:
        if shape.shapeType in _POINTS or not shape.points:
            return None
        found: BaseGeometry = shapely.geometry.shape(shape.__geo_interface__)
    except (*_BROKEN, GEOSException, ShapelyError):
        return None
    return found


def _crs(folder: Path) -> str:
    told = folder / "layer.prj"
    if not told.exists():
        return ""
    text = told.read_bytes()[:MAX_TEXT].decode("utf-8", "replace")
    try:
        code = CRS.from_wkt(text).to_epsg(min_confidence=60)
    except CRSError:
        return text[:40]
    return f"EPSG:{code}" if code else text[:40]


def _broken(error: Exception) -> Exception:
    told = str(error)[:120]
    return unreadable(f"不是有效的 Shapefile（{told}）", f"no Shapefile ({told})")
