"""Keeping uploads: nothing of them is believed but their bytes.

A file is kept before the row that names it is written, and forgotten after that row: a crash
leaves at most a file without a row, which `sweep_folder` finds.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import PurePath
from typing import IO, Final
from uuid import UUID, uuid4

from chengyun.administration.queries import setting, time_zone
from chengyun.files.queries import file_store
from chengyun.files.rules.faults import FileTooLarge, MediaNotSupported
from chengyun.files.rules.media import KINDS, Media, MediaKind, recognise
from chengyun.files.rules.photos import CleanPhoto, clean_photo
from chengyun.files.rules.storage import CHUNK_BYTES
from chengyun.kernel.clock import now

MIB: Final = 1024 * 1024
NAME_LENGTH: Final = 120
CLOCK_SLACK: Final = timedelta(minutes=10)
ORPHAN_AFTER: Final = timedelta(days=1)
_MILLION: Final = 1_000_000
_SWEEP_BATCH: Final = 500
_IMAGES: Final[tuple[MediaKind, ...]] = ("photo",)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptFile:
    """A file that lies in the storage, as a row may tell of it.

    id : also in the key
    thumbnail_key : of the small picture of a photo (WebP, at most 320 px), '' without one
    width, height, taken_at, lon, lat : of a photo; position in WGS 84 [degrees] where it says one
    """

    id: UUID
    kind: MediaKind
    media_type: str
    name: str
    size: int
    sha256: str
    key: str
    thumbnail_key: str = ""
    width: int | None = None
    height: int | None = None
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


def checked_media(file: IO[bytes], *, size: int, kinds: Collection[MediaKind] = KINDS) -> Media:
    """Return what the content is; its size is held against the limit of its kind.

    kinds : those that are taken
    raises : MediaNotSupported, FileTooLarge
    """
    media = recognise(file) if size else None
    if media is None or media.kind not in kinds:
        raise MediaNotSupported(field="file")
    limit = setting(f"cases.{media.kind}_max_mb")
    if size > limit * MIB:
        raise FileTooLarge(field="file", limit=limit)
    return media


def keep_file(file: IO[bytes], *, media: Media, folder: str, name: str = "") -> KeptFile:
    """Keep a checked upload under `folder`; a photo is encoded anew, without its metadata.

    name : as the sender calls it, only kept to be shown
    raises : PhotoNotReadable, PhotoTooManyPixels, StorageNotReachable
    """
    photo = _clean(file, media) if media.kind == "photo" else None
    made, store = uuid4(), file_store()
    stem = f"{folder}/{now():%Y/%m/%d}/{made}"
    key, thumbnail_key = f"{stem}.{media.extension}", ""
    content: IO[bytes] = io.BytesIO(photo.data) if photo else file
    size, digest = measured(content)
    store.put(key, content)
    if photo:
        thumbnail_key = f"{stem}-thumb.webp"
        store.put(thumbnail_key, io.BytesIO(photo.thumbnail))
    return KeptFile(
        id=made,
        kind=media.kind,
        media_type=media.media_type,
        name=plain_name(name, longest=NAME_LENGTH),
        size=size,
        sha256=digest,
        key=key,
        thumbnail_key=thumbnail_key,
        width=photo.width if photo else None,
        height=photo.height if photo else None,
        taken_at=photo.taken_at if photo else None,
        lon=photo.lon if photo else None,
        lat=photo.lat if photo else None,
    )


def keep_image(file: IO[bytes], *, size: int, folder: str, name: str = "") -> KeptFile:
    """Check and keep a photo under `folder`, with its thumbnail.

    raises : MediaNotSupported, FileTooLarge, PhotoNotReadable, PhotoTooManyPixels,
        StorageNotReachable
    """
    media = checked_media(file, size=size, kinds=_IMAGES)
    return keep_file(file, media=media, folder=folder, name=name)


def forget_files(keys: Iterable[str]) -> int:
    """Remove files; return how many. '' is passed over, a file that is not there is no error."""
    store, count = file_store(), 0
    for key in filter(None, keys):
        store.delete(key)
        count += 1
    return count


def sweep_folder(folder: str, *, at: datetime, orphans: Callable[[list[str]], list[str]]) -> int:
    """Remove the files under `folder` that are a day old and belong to no row; return how many.

    orphans : returns those of some keys that no row names
    """
    swept = 0
    files = file_store().files(folder)
    old = (file.key for file in files if file.modified_at < at - ORPHAN_AFTER)
    while batch := list(islice(old, _SWEEP_BATCH)):
        swept += forget_files(orphans(batch))
    return swept


def measured(file: IO[bytes]) -> tuple[int, str]:
    """Return the size [bytes] and the SHA-256 in hex; the file's position is the start then."""
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
    file.seek(0)
    return size, digest.hexdigest()


def plain_name(name: str, *, longest: int) -> str:
    """Return the file's own name without folders, control and direction marks."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(sign for sign in last if sign.isprintable())[-longest:]


def _clean(file: IO[bytes], media: Media) -> CleanPhoto:
    return clean_photo(
        file,
        media,
        max_pixels=setting("cases.photo_max_megapixels") * _MILLION,
        zone=time_zone(),
        no_later_than=now() + CLOCK_SLACK,
    )
