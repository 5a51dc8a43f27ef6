"""The manifest of a backup: what it holds, and that it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO

from chengyun.files.rules.storage import FileStore, StoredFileMissing
from chengyun.server.backups.faults import BackupDamaged, BackupMissing, BackupTooNew

FORMAT = 1
NAME = "manifest.json"
FOLDER = "backups"


def part(name: str, what: str) -> str:
    """Return the key of a part of a backup."""
    return f"{FOLDER}/{name}/{what}"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A backup.

    name : its moment in UTC, 20261123T101500Z; the folder in the target
    dump_sha256, list_sha256 : of the parts as stored, encrypted or not
    migrations : last migration of each app
    """

    name: str
    format: int
    version: str
    encrypted: bool
    dump_bytes: int
    dump_sha256: str
    list_sha256: str
    files: int
    files_bytes: int
    cases: int
    log_entries: int
    migrations: dict[str, str]

    def as_json(self) -> bytes:
        """Return the file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False).encode()


def read_manifest(store: FileStore, name: str) -> Manifest:
    """Return the manifest of a backup.

    raises : BackupMissing, BackupDamaged, BackupTooNew
    """
    try:
        body = b"".join(store.read(part(name, NAME)))
    except StoredFileMissing as error:
        raise BackupMissing(name=f" {name}", target="target") from error
    try:
        values = json.loads(body)
        if int(values["format"]) > FORMAT:
            raise BackupTooNew(version=values.get("version", "?"))
        return Manifest(**values)
    except (ValueError, TypeError, KeyError) as error:
        raise BackupDamaged(part=NAME) from error


def backup_names(store: FileStore) -> list[str]:
    """Return the names of the whole backups of a target, oldest first."""
    return sorted(
        file.key.split("/")[1]
        for file in store.files(FOLDER)
        if file.key.count("/") == 2 and file.key.endswith(f"/{NAME}")  # noqa: PLR2004 - see part
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedFile:
    """A file that a backup needs. `sha256` "" where the database does not know it."""

    key: str
    sha256: str

    def as_line(self) -> str:
        """Return its line of files.txt."""
        return f"{self.sha256 or '-'} {self.key}\n"


def listed_files(file: IO[bytes]) -> Iterator[ListedFile]:
    """Read files.txt."""
    for line in file:
        sha256, _, key = line.decode().rstrip("\n").partition(" ")
        yield ListedFile(key=key, sha256="" if sha256 == "-" else sha256)
