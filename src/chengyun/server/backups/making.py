"""Making a backup, beside a running platform or not."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

from chengyun import __version__
from chengyun.files.queries import file_store
from chengyun.files.rules.storage import FileStore
from chengyun.kernel.clock import now
from chengyun.server.backups.manifest import (
    FORMAT,
    NAME,
    ListedFile,
    Manifest,
    listed_files,
    part,
)
from chengyun.server.backups.programs import dump
from chengyun.server.backups.sealing import Seal
from chengyun.server.cluster import Cluster

FILES = """
SELECT storage_key, sha256 FROM cases_attachment
UNION SELECT thumbnail_key, '' FROM cases_attachment WHERE thumbnail_key <> ''
UNION SELECT storage_key, sha256 FROM components_componentphoto
UNION SELECT thumbnail_key, '' FROM components_componentphoto
ORDER BY 1
"""
_MIGRATIONS = "SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app"
_COUNTS = "SELECT (SELECT count(*) FROM cases_case), (SELECT count(*) FROM cases_logentry)"
_ROWS = 5_000

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What the snapshot says."""

    migrations: dict[str, str]
    cases: int
    log_entries: int


def make_backup(
    *, target: FileStore, seal: Seal, cluster: Cluster | None, tell: Tell, work: Path | None = None
) -> Manifest:
    """Write a backup to `target` and return its manifest.

    The database is read in one snapshot; a file is kept before the row that names it and is never
    written again, so every file that the snapshot names is whole.

    work : folder for temporary files, None = the system's
    raises : ProgramFailed, StorageNotReachable, StoredFileMissing
    """
    name = f"{now():%Y%m%dT%H%M%SZ}"
    with tempfile.TemporaryDirectory(prefix="chengyun-backup-", dir=work) as folder:
        dumped, listed = Path(folder, "database.dump"), Path(folder, "files.txt")
        with _snapshot() as snapshot:
            tell("database")
            facts = _facts()
            _list_files(listed)
            dump(dumped, snapshot=snapshot, cluster=cluster)
        tell("files")
        files, size = _copy_files(listed, target, seal)
        tell("parts")
        manifest = Manifest(
            name=name,
            format=FORMAT,
            version=__version__,
            encrypted=bool(seal.recipients),
            dump_bytes=dumped.stat().st_size,
            dump_sha256=_keep(target, part(name, "database.dump"), dumped, seal),
            list_sha256=_keep(target, part(name, "files.txt"), listed, seal),
            files=files,
            files_bytes=size,
            cases=facts.cases,
            log_entries=facts.log_entries,
            migrations=facts.migrations,
        )
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(manifest.as_json())
            file.seek(0)
            target.put(part(name, NAME), file)
    return manifest


@contextmanager
def _snapshot() -> Iterator[str]:
    """Hold a snapshot of the database that pg_dump may use, too."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _facts() -> _Facts:
    with connection.cursor() as cursor:
        cursor.execute(_MIGRATIONS)
        migrations = dict(cursor.fetchall())
        cursor.execute(_COUNTS)
        cases, entries = cursor.fetchone()
    return _Facts(migrations=migrations, cases=cases, log_entries=entries)


def _list_files(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file, connection.chunked_cursor() as cursor:
        cursor.execute(FILES)
        while rows := cursor.fetchmany(_ROWS):
            file.writelines(ListedFile(key=key, sha256=sha).as_line() for key, sha in rows)


def _copy_files(listed: Path, target: FileStore, seal: Seal) -> tuple[int, int]:
    """Copy the files that the target lacks; return how many all are, and how many bytes went."""
    there = {file.key for file in target.files("files")}
    store = file_store()
    count = size = 0
    with listed.open("rb") as lines:
        for file in listed_files(lines):
            count += 1
            key = f"files/{file.key}{seal.suffix}"
            if key not in there:
                size += _copy(store, file.key, target, key, seal)
    return count, size


def _copy(store: FileStore, source: str, target: FileStore, key: str, seal: Seal) -> int:
    with tempfile.TemporaryFile() as file:
        for chunk in store.read(source):
            file.write(chunk)
        size = file.tell()
        _put(target, key, file, seal)
    return size


def _keep(target: FileStore, key: str, path: Path, seal: Seal) -> str:
    """Keep a part; return the SHA-256 of what is stored."""
    with path.open("rb") as file:
        return _put(target, f"{key}{seal.suffix}", file, seal)


def _put(target: FileStore, key: str, file: IO[bytes], seal: Seal) -> str:
    file.seek(0)
    if not seal.recipients:
        return _put_hashed(target, key, file)
    with tempfile.TemporaryFile() as sealed:
        seal.close(file, sealed)
        sealed.seek(0)
        return _put_hashed(target, key, sealed)


def _put_hashed(target: FileStore, key: str, file: Any) -> str:
    found = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    target.put(key, file)
    return found
