"""Further attributes: defined as data, checked with every write."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chengyun.administration.tests.builders import actor_for, make_person, signed_in
from chengyun.components.models import AttributeDefinition, Component
from chengyun.components.operations.attributes import DefinitionInput, save_definition
from chengyun.components.operations.change import change_component
from chengyun.components.rules.attributes import Definition, checked_attributes, definitions_for
from chengyun.components.rules.faults import AttributeFault
from chengyun.components.tests.builders import COVER, LAMP, City
from chengyun.kernel.errors import SeveralFaults

URL = "/api/v1/component-attributes"
DEPTH = {"type_code": COVER, "name": "depth_m", "zh": "井深", "kind": "decimal", "maximum": 50}
SHAPE = {
    "type_code": "01",
    "name": "shape",
    "zh": "形状",
    "kind": "choice",
    "choices": [
        {"code": "round", "zh": "圆", "en": "round"},
        {"code": "square", "zh": "方", "en": ""},
    ],
    "required": True,
}


def define(city: City, **given: Any) -> Any:
    return city.client.post(URL, given, content_type="application/json")


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", "铸铁", "铸铁"),
        ("integer", 3, 3),
        ("integer", "3", 3),
        ("decimal", "2.5", 2.5),
        ("boolean", "是", True),
        ("boolean", False, False),
        ("date", "2020-02-29", "2020-02-29"),
        ("choice", "a", "a"),
        ("choice", "甲", "a"),
    ],
)
def test_values_are_kept_in_one_form(kind: str, given: object, kept: object) -> None:
    definition = Definition(name="x", kind=kind, choices={"a": ("甲", "A")})
    assert checked_attributes({"x": given}, {"x": definition}, reading=True) == ({"x": kept}, [])


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", 3),
        ("text", "x" * 501),
        ("text", "\x00"),
        ("integer", 2.5),
        ("integer", 1e300),
        ("decimal", "tief"),
        ("decimal", float("nan")),
        ("decimal", True),
        ("decimal", 11),
        ("boolean", "maybe"),
        ("date", "2021-02-29"),
        ("choice", "b"),
        ("choice", ["a"]),
    ],
)
def test_what_does_not_fit_is_named(kind: str, given: object) -> None:
    definition = Definition(name="x", kind=kind, maximum=10, choices={"a": ("甲", "A")})
    kept, faults = checked_attributes({"x": given}, {"x": definition})
    assert (kept, [fault.field for fault in faults]) == ({}, ["attributes.x"])


def test_the_narrower_definition_wins() -> None:
    known = [
        Definition(name="x", kind=kind, type_code=code)
        for code, kind in (("", "text"), ("01003", "integer"), ("01", "date"))
    ]
    assert definitions_for(known, "01003")["x"].kind == "integer"
    assert definitions_for(known, "01004")["x"].kind == "date"
    assert definitions_for(known, "02001")["x"].kind == "text"


def test_definitions_are_checked_and_listed(city: City) -> None:
    assert define(city, **DEPTH).status_code == 201
    assert define(city, **SHAPE).status_code == 201
    taken = define(city, **DEPTH)
    assert (taken.status_code, taken.json()["code"]) == (409, "attribute_name_taken")
    for wrong in (
        {"name": "Depth"},
        {"type_code": "99999"},
        {"kind": "choice"},
        {"kind": "text"},
        {"minimum": 60},
        {"zh": ""},
    ):
        assert define(city, **(DEPTH | {"name": "other"} | wrong)).status_code == 422, wrong
    assert AttributeDefinition.objects.count() == 2
    for_cover = city.client.get(URL, {"type": COVER}).json()["items"]
    assert {one["name"] for one in for_cover} == {"depth_m", "shape"}
    for_lamp = city.client.get(URL, {"type": LAMP}).json()["items"]
    assert [one["name"] for one in for_lamp] == ["shape"]


def test_every_write_is_checked_and_told_whole(city: City) -> None:
    define(city, **DEPTH)
    define(city, **SHAPE)
    with pytest.raises(SeveralFaults) as wrong:
        city.component(attributes={"depth_m": 99, "colour": "red"})
    assert [fault.field for fault in wrong.value.faults] == [
        "attributes.depth_m",
        "attributes.colour",
        "attributes.shape",
    ]
    assert Component.objects.count() == 0
    one = city.component(attributes={"depth_m": 2, "shape": "圆"})
    assert one.attributes == {"depth_m": 2.0, "shape": "round"}
    actor = actor_for(city.keeper)
    with pytest.raises(AttributeFault):
        change_component(actor=actor, component_id=one.pk, values={"attributes": {"depth_m": 3}})
    one.refresh_from_db()
    assert one.version == 1
    shown = city.client.get(f"/api/v1/components/{one.pk}").json()
    assert shown["attribute_names"] == ["depth_m", "shape"]


def test_a_definition_changes_its_words_not_its_kind(city: City) -> None:
    made = define(city, **DEPTH).json()["id"]
    renamed = city.client.put(
        f"{URL}/{made}", DEPTH | {"zh": "深度", "active": False}, content_type="application/json"
    )
    assert (renamed.status_code, renamed.json()["zh"]) == (200, "深度")
    other = city.client.put(
        f"{URL}/{made}", DEPTH | {"kind": "integer"}, content_type="application/json"
    )
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "kind")
    assert city.client.get(URL, {"type": COVER}).json()["items"] == []
    assert (
        city.client.put(f"{URL}/999999", DEPTH, content_type="application/json").status_code == 404
    )


@pytest.mark.django_db
def test_who_may_define() -> None:
    given = {"name": "x", "zh": "甲"}
    local = make_person(permissions=["components.manage"], division_code="330199")
    reader = make_person(permissions=["components.read"])
    for client, status in (
        (Client(), 401),
        (signed_in(make_person()), 403),
        (signed_in(reader), 403),
        (signed_in(local), 403),
    ):
        assert client.post(URL, given, content_type="application/json").status_code == status
    assert AttributeDefinition.objects.count() == 0
    assert signed_in(reader).get(URL).status_code == 200
    assert signed_in(make_person()).get(URL).status_code == 403
    everywhere = actor_for(make_person(permissions=["components.manage"]))
    save_definition(actor=everywhere, given=DefinitionInput(name="x", zh="甲"))
    assert AttributeDefinition.objects.count() == 1
