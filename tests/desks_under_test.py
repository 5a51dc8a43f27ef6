"""Steps of people at their desks in a browser, shared by the journeys of a case."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from platform_under_test import Platform
from playwright.sync_api import FilePayload, Page, expect

expect.set_options(timeout=60_000)
LIVE_MS = 2_000
SignIn = Callable[[str], Page]
ACTS_TO_CLOSING = [
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


def walk_to_closing(
    case_id: int, sign_in: SignIn, city: Platform, shots: Path, *, mark: str = ""
) -> Desk:
    """Walk a case that waits for acceptance through every desk; return the leader's.

    mark : put before the names of the screenshots
    """
    leader = Desk(sign_in("leader1"), city, case_id)
    leader.sees("待受理")
    acceptor = Desk(sign_in("acceptor1"), city, case_id)
    acceptor.act("派发核实", opinion="请现场核实")
    acceptor.sees("核实中")
    leader.sees("核实中", within_ms=LIVE_MS)

    collector = Desk(sign_in(collector_of(city, acceptor)), city, case_id)
    collector.act("核实回复", photo="grey", choose="属实", opinion="确有垃圾堆放")
    acceptor.sees("待受理", within_ms=LIVE_MS + 2_000)
    acceptor.shot(shots, f"{mark}02-受理")
    acceptor.act("受理")
    shift_leader = Desk(sign_in("shiftleader1"), city, case_id)
    shift_leader.act("立案")
    shift_leader.shot(shots, f"{mark}03-立案")
    dispatcher = Desk(sign_in("dispatcher1"), city, case_id)
    dispatcher.shot(shots, f"{mark}04-派遣")
    dispatcher.act("派遣")
    dispatcher.sees("待处置")

    department = Desk(sign_in(department_of(city, dispatcher)), city, case_id)
    department.act("开始处置")
    department.act("处置回复", photo="green", opinion="已清理干净")
    department.shot(shots, f"{mark}05-处置")
    dispatcher.sees("待反馈", within_ms=LIVE_MS + 2_000)
    dispatcher.act("反馈")
    acceptor.sees("待核查", within_ms=LIVE_MS + 2_000)
    acceptor.act("派发核查")
    collector = Desk(collector.page, city, case_id)
    collector.act("核查回复", photo="white", choose="通过", opinion="现场干净")
    shift_leader.sees("待结案", within_ms=LIVE_MS + 2_000)
    shift_leader.act("结案")
    leader.sees("已结案", within_ms=LIVE_MS + 2_000)
    leader.shot(shots, f"{mark}06-结案")
    return leader


def acts_of(desk: Desk) -> list[str]:
    """Return the acts of the case's log, marks of lights aside; the chain is proved."""
    base = f"{desk.url}/api/v1/cases/{desk.case_id}/log"
    assert desk.page.request.get(f"{base}/proof").json()["ok"] is True
    log = desk.page.request.get(base).json()["items"]
    return [entry["act"] for entry in log if not entry["act"].startswith("mark_")]


def accounts_of(city: Platform, **query: Any) -> list[dict[str, Any]]:
    """Return people as an administrator sees them: only he is told the user names."""
    token = city.chengyun("token", "create", "--user", "admin").split()[-1]
    found = httpx.get(
        f"{city.url}/api/v1/administration/people",
        params={**query, "limit": 50},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert found.status_code == 200, found.text
    return list(found.json()["items"])


def collector_of(city: Platform, desk: Desk) -> str:
    """Return the account of the collector who has the case's open task."""
    wanted = desk.detail()["tasks"][-1]["assignee"]
    people = accounts_of(city, q=wanted["name"])
    return str(next(one["username"] for one in people if one["id"] == wanted["id"]))


def department_of(city: Platform, desk: Desk) -> str:
    """Return the account of a handler of the responsible department."""
    people = accounts_of(city, organisation_id=desk.detail()["responsible"]["id"])
    return str(people[0]["username"])
