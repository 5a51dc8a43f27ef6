"""Every screen of the console, for every role, in both languages: it opens, fits, and says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from platform_under_test import Platform
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

pytestmark = pytest.mark.browser
PASSWORD = "Linjiang-2026"
expect.set_options(timeout=30_000)
Enter = Callable[..., Page]
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SMALL, LARGE = (1366, 768), (2560, 1440)

DESK = [("/cases", None, None), ("/map", None, None)]
REGISTER = [("/cases/register", "登记案件", "Register")]
OVERVIEW = [("/overview", "态势总览", "Overview")]
STANDARDS = [
    ("/standards/matter-types", "案件类型", "Case types"),
    ("/standards/conditions", "立案与结案标准", "Filing and closing standards"),
    ("/standards/dispatch-rules", "派遣规则", "Dispatch rules"),
    ("/standards/workflow", "流程表", "Workflow"),
]
TERRITORY = [
    ("/territory/divisions", "行政区划", "Divisions"),
    ("/territory/grids", "单元网格", "Unit grids"),
    ("/territory/grid-groups", "管理与评价网格", "Management grids"),
    ("/territory/grid-work", "网格图上作业", "Grids on the map"),
    ("/territory/duties", "网格责任", "Responsibility"),
    ("/territory/addresses", "地理编码", "Addresses"),
    ("/territory/address-imports", "地址导入", "Import addresses"),
    ("/territory/maps", "地图与底图", "Maps"),
    ("/territory/layers", "图层管理", "Layers"),
    ("/territory/code-schemes", "编码规则", "Code schemes"),
]
COMPONENTS = [
    ("/components/census", "部件普查", "Census"),
    ("/components/imports", "部件导入", "Import"),
]
ADMINISTRATION = [
    ("/administration/organisations", "机构", "Organisations"),
    ("/administration/people", "人员", "People"),
    ("/administration/posts", "岗位", "Posts"),
    ("/administration/roles", "角色与权限", "Roles"),
    ("/administration/sessions", "登录会话", "Sessions"),
    ("/administration/settings", "参数", "Settings"),
    ("/administration/dictionaries", "字典", "Dictionaries"),
    ("/administration/calendar", "工作日历", "Working calendar"),
    ("/administration/tokens", "接口令牌", "API tokens"),
    ("/administration/audit", "审计日志", "Audit log"),
]
ROLES: dict[str, list[tuple[str, str | None, str | None]]] = {
    "admin": [*DESK, *OVERVIEW, *STANDARDS, *TERRITORY, *COMPONENTS, *ADMINISTRATION],
    "hotline1": [*DESK, *REGISTER],
    "acceptor1": [*DESK, *REGISTER],
    "shiftleader1": [*DESK, *OVERVIEW],
    "dispatcher1": [*DESK, *OVERVIEW],
    "inspector1": [*DESK, *OVERVIEW],
    "sanitation1": [*DESK],
    "collector01": [*DESK, *REGISTER],
    "leader1": [*DESK, *OVERVIEW],
}
FORBIDDEN = {
    "hotline1": ["/administration/people", "/overview"],
    "sanitation1": ["/cases/register", "/overview"],
    "leader1": ["/administration/settings", "/cases/register", "/territory/layers"],
}
SPOKEN = {
    "acceptor1": ["/cases"],
    "hotline1": ["/cases/register"],
    "leader1": ["/overview", "/map"],
    "admin": [
        "/administration/organisations",
        "/administration/people",
        "/administration/settings",
        "/administration/calendar",
        "/standards/conditions",
        "/standards/workflow",
        "/territory/grids",
    ],
}
# What a headless machine says of its software drawing, and the question who is signed in.
QUIET = re.compile(r"WebGL|GPU stall|/api/v1/session\b.*401|status of 401")


@pytest.fixture
def enter(chromium: Browser, city: Platform) -> Iterator[Enter]:
    """Give a function that signs somebody in, in a language and at a size."""
    contexts: list[BrowserContext] = []

    def sign_in(
        username: str,
        *,
        password: str = PASSWORD,
        language: str = "zh-CN",
        size: tuple[int, int] = SMALL,
        waits_for: str = "button.me",
    ) -> Page:
        width, height = size
        context = chromium.new_context(
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height},
        )
        context.set_default_timeout(60_000)
        context.add_init_script(f"localStorage.setItem('chengyun.language', '{language}')")
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{city.url}/sign-in")
        page.fill("#username", username)
        page.fill("#password", password)
        page.keyboard.press("Enter")
        page.wait_for_selector(waits_for)
        return page

    yield sign_in
    for context in contexts:
        context.close()


def listen(page: Page) -> list[str]:
    """Collect what the page complains about from now on."""
    said: list[str] = []
    page.on(
        "console",
        lambda one: (
            said.append(f"{one.type}: {one.text}") if one.type in {"error", "warning"} else None
        ),
    )
    page.on("pageerror", lambda error: said.append(f"thrown: {error}"))
    return said


def settle(page: Page) -> None:
    """Wait until nothing is being fetched for the first look; maps go on drawing."""
    expect(page.locator(".el-skeleton")).to_have_count(0)


def too_wide(page: Page) -> list[str]:
    """Name what is wider than its place on the page."""
    found: list[str] = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll('main, .body, .card')]
            .filter((one) => one.scrollWidth > one.clientWidth + 1)
            .map((one) => `${one.tagName}.${one.className} ${one.scrollWidth}`)"""
    )
    return found


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("username", ROLES)
def test_every_screen_of_a_role_opens(
    username: str, language: str, enter: Enter, city: Platform, shots: Path
) -> None:
    page = enter(username, language=language)
    said = listen(page)
    for path, zh, en in ROLES[username]:
        page.goto(f"{city.url}{path}")
        heading = zh if language == "zh-CN" else en
        if heading:
            expect(page.get_by_role("heading", name=heading, exact=False).first).to_be_visible()
        elif path == "/map":
            expect(page.get_by_test_id("map").first).to_be_visible()
        else:
            expect(page.locator(".queues .link").first).to_be_visible()
        settle(page)
        assert too_wide(page) == [], path
        name = re.sub(r"\W+", "-", f"{username}-{language}{path}")
        page.screenshot(path=shots / f"screen-{name}.png")
    assert [one for one in said if not QUIET.search(one)] == []


def test_the_screens_use_a_wide_desk(enter: Enter, city: Platform, shots: Path) -> None:
    page = enter("admin", size=LARGE)
    said = listen(page)
    for path in ("/cases", "/overview", "/map", "/administration/people", "/standards/conditions"):
        page.goto(f"{city.url}{path}")
        settle(page)
        page.wait_for_timeout(300)
        assert too_wide(page) == [], path
        page.screenshot(path=shots / f"screen-wide-{path.strip('/').replace('/', '-')}.png")
    assert [one for one in said if not QUIET.search(one)] == []


@pytest.mark.parametrize("username", FORBIDDEN)
def test_a_page_without_permission_says_which_one_is_needed(
    username: str, enter: Enter, city: Platform
) -> None:
    page = enter(username)
    for path in FORBIDDEN[username]:
        page.goto(f"{city.url}{path}")
        expect(page.get_by_role("heading", name="没有查看此页的权限")).to_be_visible()
        expect(page.get_by_text(re.compile(r"需要权限 [a-z_.]+"))).to_be_visible()


def test_a_list_says_when_it_fails_and_when_nothing_matches(
    enter: Enter, city: Platform, shots: Path
) -> None:
    page = enter("admin")
    address = re.compile(r"/api/v1/administration/people\?")

    def break_it(route: Route) -> None:
        route.abort()

    page.route(address, break_it)
    page.goto(f"{city.url}/administration/people")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("连不上服务器")
    page.screenshot(path=shots / "state-error.png")
    page.unroute(address, break_it)
    alert.get_by_role("button", name="重试").click()
    expect(
        page.get_by_role("button", name="程振宇").or_(page.locator("tbody tr")).first
    ).to_be_visible()
    page.get_by_placeholder("查姓名、拼音或用户名").fill("没有这个人")
    expect(page.get_by_text("没有符合条件的内容")).to_be_visible()
    page.screenshot(path=shots / "state-no-match.png")


def test_a_long_list_comes_page_by_page_to_a_plain_end(enter: Enter, city: Platform) -> None:
    page = enter("admin")
    total = count(page, city, "/api/v1/administration/people", {})
    assert total > 50, "the demo city has more people than a page"
    page.goto(f"{city.url}/administration/people")
    end = page.get_by_test_id("list-end")
    for _ in range(total // 50 + 1):
        end.scroll_into_view_if_needed()
        page.wait_for_timeout(200)
    expect(end).to_contain_text(f"全部 {total} 条")
    expect(page.locator("tbody tr")).to_have_count(total)


def count(page: Page, city: Platform, path: str, words: dict[str, Any]) -> int:
    """Count the rows of a list of the API, page by page."""
    seen, after = 0, ""
    while True:
        given = {**words, "limit": 200, **({"after": after} if after else {})}
        answer = page.request.get(f"{city.url}{path}", params=given)
        assert answer.ok, answer.text()
        body = answer.json()
        seen += len(body["items"])
        if not body["next"]:
            return seen
        after = body["next"]


def figures_with_doors(page: Page, city: Platform) -> dict[str, str]:
    """Open the overview; return address → text of every figure that opens a list."""
    page.goto(f"{city.url}/overview")
    page.get_by_test_id("trend-form").get_by_text("表", exact=True).click()
    doors = page.locator('main a[href^="/cases?"]')
    expect(doors.first).to_be_visible()
    return dict(
        doors.evaluate_all("all => all.map((one) => [one.getAttribute('href'), one.innerText])")
    )


def test_every_figure_of_the_overview_is_the_length_of_the_list_behind_it(
    enter: Enter, city: Platform
) -> None:
    page = enter("leader1")
    shown = figures_with_doors(page, city)
    assert len(shown) > 40
    asked, wrong = list(shown), [("", "", 0)]
    for _ in range(3):  # a light may turn, or a case arrive, between the look and the count
        wrong = []
        for address in asked:
            figure = int(
                re.findall(r"[\d,]+", shown[address].replace("\n", " "))[-1].replace(",", "")
            )
            listed = count(page, city, "/api/v1/cases", dict(parse_qsl(address.partition("?")[2])))
            if listed != figure:
                wrong.append((address, shown[address], listed))
        if not wrong:
            break
        asked = [address for address, _, _ in wrong]
        shown = figures_with_doors(page, city)
        asked = [address for address in asked if address in shown]
    assert wrong == []


def test_the_map_is_narrowed_and_opens_the_same_list(enter: Enter, city: Platform) -> None:
    page = enter("leader1")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/tiles/cases/" in one.url else None)
    page.goto(f"{city.url}/map?state=handling&source=hotline")
    expect(page.get_by_test_id("map-filters")).to_contain_text("筛选 2")
    expect(page.get_by_test_id("map").first).to_be_visible()
    with page.expect_request(re.compile(r"/tiles/cases/.*light=")):
        page.get_by_role("button", name="正常").click()
    assert all("state=handling" in one and "source=hotline" in one for one in asked)
    page.get_by_test_id("map-list").click()
    expect(page).to_have_url(re.compile(r"/cases\?.*state=handling"))
    assert "open=true" in page.url
    assert "light=" in page.url


def test_the_first_password_is_changed_before_anything_else(enter: Enter, city: Platform) -> None:
    page = enter("admin")
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    made = page.request.post(
        f"{city.url}/api/v1/administration/people",
        headers={"X-CSRFToken": token, "Origin": city.url, "Referer": city.url},
        data={"username": f"new{id(page)}", "name": "新来者", "organisation_id": 1},
    )
    assert made.status == 201, made.text()
    username, first = made.json()["username"], made.json()["password"]
    fresh = enter(username, password=first, waits_for="#old-password")
    expect(fresh.get_by_text("请先设置新密码")).to_be_visible()
    fresh.goto(f"{city.url}/cases")
    expect(fresh).to_have_url(re.compile("/password"))
    fresh.fill("#old-password", first)
    fresh.fill("#new-password", "weak")
    fresh.fill("#again-password", "other")
    fresh.keyboard.press("Enter")
    expect(fresh.get_by_text("两次输入的新密码不一致")).to_be_visible()
    fresh.fill("#again-password", "weak")
    fresh.keyboard.press("Enter")
    expect(fresh.locator(".el-form-item__error")).to_contain_text("至少 10 个字符")
    fresh.fill("#new-password", "Ganz-Neu-2026")
    fresh.fill("#again-password", "Ganz-Neu-2026")
    fresh.keyboard.press("Enter")
    expect(fresh.get_by_role("heading", name="没有查看此页的权限")).to_be_visible()


def test_too_many_wrong_passwords_lock_the_name_and_say_so(
    chromium: Browser, city: Platform, shots: Path
) -> None:
    page = chromium.new_context(locale="zh-CN").new_page()
    page.goto(f"{city.url}/sign-in")
    page.fill("#username", f"nobody{id(page)}")
    for _ in range(5):
        page.fill("#password", "wrong-Password-1")
        with page.expect_response("**/api/v1/session") as answered:
            page.keyboard.press("Enter")
        assert answered.value.status in {401, 429}
        expect(page.get_by_role("alert")).to_be_visible()
    page.fill("#password", "wrong-Password-1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("锁定")
    page.screenshot(path=shots / "state-locked.png")
    page.context.close()


def test_a_form_shows_each_fault_at_its_field(enter: Enter, city: Platform, shots: Path) -> None:
    page = enter("admin")
    page.goto(f"{city.url}/administration/organisations")
    page.get_by_test_id("add").click()
    dialog = page.get_by_test_id("form-dialog")
    dialog.get_by_test_id("form-save").click()
    for field in ("zh", "code"):
        expect(dialog.locator(f'[data-field="{field}"] .el-form-item__error')).to_have_text("必填")
    dialog.locator('[data-field="zh"] input').fill("未建之科")
    dialog.locator('[data-field="code"] input').fill("9901-new")
    dialog.locator('[data-field="credit_code"] input').fill("123")
    dialog.get_by_test_id("form-save").click()
    expect(dialog.locator('[data-field="credit_code"] .el-form-item__error')).to_contain_text("18")
    page.screenshot(path=shots / "state-field-faults.png")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert count(page, city, "/api/v1/administration/organisations", {"q": "未建之科"}) == 0


def test_the_desk_is_worked_by_keyboard(enter: Enter, city: Platform) -> None:
    page = enter("acceptor1")
    page.goto(f"{city.url}/cases?queue=to_accept")
    rows = page.get_by_test_id("case-row")
    expect(rows.nth(1)).to_be_visible()
    expect(page.locator('[role=option][aria-selected="true"]')).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(rows.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("case-pane")).to_be_focused()
    expect(page.locator(".acts .act").first).to_be_visible()
    page.keyboard.press("a")
    dialog = page.get_by_test_id("act-dialog")
    expect(dialog).to_be_visible()
    page.wait_for_timeout(400)
    for _ in range(25):
        page.keyboard.press("Tab")
        inside = page.evaluate("() => Boolean(document.activeElement?.closest('.el-dialog'))")
        assert inside, "Tab leaves the dialog"
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox", name="案卷列表")).to_be_focused()


@pytest.mark.parametrize("username", SPOKEN)
def test_nothing_serious_stands_in_the_way_of_a_screen_reader(
    username: str, enter: Enter, city: Platform
) -> None:
    page = enter(username)
    grave = []
    for path in SPOKEN[username]:
        page.goto(f"{city.url}{path}")
        settle(page)
        page.wait_for_timeout(500)
        page.evaluate(AXE.read_text())
        found: list[dict[str, Any]] = page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
        )
        grave += [
            (path, one["id"], [node["html"][:160] for node in one["nodes"][:3]])
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]
    assert grave == []
