"""Sending kept files: by range, with an ETag, and so that a browser runs nothing of them."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from chengyun.files.queries import file_store
from chengyun.files.rules.byte_range import bytes_asked
from chengyun.files.rules.storage import StoredFileMissing

THUMBNAIL_TYPE: Final = "image/webp"
_CACHE: Final = "private, max-age=3600"
_POLICY: Final = "default-src 'none'; sandbox"
Answer = TypeVar("Answer", bound=HttpResponseBase)
_SHOWN_INLINE: Final = {"photo", "audio", "video"}


@dataclass(frozen=True, kw_only=True, slots=True)
class SentFile:
    """What a row tells of a kept file: see operations.KeptFile."""

    key: str
    kind: str
    media_type: str
    size: int
    sha256: str
    name: str


def file_answer(request: HttpRequest, file: SentFile) -> HttpResponseBase:
    """Send the file, or the asked range of it; pictures and sound inline, documents as downloads.

    raises : StoredFileMissing, StorageNotReachable, RangeNotSatisfiable
    """
    etag = f'"{file.sha256}"'
    if _is_fresh(request, etag):
        return _headed(HttpResponse(status=HTTPStatus.NOT_MODIFIED), etag)
    wanted = None
    if request.headers.get("If-Range", etag) == etag:
        wanted = bytes_asked(request.headers.get("Range", ""), file.size)
    response = _headed(_sent(file, wanted), etag)
    way = "inline" if file.kind in _SHOWN_INLINE else "attachment"
    name = file.name or file.key.rpartition("/")[2]
    response["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(name, safe='')}"
    return response


def thumbnail_answer(request: HttpRequest, *, key: str, sha256: str) -> HttpResponseBase:
    """Send the small picture of a photo.

    sha256 : of the photo
    raises : StoredFileMissing (also where there is none: key ''), StorageNotReachable
    """
    if not key:
        raise StoredFileMissing
    etag = f'"{sha256}-thumbnail"'
    if _is_fresh(request, etag):
        return _headed(HttpResponse(status=HTTPStatus.NOT_MODIFIED), etag)
    picture = b"".join(file_store().read(key))
    return _headed(HttpResponse(picture, content_type=THUMBNAIL_TYPE), etag)


def as_download(response: Answer, name: str) -> Answer:
    """Return an answer that a browser saves under `name`, never keeps and never sniffs."""
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _sent(file: SentFile, wanted: tuple[int, int] | None) -> HttpResponseBase:
    start, length = wanted or (0, file.size)
    chunks = file_store().read(file.key, start=start, length=length)
    response = StreamingHttpResponse(chunks, content_type=file.media_type)
    response["Content-Length"] = str(length)
    response["Accept-Ranges"] = "bytes"
    if wanted:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {start}-{start + length - 1}/{file.size}"
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
