from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chengyun.administration.models import AuditEntry, Person, Role, RoleGrant
from chengyun.administration.operations import change_setting
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.asking import ask, code_of, get, load
from chengyun.administration.tests.builders import (
    grant_role,
    make_organisation,
    make_person,
    signed_in,
)

pytestmark = pytest.mark.django_db
ROLES, GRANTS, POSTS = "/administration/roles", "/administration/grants", "/administration/posts"


@pytest.fixture
def boss() -> Client:
    return signed_in(make_person(role="administrator"))


def new_role(boss: Client, **change: Any) -> dict[str, Any]:
    sent = {"code": "patrol", "zh": "巡查", "permissions": ["case.read"], **change}
    answer = ask(boss, "POST", ROLES, sent)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = load(answer)
    return found


def test_a_role_of_ones_own_is_made_changed_and_felt_at_once(boss: Client) -> None:
    role = new_role(boss)
    person = make_person()
    grant_role(person, role="patrol")
    theirs = signed_in(person)
    assert get(theirs, "/session")["permissions"] == ["case.read"]
    wanted = ["case.report", "case.read"]
    changed = ask(boss, "PATCH", f"{ROLES}/{role['id']}", {"permissions": wanted})
    assert load(changed)["permissions"] == ["case.read", "case.report"]
    assert get(theirs, "/session")["permissions"] == ["case.read", "case.report"]
    assert AuditEntry.objects.filter(act="role.changed").count() == 1


def test_builtin_roles_stay_as_they_are(boss: Client) -> None:
    role = Role.objects.get(code="acceptor")
    url = f"{ROLES}/{role.pk}"
    assert code_of(ask(boss, "PATCH", url, {"permissions": []})) == (409, "builtin_protected")
    assert code_of(ask(boss, "POST", f"{url}/deactivate")) == (409, "builtin_protected")
    role.refresh_from_db()
    assert "case.act.acceptor" in role.permissions


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"permissions": ["case.fly"]}, (422, "invalid")),
        ({"permissions": ["case.act.acceptor", "case.act.dispatcher"]}, (409, "axes_conflict")),
        ({"code": "acceptor"}, (409, "code_taken")),
        ({"code": "a b"}, (422, "request_invalid")),
        ({"zh": ""}, (422, "request_invalid")),
        ({"permissions": "case.read"}, (422, "request_invalid")),
        ({"permissions": ["x\x00"]}, (422, "request_invalid")),
    ],
)
def test_roles_that_cannot_be(boss: Client, change: dict[str, Any], answer: Any) -> None:
    before = Role.objects.count()
    sent = {"code": "patrol", "zh": "巡查", "permissions": [], **change}
    assert code_of(ask(boss, "POST", ROLES, sent)) == answer
    assert Role.objects.count() == before


def test_a_change_of_role_must_not_put_its_holders_on_both_sides(boss: Client) -> None:
    role = new_role(boss)
    person = make_person(role="acceptor")
    grant_role(person, role="patrol")
    sent = {"permissions": ["case.act.dispatcher"]}
    assert code_of(ask(boss, "PATCH", f"{ROLES}/{role['id']}", sent)) == (409, "axes_conflict")
    assert Role.objects.get(code="patrol").permissions == ["case.read"]


def test_a_role_in_use_is_not_switched_off(boss: Client) -> None:
    role = new_role(boss)
    grant = grant_role(make_person(), role="patrol")
    url = f"{ROLES}/{role['id']}"
    assert code_of(ask(boss, "POST", f"{url}/deactivate")) == (409, "still_in_use")
    grant.delete()
    assert load(ask(boss, "POST", f"{url}/deactivate"))["active"] is False
    refused = ask(boss, "POST", GRANTS, {"person_id": make_person().pk, "role": "patrol"})
    assert refused.status_code == 422
    assert load(ask(boss, "POST", f"{url}/activate"))["active"] is True


def test_roles_are_the_whole_platforms(boss: Client) -> None:
    local = signed_in(make_person(role="administrator", division_code="310101"))
    sent = {"code": "mine", "zh": "我", "permissions": []}
    assert ask(local, "POST", ROLES, sent).status_code == 403
    narrow = signed_in(make_person(permissions=["administration.roles"]))
    guarded = {**sent, "permissions": ["administration.audit"]}
    assert code_of(ask(narrow, "POST", ROLES, guarded)) == (403, "grant_too_wide")
    assert ask(narrow, "POST", ROLES, {**sent, "permissions": ["case.read"]}).status_code == 201


def test_permissions_and_roles_are_listed(boss: Client) -> None:
    permissions = {row["code"]: row for row in get(boss, "/administration/permissions")}
    assert permissions["case.act.dispatcher"]["axis"] == "command"
    assert permissions["administration.audit"]["guarded"] is True
    roles = get(boss, f"{ROLES}?limit=3")
    assert [row["code"] for row in roles["items"]] == ["collector", "hotline_operator", "acceptor"]
    assert get(boss, f"{ROLES}?q=系统")["items"][0]["grants"] == 1
    assert ask(boss, "GET", f"{ROLES}/{2**62}").status_code == 404


def test_posts(boss: Client) -> None:
    made = load(ask(boss, "POST", POSTS, {"code": "night", "zh": "夜班"}))
    assert ask(boss, "POST", POSTS, {"code": "night", "zh": "夜"}).status_code == 409
    url = f"{POSTS}/{made['id']}"
    changed = load(ask(boss, "PATCH", url, {"active": False, "en": "Night"}))
    assert (changed["zh"], changed["en"], changed["active"]) == ("夜班", "Night", False)
    assert get(boss, f"{POSTS}?active=false")["items"][0]["code"] == "night"
    assert ask(boss, "PATCH", f"{POSTS}/{2**62}", {}).status_code == 404


def test_a_grant_is_given_within_a_scope_and_taken_back(boss: Client) -> None:
    person, home = make_person(), make_organisation(division_code="310101")
    theirs = signed_in(person)
    sent = {
        "person_id": person.pk,
        "role": "department",
        "division_code": "310101",
        "organisation_id": home.pk,
        "case_kinds": ["matter"],
    }
    answer = ask(boss, "POST", GRANTS, sent)
    assert answer.status_code == 201, answer.content
    made = load(answer)
    assert (made["role_zh"], made["organisation_name"]) == ("专业部门", home.zh)
    assert get(theirs, "/session")["grants"][0]["case_kinds"] == ["matter"]
    assert code_of(ask(boss, "POST", GRANTS, sent)) == (409, "code_taken")
    assert get(boss, f"{GRANTS}?person_id={person.pk}")["items"] == [made]
    assert ask(boss, "DELETE", f"{GRANTS}/{made['id']}").status_code == 204
    assert get(theirs, "/session")["grants"] == []
    assert ask(boss, "DELETE", f"{GRANTS}/{made['id']}").status_code == 404
    acts = AuditEntry.objects.filter(act__startswith="grant.").order_by("id")
    assert [entry.act for entry in acts] == ["grant.given", "grant.withdrawn"]


@pytest.mark.parametrize(
    "change",
    [
        {"role": "king"},
        {"role": ""},
        {"organisation_id": 2**62},
        {"division_code": "31x"},
        {"division_code": "310"},
        {"case_kinds": ["dog"]},
        {"case_kinds": "matter"},
        {"person_id": 0},
        {"person_id": 2**64},
    ],
)
def test_grants_that_cannot_be(boss: Client, change: dict[str, Any]) -> None:
    person = make_person()
    before = RoleGrant.objects.count()
    sent = {"person_id": person.pk, "role": "leader", **change}
    assert ask(boss, "POST", GRANTS, sent).status_code == 422
    assert RoleGrant.objects.count() == before


def test_nobody_sits_on_both_sides_unless_the_city_wants_it(boss: Client) -> None:
    person = make_person(role="acceptor")
    sent = {"person_id": person.pk, "role": "dispatcher"}
    assert code_of(ask(boss, "POST", GRANTS, sent)) == (409, "axes_conflict")
    assert person.grants.count() == 1
    change_setting(actor=SYSTEM, key="administration.allow_both_axes", value=True)
    assert ask(boss, "POST", GRANTS, sent).status_code == 201


def test_nobody_grants_to_himself() -> None:
    person = make_person(role="administrator")
    boss = signed_in(person)
    sent = {"person_id": person.pk, "role": "leader"}
    assert code_of(ask(boss, "POST", GRANTS, sent)) == (409, "not_on_oneself")
    own = person.grants.get()
    assert code_of(ask(boss, "DELETE", f"{GRANTS}/{own.pk}")) == (409, "not_on_oneself")
    change_setting(actor=SYSTEM, key="administration.allow_own_grants", value=True)
    assert ask(boss, "POST", GRANTS, sent).status_code == 201


def district() -> tuple[Client, Person, Person]:
    """An administrator of 310101, a person there and a person elsewhere."""
    local = signed_in(make_person(role="administrator", division_code="310101"))
    inside = make_person(organisation=make_organisation(division_code="310101003"))
    outside = make_person(organisation=make_organisation(division_code="310102"))
    return local, inside, outside


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"division_code": "310101"}, (201, "")),
        ({"division_code": "310101003"}, (201, "")),
        ({"division_code": "310102"}, (403, "grant_too_wide")),
        ({"division_code": "3101"}, (403, "grant_too_wide")),
        ({}, (403, "grant_too_wide")),
        ({"role": "administrator", "division_code": "310101003"}, (201, "")),
        ({"role": "administrator", "division_code": "31"}, (403, "grant_too_wide")),
    ],
)
def test_nobody_grants_more_than_he_has(change: dict[str, Any], answer: Any) -> None:
    local, inside, _ = district()
    sent = {"person_id": inside.pk, "role": "acceptor", **change}
    assert code_of(ask(local, "POST", GRANTS, sent)) == answer
    assert inside.grants.count() == (1 if answer[0] == 201 else 0)


def test_a_district_may_bind_a_role_to_its_own_organisation() -> None:
    local, inside, outside = district()
    own = {"person_id": inside.pk, "role": "department", "organisation_id": inside.organisation_id}
    assert ask(local, "POST", GRANTS, own).status_code == 201
    foreign = {**own, "organisation_id": outside.organisation_id}
    assert code_of(ask(local, "POST", GRANTS, foreign)) == (403, "grant_too_wide")


def test_a_district_neither_sees_nor_touches_grants_elsewhere() -> None:
    local, inside, outside = district()
    there = grant_role(outside, role="leader", division_code="310102")
    wide = grant_role(inside, role="leader")
    here = grant_role(inside, role="acceptor", division_code="310101")
    ids = {row["id"] for row in get(local, GRANTS)["items"]}
    assert there.pk not in ids
    assert {wide.pk, here.pk} <= ids
    sent = {"person_id": outside.pk, "role": "acceptor", "division_code": "310101"}
    assert ask(local, "POST", GRANTS, sent).status_code == 404
    assert ask(local, "DELETE", f"{GRANTS}/{there.pk}").status_code == 404
    assert code_of(ask(local, "DELETE", f"{GRANTS}/{wide.pk}")) == (403, "grant_too_wide")
    assert ask(local, "DELETE", f"{GRANTS}/{here.pk}").status_code == 204
