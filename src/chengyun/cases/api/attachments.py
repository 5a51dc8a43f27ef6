"""Routes of attachments: upload, download, thumbnail."""

from __future__ import annotations

from typing import IO, Annotated, Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import File, Form, Router
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import StringConstraints

from chengyun.administration.http import actor_of
from chengyun.cases.api.case_shapes import FileOut
from chengyun.cases.operations.attachments import Upload, store_attachment
from chengyun.cases.queries.attachments import get_attachment
from chengyun.files.http import SentFile, file_answer, thumbnail_answer

router = Router(tags=["attachments"])

Phase = Annotated[str, StringConstraints(max_length=12)]


class AttachmentOut(FileOut):
    """An attachment, with the id of who uploaded it."""

    by: int | None


@router.post("", response={201: AttachmentOut}, summary="Upload")
def upload(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    phase: Annotated[Phase, Form("report")] = "report",
) -> Status[dict[str, Any]]:
    """Keep a photo, audio, video or document until a report or an act takes it."""
    actor = actor_of(request)
    given = Upload(
        file=cast(IO[bytes], file.file), size=file.size or 0, name=file.name or "", phase=phase
    )
    made = store_attachment(actor=actor, upload=given)
    return Status(201, get_attachment(actor=actor, attachment_id=made).as_data())


@router.get("/{uuid:attachment_id}", summary="Download")
def download(request: HttpRequest, attachment_id: UUID) -> HttpResponseBase:
    """Send the file, or the asked range of it."""
    row = get_attachment(actor=actor_of(request), attachment_id=attachment_id)
    sent = SentFile(
        key=row.storage_key,
        kind=row.kind,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        name=row.name,
    )
    return file_answer(request, sent)


@router.get("/{uuid:attachment_id}/thumbnail", summary="Thumbnail")
def thumbnail(request: HttpRequest, attachment_id: UUID) -> HttpResponseBase:
    """Send the small picture of a photo."""
    row = get_attachment(actor=actor_of(request), attachment_id=attachment_id)
    return thumbnail_answer(request, key=row.thumbnail_key, sha256=row.sha256)
