"""Zip archives that strangers made: opened without believing what they say of themselves."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chengyun.intake.rules.source import unreadable

# The directory of an archive is read in one go: a list of a million empty files fills memory.
MOST_AT_ONCE = 8 * 1024**2


class _Cautious(io.FileIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MOST_AT_ONCE:
            raise unreadable("压缩包结构异常", "the archive is absurd")
        found = super().read(MOST_AT_ONCE + 1 if size is None or size < 0 else size)
        if found is not None and len(found) > MOST_AT_ONCE:
            raise unreadable("压缩包结构异常", "the archive is absurd")
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
            raise unreadable("不是有效的 zip 或 XLSX 文件", "not a zip or XLSX file") from error
        with archive:
            yield archive


def members_of(path: Path) -> list[str]:
    """Return the names of what the zip holds; raise TableUnreadable."""
    with open_archive(path) as archive:
        return archive.namelist()
