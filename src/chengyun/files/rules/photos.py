"""Reading a photo, keeping what it proves (position, time), and dropping everything else."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import IO, Any

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from chengyun.files.rules.media import Media
from chengyun.kernel.errors import Fault

THUMBNAIL_SIDE = 320
JPEG_QUALITY = 88
MAX_LAT, MAX_LON = 90, 180
_FORMATS = ("JPEG", "PNG", "WEBP")
_FORMAT_OF = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


class PhotoNotReadable(Fault):
    """The file begins like a photo, but is broken."""

    code = "photo_not_readable"
    zh = "照片文件已损坏或不完整，请重新拍摄或上传。"
    en = "The photo is broken or incomplete. Take it or upload it again."


class PhotoTooManyPixels(Fault):
    """The picture would fill the memory when unpacked."""

    code = "photo_too_many_pixels"
    zh = "照片为 {width}×{height} 像素，超过上限 {limit} 万像素。请降低分辨率后上传。"
    en = "The photo has {width}×{height} pixels, over the limit of {limit}×10⁴. Reduce it first."


@dataclass(frozen=True, kw_only=True)
class CleanPhoto:
    """A photo without metadata, upright, with what its metadata said.

    lon, lat : WGS 84, as the device wrote them; None where it wrote none
    taken_at : aware; the device's own offset, else the platform's zone
    """

    data: bytes
    thumbnail: bytes
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None


def clean_photo(
    file: IO[bytes], media: Media, *, max_pixels: int, zone: tzinfo, no_later_than: datetime
) -> CleanPhoto:
    """Decode the whole photo, turn it upright, encode it anew without any metadata.

    zone : of a time that the device wrote without an offset
    no_later_than : a later time taken is a wrong device clock and is dropped
    raises : PhotoNotReadable, PhotoTooManyPixels
    """
    try:
        with Image.open(file, formats=_FORMATS) as image:
            _check_pixels(image.size, max_pixels)
            exif = image.getexif()
            upright = ImageOps.exif_transpose(image)
            upright.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoTooManyPixels(width="?", height="?", limit=max_pixels // 10_000) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise PhotoNotReadable from error
    place = position_in(exif.get_ifd(ExifTags.IFD.GPSInfo))
    taken_at = time_in(exif.get_ifd(ExifTags.IFD.Exif), zone)
    return CleanPhoto(
        data=_encode(upright, _FORMAT_OF[media.media_type]),
        thumbnail=_thumbnail(upright),
        width=upright.width,
        height=upright.height,
        taken_at=taken_at if taken_at and taken_at <= no_later_than else None,
        lon=place[0] if place else None,
        lat=place[1] if place else None,
    )


def position_in(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    """Return (lon, lat) in degrees from an EXIF GPS block, or None without a sound position."""
    tags = ExifTags.GPS
    lat = _degrees(gps.get(tags.GPSLatitude), negative=gps.get(tags.GPSLatitudeRef) == "S")
    lon = _degrees(gps.get(tags.GPSLongitude), negative=gps.get(tags.GPSLongitudeRef) == "W")
    if lat is None or lon is None or abs(lat) > MAX_LAT or abs(lon) > MAX_LON:
        return None
    nowhere = lat == 0 and lon == 0
    return None if nowhere else (lon, lat)


def time_in(exif: Mapping[int, Any], zone: tzinfo) -> datetime | None:
    """Return when the photo was taken, aware, or None where the device did not say."""
    text = str(exif.get(ExifTags.Base.DateTimeOriginal) or "").strip("\x00 ")
    offset = _offset(str(exif.get(ExifTags.Base.OffsetTimeOriginal) or "").strip("\x00 "))
    try:
        local = datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=offset or zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _check_pixels(size: tuple[int, int], max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise PhotoTooManyPixels(width=size[0], height=size[1], limit=max_pixels // 10_000)


def _encode(image: Image.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    if form == "JPEG":
        _opaque(image).save(buffer, "JPEG", quality=JPEG_QUALITY)
    elif form == "WEBP":
        _bare(image).save(buffer, "WEBP", quality=JPEG_QUALITY, method=3)
    else:
        _bare(image).save(buffer, "PNG")
    return buffer.getvalue()


def _thumbnail(image: Image.Image) -> bytes:
    small = _opaque(image)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=78, method=3)
    return buffer.getvalue()


def _opaque(image: Image.Image) -> Image.Image:
    """Return a copy in plain RGB, on white where it was transparent."""
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    copy = image.convert("RGB") if image.mode != "RGB" else image.copy()
    copy.info.clear()
    return copy


def _bare(image: Image.Image) -> Image.Image:
    """Return a copy without comments, profiles or other blocks; transparency is kept."""
    alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    copy = image.convert("RGBA" if alpha else "RGB")
    copy.info.clear()
    return copy


def _degrees(parts: Any, *, negative: bool) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value):
        return None
    return -value if negative else value


def _offset(text: str) -> timezone | None:
    sign = {"+": 1, "-": -1}.get(text[:1])
    hours, _, minutes = text[1:].partition(":")
    if sign is None or not (hours.isdigit() and minutes.isdigit()):
        return None
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(sign * shift) if shift < timedelta(hours=24) else None
