"""One case through every role, from a citizen's call to closing, in Chinese, in a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from desks_under_test import ACTS_TO_CLOSING, SignIn, acts_of, walk_to_closing
from platform_under_test import Platform
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def reported(sign_in: SignIn, city: Platform, shots: Path) -> int:
    """A citizen calls; the operator registers the call at a place on the map."""
    page = sign_in("hotline1")
    grid = page.request.get(f"{city.url}/api/v1/territory/grids?limit=1").json()["items"][0]
    page.goto(f"{city.url}/cases/register")
    expect(page.get_by_test_id("map").first).to_be_visible()
    _fill(page, "phone", "13812342207")
    page.get_by_test_id("type-picker").locator("input").fill("暴露垃圾")
    page.get_by_role("option", name=re.compile("暴露垃圾")).first.click()
    page.locator("textarea").first.fill("小区门口垃圾成堆，气味很大，请尽快清理。")
    _fill(page, "address", "解放路 118 号附近")
    _fill(page, "coordinates", f"{grid['lon']}, {grid['lat']}")
    page.keyboard.press("Enter")
    expect(page.get_by_text(grid["code"])).to_be_visible()
    page.screenshot(path=shots / "01-登记来电.png")
    with page.expect_response(
        lambda answer: answer.url.endswith("/api/v1/cases") and answer.request.method == "POST"
    ) as made:
        page.get_by_test_id("register-submit").click()
    assert made.value.status == 201, made.value.text()
    return int(made.value.json()["id"])


def _fill(page: Page, test_id: str, text: str) -> None:
    place = page.get_by_test_id(test_id)
    inner = place.locator("input")
    (inner.first if inner.count() else place).fill(text)


def test_a_call_goes_through_every_role_to_closing(
    reported: int, sign_in: SignIn, city: Platform, shots: Path
) -> None:
    leader = walk_to_closing(reported, sign_in, city, shots)
    assert acts_of(leader) == ["report", *ACTS_TO_CLOSING]
