"""Moving old audit entries out of the database into a file; only ever by an explicit command."""

from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson
from django.db import connection, transaction

from chengyun.administration.operations.audit import record_audit
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules.actor import Actor
from chengyun.kernel.errors import Conflict

_FETCH = 5_000
_CUTOFF = "SELECT date_trunc('day', %s::timestamptz - make_interval(months => %s))"
_OLD = """
SELECT id, at, actor_id, actor_name, act, subject, host(address), detail::text
FROM administration_auditentry WHERE at < %s ORDER BY id
"""
# The table refuses every deletion; its owner lifts that for this one statement, under a lock.
_REMOVE = """
ALTER TABLE administration_auditentry DISABLE TRIGGER administration_auditentry_append_only;
DELETE FROM administration_auditentry WHERE at < %s;
ALTER TABLE administration_auditentry ENABLE TRIGGER administration_auditentry_append_only
"""
_COLUMNS = ("id", "at", "actor_id", "actor_name", "act", "subject", "address", "detail")


class ArchiveFileTaken(Conflict):
    """The file is there already: an archive is never written over."""

    code = "archive_file_taken"
    zh = "文件 {path} 已存在。请另选文件名。"
    en = "The file {path} exists. Choose another name."


@dataclass(frozen=True, kw_only=True)
class Archived:
    """What was moved: entries before `until`, into a file with this checksum."""

    rows: int
    until: datetime
    sha256: str


def archive_audit(*, actor: Actor, path: Path, at: datetime) -> Archived:
    """Move the entries that are older than `administration.audit_keep_months` into a file.

    The file (JSON lines, gzip) is complete on the disk before a row goes; the removal is an entry
    of its own, with the file's checksum.
    raises : Forbidden, ArchiveFileTaken
    """
    actor.require_everywhere("administration.audit")
    with transaction.atomic():
        until = _cutoff(at)
        try:
            with path.open("xb") as target:
                rows = _write(target, until)
        except FileExistsError as error:
            raise ArchiveFileTaken(path=path) from error
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        done = Archived(rows=rows, until=until, sha256=digest)
        with connection.cursor() as cursor:
            cursor.execute(_REMOVE, [until])
        detail = {"rows": rows, "until": until, "file": path.name, "sha256": digest}
        record_audit(actor, "audit.archived", "audit:old", detail)
    return done


def _cutoff(at: datetime) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE administration_auditentry IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_CUTOFF, [at, setting("administration.audit_keep_months")])
        row: tuple[datetime] = cursor.fetchone()
    return row[0]


def _write(target: IO[bytes], until: datetime) -> int:
    count = 0
    with (
        gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as packed,
        connection.chunked_cursor() as cursor,
    ):
        cursor.execute(_OLD, [until])
        while rows := cursor.fetchmany(_FETCH):
            packed.write(b"".join(map(_line, rows)))
            count += len(rows)
    target.flush()
    os.fsync(target.fileno())
    return count


def _line(row: tuple[Any, ...]) -> bytes:
    entry = dict(zip(_COLUMNS, row, strict=True))
    entry["detail"] = orjson.loads(entry["detail"])
    return orjson.dumps(entry, option=orjson.OPT_UTC_Z) + b"\n"
