from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chengyun.administration.models import ApiToken, AuditEntry, Person, Post
from chengyun.administration.operations import change_setting, fill_pinyin, seed_reference_data
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.asking import ask, code_of, get, load
from chengyun.administration.tests.builders import (
    PASSWORD,
    bearer,
    grant_role,
    make_organisation,
    make_person,
    signed_in,
)
from chengyun.journal.models import Event

pytestmark = pytest.mark.django_db
PATH = "/administration/people"


@pytest.fixture
def boss() -> Client:
    return signed_in(make_person(role="administrator", username="boss", name="主管"))


def body(**change: Any) -> dict[str, Any]:
    organisation_id = change.pop("organisation_id", None) or make_organisation().pk
    return {
        "username": "li.lei",
        "name": "李雷",
        "phone": "13812341111",
        "organisation_id": organisation_id,
        **change,
    }


def test_a_person_is_added_with_a_first_password(boss: Client) -> None:
    seed_reference_data()
    post = Post.objects.get(code="acceptor")
    answer = ask(boss, "POST", PATH, body(post_ids=[post.pk]), Idempotency_Key="p1")
    assert answer.status_code == 201, answer.content
    made = load(answer)
    assert made["phone"] == "138****1111"
    assert made["posts"][0]["code"] == "acceptor"
    assert made["must_change_password"] is True
    first = {"username": "li.lei", "password": made["password"]}
    assert ask(Client(), "POST", "/session", first).status_code == 200
    again = ask(boss, "POST", PATH, body(post_ids=[post.pk]), Idempotency_Key="p1")
    assert code_of(again) == (409, "idempotency_key_reused")  # another organisation
    assert Event.objects.filter(kind="administration.person_changed").count() == 1
    assert not AuditEntry.objects.filter(detail__icontains="1381234").exists()


def test_the_answer_given_again_holds_no_password(boss: Client) -> None:
    wanted = body()
    first = ask(boss, "POST", PATH, wanted, Idempotency_Key="p1")
    second = ask(boss, "POST", PATH, wanted, Idempotency_Key="p1")
    assert load(first)["password"]
    assert load(second) == {**load(first), "password": None}
    assert Person.objects.filter(username="li.lei").count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "a b"}, "username"),
        ({"username": "x"}, "username"),
        ({"username": "li\x00"}, "username"),
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"phone": "call"}, "phone"),
        ({"phone": "1"}, "phone"),
        ({"organisation_id": 2**62}, "organisation_id"),
        ({"organisation_id": "x"}, "organisation_id"),
        ({"post_ids": [2**62]}, "post_ids"),
        ({"post_ids": [1] * 30}, "post_ids"),
        ({"language": "fr"}, "language"),
        ({"password": "short"}, "password"),
        ({"password": "Li.Lei-2026-x"}, "password"),
    ],
)
def test_bad_values_are_named_and_nobody_is_added(
    boss: Client, change: dict[str, Any], field: str
) -> None:
    answer = ask(boss, "POST", PATH, body(**change))
    assert answer.status_code == 422, answer.content
    assert load(answer)["errors"][0]["field"].startswith(field)
    assert not Person.objects.filter(name="李雷").exists()


def test_a_user_name_comes_once_whatever_its_case(boss: Client) -> None:
    assert ask(boss, "POST", PATH, body()).status_code == 201
    assert code_of(ask(boss, "POST", PATH, body(username="LI.LEI"))) == (409, "code_taken")


def test_nobody_joins_an_organisation_out_of_use_or_outside(boss: Client) -> None:
    closed = make_organisation(active=False)
    assert ask(boss, "POST", PATH, body(organisation_id=closed.pk)).status_code == 422
    local = signed_in(make_person(role="administrator", division_code="310101"))
    outside = make_organisation(division_code="310102")
    assert ask(local, "POST", PATH, body(organisation_id=outside.pk)).status_code == 422
    inside = make_organisation(division_code="310101003")
    assert ask(local, "POST", PATH, body(organisation_id=inside.pk)).status_code == 201


def test_a_change_is_recorded_without_the_clear_number(boss: Client) -> None:
    person = make_person(phone="13800001111")
    answer = ask(boss, "PATCH", f"{PATH}/{person.pk}", {"phone": "13999992222", "name": "新名"})
    assert load(answer)["phone"] == "139****2222"
    detail = AuditEntry.objects.get(act="person.changed").detail
    assert detail["phone"] == ["138****1111", "139****2222"]
    assert detail["name"][1] == "新名"


def test_reading_in_clear_needs_the_permission_and_leaves_a_trace(boss: Client) -> None:
    person = make_person(phone="13800001111")
    url = f"{PATH}/{person.pk}/private"
    assert get(boss, url)["phone"] == "13800001111"
    entry = AuditEntry.objects.get(act="person.private_read")
    assert (entry.subject, entry.actor_name) == (f"person:{person.pk}", "主管")
    assert entry.address == "127.0.0.1"
    without = signed_in(make_person(permissions=["administration.people"]))
    assert ask(without, "GET", url).status_code == 403
    local = signed_in(make_person(role="administrator", division_code="310101"))
    assert ask(local, "GET", url).status_code == 404
    assert AuditEntry.objects.filter(act="person.private_read").count() == 1


def test_a_person_out_of_use_is_out_at_once(boss: Client) -> None:
    person = make_person(role="acceptor")
    session, token = signed_in(person), bearer(person)
    assert ask(session, "GET", "/session").status_code == 200
    assert ask(token, "GET", "/session").status_code == 200
    answer = ask(boss, "POST", f"{PATH}/{person.pk}/deactivate")
    assert load(answer)["active"] is False
    assert ask(session, "GET", "/session").status_code == 401
    assert ask(token, "GET", "/session").status_code == 401
    assert ask(boss, "POST", f"{PATH}/{person.pk}/activate").status_code == 200
    assert ask(session, "GET", "/session").status_code == 401
    assert not ApiToken.objects.filter(person=person, revoked_at=None).exists()
    good = {"username": person.username, "password": PASSWORD}
    assert ask(Client(), "POST", "/session", good).status_code == 200


def test_nobody_puts_himself_out_of_use(boss: Client) -> None:
    own = Person.objects.get(username="boss")
    assert code_of(ask(boss, "POST", f"{PATH}/{own.pk}/deactivate")) == (409, "not_on_oneself")


def test_a_new_password_is_shown_once_and_ends_the_sessions(boss: Client) -> None:
    person = make_person()
    theirs = signed_in(person)
    answer = ask(boss, "POST", f"{PATH}/{person.pk}/password", {})
    fresh = {"username": person.username, "password": load(answer)["password"]}
    assert ask(theirs, "GET", "/session").status_code == 401
    signed = ask(Client(), "POST", "/session", fresh)
    assert load(signed)["must_change_password"] is True
    old = {"username": person.username, "password": PASSWORD}
    assert ask(Client(), "POST", "/session", old).status_code == 401


def test_an_administrator_of_a_district_keeps_to_its_people() -> None:
    inside = make_person(organisation=make_organisation(division_code="310101003"), name="内")
    outside = make_person(organisation=make_organisation(division_code="310102"), name="外")
    local = signed_in(make_person(role="administrator", division_code="310101", name="本"))
    assert {row["name"] for row in get(local, PATH)["items"]} == {"内", "本"}
    url = f"{PATH}/{outside.pk}"
    for method, path, sent in [
        ("GET", url, None),
        ("PATCH", url, {"name": "夺"}),
        ("POST", f"{url}/deactivate", None),
        ("POST", f"{url}/activate", None),
        ("POST", f"{url}/password", {}),
        ("POST", f"{url}/unlock", None),
        ("GET", f"{url}/private", None),
    ]:
        assert ask(local, method, path, sent).status_code == 404, path
    assert ask(local, "PATCH", f"{PATH}/{inside.pk}", {"name": "内二"}).status_code == 200
    away = {"organisation_id": outside.organisation_id}
    assert ask(local, "PATCH", f"{PATH}/{inside.pk}", away).status_code == 422
    outside.refresh_from_db()
    assert (outside.name, outside.is_active) == ("外", True)


def test_nobody_takes_over_somebody_more_powerful() -> None:
    home = make_organisation(division_code="310101")
    mighty = make_person(organisation=home, role="administrator")
    local = signed_in(make_person(role="administrator", division_code="310101"))
    url = f"{PATH}/{mighty.pk}"
    for path in ("password", "deactivate"):
        assert code_of(ask(local, "POST", f"{url}/{path}", {})) == (403, "grant_too_wide")
    renamed = ask(local, "PATCH", url, {"username": "mine"})
    assert code_of(renamed) == (403, "grant_too_wide")
    assert ask(local, "PATCH", url, {"phone": "12345678"}).status_code == 200
    mighty.refresh_from_db()
    assert mighty.check_password(PASSWORD)


def test_the_last_administrator_of_the_platform_stays() -> None:
    only = make_person(role="administrator")
    helper = make_person(
        permissions=["administration.people", *_administrator_permissions()],
    )
    assert ask(signed_in(helper), "POST", f"{PATH}/{only.pk}/deactivate").status_code == 200
    assert ask(signed_in(only), "GET", "/session").status_code == 401
    other = make_person(role="administrator", division_code="31")
    grant_role(other, permissions=["administration.people"], division_code="")
    Person.objects.filter(pk=other.pk).update(is_active=False)
    change_setting(actor=SYSTEM, key="administration.allow_own_grants", value=True)
    own = helper.grants.get()
    answer = ask(signed_in(helper), "DELETE", f"/administration/grants/{own.pk}")
    assert code_of(answer) == (409, "last_administrator")
    assert helper.grants.count() == 1


def test_the_directory_shows_names_and_posts_only() -> None:
    make_person(name="张三", phone="13800001111", role="acceptor")
    make_person(name="停用", active=False)
    reader = signed_in(make_person(role="dispatcher"))
    rows = get(reader, f"{PATH}?q=张")["items"]
    assert len(rows) == 1
    assert (rows[0]["phone"], rows[0]["username"], rows[0]["roles"]) == ("", "", [])
    assert get(reader, f"{PATH}?q=停用")["items"] == []
    assert get(reader, f"{PATH}?permission=case.act.acceptor")["items"][0]["name"] == "张三"
    assert ask(reader, "POST", PATH, body()).status_code == 403


def test_lists_go_by_pinyin_and_filter(boss: Client) -> None:
    home = make_organisation(zh="环卫局")
    team = make_organisation(parent=home)
    for name, where in [("张三", home), ("李四", team), ("安七", team), ("重山", team)]:
        make_person(name=name, organisation=where)
    assert [r["name"] for r in get(boss, f"{PATH}?under={home.pk}")["items"]] == [
        "安七",
        "李四",
        "张三",
        "重山",  # 重 sorts as zhong
    ]
    assert [r["name"] for r in get(boss, f"{PATH}?q=环卫")["items"]] == ["张三"]
    assert get(boss, f"{PATH}?q=zs")["items"] == []
    assert fill_pinyin() > 4
    assert [r["name"] for r in get(boss, f"{PATH}?q=zs")["items"]] == ["张三", "重山"]
    assert [r["name"] for r in get(boss, f"{PATH}?q=LISI")["items"]] == ["李四"]
    assert len(get(boss, f"{PATH}?organisation_id={team.pk}")["items"]) == 3
    page = get(boss, f"{PATH}?under={home.pk}&limit=3")
    rest = get(boss, f"{PATH}?under={home.pk}&limit=3&after={page['next']}")
    assert [r["name"] for r in rest["items"]] == ["重山"]
    assert rest["next"] is None
    assert get(boss, f"{PATH}?role=administrator")["items"][0]["name"] == "主管"


def _administrator_permissions() -> list[str]:
    from chengyun.administration.models import Role

    return Role.objects.get(code="administrator").permissions
