"""Cases of another system arrive through the import page; an open one is walked to closing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from desks_under_test import ACTS_TO_CLOSING, SignIn, acts_of, walk_to_closing
from platform_under_test import Platform
from playwright.sync_api import FilePayload, Page, expect

pytestmark = pytest.mark.browser
MAPPING = """
name: 旧系统导出
purpose: cases
table: {encoding: gb18030}
nulls: ["-"]
crs: EPSG:4490
fields:
  external_id: {column: 任务号}
  reported_at: {column: 上报时间}
  closed_at: {column: 结案时间}
  type: {column: 小类, aliases: types}
  address: {column: 地点}
  lon: {column: 经度}
  lat: {column: 纬度}
aliases: {types: {垃圾暴露: "matter:06010"}}
outcomes: [{when: {状态: 已结案}, state: closed}]
"""
HEAD = "任务号,上报时间,结案时间,状态,小类,地点,经度,纬度\n"


def _table(lon: float, lat: float) -> bytes:
    place = f"{lon},{lat}"
    rows = (
        f"A-1,2026-09-01 08:00:00,2026-09-02 09:00:00,已结案,垃圾暴露,解放路 1 号,{place}",
        f"A-2,2026-09-03 08:00:00,-,处置中,垃圾暴露,解放路 2 号,{place}",
        f"A-3,2026-09-03 08:00:00,-,处置中,说不清,解放路 3 号,{place}",
    )
    return (HEAD + "\n".join(rows) + "\n").encode("gb18030")


@pytest.fixture
def console(sign_in: SignIn, city: Platform) -> Page:
    """The administrator on the import page."""
    page = sign_in("admin")
    page.goto(f"{city.url}/imports")
    expect(page.get_by_test_id("import-file")).to_be_attached()
    return page


def _choose(page: Page, content: bytes) -> None:
    mapping = FilePayload(name="old.yaml", mimeType="application/yaml", buffer=MAPPING.encode())
    table = FilePayload(name="旧系统.csv", mimeType="text/csv", buffer=content)
    page.get_by_test_id("import-file").set_input_files(table)
    page.get_by_test_id("import-mapping").click()
    page.get_by_role("option", name="使用自己的映射文件").click()
    page.get_by_test_id("import-own-mapping").set_input_files(mapping)


def test_an_imported_open_case_is_walked_to_closing(
    console: Page, sign_in: SignIn, city: Platform, shots: Path
) -> None:
    grid = console.request.get(f"{city.url}/api/v1/territory/grids?limit=1").json()["items"][0]
    _choose(console, _table(grid["lon"], grid["lat"]))
    console.get_by_test_id("import-try").click()
    expect(console.get_by_test_id("import-state").first).to_have_text("完成，有误行")
    expect(console.get_by_test_id("figure-made")).to_have_text("2")
    expect(console.get_by_test_id("import-faults")).to_contain_text("说不清")
    assert _imported(console, city) == []
    console.screenshot(path=shots / "11-试导入.png")

    console.get_by_test_id("import-for-real").click()
    expect(console.get_by_test_id("import-cases")).to_be_visible()
    expect(console.get_by_test_id("figure-made")).to_have_text("2")
    expect(console.get_by_test_id("figure-open")).to_have_text("1")
    expect(console.get_by_test_id("figure-faulty")).to_have_text("1")
    console.screenshot(path=shots / "12-导入完成.png")
    with console.expect_download() as saved:
        console.get_by_test_id("import-quarantine").click()
    text = saved.value.path().read_text("utf-8-sig")
    assert text.splitlines()[1].startswith("A-3,2026-09-03 08:00:00,-,处置中,说不清")

    found = {one["number"]: one for one in _imported(console, city)}
    assert {number: one["state"] for number, one in found.items()} == {
        "IM20260901-A-1": "closed",
        "IM20260903-A-2": "reported",
    }
    case_id = int(found["IM20260903-A-2"]["id"])
    leader = walk_to_closing(case_id, sign_in, city, shots, mark="1")
    assert acts_of(leader) == ["import", *ACTS_TO_CLOSING]


def test_a_broken_file_is_told_at_once(console: Page, shots: Path, city: Platform) -> None:
    before = _runs(console, city)
    _choose(console, "任务号,别的\n1,2\n".encode("gb18030"))
    console.get_by_test_id("import-start").click()
    expect(console.get_by_test_id("import-problem")).to_contain_text("没有列")
    console.screenshot(path=shots / "13-导入出错.png")
    assert _runs(console, city) == before


def _runs(page: Page, city: Platform) -> list[str]:
    answer = page.request.get(f"{city.url}/api/v1/imports")
    assert answer.ok, answer.text()
    return [one["id"] for one in json.loads(answer.text())["items"]]


def _imported(page: Page, city: Platform) -> list[dict[str, Any]]:
    answer = page.request.get(f"{city.url}/api/v1/cases", params={"system": "旧系统导出"})
    assert answer.ok, answer.text()
    return list(json.loads(answer.text())["items"])
