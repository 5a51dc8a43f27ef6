"""One case through every role, from a citizen's call to closing, in Chinese, in a browser."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from platform_under_test import Platform
from playwright.sync_api import FilePayload, Page, expect

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)
LIVE_MS = 2_000
SignIn = Callable[[str], Page]


def photo(colour: str) -> bytes:
    """Return a small JPEG."""
    made = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(made, "JPEG")
    return made.getvalue()


class Desk:
    """Somebody at a desk with one case open."""

    def __init__(self, page: Page, city: Platform, case_id: int) -> None:
        self.page = page
        self.case_id = case_id
        self.url = city.url
        page.goto(f"{city.url}/cases/{case_id}")
        expect(page.get_by_test_id("case-title")).to_be_visible()

    def act(self, name: str, **given: Any) -> None:
        """Do an act with what its dialog asks for."""
        self._press(name)
        dialog = self.page.get_by_test_id("act-dialog")
        expect(dialog).to_be_visible()
        if "photo" in given:
            file = FilePayload(name="p.jpg", mimeType="image/jpeg", buffer=photo(given["photo"]))
            dialog.get_by_test_id("photo-input").set_input_files(file)
            expect(dialog.locator("figure img")).to_be_visible()
            expect(dialog.locator("figure.sending")).to_have_count(0)
        if "choose" in given:
            dialog.locator(".el-radio").get_by_text(given["choose"], exact=True).first.click()
        for field in ("standard", "organisation", "reason"):
            radios = dialog.locator(f'[data-field="{field}"] .el-radio')
            if radios.count():
                radios.first.click()
        if "opinion" in given:
            dialog.get_by_test_id("opinion").fill(given["opinion"])
        dialog.get_by_test_id("act-submit").click()
        expect(dialog).to_have_count(0)

    def sees(self, state: str, *, within_ms: int = 15_000) -> None:
        """Expect the state's word on the page, without reload."""
        expect(self.page.get_by_test_id("case-state")).to_have_text(state, timeout=within_ms)

    def shot(self, folder: Path, name: str) -> None:
        """Keep a screenshot."""
        self.page.screenshot(path=folder / f"{name}.png")

    def detail(self) -> dict[str, Any]:
        """Return the case as the API tells this person."""
        answer = self.page.request.get(f"{self.url}/api/v1/cases/{self.case_id}")
        assert answer.ok, answer.text()
        return dict(answer.json())

    def _press(self, name: str) -> None:
        direct = self.page.locator(".acts").get_by_role("button", name=re.compile(f"^{name}"))
        expect(self.page.locator(".acts")).to_be_visible()
        if direct.count():
            direct.first.click()
            return
        self.page.locator(".acts").get_by_role("button", name="更多").click()
        self.page.get_by_role("menuitem", name=re.compile(name)).click()


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
    leader = Desk(sign_in("leader1"), city, reported)
    leader.sees("待受理")
    acceptor = Desk(sign_in("acceptor1"), city, reported)
    acceptor.act("派发核实", opinion="请现场核实")
    acceptor.sees("核实中")
    leader.sees("核实中", within_ms=LIVE_MS)

    collector = Desk(sign_in(_collector(city, acceptor)), city, reported)
    collector.act("核实回复", photo="grey", choose="属实", opinion="确有垃圾堆放")
    acceptor.sees("待受理", within_ms=LIVE_MS + 2_000)
    acceptor.shot(shots, "02-受理")
    acceptor.act("受理")
    shift_leader = Desk(sign_in("shiftleader1"), city, reported)
    shift_leader.act("立案")
    shift_leader.shot(shots, "03-立案")
    dispatcher = Desk(sign_in("dispatcher1"), city, reported)
    dispatcher.shot(shots, "04-派遣")
    dispatcher.act("派遣")
    dispatcher.sees("待处置")

    department = Desk(sign_in(_department(city, dispatcher)), city, reported)
    department.act("开始处置")
    department.act("处置回复", photo="green", opinion="已清理干净")
    department.shot(shots, "05-处置")
    dispatcher.sees("待反馈", within_ms=LIVE_MS + 2_000)
    dispatcher.act("反馈")
    acceptor.sees("待核查", within_ms=LIVE_MS + 2_000)
    acceptor.act("派发核查")
    collector = Desk(collector.page, city, reported)
    collector.act("核查回复", photo="white", choose="通过", opinion="现场干净")
    shift_leader.sees("待结案", within_ms=LIVE_MS + 2_000)
    shift_leader.act("结案")
    leader.sees("已结案", within_ms=LIVE_MS + 2_000)
    leader.shot(shots, "06-结案")

    proof = leader.page.request.get(f"{city.url}/api/v1/cases/{reported}/log/proof").json()
    assert proof["ok"] is True
    log = leader.page.request.get(f"{city.url}/api/v1/cases/{reported}/log").json()["items"]
    acts = [entry["act"] for entry in log]
    assert [act for act in acts if not act.startswith("mark_")] == [
        "report",
        "send_verification",
        "answer_verification",
        "accept",
        "file",
        "dispatch",
        "start_handling",
        "hand_back",
        "give_feedback",
        "send_check",
        "answer_check",
        "close",
    ]


def _account(city: Platform, **query: Any) -> list[dict[str, Any]]:
    """Return people as an administrator sees them: only he is told the user names."""
    token = city.chengyun("token", "create", "--user", "admin").split()[-1]
    found = httpx.get(
        f"{city.url}/api/v1/administration/people",
        params={**query, "limit": 50},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert found.status_code == 200, found.text
    return list(found.json()["items"])


def _collector(city: Platform, desk: Desk) -> str:
    """Return the account of the collector who has the case's open task."""
    wanted = desk.detail()["tasks"][-1]["assignee"]
    people = _account(city, q=wanted["name"])
    return str(next(one["username"] for one in people if one["id"] == wanted["id"]))


def _department(city: Platform, desk: Desk) -> str:
    """Return the account of a handler of the responsible department."""
    people = _account(city, organisation_id=desk.detail()["responsible"]["id"])
    return str(people[0]["username"])
