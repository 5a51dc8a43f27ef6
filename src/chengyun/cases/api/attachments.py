"""Routes of attachments: upload, download, thumbnail."""

from __future__ import annotations

from http import HTTPStatus
from typing import IO, Annotated, Any, cast
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import File, Form, Router
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import StringConstraints

from chengyun.administration.http import actor_of
from chengyun.cases.adapters.chosen_storage import file_store
from chengyun.cases.adapters.storage import StoredFileMissing
from chengyun.cases.api.case_shapes import FileOut
from chengyun.cases.operations.attachments import Upload, store_attachment
from chengyun.cases.queries.attachments import AttachmentRow, get_attachment
from chengyun.cases.rules.byte_range import bytes_asked

router = Router(tags=["attachments"])

THUMBNAIL_TYPE = "image/webp"
_CACHE = "private, max-age=3600"
_POLICY = "default-src 'none'; sandbox"
_SHOWN_INLINE = {"photo", "audio", "video"}
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
    etag = f'"{row.sha256}"'
    if _is_fresh(request, etag):
        return _headed(HttpResponse(status=HTTPStatus.NOT_MODIFIED), etag)
    wanted = None
    if request.headers.get("If-Range", etag) == etag:
        wanted = bytes_asked(request.headers.get("Range", ""), row.size)
    return _named(_headed(_sent(row, wanted), etag), row)


@router.get("/{uuid:attachment_id}/thumbnail", summary="Thumbnail")
def thumbnail(request: HttpRequest, attachment_id: UUID) -> HttpResponseBase:
    """Send the small picture of a photo."""
    row = get_attachment(actor=actor_of(request), attachment_id=attachment_id)
    if not row.thumbnail_key:
        raise StoredFileMissing
    etag = f'"{row.sha256}-thumbnail"'
    if _is_fresh(request, etag):
        return _headed(HttpResponse(status=HTTPStatus.NOT_MODIFIED), etag)
    picture = b"".join(file_store().read(row.thumbnail_key))
    return _headed(HttpResponse(picture, content_type=THUMBNAIL_TYPE), etag)


def _sent(row: AttachmentRow, wanted: tuple[int, int] | None) -> HttpResponseBase:
    start, length = wanted or (0, row.size)
    chunks = file_store().read(row.storage_key, start=start, length=length)
    response = StreamingHttpResponse(chunks, content_type=row.media_type)
    response["Content-Length"] = str(length)
    response["Accept-Ranges"] = "bytes"
    if wanted:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {start}-{start + length - 1}/{row.size}"
    return response


def _is_fresh(request: HttpRequest, etag: str) -> bool:
    known = request.headers.get("If-None-Match", "")
    return known.strip() == "*" or etag in [one.strip() for one in known.split(",")]


def _headed(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    response["Cache-Control"] = _CACHE
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _POLICY
    return response


def _named(response: HttpResponseBase, row: AttachmentRow) -> HttpResponseBase:
    way = "inline" if row.kind in _SHOWN_INLINE else "attachment"
    extension = row.storage_key.rpartition(".")[2]
    name = row.name or f"{row.id}.{extension}"
    response["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(name, safe='')}"
    return response
