"""Where this installation keeps its files: a folder, or a bucket."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from chengyun.files.adapters.disk import DiskStore
from chengyun.files.rules.storage import FileStore, StorageUrlInvalid


def file_store() -> FileStore:
    """Return the storage of this installation: CHENGYUN_STORAGE_URL, else the data folder."""
    return _store_of(settings.STORAGE_URL, str(settings.MEDIA_ROOT))


@cache
def _store_of(url: str, media_root: str) -> FileStore:
    parts = urlsplit(url)
    if not url:
        return DiskStore(Path(media_root))
    if parts.scheme == "file" and parts.path:
        return DiskStore(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.hostname:
        from chengyun.files.adapters.bucket import bucket_store  # its library is slow to import

        return bucket_store(url)
    raise StorageUrlInvalid(url=url.split("?", maxsplit=1)[0])
