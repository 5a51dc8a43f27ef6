"""Where backups go, and the database while one is made or read."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chengyun.files.adapters.disk import DiskStore
from chengyun.files.rules.storage import FileStore
from chengyun.server import environment
from chengyun.server.backups.faults import TargetNotUsable
from chengyun.server.cluster import Cluster, private_cluster
from chengyun.server.lock import AlreadyRunning, FolderLock


def open_target(place: str, *, make: bool = False) -> FileStore:
    """Return the folder, or the bucket of `s3://…` (see CHENGYUN_STORAGE_URL).

    make : make the folder if there is none, for its owner only
    raises : TargetNotUsable
    """
    if place.startswith("s3://"):
        from chengyun.files.adapters.bucket import bucket_store  # slow to import

        return bucket_store(place)
    folder = Path(place).resolve()
    if make:
        _make(folder)
    return DiskStore(folder)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    except OSError as error:
        raise TargetNotUsable(target=folder, reason=error.strerror) from error
    if not os.access(folder, os.W_OK):
        raise TargetNotUsable(target=folder, reason=os.strerror(errno.EACCES))


@contextmanager
def database(*, alone: bool) -> Iterator[Cluster | None]:
    """Have the database run; give the private cluster, None for an outside one.

    alone : nobody else may use the data folder meanwhile
    raises : AlreadyRunning
    """
    if os.environ.get("CHENGYUN_DATABASE_URL"):
        yield None
        return
    folder = environment.data_dir()
    cluster, lock = private_cluster(folder), FolderLock(folder)
    try:
        lock.take()
    except AlreadyRunning:
        if alone:
            raise
        yield cluster  # the platform runs it
        return
    try:
        cluster.ensure()
        cluster.stop_left_behind()
        process = cluster.start()
        try:
            cluster.create_database()
            yield cluster
        finally:
            process.terminate()
            cluster.stop_left_behind()
            process.wait()
    finally:
        lock.give_back()
