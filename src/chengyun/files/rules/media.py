"""What a file is, told from its content: names and declared media types are never believed."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Final, Literal

MediaKind = Literal["photo", "audio", "video", "document"]
KINDS: Final[tuple[MediaKind, ...]] = ("photo", "audio", "video", "document")
HEAD_BYTES = 4096
MAX_ZIP_ENTRIES = 20_000

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Media:
    """A kind of file that is taken."""

    kind: MediaKind
    media_type: str
    extension: str


JPEG = Media("photo", "image/jpeg", "jpg")
PNG = Media("photo", "image/png", "png")
WEBP = Media("photo", "image/webp", "webp")
MP3 = Media("audio", "audio/mpeg", "mp3")
M4A = Media("audio", "audio/mp4", "m4a")
OGG = Media("audio", "audio/ogg", "ogg")
WAV = Media("audio", "audio/wav", "wav")
AMR = Media("audio", "audio/amr", "amr")
WEBM_AUDIO = Media("audio", "audio/webm", "weba")
MP4 = Media("video", "video/mp4", "mp4")
MOV = Media("video", "video/quicktime", "mov")
WEBM = Media("video", "video/webm", "webm")
PDF = Media("document", "application/pdf", "pdf")
DOCX = Media("document", _WORD, "docx")
XLSX = Media("document", _SHEET, "xlsx")

_AUDIO_BRANDS = {b"M4A ", b"M4B ", b"M4P "}
_MPEG_SYNC, _RESERVED_VERSION, _LAYER_III, _BAD_RATE = 0b111_1111_1111, 0b01, 0b01, 0b1111
_VIDEO_BRANDS = (b"iso", b"mp4", b"avc", b"M4V", b"3gp", b"3g2", b"dash", b"MSNV", b"mmp4")


def recognise(file: IO[bytes]) -> Media | None:
    """Return what `file` holds, or None where it is nothing that is taken.

    file : seekable; its position afterwards is the start
    source : the formats' own specifications; the choice of formats is ours
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    for test in _TESTS:
        found = test(head)
        if found is not None:
            return found
    return _office(file) if head.startswith(b"PK\x03\x04") else None


def _simple(head: bytes) -> Media | None:
    for signature, media in _SIGNATURES:
        if head.startswith(signature):
            return media
    return None


def _riff(head: bytes) -> Media | None:
    if head[:4] != b"RIFF":
        return None
    return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])


def _mpeg_audio(head: bytes) -> Media | None:
    """A frame header: eleven bits of sync, a real version, layer III, a real bit rate."""
    header = int.from_bytes(head[:4].ljust(4, b"\x00"))
    version, layer, rate = header >> 19 & 0b11, header >> 17 & 0b11, header >> 12 & 0b1111
    in_sync = header >> 21 == _MPEG_SYNC
    sound = version != _RESERVED_VERSION and layer == _LAYER_III and 0 < rate < _BAD_RATE
    return MP3 if in_sync and sound else None


def _ogg(head: bytes) -> Media | None:
    if head[:4] != b"OggS":
        return None
    sound = b"OpusHead" in head or b"\x01vorbis" in head or b"Speex   " in head
    return OGG if sound and b"theora" not in head else None


def _iso_media(head: bytes) -> Media | None:
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand in _AUDIO_BRANDS:
        return M4A
    if brand == b"qt  ":
        return MOV
    return MP4 if brand.startswith(_VIDEO_BRANDS) else None


def _webm(head: bytes) -> Media | None:
    if head[:4] != b"\x1a\x45\xdf\xa3" or b"webm" not in head[:64]:
        return None
    pictures = b"V_VP" in head or b"V_AV1" in head
    if pictures:
        return WEBM
    return WEBM_AUDIO if b"A_OPUS" in head or b"A_VORBIS" in head else None


def _office(file: IO[bytes]) -> Media | None:
    """A Word or Excel file without macros; only the table of contents is read."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    finally:
        file.seek(0)
    macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    if macros or len(names) > MAX_ZIP_ENTRIES or "[Content_Types].xml" not in names:
        return None
    if "word/document.xml" in names:
        return DOCX
    return XLSX if "xl/workbook.xml" in names else None


_SIGNATURES: tuple[tuple[bytes, Media], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"ID3", MP3),
    (b"#!AMR\n", AMR),
    (b"#!AMR-WB\n", AMR),
    (b"%PDF-", PDF),
)
_TESTS: tuple[Callable[[bytes], Media | None], ...] = (
    _simple,
    _riff,
    _ogg,
    _iso_media,
    _webm,
    _mpeg_audio,
)
