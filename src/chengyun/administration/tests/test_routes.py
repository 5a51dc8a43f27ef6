"""Every route: anonymous, without the permission, bad ids and bodies, count of queries."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengyun.administration.api import routers
from chengyun.administration.models import AuditEntry, Person
from chengyun.administration.tests.asking import ask, code_of, get
from chengyun.administration.tests.builders import (
    grant_role,
    make_organisation,
    make_person,
    signed_in,
    token_for,
)

pytestmark = pytest.mark.django_db

PUBLIC = {("POST", "/session"), ("GET", "/session/csrf"), ("GET", "/node")}
OWN = {
    ("GET", "/session"),
    ("PATCH", "/session"),
    ("DELETE", "/session"),
    ("POST", "/session/password"),
    ("GET", "/session/sessions"),
    ("DELETE", "/session/sessions/{session_id}"),
}
OPEN_TO_ALL = {
    ("GET", "/administration/dictionaries"),
    ("GET", "/administration/dictionaries/{dictionary}/items"),
    ("GET", "/administration/calendar"),
    ("GET", "/administration/calendar/years/{year}"),
    ("GET", "/administration/calendar/schemes"),
}
NOT_FOUND = {("DELETE", "/administration/sessions/{session_id}")}  # tells nothing of what exists
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/administration/organisations"): {
        "parent_id": None,
        "code": "a",
        "zh": "甲",
        "kind": "other",
    },
    ("POST", "/administration/organisations/{organisation_id}/move"): {"parent_id": None},
    ("POST", "/administration/people"): {"username": "ab", "name": "甲", "organisation_id": 1},
    ("POST", "/administration/posts"): {"code": "a", "zh": "甲"},
    ("POST", "/administration/roles"): {"code": "a", "zh": "甲", "permissions": []},
    ("POST", "/administration/grants"): {"person_id": 1, "role": "leader"},
    ("POST", "/administration/dictionaries"): {"code": "a", "zh": "甲"},
    ("POST", "/administration/dictionaries/{dictionary}/items"): {"code": "a", "zh": "甲"},
    ("PUT", "/administration/settings/{key}"): {"value": 1},
    ("PUT", "/administration/calendar/days/{on}"): {"kind": "holiday"},
    ("POST", "/administration/calendar/schemes"): {
        "code": "a",
        "zh": "甲",
        "slots": [["08:00", "12:00"]],
    },
    ("POST", "/administration/tokens"): {"person_id": 1, "name": "a"},
}
VALUES = {"year": "2026", "on": "2026-01-01", "key": "node.name", "dictionary": "x", "code": "x"}


def every_route() -> list[tuple[str, str]]:
    found = []
    for prefix, router in routers:
        for path, view in router.path_operations.items():
            found += [
                (method, (prefix + path).rstrip("/"))
                for operation in view.operations
                for method in operation.methods
            ]
    return sorted(found)


def fill(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda m: VALUES.get(m.group(1), "1"), path)


ROUTES = every_route()


def test_the_table_holds_every_route() -> None:
    assert len(ROUTES) == 63
    assert set(ROUTES) >= PUBLIC | OWN | OPEN_TO_ALL | NOT_FOUND | set(BODIES)


@pytest.mark.parametrize(("method", "path"), [r for r in ROUTES if r not in PUBLIC])
def test_anonymous_is_sent_to_sign_in(method: str, path: str) -> None:
    answer = ask(Client(), method, fill(path), BODIES.get((method, path), {}))
    assert code_of(answer) == (401, "sign_in_required")


@pytest.mark.parametrize(
    ("method", "path"), [r for r in ROUTES if r not in PUBLIC | OWN | OPEN_TO_ALL]
)
def test_without_the_permission_nothing_is_done(method: str, path: str) -> None:
    nobody = signed_in(make_person(permissions=["case.read"]))
    before = AuditEntry.objects.count()
    answer = ask(nobody, method, fill(path), BODIES.get((method, path), {}))
    assert answer.status_code == (404 if (method, path) in NOT_FOUND else 403), answer.content
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(("method", "path"), [r for r in ROUTES if r in OPEN_TO_ALL])
def test_what_everybody_needs_is_open_to_everybody(method: str, path: str) -> None:
    answer = ask(
        signed_in(make_person(role="collector")),
        method,
        fill(path).replace("/x/", "/department_kind/"),
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [r for r in ROUTES if "_id}" in r[1] and "session" not in r[1]]
)
def test_an_id_that_is_none_is_a_clear_fault(method: str, path: str) -> None:
    boss = signed_in(make_person(role="administrator"))
    body = BODIES.get((method, path), {})
    for wrong in ("0", "-1", "x", "9223372036854775808", "1.5", "%00", "1e3"):
        answer = ask(boss, method, re.sub(r"{\w+_id}", wrong, path), body)
        assert answer.status_code == 422, (wrong, answer.content)
    far = re.sub(r"{\w+_id}", "9223372036854775807", path)
    assert ask(boss, method, far, body).status_code == 404


@pytest.mark.parametrize(("method", "path"), sorted(BODIES))
def test_a_body_that_is_none_is_a_clear_fault(method: str, path: str) -> None:
    boss = signed_in(make_person(role="administrator"))
    for body in (b"", b"{", b"[]", b"null", b'"x"', b'{"zh": "\\ud800"}', b"\xff", b"[" * 3000):
        url = "/api/v1" + fill(path)
        answer = boss.generic(method, url, body, content_type="application/json")
        assert answer.status_code in {400, 422}, (body, answer.content)


LISTS = {
    "/administration/organisations": 1,
    "/administration/people": 1,
    "/administration/posts": 1,
    "/administration/roles": 1,
    "/administration/grants": 1,
    "/administration/tokens": 1,
    "/administration/sessions": 1,
    "/administration/audit": 1,
    "/administration/dictionaries": 1,
    "/administration/dictionaries/department_kind/items": 2,
    "/administration/settings": 1,
    "/administration/settings/node.name/history": 2,
    "/administration/permissions": 0,
    "/administration/calendar/schemes": 1,
    "/session/sessions": 1,
    "/session": 3,
    "/node": 0,
}


@pytest.mark.parametrize("path", sorted(LISTS))
def test_the_count_of_queries_does_not_grow(path: str) -> None:
    boss = signed_in(make_person(role="administrator"))
    get(boss, "/node")
    for _ in range(5):
        person = make_person(role="leader", organisation=make_organisation())
        grant_role(person, role="inspector")
        token_for(person)
        signed_in(person)
    get(boss, path)  # fills the copies of this process
    with CaptureQueriesContext(connection) as queries:
        get(boss, path)
    assert len(queries) == LISTS[path], [query["sql"][:100] for query in queries]


def test_a_signed_in_request_costs_no_query_of_its_own() -> None:
    boss = signed_in(make_person(role="administrator"))
    get(boss, "/session")
    with CaptureQueriesContext(connection) as queries:
        get(boss, "/administration/permissions")
    assert len(queries) == 0
    assert Person.objects.count() == 1
