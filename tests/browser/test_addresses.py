"""A list of door plates comes in through the screen: tried, told, found by pinyin, sent out."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from desks_under_test import SignIn
from platform_under_test import Platform
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
ADDRESSES = "/api/v1/territory/addresses"
HEAD = "编码,门牌号,小区,路名,区县,街道,社区,曾用门牌,备注,经度,纬度"


def test_a_list_of_plates_comes_in_and_goes_out(
    sign_in: SignIn, city: Platform, shots: Path
) -> None:
    page = sign_in("admin")
    place = page.request.get(f"{city.url}{ADDRESSES}?kind=poi&limit=1").json()["items"][0]
    _try_and_import(page, city, place, shots)
    _find_and_note(page, city, shots)
    _export(page, place)


def _try_and_import(page: Page, city: Platform, place: dict[str, Any], shots: Path) -> None:
    where = f"{place['lon']},{place['lat']}"
    rows = [f",108号,,测绘支路,,,,106号,,{where}", f",没有号码,,测绘支路,,,,,,{where}"]
    page.goto(f"{city.url}/territory/addresses")
    page.get_by_test_id("address-import").click()
    page.get_by_test_id("import-file").set_input_files(
        {"name": "门牌.csv", "mimeType": "text/csv", "buffer": "\n".join([HEAD, *rows]).encode()}
    )
    page.get_by_test_id("import-mapping").click()
    page.get_by_role("option", name="门牌清单").click()
    page.get_by_test_id("import-try").click()
    expect(page.get_by_text("“没有号码”中没有可识别的号码")).to_be_visible()
    found = page.request.get(f"{city.url}{ADDRESSES}/search", params={"q": "测绘支路"})
    assert [one["name"] for one in found.json()["items"] if one["name"] == "测绘支路"] == []
    page.get_by_test_id("import-for-real").click()
    expect(page.get_by_test_id("import-for-real")).to_be_hidden()
    expect(page.get_by_role("link", name="查看地址")).to_be_visible()
    for name, count in (("made", "1"), ("parents_made", "1"), ("faulty", "1")):
        expect(page.get_by_test_id(f"figure-{name}")).to_have_text(count)
    page.screenshot(path=shots / "addresses-imported.png")


def _find_and_note(page: Page, city: Platform, shots: Path) -> None:
    page.get_by_role("link", name="查看地址").click()
    page.get_by_placeholder("查地址").first.fill("cehuizhilu108")
    page.get_by_role("option", name="测绘支路108号").click()
    detail = page.get_by_test_id("address-detail")
    expect(detail).to_contain_text("测绘支路108号")
    expect(detail).to_contain_text("106号")
    page.get_by_test_id("address-edit").click()
    page.get_by_test_id("edit-code").fill("T-108")
    page.get_by_test_id("edit-note").fill("=1+1")
    page.get_by_test_id("edit-save").click()
    expect(detail).to_contain_text("T-108")
    page.screenshot(path=shots / "addresses-noted.png")


def _export(page: Page, place: dict[str, Any]) -> None:
    page.get_by_test_id("address-export").click()
    with page.expect_download() as sent:
        page.get_by_test_id("address-export-csv").click()
    with Path(sent.value.path()).open(encoding="utf-8-sig", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file) if row["code"]}
    told = {name: rows["T-108"][name] for name in ("name", "street", "former_names", "note")}
    assert told == {"name": "108号", "street": "测绘支路", "former_names": "106号", "note": "'=1+1"}
    assert float(rows["T-108"]["lon"]) == pytest.approx(place["lon"])
