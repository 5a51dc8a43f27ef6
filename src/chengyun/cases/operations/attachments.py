"""Attachments: taking an upload, binding it to a case, sweeping what nobody used.

The file is stored before its row is written, and removed after its row: a crash leaves at most a
file without a row, which the sweep finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import IO, Any
from uuid import UUID

from django.db import connection, transaction

from chengyun.administration.queries import setting
from chengyun.administration.rules.actor import Actor
from chengyun.cases.rules.access import ACT, REPORT
from chengyun.cases.rules.table import PHASES
from chengyun.files.operations import (
    MIB,
    KeptFile,
    checked_media,
    forget_files,
    keep_file,
    sweep_folder,
)
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Fault, Forbidden, Invalid

FOLDER = "attachments"
QUOTA_SPAN = timedelta(days=1)
_SWEEP_BATCH = 500

_INSERT = """
INSERT INTO cases_attachment (id, phase, kind, media_type, name, size, sha256, width, height,
       taken_at, position, storage_key, thumbnail_key, by_id, at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4490),
        %s, %s, %s, %s)
"""
_FREE = """
SELECT id, phase, kind, thumbnail_key <> '' FROM cases_attachment
WHERE id = ANY(%s::uuid[]) AND case_id IS NULL AND by_id = %s
"""
_BIND = """
UPDATE cases_attachment SET case_id = %s, phase = coalesce(%s, phase)
WHERE id = ANY(%s::uuid[]) AND case_id IS NULL AND by_id = %s
"""
_UNUSED = """
DELETE FROM cases_attachment WHERE id IN (
    SELECT id FROM cases_attachment WHERE case_id IS NULL AND at < %s
    ORDER BY at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING storage_key, thumbnail_key
"""
_UPLOADED = "SELECT coalesce(sum(size), 0) FROM cases_attachment WHERE by_id = %s AND at > %s"
_KNOWN_IDS = "SELECT id::text FROM cases_attachment WHERE id = ANY(%s::uuid[])"
_KNOWN_KEYS = """
SELECT unnest(ARRAY[storage_key, thumbnail_key]) FROM cases_attachment
WHERE storage_key = ANY(%s) OR thumbnail_key = ANY(%s)
"""


class UploadQuotaReached(Fault):
    """The person has uploaded as much as one may within a day."""

    code = "upload_quota_reached"
    status = 429
    zh = "您 24 小时内上传已达 {limit} MB 上限，请稍后再试；确有需要请联系管理员调整参数。"
    en = "You have uploaded the {limit} MB that one may in 24 hours. Try later, or ask for more."


class AttachmentNotUsable(Fault):
    """An attachment does not exist, was used before, or was uploaded by somebody else."""

    code = "attachment_not_usable"
    zh = "附件 {ids} 不存在、已被使用或由他人上传。请重新上传。"
    en = "Attachments {ids} do not exist, are in use, or are another's. Upload them again."


class TooManyAttachments(Fault):
    """More attachments than an act may have."""

    code = "too_many_attachments"
    zh = "每次办理最多 {limit} 个附件。"
    en = "An act takes at most {limit} attachments."


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as it came in: nothing of it is believed but its bytes."""

    file: IO[bytes]
    size: int
    name: str = ""
    phase: str = "report"


@dataclass(frozen=True, kw_only=True, slots=True)
class FreeAttachment:
    """An uploaded file that waits to be bound to a case."""

    id: str
    phase: str
    kind: str
    has_thumbnail: bool


def store_attachment(*, actor: Actor, upload: Upload) -> UUID:
    """Check the file by its content, keep it, and return the attachment's id.

    raises : Forbidden, Invalid, FileTooLarge, MediaNotSupported, UploadQuotaReached,
        PhotoNotReadable, PhotoTooManyPixels, StorageNotReachable
    """
    _require_uploader(actor)
    if upload.phase not in PHASES:
        raise Invalid(field="phase", reason_zh="没有这个阶段", reason_en="there is no such phase")
    media = checked_media(upload.file, size=upload.size)
    _check_quota(actor, upload.size)
    kept = keep_file(upload.file, media=media, folder=FOLDER, name=upload.name)
    _note(actor, upload.phase, kept)
    return kept.id


def free_attachments(*, actor: Actor, ids: Sequence[UUID]) -> list[FreeAttachment]:
    """Return the actor's unbound attachments, in the order of `ids`.

    raises : AttachmentNotUsable, TooManyAttachments
    """
    if not ids:
        return []
    limit = setting("cases.attachments_per_act")
    if len(ids) > limit:
        raise TooManyAttachments(field="attachments", limit=limit)
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [list(ids), actor.person_id])
        rows = {str(row[0]): row for row in cursor.fetchall()}
    wanted = list(dict.fromkeys(str(one) for one in ids))
    missing = [one for one in wanted if one not in rows]
    if missing:
        raise AttachmentNotUsable(field="attachments", ids=", ".join(missing))
    return [
        FreeAttachment(id=one, phase=rows[one][1], kind=rows[one][2], has_thumbnail=rows[one][3])
        for one in wanted
    ]


def bind_attachments(
    *, actor: Actor, case_id: int, found: Sequence[FreeAttachment], phase: str | None
) -> None:
    """Give the attachments to the case in the caller's transaction.

    phase : of the act; None keeps the one given at upload
    raises : AttachmentNotUsable when another act took one meanwhile
    """
    if not found:
        return
    ids = [one.id for one in found]
    with connection.cursor() as cursor:
        cursor.execute(_BIND, [case_id, phase, ids, actor.person_id])
        if cursor.rowcount != len(ids):
            raise AttachmentNotUsable(field="attachments", ids=", ".join(ids))


def sweep_attachments(*, at: datetime) -> int:
    """Remove uploads that nobody used and files without a row; return how many files went."""
    return sweep_unused_uploads(at=at) + sweep_folder(FOLDER, at=at, orphans=_orphans)


def sweep_unused_uploads(*, at: datetime) -> int:
    """Remove uploads that no report or act took in time; return how many files went."""
    swept = 0
    before = at - timedelta(hours=setting("cases.unbound_attachment_hours"))
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_UNUSED, [before, _SWEEP_BATCH])
            rows: list[tuple[str, str]] = cursor.fetchall()
        swept += forget_files(key for row in rows for key in row)
        if len(rows) < _SWEEP_BATCH:
            return swept


def _require_uploader(actor: Actor) -> None:
    acts = any(permission.startswith(ACT) for permission in actor.permissions)
    if actor.person_id is None or not (acts or actor.can(REPORT)):
        raise Forbidden(permission=REPORT)


def _check_quota(actor: Actor, size: int) -> None:
    """Refuse what goes beyond the quota; uploads at the same moment may exceed it by their own."""
    limit = setting("cases.upload_day_mb")
    with connection.cursor() as cursor:
        cursor.execute(_UPLOADED, [actor.person_id, now() - QUOTA_SPAN])
        uploaded: int = cursor.fetchone()[0]
    if uploaded + size > limit * MIB:
        raise UploadQuotaReached(field="file", limit=limit)


def _note(actor: Actor, phase: str, kept: KeptFile) -> None:
    row: list[Any] = [kept.id, phase, kept.kind, kept.media_type, kept.name, kept.size]
    row += [kept.sha256, kept.width, kept.height, kept.taken_at, kept.lon, kept.lat]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [*row, kept.key, kept.thumbnail_key, actor.person_id, now()])


def _orphans(keys: list[str]) -> list[str]:
    """Return the keys that belong to no row: by the id in the name, then by the key itself."""
    ids = {key: _id_in(key) for key in keys}
    known = _column(_KNOWN_IDS, [[one for one in ids.values() if one]])
    unsure = [key for key, one in ids.items() if one not in known]
    if not unsure:
        return []
    used = _column(_KNOWN_KEYS, [unsure, unsure])
    return [key for key in unsure if key not in used]


def _id_in(key: str) -> str | None:
    stem = PurePosixPath(key).stem.removesuffix("-thumb")
    try:
        return str(UUID(stem))
    except ValueError:
        return None


def _column(statement: str, values: list[Any]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return {row[0] for row in cursor.fetchall()}
