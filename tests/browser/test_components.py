"""Components at desk and street: a case about one, a census from plan to acceptance."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from desks_under_test import SignIn
from platform_under_test import Platform
from playwright.sync_api import Page, ViewportSize, expect

pytestmark = pytest.mark.browser
COVER = "01003"
PHONE: ViewportSize = {"width": 390, "height": 844}


def test_a_case_is_reported_for_a_component_and_a_census_finds_another(
    sign_in: SignIn, city: Platform, shots: Path
) -> None:
    operator = sign_in("hotline1")
    one = _a_cover(operator, city)
    number = _report_about(operator, city, one)
    _page_counts_it(operator, city, one, number)

    admin, collector = sign_in("admin"), sign_in("collector01")
    grid = _plan_and_open(admin, city, shots)
    _collect(collector, city, grid, shots)
    _accept(admin, city, grid, shots)


def _a_cover(page: Page, city: Platform) -> dict[str, Any]:
    """Return a cover that no case is about yet."""
    rows = page.request.get(f"{city.url}/api/v1/components", params={"type": COVER}).json()["items"]
    counts = f"{city.url}/api/v1/cases/statistics/of-component"
    for row in rows:
        told = page.request.get(counts, params={"component": row["code"]}).json()
        if told["total"]["count"] == 0:
            return dict(row)
    raise AssertionError("every cover has a case")


def _fill(page: Page, test_id: str, text: str) -> None:
    place = page.get_by_test_id(test_id)
    inner = place.locator("input")
    (inner.first if inner.count() else place).fill(text)


def _report_about(page: Page, city: Platform, one: dict[str, Any]) -> str:
    """Register a call where the component stands, choosing it of those near; its card shows it."""
    page.goto(f"{city.url}/cases/register")
    _fill(page, "phone", "13812342207")
    page.get_by_test_id("type-picker").locator("input").fill(one["type"]["zh"])
    page.get_by_role("option", name=re.compile(one["type"]["zh"])).first.click()
    page.locator("textarea").first.fill("井盖松动，车辆经过有响声。")
    _fill(page, "address", "解放路 1 号")
    _fill(page, "coordinates", f"{one['lon']}, {one['lat']}")
    page.keyboard.press("Enter")
    page.get_by_test_id("component-near").filter(has_text=one["code"]).click()
    expect(page.get_by_test_id("component-chosen")).to_contain_text(one["name"])
    with page.expect_response(
        lambda answer: answer.url.endswith("/api/v1/cases") and answer.request.method == "POST"
    ) as made:
        page.get_by_test_id("register-submit").click()
    assert made.value.status == 201, made.value.text()
    case = made.value.json()
    page.goto(f"{city.url}/cases/{case['id']}")
    expect(page.get_by_test_id("component-link")).to_contain_text(one["code"])
    return str(case["number"])


def _page_counts_it(page: Page, city: Platform, one: dict[str, Any], number: str) -> None:
    """Its page counts the case, and the figure opens the list that holds this case alone."""
    page.get_by_test_id("component-link").click()
    expect(page.get_by_test_id("component-cases")).to_contain_text(number)
    for figure, count in (("all", 1), ("open", 1), ("ended", 0)):
        expect(page.get_by_test_id(f"cases-{figure}")).to_contain_text(str(count))
    page.get_by_test_id("cases-open").click()
    expect(page.get_by_test_id("case-row")).to_have_count(1)
    expect(page.get_by_test_id("case-row")).to_contain_text(number)


def _plan_and_open(page: Page, city: Platform, shots: Path) -> str:
    """Plan a census of the grid in the middle of the map for one collector; return the grid."""
    page.goto(f"{city.url}/components/census")
    page.get_by_test_id("plan-census").click()
    dialog = page.get_by_test_id("form-dialog")
    canvas = dialog.locator("canvas")
    expect(canvas).to_be_visible()
    with page.expect_response(re.compile("/territory/grids/at")) as answered:
        canvas.click()
    grid = str(answered.value.json()["grid"]["code"])
    expect(dialog.get_by_test_id("chosen-areas")).to_contain_text(grid)
    _field(page, "name").fill(f"井盖普查{grid}")
    _choose(page, "types", COVER)
    _choose(page, "collectors", "collector01")
    for field, day in (("starts_on", "2026-01-01"), ("ends_on", "2099-12-31")):
        _field(page, field).fill(day)
        _field(page, field).press("Enter")
    page.screenshot(path=shots / "census-plan.png")
    page.get_by_test_id("form-save").click()
    page.get_by_test_id("plan-open").click()
    page.get_by_test_id("form-save").click()
    expect(page.get_by_test_id("plan-close_early")).to_be_visible()
    return grid


def _field(page: Page, name: str) -> Any:
    return page.locator(f"[data-field={name}] input").first


def _choose(page: Page, field: str, text: str) -> None:
    _field(page, field).fill(text)
    page.locator(".el-select-dropdown:visible").get_by_text(re.compile(text)).first.click()
    page.get_by_test_id("form-dialog").locator("header").click()


def _collect(page: Page, city: Platform, grid: str, shots: Path) -> None:
    """On a phone: say of each known one that it is as known, add a new one, hand the task in."""
    page.set_viewport_size(PHONE)
    page.goto(f"{city.url}/components/census")
    page.get_by_test_id("task").filter(has_text=grid).last.click()
    page.get_by_test_id("find-new").click()
    _choose(page, "type", COVER)
    depth = page.locator("[data-field='attributes.depth_m'] input")
    expect(depth).to_be_visible()
    depth.fill("3.2")
    _field(page, "name").fill("新装雨水井盖")
    page.screenshot(path=shots / "census-finding.png")
    page.get_by_test_id("form-save").click()
    expect(page.get_by_test_id("figure-fresh")).to_have_text("1")
    known = page.get_by_test_id("confirm")
    for place in range(known.count()):
        known.nth(place).click()
        expect(page.get_by_test_id("figure-confirmed")).to_have_text(str(place + 1))
    page.get_by_test_id("submit-task").click()
    expect(page.get_by_test_id("task-state")).to_have_text("待验收")


def _accept(page: Page, city: Platform, grid: str, shots: Path) -> None:
    """Compare and accept: the new one is a component with its own code and depth."""
    page.get_by_test_id("task").filter(has_text=grid).click()
    finding = page.get_by_test_id("finding")
    expect(finding).to_contain_text("3.2 m")
    page.screenshot(path=shots / "census-compare.png")
    page.get_by_test_id("accept-all").click()
    expect(page.get_by_test_id("task-state")).to_have_text("已验收")
    finding.get_by_role("link").first.click()
    expect(page.get_by_test_id("versions")).to_be_visible()
    expect(page.locator("main")).to_contain_text("新装雨水井盖")
