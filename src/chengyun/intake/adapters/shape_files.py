"""Shapefiles in: the parts of one, zipped together, unpacked and read within bounds."""

from __future__ import annotations

import math
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyproj import CRS
from pyproj.exceptions import CRSError

from chengyun.intake.rules.source import (
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
WINDOW: Final = 20_000  # rows held at once
_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_MAGIC: Final = b"\x00\x00\x27\x0a"
_POINT: Final = 0
_ENCODINGS: Final = {"": "utf-8", "936": "gbk", "65001": "utf-8", "ANSI 936": "gbk"}
_BROKEN: Final = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, OSError)


class ShapefileSource:
    """A zip with one Shapefile (.shp and .dbf, better with .prj and .cpg)."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path = path
        self._layout = layout

    def described(self) -> Described:
        """Return the columns, the system of the .prj and the number of rows."""
        with self._opened() as (path, encoding):
            meta, *_ = _window(path, 0, encoding, most=1)
            rows = _count(path)
            return Described(
                columns=checked_columns([str(name) for name in meta["fields"]]),
                crs=_crs(path),
                rows=rows,
            )

    def counted(self) -> int | None:
        """Return the number of rows."""
        return self.described().rows

    def rows(self) -> Iterator[Row]:
        """Yield the rows, reading some thousands at once."""
        with self._opened() as (path, encoding):
            for start in range(0, _count(path), WINDOW):
                yield from _rows(start, *_window(path, start, encoding, most=WINDOW))

    @contextmanager
    def _opened(self) -> Iterator[tuple[Path, str]]:
        with tempfile.TemporaryDirectory(prefix="chengyun-") as name:
            folder = Path(name)
            self._unpack(folder)
            yield folder / "layer.shp", self._encoding(folder)

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
            EOFError,
        ) as error:
            raise unreadable("压缩包已损坏或有密码", "the archive is broken or locked") from error
        with (folder / "layer.shp").open("rb") as file:
            if file.read(4) != _MAGIC:
                raise unreadable("不是有效的 Shapefile", "no Shapefile")

    def _encoding(self, folder: Path) -> str:
        told = folder / _kept(".cpg")
        stated = told.read_bytes()[:40].decode("ascii", "ignore").strip() if told.exists() else ""
        found = self._layout.encoding or _ENCODINGS.get(stated, stated)
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
            shutil.copyfileobj(packed, file, 1024 * 1024)
            if file.tell() > member.file_size:
                raise unreadable("压缩包结构异常", "the archive is absurd")


def _kept(ending: str) -> str:
    # The code page is read here: what surveys write there, such as 936, the library does not know.
    return "codepage" if ending == ".cpg" else f"layer{ending}"


def _count(path: Path) -> int:
    try:
        return int(pyogrio.read_info(path, force_feature_count=True)["features"])
    except (*_BROKEN, UnicodeDecodeError) as error:
        raise _broken(error) from error


def _window(path: Path, start: int, encoding: str, *, most: int) -> tuple[Any, Any, Any]:
    """Return meta, geometries as WKB and columns of some rows; GB 18030 where UTF-8 is none."""
    for one in dict.fromkeys((encoding, "gb18030")):
        try:
            meta, _, shapes, columns = pyogrio.raw.read(
                path,
                skip_features=start,
                max_features=most,
                encoding=one,
                force_2d=True,
                datetime_as_string=True,
            )
        except UnicodeDecodeError:
            continue
        except _BROKEN as error:
            raise _broken(error) from error
        return meta, shapes, columns
    raise unreadable(f"编码不是 {encoding}", f"not {encoding} text")


def _rows(start: int, meta: Any, shapes: Any, columns: Any) -> Iterator[Row]:
    names = checked_columns([str(name) for name in meta["fields"]])
    texts = [[_text(value) for value in column.tolist()] for column in columns]
    found = shapely.from_wkb(shapes, on_invalid="ignore")
    is_point = (shapely.get_type_id(found) == _POINT) & ~shapely.is_empty(found)
    xs, ys = shapely.get_x(found).tolist(), shapely.get_y(found).tolist()
    for place, shape in enumerate(found):
        at_point = bool(is_point[place])
        yield Row(
            number=start + place + 1,
            values={name: column[place] for name, column in zip(names, texts, strict=True)},
            geometry=None if at_point else shape,
            point=(xs[place], ys[place]) if at_point else None,
        )


def _text(value: object) -> str:
    if isinstance(value, float) and math.isnan(value):  # an empty number
        return ""
    return cell_text(value).strip()


def _crs(path: Path) -> str:
    told = path.with_suffix(".prj")
    if not told.exists():
        return ""
    with told.open("rb") as file:
        text = file.read(MAX_TEXT).decode("utf-8", "replace")
    try:
        code = CRS.from_wkt(text).to_epsg(min_confidence=60)
    except CRSError:
        return text[:40]
    return f"EPSG:{code}" if code else text[:40]


def _broken(error: Exception) -> Exception:
    told = str(error)[:120]
    return unreadable(f"不是有效的 Shapefile（{told}）", f"no Shapefile ({told})")
