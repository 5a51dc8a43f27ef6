"""Files in a folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from chengyun.files.rules.storage import (
    CHUNK_BYTES,
    Chunks,
    StorageNotReachable,
    StoredFile,
    StoredFileMissing,
    checked_key,
)


class DiskStore:
    """Files in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, file: IO[bytes]) -> None:
        """Write beside, flush to the disk, then rename: a half file is never seen."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
            with os.fdopen(descriptor, "wb") as target:
                shutil.copyfileobj(file, target, CHUNK_BYTES)
                target.flush()
                os.fsync(target.fileno())
            Path(temporary).replace(path)
        except OSError as error:
            raise StorageNotReachable from error

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> Chunks:
        """Open the file."""
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError as error:
            raise StoredFileMissing from error
        except OSError as error:
            raise StorageNotReachable from error
        file.seek(start)
        return Chunks(file, length)

    def delete(self, key: str) -> None:
        """Unlink the file."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise StorageNotReachable from error

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """Walk the folder; also shows parts that a crash left, so that they are swept."""
        folder = self._path(prefix)
        for path in folder.rglob("*") if folder.is_dir() else ():
            if path.is_file():
                state = path.stat()
                yield StoredFile(
                    path.relative_to(self.root).as_posix(),
                    state.st_size,
                    datetime.fromtimestamp(state.st_mtime, UTC),
                )

    def _path(self, key: str) -> Path:
        return self.root / checked_key(key)
