"""What a running platform tells browsers: headers of pages, answers, files and refusals."""

from __future__ import annotations

import re

import httpx
import pytest
from platform_under_test import Platform

pytestmark = pytest.mark.journey

SIGN_IN = {"username": "collector01", "password": "Linjiang-2026"}
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!doctype html><script>alert(1)</script>"


def directives(policy: str) -> dict[str, list[str]]:
    parts = [part.split() for part in policy.split(";")]
    return {name: sources for name, *sources in parts}


def test_a_page_runs_scripts_and_styles_of_our_own_files_only(city: Platform) -> None:
    page = httpx.get(f"{city.url}/cases")
    policy = directives(page.headers["content-security-policy"])
    assert policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["object-src"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == policy["form-action"] == ["'self'"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page.text)
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["x-frame-options"] == "DENY"
    assert "payment=()" in page.headers["permissions-policy"]
    assert "strict-transport-security" not in page.headers  # it did not come by HTTPS


@pytest.mark.parametrize(
    "path", ["/api/v1/node", "/api/v1/cases", "/api/v1/nothing", "/health/ready", "/tiles/x/1/1/1"]
)
def test_an_answer_is_no_page(city: Platform, path: str) -> None:
    answer = httpx.get(f"{city.url}{path}")
    assert directives(answer.headers["content-security-policy"])["default-src"] == ["'none'"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_forged_word_of_https_is_not_believed(city: Platform) -> None:
    """No proxy is trusted here: no client is believed about its scheme and address."""
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "8.8.8.8"}
    assert "strict-transport-security" not in httpx.get(city.url, headers=forged).headers
    assert httpx.get(f"{city.url}/metrics", headers=forged).status_code == 403


def test_an_uploaded_script_never_runs(city: Platform) -> None:
    with httpx.Client(base_url=city.url, timeout=30) as client:
        cookies = client.post("/api/v1/session", json=SIGN_IN).headers.get_list("set-cookie")
        assert all("SameSite=Lax" in one for one in cookies)
        assert [one.partition("=")[0] for one in cookies if "HttpOnly" in one] == ["sessionid"]
        token = {"X-CSRFToken": client.cookies["csrftoken"]}
        for name, kind, content in (
            ("a.svg", "image/svg+xml", DRAWING),
            ("a.html", "text/html", PAGE),
            ("a.jpg", "image/jpeg", PAGE),
        ):
            sent = {"file": (name, content, kind)}
            answer = client.post("/api/v1/attachments", files=sent, headers=token)
            assert answer.status_code == 415, answer.text
        text = client.post(
            "/api/v1/attachments", files={"file": ("a.pdf", b"%PDF-1.4\n" + PAGE)}, headers=token
        )
        if text.status_code == 201:
            found = client.get(f"/api/v1/attachments/{text.json()['id']}")
            assert found.headers["content-disposition"].startswith("attachment")
            assert found.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert found.headers["x-content-type-options"] == "nosniff"
