"""The running API keeps what api/openapi.json says, whatever is sent to it and whoever sends it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from platform_under_test import Platform, running_platform, start_platform, throw_away

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("contract")]

OPENAPI = Path(__file__).resolve().parents[2] / "api" / "openapi.json"
_PART = re.compile(r"{\w+}")
SEED = "20261123"
# It would take the token away that the run itself signs in with.
ENDS_THE_RUN = ("administration_delete_token",)
UNCHECKED = {
    "positive_data_acceptance": "a well-formed id need not exist, a well-formed point need not lie"
    " in a grid: what is well-formed may be refused for what the city holds",
    "use_after_free": "what is retired keeps its address, so that history can be read",
    "ensure_resource_availability": "what was made may lie outside the scope of who made it",
}
DEEPER = int(os.environ.get("CHENGYUN_FUZZ_EXAMPLES", "0"))
DESKS = "^/api/v1/(attachments|cases|standards|dispatch-rules|territory|imports)"
# person, phases, examples for each operation, operations: the coverage phase walks the limits of
# every schema, so once is enough for a run of every day
RUNS = (
    ("admin", "examples,coverage,fuzzing", 2, "."),
    ("dispatcher1", "fuzzing", 2, DESKS),
    ("collector01", "fuzzing", 2, DESKS),
)
RAW_BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"0",
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": 1e999}',
    b'{"zh": "\\ud800"}',
    b'{"zh": "\xed\xa0\x80"}',
    b'{"zh": "\\u0000", "name": "\\u0000", "opinion": "\\u0000", "code": "\\u0000"}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    json.dumps({"limit": 10**400}).encode(),
    b'{"id": ' + b"9" * 5000 + b"}",
    '{"zh": "中"}'.encode("utf-16"),
    '{"zh": "中"}'.encode("gb18030"),
)
TYPES = ("application/json", "text/plain", "application/json; charset=gbk", "", "multipart/x")
WORDS = (
    "",
    "\x00",
    "%",
    "'",
    "-1",
    "0",
    str(2**63),
    "9" * 400,
    "1e309",
    "NaN",
    "-Infinity",
    "0001-01-01",
    "9999-12-31T23:59:59.999999999+00:00",
    "2026-02-30",
    "\ud800".encode("utf-8", "surrogatepass"),
    "x" * 5000,
    "../../etc",
    "İ",
    "١٢٣",
)
# Lists take many questions: enough of the words for each.
QUESTIONS = (
    "\x00",
    "-1",
    str(2**63),
    "1e309",
    "NaN",
    "9999-12-31T23:59:59.999999999+00:00",
    "İ",
    "",
)


@pytest.fixture(scope="module")
def city() -> Iterator[Platform]:
    """A city of its own: what is left of it afterwards is of no use to anybody else."""
    platform = running_platform() or start_platform(demo="tiny")
    yield platform
    throw_away(platform)


def token_of(city: Platform, person: str) -> str:
    return city.chengyun("token", "create", "--user", person).strip()


def asks_as(city: Platform, token: str) -> httpx.Client:
    return httpx.Client(base_url=city.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"]
    return [
        (method.upper(), path, operation)
        for path, by_method in paths.items()
        for method, operation in by_method.items()
        if operation["operationId"] not in ENDS_THE_RUN
    ]


@pytest.mark.parametrize(
    ("person", "phases", "examples", "paths"), RUNS, ids=[run[0] for run in RUNS]
)
def test_every_answer_is_one_that_the_file_promises(
    city: Platform, person: str, phases: str, examples: int, paths: str, tmp_path: Path
) -> None:
    token = token_of(city, person)
    command = [str(Path(sys.executable).with_name("st")), "run", str(OPENAPI), "--no-color"]
    command += ["--url", city.url, "--header", f"Authorization: Bearer {token}"]
    command += ["--phases", phases, "--max-examples", str(DEEPER or examples)]
    command += ["--workers", "2", "--include-path-regex", paths]
    command += ["--seed", SEED, "--generation-deterministic", "--warnings", "off"]
    command += ["--exclude-checks", ",".join(UNCHECKED)]
    for operation in ENDS_THE_RUN:
        command += ["--exclude-operation-id", operation]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=900, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    with asks_as(city, token) as client:  # else every answer was a 401 and proves nothing
        assert client.get("/api/v1/session").json()["person"]["id"] > 0


def is_problem(answer: httpx.Response) -> bool:
    return answer.status_code < 400 or (
        answer.status_code < 500
        and answer.headers["content-type"].startswith("application/problem+json")
        and answer.json()["status"] == answer.status_code
    )


def broken(
    city: Platform, asked: Iterable[tuple[str, str, bytes, str]]
) -> list[tuple[str, str, bytes, str, int, str]]:
    """Send requests (method, address, body, media type); return those that broke a route."""
    found = []
    with asks_as(city, token_of(city, "admin")) as client:
        for method, url, body, kind in asked:
            headers = {"Content-Type": kind} if body or kind else {}
            answer = client.request(method, url, content=body, headers=headers)
            if not is_problem(answer):
                told = (answer.status_code, answer.text[:200])
                found.append((method, url[:200], body[:40], kind, *told))
    return found


def test_no_body_breaks_a_route(city: Platform) -> None:
    writing = [
        (method, _PART.sub("1", path))
        for method, path, found in operations()
        if "requestBody" in found
    ]
    assert len(writing) > 40
    bodies = [(body, "application/json") for body in RAW_BODIES]
    bodies += [(b"{}", kind) for kind in TYPES]
    assert broken(city, ((*one, *body) for one in writing for body in bodies)) == []


def addresses(path: str, names: list[str], word: str | bytes) -> Iterator[str]:
    """Yield the address with the word as every part, and as each question in turn."""
    quoted, plain = quote(word, safe=""), _PART.sub("1", path)
    if _PART.search(path):
        yield _PART.sub(quoted or "1", path)
    for name in names if word in QUESTIONS else ():
        yield f"{plain}?{name}={quoted}"


def test_no_word_in_an_address_breaks_a_route(city: Platform) -> None:
    asked = [
        ("GET", url, b"", "")
        for method, path, found in operations()
        if method == "GET"
        for word in WORDS
        for url in addresses(
            path,
            [one["name"] for one in found.get("parameters", ()) if one["in"] == "query"],
            word,
        )
    ]
    assert len(asked) > 1000
    assert broken(city, asked) == []
