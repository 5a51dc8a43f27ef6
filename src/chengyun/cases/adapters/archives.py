"""Zip archives that strangers made: opened without believing what they say of themselves."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chengyun.cases.adapters.table_faults import TableUnreadable

# The directory of an archive is read in one go: a list of a million empty files fills memory.
MOST_AT_ONCE = 8 * 1024**2


class _Cautious(io.FileIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MOST_AT_ONCE:
            raise TableUnreadable(reason_zh="压缩包结构异常", reason_en="the archive is absurd")
        found = super().read(MOST_AT_ONCE + 1 if size is None or size < 0 else size)
        if found is not None and len(found) > MOST_AT_ONCE:
            raise TableUnreadable(reason_zh="压缩包结构异常", reason_en="the archive is absurd")
        return found or b""


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip.

    raises : TableUnreadable
    """
    with _Cautious(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise TableUnreadable(
                reason_zh="不是有效的 zip 或 XLSX 文件", reason_en="not a zip or XLSX file"
            ) from error
        with archive:
            yield archive


def is_workbook(path: Path) -> bool:
    """Tell whether the zip is an XLSX workbook."""
    with open_archive(path) as archive:
        names = archive.namelist()
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)
