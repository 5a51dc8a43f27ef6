"""Opening a file: its content says what it is, not its name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chengyun.intake.adapters.archives import members_of
from chengyun.intake.adapters.geojson import GeoJsonSource
from chengyun.intake.adapters.geopackage import GeoPackageSource
from chengyun.intake.adapters.shape_files import ShapefileSource
from chengyun.intake.adapters.tables import CsvSource, XlsxSource
from chengyun.intake.rules.source import Described, Layout, Source, unreadable

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP: Final = b"\x1f\x8b"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_SQLITE: Final = b"SQLite format 3\x00"
_BY_NAME: Final = {".xlsx": _ZIP, ".xlsm": _ZIP, ".zip": _ZIP, ".gz": (_GZIP,), ".gpkg": (_SQLITE,)}


def open_source(path: Path, layout: Layout, *, name: str = "") -> Source:
    """Return the reader for the kind of file that lies at `path`.

    Read are CSV (plain, gzipped, zipped), XLSX, GeoJSON (a collection, or one feature a line),
    zipped Shapefiles and GeoPackages.
    name : as the sender calls it, where the path does not say; a lie of its ending is refused
    raises : TableUnreadable
    """
    with path.open("rb") as file:
        begin = file.read(64)
    if not begin:
        raise unreadable("文件是空的", "it is empty")
    if begin.startswith(_OLD_EXCEL):
        raise unreadable(
            "旧版 Excel（.xls）请另存为 .xlsx 或 .csv",
            "save the old Excel file (.xls) as .xlsx or .csv",
        )
    _check_ending(Path(name or path.name).suffix.lower(), begin)
    if begin.startswith(_SQLITE):
        return GeoPackageSource(path, layout)
    if begin.startswith(_ZIP):
        return _zipped(path, layout)
    if layout.kind == "auto" and begin.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return GeoJsonSource(path)
    return XlsxSource(path, layout) if layout.kind == "xlsx" else CsvSource(path, layout)


def described_at_once(source: Source) -> Described | None:
    """Return what a file says of itself, None where to learn it would take long."""
    if isinstance(source, XlsxSource) and not source.is_quick():
        return None
    return source.described()


def _zipped(path: Path, layout: Layout) -> Source:
    names = members_of(path)
    is_book = "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)
    if layout.kind == "xlsx" or (layout.kind == "auto" and is_book):
        return XlsxSource(path, layout)
    if layout.kind == "auto" and any(name.lower().endswith(".shp") for name in names):
        return ShapefileSource(path, layout)
    return CsvSource(path, layout)


def _check_ending(ending: str, begin: bytes) -> None:
    """Raise TableUnreadable when a file is plainly not what its name says."""
    if ending in _BY_NAME and not begin.startswith(_BY_NAME[ending]):
        raise unreadable(f"内容不是 {ending} 文件", f"the content is no {ending} file")
