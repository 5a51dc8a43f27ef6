"""A management grid chosen on the map: what stands apart is told, what is good is saved."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from desks_under_test import SignIn
from platform_under_test import Platform
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
GROUPS = "/api/v1/territory/grid-groups/management"
FAR_DEG = 0.003


class GridMap:
    """The map of the page, on which unit grids are pressed by where they are."""

    def __init__(self, page: Page) -> None:
        """Begin with a map at rest; two presses tell where it looks and how near."""
        box = page.locator("canvas").bounding_box()
        assert box
        self._page = page
        self._x, self._y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        (self._lon, self._lat), _ = self._press_and_undo(0)
        aside, _ = self._press_and_undo(40)
        self._scale = (aside[0] - self._lon) / 40, (aside[1] - self._lat) / 40

    def shows(self, lon: float, lat: float) -> bool:
        """Whether the map looks at a place, to the width of a pixel or two."""
        across, along = self._scale
        return abs(lon - self._lon) < 2 * abs(across) and abs(lat - self._lat) < 2 * abs(along)

    def choose(self, grid: dict[str, Any]) -> None:
        """Press a unit grid: chosen when it was not, left when it was."""
        x = self._x + (grid["lon"] - self._lon) / self._scale[0]
        y = self._y + (grid["lat"] - self._lat) / self._scale[1]
        _, code = self._press(x, y)
        assert code == grid["code"]

    def _press_and_undo(self, aside: int) -> tuple[tuple[float, float], str]:
        self._press(self._x + aside, self._y + aside)
        return self._press(self._x + aside, self._y + aside)

    def _press(self, x: float, y: float) -> tuple[tuple[float, float], str]:
        with self._page.expect_response(re.compile("/territory/grids/at")) as answered:
            self._page.mouse.click(x, y)
        asked = parse_qs(urlsplit(answered.value.url).query)
        place = float(asked["lon"][0]), float(asked["lat"][0])
        return place, answered.value.json()["grid"]["code"]


def ended_grid(page: Page, city: Platform) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """End a management grid; return its unit grids, and one that lies far from them."""
    groups = page.request.get(f"{city.url}{GROUPS}", params={"limit": 200}).json()["items"]
    middle = groups[len(groups) // 2]
    held = page.request.get(f"{city.url}{GROUPS}/{middle['code']}").json()["members"]
    around = page.request.get(
        f"{city.url}/api/v1/territory/grids",
        params={"division": middle["code"][:9], "limit": 200},
    ).json()["items"]
    own = [grid for grid in around if grid["code"] in held]
    assert len(own) == len(held)

    def away(grid: dict[str, Any]) -> float:
        steps = (max(abs(grid["lon"] - a["lon"]), abs(grid["lat"] - a["lat"])) for a in own)
        return float(min(steps))

    far = min((grid for grid in around if away(grid) > FAR_DEG), key=away)
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    ended = page.request.delete(
        f"{city.url}{GROUPS}/{middle['code']}",
        headers={"X-CSRFToken": token, "Origin": city.url, "Referer": city.url},
    )
    assert ended.ok, ended.text()
    return own, far


def test_members_are_chosen_on_the_map_and_only_what_hangs_together_is_saved(
    sign_in: SignIn, city: Platform, shots: Path
) -> None:
    page = sign_in("admin")
    own, far = ended_grid(page, city)
    page.goto(f"{city.url}/territory/grid-groups")
    uncovered = page.get_by_test_id("fault-grid_uncovered")
    uncovered.locator("summary").click()
    expect(uncovered.locator("button")).to_have_text(
        [re.compile(grid["code"]) for grid in sorted(own, key=lambda one: str(one["code"]))]
    )
    first = own[0]
    uncovered.get_by_text(first["code"]).click()
    page.get_by_test_id("new-group").click()
    name = f"图上所选{first['code']}"
    page.get_by_test_id("group-name").fill(name)
    ground = GridMap(page)
    assert ground.shows(first["lon"], first["lat"])
    for grid in (*own, far):
        ground.choose(grid)
    members = page.get_by_test_id("members").locator("li")
    expect(members).to_have_count(len(own) + 1)
    page.get_by_test_id("check-group").click()
    expect(page.get_by_test_id("check-apart")).to_contain_text(far["code"])
    expect(page.get_by_test_id("save-group")).to_be_disabled()
    page.screenshot(path=shots / "management-grid-apart.png")
    ground.choose(far)
    expect(members).to_have_count(len(own))
    page.get_by_test_id("check-group").click()
    expect(page.get_by_test_id("check-good")).to_be_visible()
    page.get_by_test_id("save-group").click()
    expect(page.get_by_test_id("groups")).to_contain_text(name)
    [saved] = page.request.get(f"{city.url}{GROUPS}", params={"q": name}).json()["items"]
    kept = page.request.get(f"{city.url}{GROUPS}/{saved['code']}").json()
    assert kept["members"] == sorted(grid["code"] for grid in own)
    assert kept["version"] == 1
