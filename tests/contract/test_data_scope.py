"""What belongs to a district or a department is neither shown nor changed from another.

Every route of a case in api/openapi.json is asked by a handler of another department and by
somebody at every desk of another district.
"""

from __future__ import annotations

from typing import Any

import pytest
from contract.test_permissions import (
    address,
    parts_of,
    requests_of,
    routes,
    send,
    state_of_the_database,
)
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from shapely.geometry import Point

from chengyun.administration.models import Person
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.builders import make_person, signed_in, token_for
from chengyun.cases.models import Attachment, Case, ExportRun, SavedView
from chengyun.cases.tests.builders import City, make_city
from chengyun.components.operations.register import ComponentInput, register_component
from chengyun.components.operations.seed import seed_reference_data as seed_components
from chengyun.intake.models import ImportRun
from chengyun.territory.operations.seed import seed_reference_data as seed_territory
from chengyun.territory.tests.builders import DISTRICT, middle

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SECRET = "甲区秘密"


@pytest.fixture
def parts(city: City) -> dict[str, str]:
    """The values of the addresses' parts: things of the first district, and its people's own."""
    leader, secret = city.people["leader"], make_secret_person(city)
    found = parts_of(city)
    case = Case.objects.get(pk=int(found["case_id"]))
    Case.objects.filter(pk=case.pk).update(title=SECRET, address=SECRET)
    Attachment.objects.filter(pk=found["attachment_id"]).update(case=case, name=SECRET)
    token_for(secret)
    view = SavedView.objects.create(person=leader, name=SECRET)
    export = ExportRun.objects.create(person=leader, state="done", storage_key="exports/none")
    mine: dict[str, Any] = {"source_name": SECRET, "source_sha256": "0" * 64, "mapping": {}}
    cases = ImportRun.objects.create(kind="cases", by=leader, **mine)
    components = ImportRun.objects.create(kind="components", by=leader, **mine)
    place = ComponentInput(type_code="01003", geometry=Point(*middle(0, 0)))
    component = register_component(actor=SYSTEM, given=place)
    return found | {
        "person_id": str(secret.pk),
        "view_id": str(view.pk),
        "export_id": str(export.pk),
        "component_id": str(component),
        "import_id": str(cases.pk),
        "components/import_id": str(components.pk),
    }


@pytest.fixture
def city(db: None) -> City:
    seed_territory()
    seed_components()
    return make_city()


def make_secret_person(city: City) -> Person:
    return make_person(
        role="leader",
        organisation=city.people["acceptor"].organisation,
        division_code=DISTRICT,
        name=SECRET,
        username="secret.person",
    )


def where(path: str, parts: dict[str, str]) -> str:
    """Return the address; imports of components have ids of their own."""
    own = {"import_id": parts["components/import_id"]} if path.startswith("/components/") else {}
    return address(path, parts | own)


def text_of(answer: HttpResponse) -> str:
    raw = b"".join(answer) if isinstance(answer, StreamingHttpResponse) else answer.content
    return raw.decode("utf-8", "replace")


def asked(client: Client, parts: dict[str, str], method: str, path: str) -> tuple[set[int], str]:
    """Return the statuses and all texts of some well-formed requests."""
    answers = [
        send(client, method, where(path, parts), request) for request in requests_of(method, path)
    ]
    return {one.status_code for one in answers}, "".join(text_of(one) for one in answers)


CASE_ROUTES = [(method, path) for method, path in routes() if path.startswith("/cases/{case_id}")]


@pytest.mark.parametrize("who", ["cleaner", "outsider"])
def test_a_case_of_another_department_does_not_exist(
    city: City, parts: dict[str, str], who: str
) -> None:
    """The case was dispatched to `works`: the cleaner's department has nothing to do with it."""
    client, before, wrong = signed_in(city.people[who]), state_of_the_database(), []
    for method, path in CASE_ROUTES:
        codes, text = asked(client, parts, method, path)
        if not codes & {403, 404} or codes - {403, 404, 422} or SECRET in text:
            wrong.append((method, path, codes))
    listed = text_of(client.get("/api/v1/cases"))
    assert wrong == []
    assert SECRET not in listed
    assert state_of_the_database() == before


def test_the_department_itself_sees_its_case(city: City, parts: dict[str, str]) -> None:
    client = signed_in(city.people["department"])
    assert client.get(f"/api/v1/cases/{parts['case_id']}").json()["title"] == SECRET
    assert SECRET in text_of(client.get("/api/v1/cases"))
