"""A case is bound to its component: found, chosen or scanned, and checked against what is known."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from shapely.geometry import Point

from chengyun.administration.operations import change_setting
from chengyun.administration.operations.seed import seed_reference_data as seed_administration
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.cases.models import Case
from chengyun.cases.queries.components import (
    ComponentOfOtherType,
    ComponentOutOfUse,
    ComponentTooFar,
    ComponentUnknown,
    check_component,
)
from chengyun.cases.queries.types import get_type
from chengyun.cases.tests.builders import COVER, MONDAY_9, RUBBISH, STEP, City, act, report
from chengyun.components.models import Component
from chengyun.components.operations.change import retire_component
from chengyun.components.operations.register import ComponentInput, register_component
from chengyun.components.operations.seed import seed_reference_data as seed_components
from chengyun.components.rules.access import COMMAND_LINE
from chengyun.kernel.errors import Fault
from chengyun.territory.operations.seed import seed_reference_data as seed_territory
from chengyun.territory.tests.builders import middle

pytestmark = pytest.mark.django_db


def register(*, type_code: str = "01001", column: int = 0) -> str:
    seed_administration()
    seed_territory()
    seed_components()
    made = register_component(
        actor=COMMAND_LINE,
        given=ComponentInput(type_code=type_code, geometry=Point(middle(column, 0))),
    )
    return Component.objects.get(pk=made).code


def test_a_case_keeps_the_component_that_it_names(city: City) -> None:
    code = register()
    assert report(city, type_code=COVER, component_code=code).component_code == code
    assert report(city, type_code=RUBBISH, component_code=code).component_code == code


def test_what_cannot_be_the_component_is_refused(city: City) -> None:
    code = register()
    cases: list[tuple[str, type[Fault]]] = [
        ("33019901001999999", ComponentUnknown),
        (register(type_code="04002"), ComponentOfOtherType),
        (register(column=1), ComponentTooFar),
    ]
    for wrong, fault in cases:
        with pytest.raises(fault) as raised:
            report(city, type_code=COVER, component_code=wrong)
        assert raised.value.field == "component_code"
    retire_component(
        actor=COMMAND_LINE, component_id=Component.objects.get(code=code).pk, reason="x"
    )
    with pytest.raises(ComponentOutOfUse):
        report(city, type_code=COVER, component_code=code)
    assert not Case.objects.exists()


def test_how_far_is_a_setting(city: City) -> None:
    code = register(column=1)
    change_setting(actor=SYSTEM, key="components.case_radius_m", value=200)
    assert report(city, type_code=COVER, component_code=code).component_code == code


def test_a_report_without_a_component_asks_nothing_of_them(
    city: City, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    register()
    report(city)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chengyun.cases.operations.report.check_component", None)
        assert report(city).component_code == ""
    kind = get_type(COVER, kind="component")
    lon, lat = middle(0, 0)
    code = Component.objects.get().code
    check_component(code=code, kind=kind, lon=lon, lat=lat)
    with django_assert_num_queries(1):
        check_component(code=code, kind=kind, lon=lon, lat=lat)


def test_the_cases_of_a_component_are_listed(city: City) -> None:
    code = register()
    mine = report(city, type_code=COVER, component_code=code)
    report(city, type_code=COVER)
    client: Client = signed_in(make_person(permissions=["case.read"]))
    listed = client.get("/api/v1/cases", {"component": code}).json()["items"]
    assert [one["id"] for one in listed] == [mine.pk]
    assert client.get("/api/v1/cases", {"component": "1"}).json()["items"] == []
    assert client.get("/api/v1/cases", {"component": "'"}).status_code == 422


def test_the_cases_of_a_component_are_counted_exactly(city: City) -> None:
    code = register()
    for type_code in (COVER, RUBBISH):
        report(city, type_code=type_code, component_code=code)
    ended = report(city, type_code=COVER, component_code=code)
    act(city, ended, "refuse", by="acceptor", at=MONDAY_9 + STEP)
    report(city, type_code=COVER)
    path = "/api/v1/cases/statistics/of-component"
    client: Client = signed_in(make_person(permissions=["case.read"]))
    told = client.get(path, {"component": code}).json()
    figures = {name: told[name]["count"] for name in ("total", "open", "ended")}
    assert figures == {"total": 3, "open": 2, "ended": 1}
    assert [(one["code"], one["count"]) for one in told["by_type"]] == [(COVER, 2), (RUBBISH, 1)]
    for figure in (told["total"], told["open"], told["ended"], *told["by_type"]):
        listed = client.get("/api/v1/cases", figure["filter"]).json()["items"]
        assert len(listed) == figure["count"]


def test_counts_of_a_component_keep_to_what_one_may_read(city: City) -> None:
    code = register()
    report(city, type_code=COVER, component_code=code)
    path = "/api/v1/cases/statistics/of-component"
    elsewhere = signed_in(make_person(permissions=["case.read"], division_code="330299"))
    assert elsewhere.get(path, {"component": code}).json()["total"]["count"] == 0
    nobody = signed_in(make_person(permissions=["components.read"]))
    assert nobody.get(path, {"component": code}).status_code == 403
    reader = signed_in(make_person(permissions=["case.read"]))
    for wrong in ({}, {"component": ""}, {"component": "'"}, {"component": "\x00"}):
        assert reader.get(path, wrong).status_code == 422
