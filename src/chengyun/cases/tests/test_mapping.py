from __future__ import annotations

import gzip
import zipfile
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from chengyun.cases.adapters.mapping import CaseMapping, CaseReader
from chengyun.intake.adapters import tables
from chengyun.intake.queries.shipped import load_mapping
from chengyun.intake.rules.kinds import parse_mapping
from chengyun.intake.rules.mapping_faults import (
    ColumnMissing,
    MappingInvalid,
    ValueMissing,
    ValueUnknown,
    ValueUnreadable,
)
from chengyun.intake.rules.source import TableUnreadable
from chengyun.intake.tests.builders import columns_of, rows_of

NEEDED: dict[str, Any] = {
    "external_id": {"column": "ID"},
    "reported_at": {"column": "AT"},
    "type": {"column": "T"},
}
BASE: dict[str, Any] = {"name": "x", "purpose": "cases", "fields": NEEDED}


def _reader(**changes: Any) -> CaseReader:
    return CaseReader(CaseMapping.model_validate({**BASE, **changes}))


def test_csv_plain_gzip_and_zip_read_alike(tmp_path: Path) -> None:
    text = "编号,类型\n1,暴露垃圾\n2,道路破损\n".encode()
    (tmp_path / "a.csv").write_bytes(text)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner.csv", text)
    want = [(1, {"编号": "1", "类型": "暴露垃圾"}), (2, {"编号": "2", "类型": "道路破损"})]
    for name in ("a.csv", "a.csv.gz", "a.zip"):
        assert rows_of(tmp_path / name) == want


def test_xlsx_with_title_row_and_merged_cells(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["手册"],
        ["小类", "条件", "时限"],
        ["井盖", "缺失", 2.0],
        [None, "破损", "3工作日"],
    ):
        sheet.append(row)
    book.save(tmp_path / "m.xlsx")
    assert rows_of(tmp_path / "m.xlsx", header_row=2, fill_down=("小类",)) == [
        (1, {"小类": "井盖", "条件": "缺失", "时限": "2"}),
        (2, {"小类": "井盖", "条件": "破损", "时限": "3工作日"}),
    ]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("A,B\n1,2\n")
    reader = _reader(fields={"title": {"column": "A"}, "type": {"column": "C"}})
    with pytest.raises(ColumnMissing) as caught:
        reader.mapping.require_columns(columns_of(tmp_path / "a.csv"))
    assert caught.value.field == "C"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"no zip at all"),
        ("a.zip", b"PK no zip"),
        ("a.csv", "编号\n一\n".encode("gb18030")),
        ("a.csv.gz", gzip.compress(b"A\n1\n" * 4000, mtime=0)[:-30]),
        ("a.csv", b"\n\n"),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableUnreadable):
        rows_of(tmp_path / name)


def test_a_decompression_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_UNPACKED_BYTES", 1000)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"A\n" + b"1\n" * 100_000))
    with pytest.raises(TableUnreadable, match="too large"):
        rows_of(tmp_path / "a.csv.gz")


def test_null_marks_entities_and_aliases() -> None:
    reader = _reader(
        nulls=["-"],
        html_entities=True,
        fields={"type": {"column": "T", "aliases": "types"}, "place": {"column": "P"}},
        aliases={"types": {"路灯(灯光)井盖": "component:01006"}},
    )
    row = {"T": "路灯&#40;灯光&#41;井盖", "P": " - "}
    assert reader.text("type", row) == "component:01006"
    assert reader.text("place", row) == ""
    with pytest.raises(ValueUnknown, match="types"):
        reader.text("type", {"T": "别的"})
    with pytest.raises(ValueMissing):
        reader.required("type", {"T": "-"})


def test_otherwise_keeps_or_replaces_what_the_aliases_do_not_know() -> None:
    reader = _reader(
        fields={
            "type": {"column": "T", "aliases": "t", "otherwise": "*"},
            "source": {"column": "S", "aliases": "t", "otherwise": "citizen", "default": "api"},
        },
        aliases={"t": {"A": "B"}},
    )
    assert reader.text("type", {"T": "Z"}) == "Z"
    assert reader.text("source", {"S": "Z"}) == "citizen"
    assert reader.text("source", {"S": ""}) == "api"


def test_times_are_read_in_the_mapping_s_zone_and_kept_in_utc() -> None:
    reader = _reader(
        fields={"at": {"column": "A"}},
        times={"formats": ["%Y-%m-%d %H:%M:%S"], "zone": "America/New_York"},
    )
    winter, summer = {"A": "2011-12-01 12:00:00"}, {"A": "2011-07-01 12:00:00"}
    assert reader.instant("at", winter) == datetime(2011, 12, 1, 17, tzinfo=UTC)
    assert reader.instant("at", summer) == datetime(2011, 7, 1, 16, tzinfo=UTC)
    with pytest.raises(ValueUnreadable):
        reader.instant("at", {"A": "yesterday"})


def test_numbers_refuse_what_is_not_finite() -> None:
    reader = _reader(fields={"n": {"column": "N"}})
    assert reader.number("n", {"N": "1,234.5"}) == 1234.5
    for bad in ("NaN", "inf", "x", "1_000", "31,5", "1,23"):
        with pytest.raises(ValueUnreadable):
            reader.number("n", {"N": bad})


def test_outcomes_are_tried_in_order() -> None:
    reader = _reader(
        nulls=["-"],
        outcomes=[
            {"when": {"DONE": "1"}, "state": "closed", "overdue": False},
            {"when": {"LATE": ["1", "yes"]}, "state": "closed", "overdue": True},
            {"when": {"VOID": "*"}, "state": "voided"},
        ],
    )
    assert reader.outcome({"DONE": "1", "LATE": "1"}).overdue is False
    assert reader.outcome({"DONE": "0", "LATE": "yes"}).overdue is True
    assert reader.outcome({"VOID": "x"}).state == "voided"
    assert reader.outcome({"DONE": "-", "VOID": "-"}).state == "open"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"purpose": "songs"}, "purpose"),
        ({"fields": {"title": {"colunm": "T"}}}, "fields.title.colunm"),
        ({"fields": {"title": {"column": "T", "aliases": "no"}}}, "fields.title.aliases"),
        ({"fields": {"title": {"pattern": "("}}}, "fields.title.pattern"),
        ({"fields": {"titel": {"column": "T"}}}, "fields.titel"),
        ({"fields": {"type": {"column": "T"}}}, "fields.external_id"),
        ({"purpose": "standards", "fields": {"type": {"column": "T"}}}, "fields.limit"),
        ({"crs": "EPSG:1"}, "crs"),
        ({"name": "n" * 41}, "name"),
        ({"times": {"zone": "Mars/Base"}}, "times.zone"),
        ({"table": {"header_row": 0}}, "table.header_row"),
    ],
)
def test_a_mistake_in_a_mapping_is_named(change: dict[str, Any], where: str) -> None:
    with pytest.raises(MappingInvalid) as caught:
        parse_mapping({**BASE, **change}, kinds=("cases", "standards"))
    assert caught.value.field == where


def test_the_shipped_mappings_are_sound() -> None:
    folder = resources.files("chengyun.cases").joinpath("data", "mappings")
    names = {item.name for item in folder.iterdir()}
    assert {"pingshan.yaml", "boston311.yaml", "manual_example.yaml"} <= names
    for name in names:
        assert load_mapping(Path(str(folder.joinpath(name))), kinds=("cases", "standards")).fields
