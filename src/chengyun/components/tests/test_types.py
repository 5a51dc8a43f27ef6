"""Component types: seed, find by codes of three standards, list and map over HTTP."""

from __future__ import annotations

import pytest
from django.test import Client

from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.components.models import ComponentType
from chengyun.components.operations.seed import seed_reference_data
from chengyun.components.queries.types import (
    CURRENT_STANDARD,
    STANDARD_2007,
    STANDARD_2013,
    find_component_type,
    map_component_code,
)

URL = "/api/v1/component-types"
pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    seed_reference_data()
    return signed_in(make_person(permissions=["territory.read"]))


def test_the_seed_may_run_twice_and_leaves_local_types() -> None:
    seed_reference_data()
    ComponentType.objects.create(
        standard="local", code="21001", class_code="21", zh="共享单车架", local=True
    )
    seed_reference_data()
    assert ComponentType.objects.count() == 164
    assert ComponentType.objects.filter(standard=CURRENT_STANDARD).count() == 153
    assert not ComponentType.objects.exclude(code__regex=r"^[0-9]{4,5}$").exists()


@pytest.mark.parametrize(
    ("code", "standard", "found"),
    [
        ("01019", None, "01019"),
        ("0119", STANDARD_2013, "01019"),
        ("0127", STANDARD_2007, "01019"),
        ("0127", STANDARD_2013, "01027"),
        ("0127", None, "01027"),
        ("0504", STANDARD_2013, "0504"),
        ("0601", STANDARD_2007, "0601"),
        ("9999", None, None),
        ("01019", STANDARD_2013, None),
    ],
)
def test_a_code_of_any_standard_finds_its_type(
    code: str, standard: str | None, found: str | None
) -> None:
    seed_reference_data()
    row = find_component_type(code, standard)
    assert (row and row.code) == found


def test_a_split_code_maps_to_every_present_type() -> None:
    seed_reference_data()
    split = [row.code for row in map_component_code("0117", STANDARD_2007)]
    assert (
        len(split)
        == ComponentType.objects.filter(standard=CURRENT_STANDARD, code_2007="0117").count()
    )
    assert map_component_code("0601", STANDARD_2007) == []


def test_a_citys_own_type_is_found_and_listed(client: Client) -> None:
    ComponentType.objects.create(
        standard="local", code="21001", class_code="21", zh="共享单车架", local=True
    )
    own = find_component_type("21001")
    assert own is not None
    assert own.local
    listed = client.get(URL, {"q": "单车架"}).json()
    assert [item["code"] for item in listed["items"]] == ["21001"]


def test_the_list_is_paged_and_searched(client: Client) -> None:
    first = client.get(URL, {"limit": 100}).json()
    rest = client.get(URL, {"limit": 100, "after": first["next"]}).json()
    codes = [item["code"] for item in first["items"] + rest["items"]]
    assert len(codes) == len(set(codes)) == 153
    assert codes == sorted(codes)
    assert rest["next"] is None
    covers = client.get(URL, {"q": "雨水井盖"}).json()["items"]
    assert [(item["code"], item["code_2013"]) for item in covers] == [("01003", "0103")]
    assert client.get(URL, {"q": "100%"}).json()["items"] == []
    assert len(client.get(URL, {"standard": STANDARD_2013}).json()["items"]) == 4


def test_mapping_and_one_type_over_http(client: Client) -> None:
    mapped = client.get(f"{URL}/mapping", {"code": "0119", "standard": STANDARD_2013}).json()
    assert [item["code"] for item in mapped["types"]] == ["01019"]
    assert client.get(f"{URL}/01019").json()["zh"] == "中水井盖"
    missing = client.get(f"{URL}/99999")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 1e400},
        {"after": "nonsense"},
        {"standard": "ISO 1"},
        {"q": "\x00"},
        {"class_code": "x"},
    ],
)
def test_bad_parameters_are_named(client: Client, query: dict[str, str]) -> None:
    answer = client.get(URL, query)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["", "/mapping?code=0119&standard=CJ/T 214-2007", "/01019"])
def test_who_may_read(path: str) -> None:
    assert Client().get(URL + path).status_code == 401
    assert signed_in(make_person()).get(URL + path).status_code == 403
