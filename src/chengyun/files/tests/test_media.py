"""What a file is, told from its content."""

from __future__ import annotations

import io
import zipfile

import pytest

from chengyun.files.rules import media
from chengyun.files.rules.media import Media, recognise


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return buffer.getvalue()


def ftyp(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x20ftyp" + brand + b"\x00\x00\x02\x00isomiso2"


EBML = b"\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1f\x42\x82\x84webm"
KNOWN = {
    "jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF", media.JPEG),
    "png": (b"\x89PNG\r\n\x1a\n\x00\x00", media.PNG),
    "webp": (b"RIFF\x10\x00\x00\x00WEBPVP8 ", media.WEBP),
    "mp3 with a tag": (b"ID3\x04\x00", media.MP3),
    "mp3 without a tag": (b"\xff\xfb\x90\x64", media.MP3),
    "m4a": (ftyp(b"M4A "), media.M4A),
    "ogg opus": (b"OggS\x00\x02" + b"\x00" * 22 + b"OpusHead", media.OGG),
    "ogg vorbis": (b"OggS\x00\x02" + b"\x00" * 22 + b"\x01vorbis", media.OGG),
    "wav": (b"RIFF\x10\x00\x00\x00WAVEfmt ", media.WAV),
    "amr": (b"#!AMR\n\x3c", media.AMR),
    "amr wide band": (b"#!AMR-WB\n", media.AMR),
    "mp4": (ftyp(b"isom"), media.MP4),
    "mp4 of a phone": (ftyp(b"mp42"), media.MP4),
    "3gp": (ftyp(b"3gp5"), media.MP4),
    "mov": (ftyp(b"qt  "), media.MOV),
    "webm": (EBML + b"V_VP8 A_OPUS", media.WEBM),
    "webm recorded voice": (EBML + b"A_OPUS", media.WEBM_AUDIO),
    "pdf": (b"%PDF-1.7\n", media.PDF),
    "docx": (archive("[Content_Types].xml", "word/document.xml"), media.DOCX),
    "xlsx": (archive("[Content_Types].xml", "xl/workbook.xml"), media.XLSX),
}
UNKNOWN = {
    "empty": b"",
    "text": b"hello",
    "html": b"<html><script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "program": b"\x7fELF\x02",
    "windows program": b"MZ\x90\x00",
    "zip": archive("a.txt"),
    "docx with macros": archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    "broken zip": b"PK\x03\x04 and nothing more",
    "ogg video": b"OggS\x00\x02\x80theora",
    "heic": ftyp(b"heic"),
    "riff of another kind": b"RIFF\x10\x00\x00\x00AVI ",
    "utf-16 text": b"\xff\xfea\x00b\x00",
    "matroska": b"\x1a\x45\xdf\xa3\x01\x00matroska",
}


@pytest.mark.parametrize(("data", "expected"), KNOWN.values(), ids=KNOWN.keys())
def test_known_content_is_recognised(data: bytes, expected: Media) -> None:
    file = io.BytesIO(data)
    file.seek(2)
    assert recognise(file) == expected
    assert file.tell() == 0


@pytest.mark.parametrize("data", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_anything_else_is_not(data: bytes) -> None:
    assert recognise(io.BytesIO(data)) is None
