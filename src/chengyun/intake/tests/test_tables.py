"""Tables that want to do harm, and what a file is by its content."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from chengyun.intake.adapters import archives, sheets
from chengyun.intake.queries.opening import open_source
from chengyun.intake.queries.shipped import mapping_from
from chengyun.intake.rules import source
from chengyun.intake.rules.cells import harmless
from chengyun.intake.rules.source import Layout, TableUnreadable
from chengyun.intake.tests.builders import columns_of, rows_of
from chengyun.intake.tests.workbooks import workbook

KINDS = ("cases", "standards")
PAGE = Path(__file__).parents[4] / "docs" / "howto" / "import.md"


def made(folder: Path, content: bytes, name: str = "a") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def changed(content: bytes, name: str, inner: bytes) -> bytes:
    """Return a workbook with one of its parts put in place of another."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.namelist():
            new.writestr(one, inner if one == name else old.read(one))
    return target.getvalue()


def test_what_a_file_is_its_content_says(tmp_path: Path) -> None:
    path = made(tmp_path, workbook([["甲", "乙"], [1, 2]]))
    assert rows_of(path) == [(1, {"甲": "1", "乙": "2"})]
    assert open_source(path, Layout()).counted() == 1


def test_rows_are_counted_from_the_heading_on_empty_ones_too(tmp_path: Path) -> None:
    path = made(tmp_path, b"title\nA,B\n1,2\n\n3,4\n")
    assert open_source(path, Layout(header_row=2)).counted() == 3
    assert [number for number, _ in rows_of(path, header_row=2)] == [1, 3]


def test_an_archive_of_countless_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(2000):
            archive.writestr(f"{number}.csv", b"")
    path = made(tmp_path, content.getvalue())
    monkeypatch.setattr(archives, "MOST_AT_ONCE", 100_000)
    with pytest.raises(TableUnreadable, match="absurd"):
        columns_of(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path, workbook([[f"列{n}" for n in range(400)]]))
    monkeypatch.setattr(sheets, "MAX_HELD_BYTES", 2000)
    with pytest.raises(TableUnreadable, match="too large"):
        columns_of(path)


@pytest.mark.parametrize(
    "inner",
    [
        b"not xml",
        b"",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(
            f'<!ENTITY {two} "{f"&{one};" * 10}">'.encode()
            for one, two in zip("abcdefghi", "bcdefghij", strict=True)
        )
        + b"]><worksheet><sheetData><row><c t='inlineStr'><is><t>&j;</t></is></c></row>"
        b"</sheetData></worksheet>",
    ],
)
def test_a_broken_or_exploding_sheet_is_refused(tmp_path: Path, inner: bytes) -> None:
    content = changed(workbook([["甲"], [1]]), "xl/worksheets/sheet1.xml", inner)
    with pytest.raises(TableUnreadable):
        rows_of(made(tmp_path, content))


def test_a_workbook_in_a_zip_is_to_be_unpacked(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.xlsx", workbook([["甲"], [1]]))
    with pytest.raises(TableUnreadable, match="unpack"):
        columns_of(made(tmp_path, content.getvalue()))


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    path = made(tmp_path, ("," * source.MAX_COLUMNS + "x\n").encode())
    with pytest.raises(TableUnreadable, match="columns"):
        columns_of(path)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("=5", "'=5"),
        ("+cmd", "'+cmd"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("-71.0772", "-71.0772"),
        ("+86", "+86"),
        ("-", "-"),
        ("路灯", "路灯"),
        ("", ""),
    ],
)
def test_only_what_could_be_a_formula_is_quoted(text: str, safe: str) -> None:
    assert harmless(text) == safe


def test_a_quarantine_file_is_read_as_what_it_was_made_from(tmp_path: Path) -> None:
    text = "A,B,_row,_field,_code,_zh,_en\n'=1+1,'x,3,type,value_unknown,…,…\n"
    path = made(tmp_path, text.encode())
    assert rows_of(path) == [(1, {"A": "=1+1", "B": "'x"})]


def test_the_examples_of_the_page_are_sound() -> None:
    blocks = re.findall(r"```yaml\n(.+?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert [mapping_from(block, kinds=KINDS).purpose for block in blocks] == ["cases", "standards"]
