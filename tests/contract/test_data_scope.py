"""What belongs to a district or a department is neither shown nor changed from another.

Every route of api/openapi.json is asked for things of one district by somebody who has every
permission in another, and for a case of one department by a handler of another.
"""

from __future__ import annotations

from typing import Any, cast

import pytest
from contract.test_permissions import (
    OWN,
    PUBLIC,
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
from chengyun.administration.rules.definitions import permission_definitions
from chengyun.administration.tests.builders import make_person, signed_in, token_for
from chengyun.cases.models import Attachment, Case, ExportRun, SavedView
from chengyun.cases.tests.builders import City, make_city
from chengyun.components.operations.register import ComponentInput, register_component
from chengyun.components.operations.seed import seed_reference_data as seed_components
from chengyun.intake.models import ImportRun
from chengyun.territory.operations.seed import seed_reference_data as seed_territory
from chengyun.territory.tests.builders import DISTRICT, middle

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ELSEWHERE = "330188"
SECRET = "甲区秘密"
_WORDS = "words, types and rules of the whole city; only who manages everywhere changes them"
_MAP = "the city's map is one: divisions, grids and who answers for them are known to every desk"
CITY_WIDE = {
    ("GET", "/administration/calendar/years/{year}"): "which days are worked is no secret",
    ("GET", "/administration/dictionaries/{dictionary}/items"): _WORDS,
    ("GET", "/administration/organisations/{organisation_id}"): "the directory of the city's own",
    ("GET", "/administration/roles/{role_id}"): "roles are one set for the whole city",
    ("GET", "/administration/settings/{key}"): "settings are one set for the whole city",
    ("GET", "/administration/settings/{key}/history"): "settings are one set for the whole city",
    ("GET", "/component-types/{code}"): _WORDS,
    ("GET", "/components/imports/mappings/{code}"): "mapping files come with the program",
    ("GET", "/imports/mappings/{code}"): "mapping files come with the program",
    ("GET", "/matter-types/{type_id}"): _WORDS,
    ("GET", "/territory/addresses/imports/mappings/{code}"): "mapping files come with the program",
    ("GET", "/territory/divisions/{code}"): _MAP,
    ("GET", "/territory/grids/{code}"): _MAP,
    ("GET", "/territory/grids/{code}/duties"): _MAP,
    ("GET", "/territory/grid-groups/{kind}"): _MAP,
    ("GET", "/territory/grid-groups/{kind}/{code}"): _MAP,
    ("GET", "/territory/grid-groups/{kind}/export"): _MAP,
    ("GET", "/territory/grid-groups/{kind}/faults"): _MAP,
    ("GET", "/components/census/of-component/{component_id}"): "empty, as of an unknown component",
}
_BY_BODY = "the grids that the body names decide; territory's tests ask with grids from elsewhere"
BY_BODY = {
    ("POST", "/territory/grid-groups/{kind}"): _BY_BODY,
    ("POST", "/territory/grid-groups/{kind}/import"): _BY_BODY,
    ("PUT", "/territory/grid-groups/{kind}/{code}"): _BY_BODY,
}
MAKES_OWN = {
    ("POST", "/attachments"): "an upload of one's own",
    ("POST", "/cases/export"): "an export of what one sees oneself",
    ("POST", "/cases/views"): "a view of one's own",
}


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
    addresses = ImportRun.objects.create(kind="addresses", by=leader, **mine)
    place = ComponentInput(type_code="01003", geometry=Point(*middle(0, 0)))
    component = register_component(actor=SYSTEM, given=place)
    return found | {
        "person_id": str(secret.pk),
        "view_id": str(view.pk),
        "export_id": str(export.pk),
        "component_id": str(component),
        "import_id": str(cases.pk),
        "imports of /components": str(components.pk),
        "imports of /territory/addresses": str(addresses.pk),
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
    """Return the address; the imports of each door have ids of their own."""
    door = f"imports of {path.partition('/imports/')[0]}"
    own = {"import_id": parts[door]} if door in parts else {}
    return address(path, parts | own)


def text_of(found: object) -> str:
    answer = cast("HttpResponse | StreamingHttpResponse", found)
    raw = b"".join(answer) if isinstance(answer, StreamingHttpResponse) else answer.content
    return raw.decode("utf-8", "replace")


def asked(client: Client, parts: dict[str, str], method: str, path: str) -> tuple[set[int], str]:
    """Return the statuses and all texts of some well-formed requests."""
    codes: set[int] = set()
    texts: list[str] = []
    for count, request in enumerate(requests_of(method, path)):
        if count > 1 and codes != {422}:  # most bodies pass at once, some need luck
            break
        answer = send(client, method, where(path, parts), request)
        codes.add(answer.status_code)
        texts.append(text_of(answer))
    return codes, "".join(texts)


def checked_routes() -> list[tuple[str, str]]:
    return [one for one in routes() if one not in PUBLIC | OWN | MAKES_OWN]


def test_the_tables_name_routes() -> None:
    assert set(routes()) >= set(CITY_WIDE) | set(BY_BODY) | set(MAKES_OWN)


def test_every_permission_elsewhere_opens_nothing_here(city: City, parts: dict[str, str]) -> None:
    neighbour = make_person(
        permissions=sorted(permission_definitions()), division_code=ELSEWHERE, name="邻区人员"
    )
    client = signed_in(neighbour)
    wrong = opened(client, parts, "GET")  # some readings are audited
    before = state_of_the_database()
    wrong += opened(client, parts, "POST", "PUT", "PATCH", "DELETE")
    assert not wrong, "\n".join(map(str, wrong))
    assert state_of_the_database() == before


def opened(client: Client, parts: dict[str, str], *methods: str) -> list[tuple[str, str, str]]:
    """Ask the routes of these methods; return which of them let the neighbour in, and how."""
    found = []
    for method, path in checked_routes():
        if method not in methods:
            continue
        codes, text = asked(client, parts, method, path)
        named = "{" in path and (method, path) not in CITY_WIDE | BY_BODY
        if named and (not codes & {403, 404} or codes - {403, 404, 422}):
            found.append((method, path, f"open: {sorted(codes)}"))
        shown = [word for word in (SECRET, "secret.person") if word in text]
        if shown:
            found.append((method, path, f"shows {shown}"))
    return found


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
