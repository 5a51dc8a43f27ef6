"""Files that want to do harm, for the tests of every door that takes files."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from chengyun.intake.tests.workbooks import workbook

HEAD = b"code,type,name,initial_on\n"


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inner in files.items():
            archive.writestr(name.replace("__", "."), inner)
    return content.getvalue()


def claiming(content: bytes, size: int) -> bytes:
    """Return a zip whose directory says that each of its files is so large when unpacked."""
    found, at = bytearray(content), 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        found[at + 24 : at + 28] = struct.pack("<I", size)
        at += 4
    return bytes(found)


def rewritten(book: bytes, name: str, inner: bytes) -> bytes:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as old,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in {*old.namelist(), name}:
            new.writestr(one, inner if one == name else old.read(one))
    return content.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that says it is so large, and holds next to nothing."""

    def block(kind: bytes, data: bytes) -> bytes:
        checked = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checked

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = block(b"IHDR", header) + block(b"IDAT", zlib.compress(b"\x00" * 1000))
    return b"\x89PNG\r\n\x1a\n" + body + block(b"IEND", b"")


BOOK = workbook([["code", "type", "name", "initial_on"], ["1", "2", "3", "4"]])
BOMB_XML = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(
        f'<!ENTITY {two} "{f"&{one};" * 10}">'.encode()
        for one, two in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + b"]>"
)
KML = BOMB_XML + b"<kml><Document><name>&j;</name></Document></kml>"
SHAPE = zipped(a__shp=b"\x00\x00\x27\x0a" + b"\x00" * 96, a__dbf=b"\x03" + b"\x00" * 60)
DEEP = b'{"type":"FeatureCollection","features":[' + b"[" * 500_000
HUGE_NUMBER = (
    b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":'
    + b"9" * 10_000
    + b"}}]}"
)
NAN = b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":NaN}}]}'
FILES: dict[str, bytes] = {
    "nothing": b"",
    "noise": bytes(range(256)) * 40,
    "nuls": b"\x00" * 5000,
    "utf_16": "code,type,name,initial_on\n1,2,3,4\n".encode("utf-16"),
    "one_line_without_end": HEAD + b'1,2,"' + b"x" * 5_000_000,
    "gzip_bomb": gzip.compress(b"," * 5_000_000, 9),
    "gzip_cut": gzip.compress(HEAD * 5000)[:-40],
    "countless_columns": b"," * 100_000 + b"\n",
    "book_bomb": claiming(BOOK, 1_500_000_000),
    "book_held": rewritten(BOOK, "xl/sharedStrings.xml", b" " * 65 * 1024**2),
    "book_entities": rewritten(BOOK, "xl/worksheets/sheet1.xml", BOMB_XML + b"<worksheet/>"),
    "book_strings_entities": rewritten(
        BOOK, "xl/workbook.xml", BOMB_XML + b"<workbook>&j;</workbook>"
    ),
    "zip_in_zip": zipped(a__zip=zipped(b__zip=b"x")),
    "zip_out_of_its_folder": zipped(**{"../../etc/passwd": HEAD, "x__csv": HEAD}),
    "shape_bomb": claiming(SHAPE, 1_500_000_000),
    "shape_of_nothing": SHAPE,
    "geopackage_of_noise": b"SQLite format 3\x00" + b"\xff" * 4000,
    "json_deep": DEEP,
    "json_huge_number": HUGE_NUMBER,
    "json_not_a_number": NAN,
    "json_cut": b'{"type":"FeatureCollection","features":[{"type":',
    "kml_entities": KML,
    "kmz_entities": zipped(doc__kml=KML),
    "polyglot": b"GIF89a" + zipped(a__csv=HEAD),
    "old_excel": b"\xd0\xcf\x11\xe0" + b"\x00" * 600,
    "png_bomb": png_of(60_000, 60_000),
    "html": b"<!doctype html><script>alert(1)</script>",
}


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def is_clear(answer: Any) -> bool:
    return 400 <= answer.status_code < 500 and bool(answer.json()["code"])
