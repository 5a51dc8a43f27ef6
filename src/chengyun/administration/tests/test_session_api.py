from __future__ import annotations

import pytest
from django.test import Client

from chengyun.administration.tests.builders import PASSWORD, bearer, make_person, signed_in

pytestmark = pytest.mark.django_db


def test_sign_in_gives_cookies_and_me() -> None:
    person = make_person(role="acceptor", division_code="310101")
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        "/api/v1/session",
        {"username": person.username, "password": PASSWORD},
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content
    me = answer.json()
    assert me["person"]["id"] == person.pk
    assert "case.act.acceptor" in me["permissions"]
    assert me["grants"] == [
        {
            "role": "acceptor",
            "division_code": "310101",
            "organisation_id": None,
            "case_kinds": [],
        }
    ]
    assert client.get("/api/v1/session").json()["person"]["name"] == person.name
    assert client.delete("/api/v1/session").status_code == 403
    headers = {"X-CSRFToken": client.cookies["csrftoken"].value}
    assert client.delete("/api/v1/session", headers=headers).status_code == 204


def test_builders_sign_in() -> None:
    person = make_person(role="leader")
    assert signed_in(person).get("/api/v1/session").status_code == 200
    assert bearer(person).get("/api/v1/session").status_code == 200
    assert Client().get("/api/v1/session").status_code == 401
    assert Client().get("/api/v1/node").status_code == 200
