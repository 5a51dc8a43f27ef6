"""Asking the API in tests."""

from __future__ import annotations

import json
from typing import Any

import orjson
from django.http import HttpResponse
from django.test import Client

BASE = "/api/v1"


def ask(client: Client, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
    """Send a JSON request below /api/v1 and return the answer."""
    answer = client.generic(
        method,
        BASE + path,
        data=b"" if body is None else json.dumps(body).encode(),
        content_type="application/json",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    assert isinstance(answer, HttpResponse)
    return answer


def get(client: Client, path: str) -> Any:
    """Return the JSON of a successful GET."""
    answer = ask(client, "GET", path)
    assert answer.status_code == 200, answer.content
    return load(answer)


def load(answer: HttpResponse) -> Any:
    """Return the JSON of an answer."""
    return orjson.loads(answer.content)


def code_of(answer: HttpResponse) -> tuple[int, str]:
    """Return the status and the problem's code, '' without one."""
    return answer.status_code, load(answer).get("code", "") if answer.content else ""
