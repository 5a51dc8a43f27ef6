from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chengyun.administration.models import AuditEntry, Organisation
from chengyun.administration.operations import seed_reference_data
from chengyun.administration.operations.uses import Use, _uses, register_use
from chengyun.administration.tests.asking import ask, code_of, get, load
from chengyun.administration.tests.builders import (
    grant_role,
    make_organisation,
    make_person,
    signed_in,
)
from chengyun.journal.models import Event

pytestmark = pytest.mark.django_db
PATH = "/administration/organisations"
BODY = {"parent_id": None, "code": "water", "zh": "水务局", "kind": "department"}


@pytest.fixture
def boss() -> Client:
    return signed_in(make_person(role="administrator"))


def tree() -> tuple[Organisation, Organisation, Organisation, Organisation]:
    """A city with two districts, the first with a department."""
    city = make_organisation(zh="市", kind="city", division_code="310100")
    first = make_organisation(zh="甲区", parent=city, kind="district", division_code="310101")
    second = make_organisation(zh="乙区", parent=city, kind="district", division_code="310102")
    department = make_organisation(zh="甲区水务", parent=first)
    return city, first, second, department


def test_an_organisation_is_added_below_another(boss: Client) -> None:
    seed_reference_data()
    city, *_ = tree()
    body = {
        **BODY,
        "parent_id": city.pk,
        "department_kind": "water",
        "credit_code": "91350100m000100y43",
    }
    answer = ask(boss, "POST", PATH, body)
    assert answer.status_code == 201, answer.content
    made = load(answer)
    assert made["path"] == f"{city.path}{made['id']}/"
    assert made["division_code"] == "310100"
    assert made["credit_code"] == "91350100M000100Y43"
    entry = AuditEntry.objects.get(act="organisation.created")
    assert entry.subject == f"organisation:{made['id']}"
    event = Event.objects.get(subject=entry.subject)
    assert (event.kind, event.division_code) == ("administration.organisation_changed", "310100")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "x" * 41}, "code"),
        ({"zh": " "}, "zh"),
        ({"zh": "水\x00"}, "zh"),
        ({"zh": "x" * 101}, "zh"),
        ({"zh": 7}, "zh"),
        ({"kind": "kingdom"}, "kind"),
        ({"department_kind": "magic"}, "department_kind"),
        ({"credit_code": "91350100M000100Y44"}, "credit_code"),
        ({"division_code": "31010"}, "division_code"),
        ({"division_code": "31010a"}, "division_code"),
        ({"sort": 2**40}, "sort"),
        ({"parent_id": 2**63}, "parent_id"),
        ({"parent_id": -1}, "parent_id"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_bad_values_are_named_and_nothing_is_added(
    boss: Client, change: dict[str, Any], field: str
) -> None:
    before = Organisation.objects.count()
    answer = ask(boss, "POST", PATH, {**BODY, **change})
    assert answer.status_code == 422, answer.content
    assert field in {error["field"] for error in load(answer)["errors"]}
    assert Organisation.objects.count() == before


def test_a_code_comes_once(boss: Client) -> None:
    assert ask(boss, "POST", PATH, BODY).status_code == 201
    assert code_of(ask(boss, "POST", PATH, BODY)) == (409, "code_taken")
    other = {**BODY, "code": "w2", "credit_code": "91350100M000100Y43"}
    assert ask(boss, "POST", PATH, other).status_code == 201
    assert code_of(ask(boss, "POST", PATH, {**other, "code": "w3"})) == (409, "code_taken")


def test_the_same_request_twice_adds_one(boss: Client) -> None:
    first = ask(boss, "POST", PATH, BODY, Idempotency_Key="k1")
    second = ask(boss, "POST", PATH, BODY, Idempotency_Key="k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert load(first) == load(second)
    other = ask(boss, "POST", PATH, {**BODY, "code": "w2"}, Idempotency_Key="k1")
    assert code_of(other) == (409, "idempotency_key_reused")
    assert Organisation.objects.filter(code__in=["water", "w2"]).count() == 1
    bad = ask(boss, "POST", PATH, BODY, Idempotency_Key="x" * 81)
    assert code_of(bad) == (422, "idempotency_key_invalid")


def test_a_change_is_recorded_as_before_and_after(boss: Client) -> None:
    found = make_organisation(zh="旧名")
    answer = ask(boss, "PATCH", f"{PATH}/{found.pk}", {"zh": "新名", "en": None})
    assert load(answer)["zh"] == "新名"
    detail = AuditEntry.objects.get(act="organisation.changed").detail
    assert detail == {"zh": ["旧名", "新名"]}
    ask(boss, "PATCH", f"{PATH}/{found.pk}", {"zh": "新名"})
    assert AuditEntry.objects.filter(act="organisation.changed").count() == 1


def test_a_subtree_moves_with_everything_below_it(boss: Client) -> None:
    _, first, second, department = tree()
    team = make_organisation(parent=department)
    answer = ask(boss, "POST", f"{PATH}/{department.pk}/move", {"parent_id": second.pk})
    assert answer.status_code == 200
    team.refresh_from_db()
    assert team.path == f"{second.path}{department.pk}/{team.pk}/"
    first.refresh_from_db()
    assert get(boss, f"{PATH}?under={first.pk}")["items"] == [get(boss, f"{PATH}/{first.pk}")]
    assert ask(boss, "POST", f"{PATH}/{department.pk}/move", {"parent_id": None}).status_code == 200
    team.refresh_from_db()
    assert team.path == f"/{department.pk}/{team.pk}/"


def test_nothing_hangs_below_itself_or_too_deep(boss: Client) -> None:
    city, first, _, department = tree()
    for parent in (department.pk, first.pk):
        answer = ask(boss, "POST", f"{PATH}/{first.pk}/move", {"parent_id": parent})
        assert code_of(answer) == (422, "invalid")
    deep = city
    for _ in range(11):
        deep = make_organisation(parent=deep)
    child = {**BODY, "parent_id": deep.pk}
    assert code_of(ask(boss, "POST", PATH, child)) == (422, "invalid")
    answer = ask(boss, "POST", f"{PATH}/{first.pk}/move", {"parent_id": deep.parent_id})
    assert code_of(answer) == (422, "invalid")
    first.refresh_from_db()
    assert first.path == f"/{city.pk}/{first.pk}/"


def test_an_organisation_in_use_stays(boss: Client) -> None:
    _, first, second, department = tree()
    person = make_person(organisation=department)
    url = f"{PATH}/{{}}/deactivate"
    assert code_of(ask(boss, "POST", url.format(first.pk))) == (409, "still_in_use")
    assert code_of(ask(boss, "POST", url.format(department.pk))) == (409, "still_in_use")
    person.is_active = False
    person.save()
    assert load(ask(boss, "POST", url.format(department.pk)))["active"] is False
    assert load(ask(boss, "POST", url.format(first.pk)))["active"] is False
    answer = ask(boss, "POST", f"{PATH}/{department.pk}/activate")
    assert code_of(answer) == (409, "still_in_use")
    assert ask(boss, "POST", f"{PATH}/{first.pk}/activate").status_code == 200
    assert ask(boss, "POST", f"{PATH}/{department.pk}/activate").status_code == 200
    assert ask(boss, "POST", url.format(second.pk)).status_code == 200
    child = {**BODY, "parent_id": second.pk}
    assert code_of(ask(boss, "POST", PATH, child)) == (422, "invalid")


def test_an_upper_context_may_say_that_an_organisation_is_in_use(boss: Client) -> None:
    held = make_organisation()
    key = ("organisation", "open test things")
    register_use(
        Use(noun="organisation", zh="件", en=key[1], count=lambda one: int(one == held.pk))
    )
    try:
        answer = ask(boss, "POST", f"{PATH}/{held.pk}/deactivate")
        assert code_of(answer) == (409, "still_in_use")
        assert "1 件" in load(answer)["detail"]
    finally:
        del _uses[key]  # type: ignore[arg-type]


def test_an_administrator_of_a_district_keeps_to_it() -> None:
    city, first, second, department = tree()
    local = signed_in(make_person(role="administrator", division_code="310101"))
    names = [row["zh"] for row in get(local, PATH)["items"] if row["zh"][:1] in "市甲乙"]
    assert names == ["甲区", "甲区水务"]
    for outside in (city, second):
        assert ask(local, "GET", f"{PATH}/{outside.pk}").status_code == 404
        url = f"{PATH}/{outside.pk}"
        assert ask(local, "PATCH", url, {"zh": "夺"}).status_code == 404
        assert ask(local, "POST", f"{url}/deactivate").status_code == 404
        assert ask(local, "POST", f"{url}/move", {"parent_id": first.pk}).status_code == 404
        child = {**BODY, "parent_id": outside.pk}
        assert ask(local, "POST", PATH, child).status_code == 404
    moved = ask(local, "POST", f"{PATH}/{department.pk}/move", {"parent_id": second.pk})
    assert moved.status_code == 404
    assert ask(local, "POST", PATH, BODY).status_code == 403
    assert ask(local, "PATCH", f"{PATH}/{first.pk}", {"division_code": "310102"}).status_code == 403
    inside = {**BODY, "parent_id": first.pk}
    assert ask(local, "POST", PATH, inside).status_code == 201
    second.refresh_from_db()
    assert second.zh == "乙区"


def test_an_administrator_of_a_subtree_keeps_to_it() -> None:
    city, first, _, department = tree()
    local = signed_in(make_person(role="administrator", scope_organisation=first))
    assert [row["zh"] for row in get(local, PATH)["items"]] == ["甲区", "甲区水务"]
    assert ask(local, "GET", f"{PATH}/{city.pk}").status_code == 404
    assert ask(local, "PATCH", f"{PATH}/{department.pk}", {"sort": 3}).status_code == 200


def test_the_directory_shows_all_in_use_to_read_only() -> None:
    city, *_ = tree()
    make_organisation(zh="停用的", active=False)
    reader = signed_in(make_person(role="dispatcher", division_code="310101"))
    names = [row["zh"] for row in get(reader, PATH)["items"]]
    assert "乙区" in names
    assert "停用的" not in names
    assert ask(reader, "PATCH", f"{PATH}/{city.pk}", {"zh": "夺"}).status_code == 403
    assert ask(signed_in(make_person()), "GET", PATH).status_code == 403


def test_lists_go_by_pinyin_and_page_without_gaps(boss: Client) -> None:
    for name in ("中心", "安监", "重庆路街道", "阿里", "环卫"):
        make_organisation(zh=name)
    seen: list[str] = []
    after = ""
    while True:
        page = get(boss, f"{PATH}?limit=2&after={after}")
        seen += [row["zh"] for row in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert len(seen) == Organisation.objects.count() == len(set(seen))
    ours = [name for name in seen if not name.startswith("机构")]
    assert ours == ["阿里", "安监", "重庆路街道", "环卫", "中心"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=水", ["甲区水务"]),
        ("kind=district", ["甲区", "乙区"]),
        ("division_code=310102", ["乙区"]),
        ("parent=0&kind=city", ["市"]),
        ("q=%25", []),
        ("q=_", []),
        ("active=false", []),
    ],
)
def test_filters(boss: Client, query: str, names: list[str]) -> None:
    tree()
    rows = get(boss, f"{PATH}?{query}")["items"]
    assert [row["zh"] for row in rows] == names


def test_who_has_both_sees_what_the_directory_shows() -> None:
    tree()
    person = make_person(role="administrator", division_code="310101")
    grant_role(person, role="leader")
    names = {row["zh"] for row in get(signed_in(person), PATH)["items"]}
    assert {"甲区", "乙区"} <= names
