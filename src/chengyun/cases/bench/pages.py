"""How long a console takes to open in a browser: from the address to a list that can be used.

Needs Playwright for Python, which is a dependency of the tests, and a Chromium: the one that
CHENGYUN_CHROMIUM names, else what the path holds.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from importlib.util import find_spec
from typing import Any, Final

from chengyun.cases.bench.installation import HOST

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_ROW: Final = "[data-test=case-row]"


def browser() -> str:
    """Return the path of a Chromium; "" when there is none, or nothing to drive it with."""
    if find_spec("playwright") is None:
        return ""
    named = os.environ.get("CHENGYUN_CHROMIUM", "")
    found = (shutil.which(name) for name in ([named] if named else _NAMES))
    return next((path for path in found if path), "")


def opened(path: str, *, port: int, cookie: str, times: int) -> Iterator[float]:
    """Yield how long [s] each opening of a page took until a row of its list was to be seen.

    The first has an empty cache, the others what the one before left.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=[*_ARGUMENTS])
        context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        context.add_cookies(_cookies(cookie, port))
        for _ in range(times):
            page = context.new_page()
            begun = time.perf_counter()
            page.goto(f"http://{HOST}:{port}{path}", wait_until="commit")
            page.wait_for_selector(_ROW, state="visible", timeout=60_000)
            yield time.perf_counter() - begun
            page.close()
        chromium.close()


def _cookies(header: str, port: int) -> list[Any]:
    return [
        {"name": name, "value": morsel.value, "url": f"http://{HOST}:{port}"}
        for name, morsel in SimpleCookie(header).items()
    ]
