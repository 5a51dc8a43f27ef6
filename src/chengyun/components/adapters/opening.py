"""Opening a file of components: its content says what it is, not its name."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from chengyun.components.adapters.geojson import GeoJsonSource
from chengyun.components.adapters.geopackage import GeoPackageSource
from chengyun.components.adapters.shape_files import ShapefileSource
from chengyun.components.adapters.source import Layout, Source, unreadable
from chengyun.components.adapters.tables import CsvSource, XlsxSource

_ZIP: Final = b"PK\x03\x04"
_SQLITE: Final = b"SQLite format 3\x00"


def open_source(path: Path, layout: Layout) -> Source:
    """Return the reader for the kind of file that lies at `path`.

    raises : FileUnreadable
    """
    with path.open("rb") as file:
        begin = file.read(64)
    if not begin:
        raise unreadable("文件是空的", "it is empty")
    if begin.startswith(_SQLITE):
        return GeoPackageSource(path, layout)
    if begin.startswith(_ZIP):
        return XlsxSource(path, layout) if _is_workbook(path) else ShapefileSource(path, layout)
    if begin.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return GeoJsonSource(path)
    return CsvSource(path, layout)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise unreadable("压缩包已损坏", "the archive is broken") from error
