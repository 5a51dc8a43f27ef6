"""Photos lose their metadata and keep what it proves."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from chengyun.files.rules import media
from chengyun.files.rules.media import Media
from chengyun.files.rules.photos import (
    CleanPhoto,
    PhotoNotReadable,
    PhotoTooManyPixels,
    clean_photo,
    position_in,
    time_in,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def photo(form: str = "JPEG", *, size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    image = Image.new(options.pop("mode", "RGB"), size, options.pop("color", (200, 30, 30)))
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def exif(
    *, taken: str = "2026:11:23 13:30:00", offset: str = "", orientation: int = 1
) -> Image.Exif:
    block = Image.Exif()
    block[ExifTags.Base.Make] = "Phone of somebody"
    block[ExifTags.Base.Orientation] = orientation
    inner = block.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        inner[ExifTags.Base.OffsetTimeOriginal] = offset
    block.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (IFDRational(31), IFDRational(12), IFDRational(360, 10)),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (IFDRational(121), IFDRational(30), IFDRational(0)),
        }
    )
    return block


def clean(data: bytes, kind: Media = media.JPEG, *, max_pixels: int = 50_000_000) -> CleanPhoto:
    return clean_photo(
        io.BytesIO(data), kind, max_pixels=max_pixels, zone=SHANGHAI, no_later_than=NOW
    )


def test_position_and_time_are_read_and_nothing_of_them_stays_in_the_file() -> None:
    found = clean(photo(exif=exif(), comment=b"secret"))
    assert found.lon == 121.5
    assert found.lat == pytest.approx(31.21)
    assert found.taken_at == datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
    with Image.open(io.BytesIO(found.data)) as again:
        assert dict(again.getexif()) == {}
        assert again.format == "JPEG"
    assert b"secret" not in found.data
    assert b"somebody" not in found.data


def test_the_devices_own_offset_wins() -> None:
    found = clean(photo(exif=exif(taken="2026:11:23 05:30:00", offset="+05:30")))
    assert found.taken_at == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def test_a_time_in_the_future_is_a_wrong_device_clock() -> None:
    assert clean(photo(exif=exif(taken="2031:01:01 00:00:00"))).taken_at is None


def test_a_sideways_photo_is_turned_upright() -> None:
    found = clean(photo(size=(640, 480), exif=exif(orientation=6)))
    assert (found.width, found.height) == (480, 640)


def test_the_thumbnail_is_small_and_keeps_the_shape() -> None:
    found = clean(photo(size=(1600, 800)))
    with Image.open(io.BytesIO(found.thumbnail)) as small:
        assert (small.format, small.size) == ("WEBP", (320, 160))


@pytest.mark.parametrize(
    ("form", "kind", "mode"),
    [
        ("PNG", media.PNG, "RGBA"),
        ("PNG", media.PNG, "P"),
        ("PNG", media.PNG, "1"),
        ("WEBP", media.WEBP, "RGB"),
        ("JPEG", media.JPEG, "L"),
        ("JPEG", media.JPEG, "CMYK"),
    ],
)
def test_every_usual_mode_is_taken(form: str, kind: Media, mode: str) -> None:
    found = clean(photo(form, mode=mode, color=0, size=(20, 10)), kind)
    with Image.open(io.BytesIO(found.data)) as again:
        assert (again.format, again.size) == (form, (20, 10))


def test_too_many_pixels_are_refused_before_unpacking() -> None:
    with pytest.raises(PhotoTooManyPixels) as refusal:
        clean(photo(size=(1000, 1001)), max_pixels=1_000_000)
    assert "1000" in refusal.value.text("zh")


def test_a_decompression_bomb_is_refused() -> None:
    bomb = photo("PNG", mode="1", color=0, size=(20_000, 20_000))
    assert len(bomb) < 200_000
    with pytest.raises(PhotoTooManyPixels):
        clean(bomb, media.PNG)


@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0 nothing", photo()[:900], photo("PNG")[:60]])
def test_a_broken_photo_is_refused(data: bytes) -> None:
    with pytest.raises(PhotoNotReadable):
        clean(data)


@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")  # Pillow warns of damaged metadata
@settings(max_examples=200)
@given(st.binary(max_size=60), st.integers(0, 899))
def test_no_damage_gives_another_error(noise: bytes, at: int) -> None:
    data = photo(size=(64, 64), exif=exif())
    try:
        clean(data[:at] + noise + data[at + len(noise) :])
    except (PhotoNotReadable, PhotoTooManyPixels):
        return


@pytest.mark.parametrize(
    "gps",
    [
        {},
        {2: ("a", "b", "c"), 4: (1, 2, 3)},
        {2: (91, 0, 0), 4: (10, 0, 0)},
        {2: (0, 0, 0), 4: (0, 0, 0)},
        {2: (IFDRational(1, 0), 0, 0), 4: (10, 0, 0)},
        {2: 5, 4: 6},
    ],
)
def test_an_unsound_position_is_none(gps: dict[int, Any]) -> None:
    assert position_in(gps) is None


def test_the_south_and_the_west_are_negative() -> None:
    found = position_in({1: "S", 2: (10, 30, 0), 3: "W", 4: (20, 0, 36)})
    assert found is not None
    assert found[0] == pytest.approx(-20.01)
    assert found[1] == -10.5


@pytest.mark.parametrize("text", ["", "0000:00:00 00:00:00", "yesterday", "2026:13:01 00:00:00"])
def test_an_unsound_time_is_none(text: str) -> None:
    assert time_in({ExifTags.Base.DateTimeOriginal: text}, SHANGHAI) is None
