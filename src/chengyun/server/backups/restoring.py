"""Restoring a backup into an installation that has no database yet."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from pyrage import x25519

from chengyun.files.queries import file_store
from chengyun.files.rules.storage import FileStore, StoredFileMissing
from chengyun.server.backups.faults import BackupDamaged, BackupTooNew, DatabaseNotEmpty
from chengyun.server.backups.manifest import ListedFile, Manifest, listed_files, part
from chengyun.server.backups.programs import restore
from chengyun.server.backups.sealing import SUFFIX, unseal
from chengyun.server.cluster import Cluster

_TAKEN = "SELECT to_regclass('django_migrations') IS NOT NULL"
# A new cluster counts transactions from the start: events must lie before all that follows.
_REBASE = """
ALTER TABLE journal_event DISABLE TRIGGER USER;
UPDATE journal_event SET xid = '3'::xid8;
ALTER TABLE journal_event ENABLE TRIGGER USER;
"""
_COUNTS = "SELECT (SELECT count(*) FROM cases_case), (SELECT count(*) FROM cases_logentry)"

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A backup where it lies. `key` opens an encrypted one."""

    store: FileStore
    manifest: Manifest
    key: x25519.Identity | None = None

    def open_part(self, what: str, sha256: str, folder: Path) -> Path:
        """Bring a part to `folder`, checked and decrypted; raise BackupDamaged, KeyNeeded."""
        path = folder / what
        with path.open("w+b") as file:
            self._open(part(self.manifest.name, what), file, stored_sha256=sha256)
        return path

    def open_file(self, name: str, target: IO[bytes]) -> None:
        """Bring a file, decrypted; raise BackupDamaged, KeyNeeded."""
        self._open(f"files/{name}", target)

    def _open(self, key: str, target: IO[bytes], *, stored_sha256: str = "") -> None:
        sealed = self.manifest.encrypted
        with tempfile.TemporaryFile() as between:
            stored: IO[bytes] = between if sealed else target
            found = self._download(f"{key}{SUFFIX if sealed else ''}", stored)
            if stored_sha256 and found != stored_sha256:
                raise BackupDamaged(part=key)
            if sealed:
                between.seek(0)
                unseal(between, target, self.key)
        target.flush()
        target.seek(0)

    def _download(self, key: str, file: IO[bytes]) -> str:
        digest = hashlib.sha256()
        try:
            for chunk in self.store.read(key):
                digest.update(chunk)
                file.write(chunk)
        except StoredFileMissing as error:
            raise BackupDamaged(part=key) from error
        return digest.hexdigest()


def restore_backup(*, source: Source, cluster: Cluster | None, tell: Tell) -> None:
    """Bring back files, then the database in one transaction; a failed run may be repeated.

    raises : BackupTooNew, DatabaseNotEmpty, BackupDamaged, KeyNeeded, ProgramFailed,
        StorageNotReachable
    """
    manifest = source.manifest
    _check_version(manifest)
    _check_empty()
    with tempfile.TemporaryDirectory(prefix="chengyun-restore-") as folder:
        tell("parts")
        dumped = source.open_part("database.dump", manifest.dump_sha256, Path(folder))
        listed = source.open_part("files.txt", manifest.list_sha256, Path(folder))
        tell("files")
        _copy_files(source, listed)
        tell("database")
        restore(dumped, cluster=cluster)
    tell("journal")
    _finish(manifest)


def _check_version(manifest: Manifest) -> None:
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {}
    if any(pair not in known for pair in manifest.migrations.items()):
        raise BackupTooNew(version=manifest.version)


def _check_empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN)
        if cursor.fetchone()[0]:
            raise DatabaseNotEmpty


def _copy_files(source: Source, listed: Path) -> None:
    store = file_store()
    there = {file.key for file in store.files("attachments")}
    with listed.open("rb") as lines:
        for one in listed_files(lines):
            if one.key not in there:
                _copy(source, store, one)


def _copy(source: Source, store: FileStore, wanted: ListedFile) -> None:
    with tempfile.TemporaryFile() as file:
        source.open_file(wanted.key, file)
        if wanted.sha256 and hashlib.file_digest(file, "sha256").hexdigest() != wanted.sha256:
            raise BackupDamaged(part=wanted.key)
        file.seek(0)
        store.put(wanted.key, file)


def _finish(manifest: Manifest) -> None:
    """Place the journal before what follows; check that all rows came."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_REBASE)
        cursor.execute(_COUNTS)
        if cursor.fetchone() != (manifest.cases, manifest.log_entries):
            raise BackupDamaged(part="database.dump")
