from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory
from ninja.errors import AuthenticationError, HttpError, ValidationError

from chengyun.kernel.errors import Conflict, Fault, Forbidden, Invalid, SeveralFaults
from chengyun.server import problems


def _request(language: str | None = None, path: str = "/api/v1/x") -> HttpRequest:
    headers = {"Accept-Language": language} if language else {}
    return RequestFactory().get(path, headers=headers)


def _render(error: Exception, language: str | None = None) -> tuple[int, dict[str, Any]]:
    response = problems.render(_request(language), error)
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, json.loads(response.content)


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Forbidden(permission="case.read"), 403, "forbidden"),
        (Conflict(), 409, "conflict"),
        (Http404(), 404, "no_such_address"),
        (PermissionDenied(), 403, "forbidden"),
        (RequestDataTooBig(), 413, "body_too_big"),
        (AuthenticationError(), 401, "sign_in_required"),
        (HttpError(400, "Cannot parse request body"), 400, "body_not_json"),
        (HttpError(403, "CSRF check Failed"), 403, "csrf_failed"),
        (HttpError(418, "teapot"), 418, "refused"),
        (DataError(), 422, "value_not_storable"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogate"), 422, "value_not_storable"),
        (OperationalError(), 503, "database_unavailable"),
        (
            _caused(OperationalError(), psycopg.errors.DeadlockDetected()),
            503,
            "database_busy",
        ),
        (_caused(IntegrityError(), psycopg.errors.UniqueViolation()), 409, "already_exists"),
        (_caused(IntegrityError(), psycopg.errors.ForeignKeyViolation()), 409, "reference_missing"),
        (_caused(IntegrityError(), psycopg.errors.CheckViolation()), 409, "rule_broken"),
    ],
)
def test_each_expected_error_has_its_status_and_code(
    error: Exception, status: int, code: str
) -> None:
    got, body = _render(error)
    assert (got, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == f"urn:chengyun:problem:{code}"
    assert body["instance"] == "/api/v1/x"


def test_an_unexpected_error_gives_an_id_and_no_trace() -> None:
    status, body = _render(RuntimeError("secret inside"))
    assert (status, body["code"]) == (500, "internal_error")
    assert "secret inside" not in json.dumps(body)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("en-GB,en;q=0.9,zh;q=0.2", "en"),
        ("zh-CN,zh;q=0.9", "zh"),
        ("fr;q=1,en;q=0.5", "en"),
        ("fr", "zh"),
        ("\x00;;q=x", "zh"),
    ],
)
def test_the_language_is_the_first_known_of_accept_language(
    header: str | None, language: str
) -> None:
    assert problems.language_of(_request(header)) == language


def test_a_fault_with_a_field_is_listed() -> None:
    error = Invalid(field="limit", reason_zh="太大", reason_en="too large")
    _, body = _render(error, "en")
    assert body["detail"] == "limit is not valid: too large"
    assert body["errors"] == [
        {"field": "limit", "code": "invalid", "message": "limit is not valid: too large"}
    ]


def test_several_faults_are_all_listed() -> None:
    faults: list[Fault] = [Conflict(field="a"), Forbidden(permission="x")]
    status, body = _render(SeveralFaults(faults), "zh")
    assert status == 422
    assert body["detail"] == "有 2 处需要修改。"
    assert [(e["field"], e["code"]) for e in body["errors"]] == [
        ("a", "conflict"),
        (None, "forbidden"),
    ]


def test_schema_errors_are_in_the_readers_language() -> None:
    error = ValidationError(
        [
            {"type": "missing", "loc": ("body", "payload", "location", "lon"), "msg": "…"},
            {"type": "less_than_equal", "loc": ("query", "limit"), "msg": "…", "ctx": {"le": 200}},
        ]
    )
    _, body = _render(error, "zh")
    assert [(e["field"], e["message"]) for e in body["errors"]] == [
        ("location.lon", "此项必填"),
        ("limit", "应不大于 200"),
    ]
    _, body = _render(error, "en")
    assert body["errors"][1]["message"] == "Must be 200 or less"


def test_a_lone_surrogate_in_a_message_is_rendered(client: Client) -> None:
    status, body = _render(Conflict(field="\ud800"))
    assert (status, body["errors"][0]["field"]) == (409, "?")


def test_an_unknown_address_is_a_problem(client: Client) -> None:
    response = client.get("/api/v1/nothing-here")
    assert response.status_code == 404
    assert response.json()["code"] == "no_such_address"


@pytest.mark.django_db
def test_the_node_is_public(client: Client) -> None:
    response = client.get("/api/v1/node")
    assert response.status_code == 200
    assert response.json()["version"] == "0.1.0"


def test_the_openapi_file_lists_the_problem(client: Client) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    answers = schema["paths"]["/api/v1/node"]["get"]["responses"]
    assert set(answers) == {"200", "4XX", "5XX"}


def test_operation_ids_are_unique(client: Client) -> None:
    schema = client.get("/api/v1/openapi.json").json()
    ids = [op["operationId"] for ops in schema["paths"].values() for op in ops.values()]
    assert sorted(ids) == sorted(set(ids))


def test_a_wrong_method_is_a_problem_that_names_the_right_one(client: Client) -> None:
    response = client.post("/api/v1/node")
    assert response.status_code == 405
    assert response["Allow"] == "GET"
    assert response.json()["code"] == "method_not_allowed"


def test_the_documentation_uses_local_files_only(client: Client) -> None:
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "//" not in page.content.decode().replace("://", "").split("<body", 1)[1].split("api")[0]
    assert b"cdn" not in page.content
    assert "script-src 'self';" in page["Content-Security-Policy"]
