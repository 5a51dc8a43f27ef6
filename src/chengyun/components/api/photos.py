"""Routes of photos: of a component, of a finding; their files."""

from __future__ import annotations

from typing import IO, Annotated, Any, Final, cast
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import File, Router, Schema
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.components.api.shapes import ComponentPhotoOut, Id, Strict
from chengyun.components.operations import photos
from chengyun.components.queries import photos as queries
from chengyun.files.http import SentFile, file_answer, thumbnail_answer

router = Router(tags=["components"])

DeviceKey = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
_PICTURE: Final = {"schema": {"type": "string", "format": "binary"}}


def _answer(*types: str) -> dict[str, Any]:
    content = dict.fromkeys(types, _PICTURE)
    return {"responses": {200: {"description": "the picture", "content": content}}}


class ComponentPhotos(Schema):
    """Photos in order; `next` is always null."""

    items: list[ComponentPhotoOut]
    next: str | None


class ComponentPhotoMade(Schema):
    """The id of a photo that was kept."""

    id: str


class ComponentPhotoOrder(Strict):
    """Every photo of the component, in the new order."""

    photos: Annotated[list[UUID], Field(max_length=photos.MOST)]


@router.get("/{int:component_id}/photos", response=ComponentPhotos, summary="List photos")
def list_photos(request: HttpRequest, component_id: Id) -> dict[str, Any]:
    """Return the photos of a component in order."""
    items = queries.list_photos(actor=actor_of(request), component_id=component_id)
    return {"items": items, "next": None}


@router.post("/{int:component_id}/photos", response={201: ComponentPhotos}, summary="Add a photo")
def add_photo(
    request: HttpRequest, component_id: Id, file: Annotated[UploadedFile, File()]
) -> Status[dict[str, Any]]:
    """Keep a photo of a component, without its metadata; answers with all of them."""
    actor = actor_of(request)
    photos.add_photo(actor=actor, component_id=component_id, **_upload(file))
    items = queries.list_photos(actor=actor, component_id=component_id)
    return Status(201, {"items": items, "next": None})


@router.put("/{int:component_id}/photos", response=ComponentPhotos, summary="Order photos")
def order_photos(
    request: HttpRequest, component_id: Id, body: ComponentPhotoOrder
) -> dict[str, Any]:
    """Put the photos of a component in order."""
    actor = actor_of(request)
    photos.order_photos(actor=actor, component_id=component_id, photo_ids=body.photos)
    return {"items": queries.list_photos(actor=actor, component_id=component_id), "next": None}


@router.post(
    "/census/tasks/{int:task_id}/findings/{key}/photos",
    response={201: ComponentPhotoMade},
    summary="Add a photo of a finding",
)
def add_finding_photo(
    request: HttpRequest, task_id: Id, key: DeviceKey, file: Annotated[UploadedFile, File()]
) -> Status[dict[str, Any]]:
    """Keep a photo of a finding; with its acceptance it becomes the component's."""
    made = photos.add_finding_photo(
        actor=actor_of(request), task_id=task_id, key=key, **_upload(file)
    )
    return Status(201, {"id": str(made)})


@router.get(
    "/photos/{uuid:photo_id}",
    summary="Photo",
    openapi_extra=_answer("image/jpeg", "image/png", "image/webp"),
)
def read_photo(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """Send a photo, or the asked range of it."""
    row = queries.require_photo(actor=actor_of(request), photo_id=photo_id)
    sent = SentFile(
        key=row.storage_key,
        kind="photo",
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        name=row.name,
    )
    return file_answer(request, sent)


@router.get(
    "/photos/{uuid:photo_id}/thumbnail", summary="Thumbnail", openapi_extra=_answer("image/webp")
)
def read_thumbnail(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """Send the small picture of a photo."""
    row = queries.require_photo(actor=actor_of(request), photo_id=photo_id)
    return thumbnail_answer(request, key=row.thumbnail_key, sha256=row.sha256)


@router.delete("/photos/{uuid:photo_id}", response={204: None}, summary="Take a photo away")
def remove_photo(request: HttpRequest, photo_id: UUID) -> Status[None]:
    """Take a photo away, and its file."""
    photos.remove_photo(actor=actor_of(request), photo_id=photo_id)
    return Status(204, None)


def _upload(file: UploadedFile) -> dict[str, Any]:
    return {
        "file": cast(IO[bytes], file.file),
        "size": file.size or 0,
        "name": file.name or "",
    }
