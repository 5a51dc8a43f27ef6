"""Sets of standards, matter types and dispatch rules, over HTTP."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.asking import ask, code_of, get, load
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.cases.models import DispatchRule, DisposalStandard, StandardSet
from chengyun.cases.queries.proposals import list_proposals
from chengyun.cases.tests.builders import COVER, RUBBISH, City, make_case, make_type

pytestmark = pytest.mark.django_db
NEW = {"zh": "市手册", "en": "Manual", "source": "2026"}


@pytest.fixture
def boss(city: City) -> Client:
    return signed_in(make_person(role="administrator"))


def sets() -> dict[str, bool]:
    return dict(StandardSet.objects.values_list("code", "active"))


def fill(code: str, city: City) -> None:
    DisposalStandard.objects.create(
        set=StandardSet.objects.get(code=code),
        matter_type=city.types[RUBBISH],
        condition_no=1,
        limit_value=1,
        limit_unit="working_day",
    )


def test_a_new_set_is_out_of_use_and_no_case_sees_it(city: City, boss: Client) -> None:
    assert ask(boss, "PUT", "/standard-sets/manual", NEW).status_code == 200
    assert sets() == {"default": True, "manual": False}
    fill("manual", city)
    case = make_case(city, "accepted")
    offered = list_proposals(actor=city.actor("shift_leader"), case_id=case.pk)["standards"]
    assert [one["id"] for one in offered] == [city.standards[RUBBISH].pk]


def test_putting_a_set_in_use_is_an_act_of_its_own_with_its_audit(city: City, boss: Client) -> None:
    ask(boss, "PUT", "/standard-sets/manual", NEW)
    refused = ask(boss, "POST", "/standard-sets/manual/use")
    assert code_of(refused) == (409, "standard_set_empty")
    assert sets() == {"default": True, "manual": False}
    fill("manual", city)
    assert ask(boss, "POST", "/standard-sets/manual/use").status_code == 204
    assert sets() == {"default": False, "manual": True}
    entry = AuditEntry.objects.latest("id")
    assert (entry.act, entry.subject) == ("cases.standard_set_used", "standard_set:manual")
    assert entry.detail == {"in_place_of": "default"}
    assert ask(boss, "PUT", "/standard-sets/manual", NEW).status_code == 200
    assert sets() == {"default": False, "manual": True}  # new words leave it in use
    count = AuditEntry.objects.count()
    assert ask(boss, "POST", "/standard-sets/manual/use").status_code == 204
    assert AuditEntry.objects.count() == count  # nothing was done
    assert code_of(ask(boss, "POST", "/standard-sets/none/use")) == (404, "not_found")


def test_the_database_keeps_two_sets_from_being_in_use(city: City) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StandardSet.objects.create(code="second", zh="二", active=True)
    assert sets() == {"default": True}


@pytest.mark.parametrize("permission", ["case.read", "standards.read"])
def test_types_are_read_with_either_permission(city: City, permission: str) -> None:
    reader = signed_in(make_person(permissions=[permission]))
    rubbish = city.types[RUBBISH]
    assert {row["code"] for row in get(reader, "/matter-types")["items"]} == {RUBBISH, COVER}
    one = get(reader, f"/matter-types/{rubbish.pk}")
    assert (one["id"], one["code"], one["kind"]) == (rubbish.pk, RUBBISH, "matter")
    assert ask(reader, "GET", "/matter-types/9999999").status_code == 404


def test_types_are_not_read_without_them(city: City) -> None:
    nobody = signed_in(make_person(permissions=["territory.read"]))
    for path in ("/matter-types", f"/matter-types/{city.types[RUBBISH].pk}"):
        assert code_of(ask(nobody, "GET", path)) == (403, "forbidden")


def rule(city: City, **values: object) -> dict[str, object]:
    return {"code": "R-1", "organisation_id": city.works.pk, **values}


def test_a_class_names_its_kind_where_both_kinds_have_it(city: City, boss: Client) -> None:
    make_type("01001", kind="matter")  # components have a class 01, too
    path = "/dispatch-rules"
    refused = ask(boss, "POST", path, rule(city, class_code="01"))
    assert code_of(refused) == (422, "invalid")
    assert load(refused)["errors"][0]["field"] == "kind"
    for wrong in ({"class_code": "77"}, {"class_code": "06", "kind": "component"}):
        assert code_of(ask(boss, "POST", path, rule(city, **wrong))) == (422, "invalid")
    assert DispatchRule.objects.count() == 0
    made = ask(boss, "POST", path, rule(city, class_code="06"))
    assert made.status_code == 201
    assert DispatchRule.objects.get().kind == "matter"  # only matters have a class 06
    assert get(boss, path)["items"][0]["kind"] == "matter"


def test_a_rule_for_a_class_of_components_is_not_proposed_for_matters(city: City) -> None:
    matter = make_type("01001", kind="matter")
    case = make_case(city, "accepted")
    case.matter_type = matter
    case.save(update_fields=["matter_type"])
    made = DispatchRule.objects.create(
        code="R-1", kind="component", class_code="01", organisation=city.works
    )
    actor = city.actor("dispatcher")
    assert list_proposals(actor=actor, case_id=case.pk)["departments"] == []
    DispatchRule.objects.filter(pk=made.pk).update(kind="matter")
    found = list_proposals(actor=actor, case_id=case.pk)["departments"]
    assert [one["rule"] for one in found] == ["R-1"]


def test_a_type_with_another_class_or_kind_is_refused(city: City, boss: Client) -> None:
    cover = city.types[COVER].pk
    for wrong in ({"class_code": "06"}, {"kind": "matter"}):
        body = rule(city, matter_type_id=cover, **wrong)
        assert code_of(ask(boss, "POST", "/dispatch-rules", body)) == (422, "invalid")
    body = rule(city, matter_type_id=cover, class_code="01", kind="component")
    assert ask(boss, "POST", "/dispatch-rules", body).status_code == 201
