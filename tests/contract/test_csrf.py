"""Every writing route refuses a session cookie that comes without the page's token."""

from __future__ import annotations

import pytest
from contract.test_permissions import PUBLIC, address, parts_of, routes, state_of_the_database
from django.test import Client

from chengyun.administration.rules.definitions import permission_definitions
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.cases.tests.builders import make_city

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_no_write_is_done_by_another_sites_page() -> None:
    """A browser sends the cookie along with a form of another site; it cannot send the token."""
    parts = parts_of(make_city())
    anybody = make_person(permissions=sorted(permission_definitions()))
    client = signed_in(anybody, client=Client(enforce_csrf_checks=True))
    before, open_ones = state_of_the_database(), []
    for method, path in routes():
        if method == "GET" or (method, path) in PUBLIC:
            continue
        answer = client.generic(
            method, address(path, parts), "{}", content_type="text/plain", HTTP_X_CSRFTOKEN="0" * 64
        )
        if answer.status_code != 403 or answer.json()["code"] != "csrf_failed":
            open_ones.append((method, path, answer.status_code))
    assert open_ones == []
    assert state_of_the_database() == before
