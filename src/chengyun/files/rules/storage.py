"""What a storage of files promises, wherever the files lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Protocol

from chengyun.kernel.errors import Fault

CHUNK_BYTES = 256 * 1024


class StorageNotReachable(Fault):
    """The file storage did not take or give a file."""

    code = "storage_not_reachable"
    status = 503
    zh = "文件存储暂时不可用，请稍后重试；如持续出现请联系管理员检查存储设置。"
    en = "The file storage is not reachable. Try again later, or check the storage settings."


class StoredFileMissing(Fault):
    """The row is there, the file is not."""

    code = "stored_file_missing"
    status = 404
    zh = "文件已不在存储中，请联系管理员从备份恢复。"
    en = "The file is no longer in the storage. Ask an administrator to restore it from a backup."


class StorageUrlInvalid(Fault):
    """CHENGYUN_STORAGE_URL cannot be used."""

    code = "storage_url_invalid"
    status = 500
    zh = "CHENGYUN_STORAGE_URL 无法识别：{url}"
    en = "CHENGYUN_STORAGE_URL is not readable: {url}. Use file:///folder or s3://bucket?endpoint=…"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as the storage lists it."""

    key: str
    size: int
    modified_at: datetime


class Readable(Protocol):
    """What chunks are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""

    def close(self) -> None:
        """Let go of the file."""


class Chunks(Iterator[bytes]):
    """At most `length` bytes of a file in chunks; closes it at the end, or when told to."""

    def __init__(self, file: Readable, length: int | None) -> None:
        self._file = file
        self._left = length

    def __next__(self) -> bytes:
        size = CHUNK_BYTES if self._left is None else min(CHUNK_BYTES, self._left)
        chunk = self._file.read(size) if size else b""
        if not chunk:
            self.close()
            raise StopIteration
        if self._left is not None:
            self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        """Let go of the file; an answer that nobody reads must call it."""
        self._left = 0
        self._file.close()


class FileStore(Protocol):
    """Keeps files under keys such as `attachments/2026/11/23/name.jpg`; a key is written once."""

    def put(self, key: str, file: IO[bytes]) -> None:
        """Keep the file; when this returns it survives a crash."""

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> Chunks:
        """Return the bytes from `start` in chunks.

        raises : StoredFileMissing before the first chunk
        """

    def delete(self, key: str) -> None:
        """Remove the file; one that is not there is no error."""

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """List what lies under `prefix`, in no promised order."""


def checked_key(key: str) -> str:
    """Return the key, or raise StoredFileMissing for one that would leave the storage."""
    path = PurePosixPath(key)
    if path.is_absolute() or ".." in path.parts or "\x00" in key or not path.parts:
        raise StoredFileMissing
    return str(path)
