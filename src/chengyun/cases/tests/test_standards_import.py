"""A city's own manual over HTTP: other names and sheet, headings further down, merged cells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chengyun.administration.tests.builders import bearer, make_person
from chengyun.cases.models import DisposalStandard, StandardSet
from chengyun.cases.operations.seed import seed_reference_data
from chengyun.cases.tests.builders import City
from chengyun.intake.tests.workbooks import workbook

pytestmark = pytest.mark.django_db
PATH = "/api/v1/standards/import"
ROWS: list[list[Any]] = [
    ["某某市城市管理部件事件立结案规范（2026 版）"],
    ["制表：市城运中心", None, None, None, None, None, None],
    ["大类", "小类", "名称", "立案情形", "完成时间", "计时", "牵头单位", "结案情形"],
    ["公用设施", "0102", "雨水井盖", "井盖缺失", 2, "紧急工作时", "排水中心", "恢复完好"],
    [None, None, None, "井盖松动、有异响", "1", "工作日", None, "无异响"],
    ["市容环境", "0610", "暴露垃圾", "堆放 1 平方米以上", "4", "工作时", "环卫处", "清理干净"],
    [None, None, None, "主干路上", "半", "紧急工作日", "市政所", "清理干净"],
]
MERGED = ["A1:H1", "A4:A5", "B4:B5", "C4:C5", "G4:G5", "A6:A7", "B6:B7", "C6:C7"]
MAPPING = """
name: 某某市立结案规范
purpose: standards
standard_set: moumou-2026
table: {kind: xlsx, sheet: 规范, header_row: 3, fill_down: [大类, 小类, 名称, 牵头单位]}
fields:
  type: {column: 小类, aliases: codes}
  kind: {column: 大类, aliases: kinds}
  filing_condition: {column: 立案情形}
  closing_condition: {column: 结案情形}
  limit: {column: 完成时间}
  limit_unit: {column: 计时}
  department_kind: {column: 牵头单位, aliases: departments, otherwise: municipal}
aliases:
  codes: {"0102": "01002", "0610": "06010"}
  kinds: {公用设施: component, 市容环境: matter}
  departments: {排水中心: water, 环卫处: sanitation, 市政所: municipal}
"""


@pytest.fixture(autouse=True)
def reference(city: City) -> None:
    seed_reference_data()


@pytest.fixture
def manager(city: City) -> Client:
    return bearer(make_person(role="administrator"))


def send(client: Client, content: bytes, mapping: str = MAPPING, **fields: str) -> Any:
    file = SimpleUploadedFile("规范.xlsx", content)
    return client.post(PATH, {"file": file, "mapping": mapping, **fields})


def manual(rows: list[list[Any]] | None = None) -> bytes:
    return workbook(rows or ROWS, sheet="规范", merged=() if rows else MERGED)


def test_another_city_s_manual_needs_a_mapping_only(manager: Client) -> None:
    answer = send(manager, manual())
    assert answer.status_code == 200, answer.content
    told = {name: answer.json()[name] for name in ("read", "made", "faulty", "dry_run")}
    assert told == {"read": 4, "made": 4, "faulty": 0, "dry_run": False}
    rows = DisposalStandard.objects.filter(set__code="moumou-2026").order_by("id")
    found = [
        (
            row.matter_type.kind,
            row.matter_type.code,
            row.condition_no,
            row.filing_condition,
            row.limit_value,
            row.limit_unit,
            row.department_kind,
        )
        for row in rows.select_related("matter_type")
    ]
    assert found == [
        ("component", "01002", 1, "井盖缺失", Decimal(2), "urgent_working_hour", "water"),
        ("component", "01002", 2, "井盖松动、有异响", Decimal(1), "working_day", "water"),
        ("matter", "06010", 1, "堆放 1 平方米以上", Decimal(4), "working_hour", "sanitation"),
        ("matter", "06010", 2, "主干路上", Decimal("0.5"), "urgent_working_day", "municipal"),
    ]
    chosen = StandardSet.objects.get(code="moumou-2026")
    assert (chosen.zh, chosen.source, chosen.active) == ("某某市立结案规范", "规范.xlsx", False)


def test_without_dry_run_in_the_form_it_is_written_and_again_it_changes_nothing(
    manager: Client,
) -> None:
    tried = send(manager, manual(), dry_run="true")
    assert (tried.json()["made"], tried.json()["dry_run"]) == (4, True)
    assert not StandardSet.objects.filter(code="moumou-2026").exists()
    written = send(manager, manual())
    assert (written.status_code, written.json()["dry_run"]) == (200, False)
    again = send(manager, manual(), dry_run="false").json()
    assert (again["made"], again["changed"], again["unchanged"]) == (0, 0, 4)


def test_a_changed_row_is_changed_in_its_place(manager: Client) -> None:
    send(manager, manual())
    rows = [list(row) for row in ROWS]
    rows[3][4] = 3
    answer = send(manager, workbook(rows, sheet="规范", merged=MERGED)).json()
    assert (answer["made"], answer["changed"], answer["unchanged"]) == (0, 1, 3)
    assert DisposalStandard.objects.filter(set__code="moumou-2026").count() == 4


@pytest.mark.parametrize(
    ("column", "value", "field", "code"),
    [
        (1, "9999", "type", "value_unknown"),
        (4, "很快", "limit_value", "limit_not_readable"),
        (4, "0.001", "limit", "value_unreadable"),
        (4, "9999999", "limit_value", "limit_not_readable"),
        (4, None, "limit", "value_missing"),
        (3, "长" * 4001, "filing_condition", "value_unreadable"),
    ],
)
def test_a_bad_row_is_told_and_left_out(
    manager: Client, column: int, value: Any, field: str, code: str
) -> None:
    rows = [list(row) for row in ROWS]
    rows[5][column] = value
    answer = send(manager, workbook(rows, sheet="规范", merged=["B4:B5"]))
    assert answer.status_code == 200
    faults = [(one["row"], one["field"], one["code"]) for one in answer.json()["faults"]]
    assert (3, field, code) in faults
    assert (
        DisposalStandard.objects.filter(set__code="moumou-2026", matter_type__code="01002").count()
        == 2
    )


@pytest.mark.parametrize(
    ("content", "mapping", "code"),
    [
        (b"no workbook", MAPPING, "table_unreadable"),
        (None, MAPPING.replace("sheet: 规范", "sheet: 目录"), "table_unreadable"),
        (None, MAPPING.replace("header_row: 3", "header_row: 1"), "column_missing"),
        (None, "purpose: [", "mapping_invalid"),
        (None, MAPPING.replace("standard_set: moumou-2026", ""), "mapping_invalid"),
    ],
)
def test_a_bad_manual_or_mapping_changes_nothing(
    manager: Client, content: bytes | None, mapping: str, code: str
) -> None:
    answer = send(manager, manual() if content is None else content, mapping)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not StandardSet.objects.filter(code="moumou-2026").exists()


def test_only_who_manages_standards_imports_them(city: City) -> None:
    reader = bearer(make_person(permissions=["standards.read", "case.import"]))
    for client, status in ((Client(), 401), (reader, 403)):
        assert send(client, manual()).status_code == status
    assert not StandardSet.objects.filter(code="moumou-2026").exists()
