"""Every route of api/openapi.json is closed to who is not signed in, and to who has no role."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chengyun.administration.models import RoleGrant
from chengyun.administration.tests.builders import make_person, signed_in, token_for
from chengyun.cases.models import DispatchRule
from chengyun.cases.tests.builders import RUBBISH, City, make_attachment, make_case, make_city

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OPENAPI = Path(__file__).resolve().parents[2] / "api" / "openapi.json"
SCHEMA = schemathesis.openapi.from_path(str(OPENAPI))
BASE = "/api/v1"

PUBLIC = {
    ("POST", "/session"): "it is the sign-in",
    ("GET", "/session/csrf"): "the sign-in page asks for it",
    ("GET", "/node"): "the sign-in page shows the platform's name and map",
}
OWN = {
    ("GET", "/session"): "who am I",
    ("PATCH", "/session"): "one's own language and theme",
    ("DELETE", "/session"): "signing out",
    ("POST", "/session/password"): "one's own password",
    ("GET", "/session/sessions"): "where one is signed in oneself",
    ("DELETE", "/session/sessions/{session_id}"): "ends one's own session; another's is not found",
}
FOR_EVERYBODY = {
    ("GET", "/administration/dictionaries"): "words that every screen shows",
    ("GET", "/administration/dictionaries/{dictionary}/items"): "words that every screen shows",
    ("GET", "/administration/calendar"): "which days are worked is no secret",
    ("GET", "/administration/calendar/years/{year}"): "which days are worked is no secret",
    ("GET", "/administration/calendar/schemes"): "which hours are worked is no secret",
    ("GET", "/workflow"): "names of states and acts that every screen shows",
}
# Where hardly a well-formed value passes: a decimal of two places at most, a closed ring.
POINT = {"lon": 120.0005, "lat": 30.0005}
RING = [[120.0, 30.0], [120.001, 30.0], [120.001, 30.001], [120.0, 30.0]]
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/components"): {"type": "01001", "location": POINT},
    ("POST", "/components/{component_id}/move"): {"location": POINT},
    ("POST", "/components/in-area"): {"area": {"type": "Polygon", "coordinates": [RING]}},
    ("POST", "/territory/addresses"): {"kind": "poi", "name": "公园", "location": POINT},
    ("POST", "/territory/addresses/{address_id}/move"): {"location": POINT},
    ("POST", "/territory/addresses/{address_id}/rename"): {"name": "新名", "reason": "更名"},
    ("POST", "/standards"): {
        "set_code": "default",
        "matter_type_id": 1,
        "condition_no": 9,
        "limit_value": 1,
        "limit_unit": "working_day",
    },
}
# These change with every request that is signed in.
UNSTEADY = {"administration_signin", "administration_apitoken"}


def routes() -> list[tuple[str, str]]:
    paths = json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"]
    return sorted(
        (method.upper(), path.removeprefix(BASE))
        for path, operations in paths.items()
        for method in operations
    )


@pytest.fixture
def filled(db: None) -> dict[str, str]:
    """A city with one thing of each kind: the values of the addresses' parts."""
    city = make_city()
    return parts_of(city)


def parts_of(city: City) -> dict[str, str]:
    case = make_case(city, "dispatched")
    admin = city.people["administrator"]
    token_for(admin)
    signed_in(admin)
    rule = DispatchRule.objects.create(code="R-1", organisation=city.works)
    grant = RoleGrant.objects.filter(person=city.people["leader"]).get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM administration_signin")
        session_id = cursor.fetchone()[0]
        cursor.execute("SELECT max(id) FROM administration_apitoken")
        token_id = cursor.fetchone()[0]
        cursor.execute("SELECT min(id) FROM administration_post")
        post_id = cursor.fetchone()[0]
    return {
        "address_id": "1",
        "attachment_id": str(make_attachment(city.people["collector"])),
        "attribute_id": "1",
        "case_id": str(case.pk),
        "component_id": "1",
        "dictionary": "department_kind",
        "export_id": "6f1c1d1e-0000-4000-8000-000000000001",
        "feature_id": "1",
        "grant_id": str(grant.pk),
        "import_id": "6f1c1d1e-0000-4000-8000-000000000001",
        "key": "node.name",
        "kind": "management",
        "on": "2026-10-01",
        "organisation_id": str(city.cleaning.pk),
        "person_id": str(city.people["leader"].pk),
        "photo_id": "6f1c1d1e-0000-4000-8000-000000000001",
        "plan_id": "1",
        "post_id": str(post_id),
        "role_id": str(grant.role_id),
        "rule_id": str(rule.pk),
        "session_id": str(session_id),
        "shift_id": "1",
        "standard_id": str(city.standards[RUBBISH].pk),
        "task_id": "1",
        "token_id": str(token_id),
        "type_id": str(city.types[RUBBISH].pk),
        "view_id": "1",
        "year": "2026",
        "/administration/calendar/schemes/": "standard",
        "/administration/dictionaries/": "sanitation",
        "/component-types/": "01001",
        "/components/by-code/": "3301990101000001",
        "/components/imports/mappings/": "geojson",
        "/imports/mappings/": "pingshan",
        "/standard-sets/": "default",
        "/territory/addresses/imports/mappings/": "plates",
        "/territory/base-maps/": "tianditu",
        "/territory/divisions/": city.grids[0].district_code,
        "/territory/grid-groups/": "M0001",
        "/territory/thematic-layers/": "wells",
        "/territory/grids/": city.grids[0].code,
        "x": "0",
        "y": "0",
        "z": "0",
    }


def address(path: str, parts: dict[str, str]) -> str:
    """Return the address with things that are there."""

    def part(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in parts:
            return parts[name]
        return next(value for key, value in parts.items() if path.startswith(key))

    return BASE + re.sub(r"{(\w+)}", part, path)


def requests_of(method: str, path: str, most: int = 4) -> Iterator[tuple[str, Any, Any]]:
    """Yield well-formed queries and bodies: (media type, body, query)."""
    if (method, path) in BODIES:
        yield "application/json", BODIES[method, path], {}
        return
    found: list[tuple[str, Any, Any]] = []

    @settings(
        max_examples=most,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        strategy = SCHEMA[BASE + path][method].as_strategy()
        case = data.draw(strategy)
        found.append((case.media_type or "", case.body, dict(case.query or {})))

    draw()
    yield from found[:most]


def send(client: Client, method: str, url: str, request: tuple[str, Any, Any]) -> HttpResponse:
    kind, body, query = request
    if kind.startswith("multipart/"):
        upload = SimpleUploadedFile("a.csv", b"a,b\n1,2\n", "text/csv")
        form = {"file": upload, "mapping": "name: a", "crs": "EPSG:4490", "phase": "report"}
        answer = client.post(url, form)
    else:
        text = json.dumps(body) if kind else ""
        answer = client.generic(
            method, url, text, content_type="application/json", query_params=query
        )
    assert isinstance(answer, HttpResponse | object)
    return answer  # type: ignore[return-value]


def state_of_the_database() -> dict[str, tuple[int, int]]:
    """Return count and checksum of every table."""
    names = [one for one in connection.introspection.table_names() if one not in UNSTEADY]
    asked = " UNION ALL ".join(
        f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {name} t"
        for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return {name: (count, int(digest)) for name, count, digest in cursor.fetchall()}


def test_the_exceptions_are_routes() -> None:
    assert set(routes()) >= set(PUBLIC) | set(OWN) | set(FOR_EVERYBODY)


def test_without_signing_in_every_route_is_closed(filled: dict[str, str]) -> None:
    before, wrong = state_of_the_database(), []
    for method, path in routes():
        if (method, path) in PUBLIC:
            continue
        for request in requests_of(method, path, most=1):
            answer = send(Client(), method, address(path, filled), request)
            if answer.status_code != 401:
                wrong.append((method, path, answer.status_code))
    assert wrong == []
    assert state_of_the_database() == before


def test_without_a_role_nothing_is_read_and_nothing_is_done(filled: dict[str, str]) -> None:
    nobody = signed_in(make_person())
    before, wrong = state_of_the_database(), []
    for method, path in routes():
        if (method, path) in PUBLIC | OWN | FOR_EVERYBODY:
            continue
        url = address(path, filled)
        codes = [
            send(nobody, method, url, request).status_code for request in requests_of(method, path)
        ]
        refused = [code for code in codes if code in {403, 404}]
        if not refused or set(codes) - {403, 404, 422}:
            wrong.append((method, path, codes))
    assert wrong == []
    assert state_of_the_database() == before


@pytest.mark.parametrize(("method", "path"), sorted(FOR_EVERYBODY))
def test_what_everybody_may_read_is_read_and_no_more(
    filled: dict[str, str], method: str, path: str
) -> None:
    answer = signed_in(make_person()).get(address(path, filled))
    assert answer.status_code == 200
