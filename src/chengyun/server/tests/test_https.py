"""What is different for who came by HTTPS."""

from __future__ import annotations

import pytest
from django.test import Client

from chengyun.administration.tests.builders import PASSWORD, make_person
from chengyun.server import middleware


@pytest.mark.django_db
def test_a_browser_is_told_to_come_by_https_from_now_on() -> None:
    by_https = Client().get("/api/v1/node", secure=True)
    assert by_https.headers["Strict-Transport-Security"] == f"max-age={middleware._HSTS_S}"
    assert middleware._HSTS_S >= 31_536_000
    assert "Strict-Transport-Security" not in Client().get("/api/v1/node").headers


@pytest.mark.django_db
@pytest.mark.parametrize("secure", [True, False])
def test_cookies_go_by_https_only_where_they_came_by_it(*, secure: bool) -> None:
    client, person = Client(), make_person(role="acceptor")
    answer = client.post(
        "/api/v1/session",
        {"username": person.username, "password": PASSWORD},
        content_type="application/json",
        secure=secure,
    )
    assert answer.status_code == 200
    assert {name: bool(one["secure"]) for name, one in client.cookies.items()} == {
        "sessionid": secure,
        "csrftoken": secure,
    }
