"""Chromium of the system, in Chinese, and people who sign in through the sign-in page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from platform_under_test import Platform
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PASSWORD = "Linjiang-2026"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SHOTS = Path(os.environ.get("CHENGYUN_SHOTS", "var/screenshots"))
SignIn = Callable[[str], Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give the system's Chromium, headless."""
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def sign_in(chromium: Browser, city: Platform) -> Iterator[SignIn]:
    """Give a function that signs somebody in and returns his page."""
    contexts: list[BrowserContext] = []

    def enter(username: str) -> Page:
        context = chromium.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 768}
        )
        context.set_default_timeout(90_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{city.url}/")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("button.me")
        return page

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def shots() -> Path:
    """Give the folder where screenshots are kept."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS
