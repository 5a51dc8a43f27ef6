from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from chengyun.administration.models import ApiToken, AuditEntry, Person, SignIn, SignInAttempt
from chengyun.administration.operations import change_setting
from chengyun.administration.queries import watch
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.asking import ask, code_of, get, load
from chengyun.administration.tests.builders import (
    PASSWORD,
    bearer,
    make_organisation,
    make_person,
    signed_in,
)

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen() -> object:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def sign_in(username: str, password: str, client: Client | None = None) -> HttpResponse:
    return ask(client or Client(), "POST", "/session", {"username": username, "password": password})


def test_sign_in_gives_cookies_and_me() -> None:
    person = make_person(role="acceptor", division_code="310101")
    client = Client(enforce_csrf_checks=True)
    answer = sign_in(person.username, PASSWORD, client)
    assert answer.status_code == 200
    me = load(answer)
    assert me["person"]["id"] == person.pk
    assert "case.act.acceptor" in me["permissions"]
    assert me["roles"] == [{"code": "acceptor", "zh": "受理员", "en": "Acceptor"}]
    assert me["grants"] == [
        {"role": "acceptor", "division_code": "310101", "organisation_id": None, "case_kinds": []}
    ]
    assert me["node"]["tier"] == "city"
    session, csrf = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
    assert not csrf["httponly"]
    assert session.value not in SignIn.objects.values_list("session_key", flat=True)
    assert AuditEntry.objects.filter(act="session.opened", actor_id=person.pk).count() == 1


def test_a_write_needs_the_token_of_its_session() -> None:
    person, other = make_person(), make_person()
    client = Client(enforce_csrf_checks=True)
    sign_in(person.username, PASSWORD, client)
    right = client.cookies["csrftoken"].value
    foreign = Client()
    sign_in(other.username, PASSWORD, foreign)
    wrong = foreign.cookies["csrftoken"].value
    assert code_of(ask(client, "DELETE", "/session")) == (403, "csrf_failed")
    refused = ask(client, "DELETE", "/session", X_CSRFToken=wrong)
    assert code_of(refused) == (403, "csrf_failed")
    assert ask(client, "GET", "/session").status_code == 200
    assert ask(client, "DELETE", "/session", X_CSRFToken=right).status_code == 204
    assert code_of(ask(client, "GET", "/session"))[0] == 401


def test_the_csrf_cookie_is_given_again() -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(make_person().username, PASSWORD, client)
    del client.cookies["csrftoken"]
    assert ask(client, "GET", "/session/csrf").status_code == 204
    token = client.cookies["csrftoken"].value
    assert ask(client, "DELETE", "/session", X_CSRFToken=token).status_code == 204
    assert Client().get("/api/v1/session/csrf").status_code == 204


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "same-origin"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://testserver"}, 200),
        ({}, 200),
    ],
)
def test_another_sites_page_cannot_sign_anybody_in(headers: dict[str, str], status: int) -> None:
    body = {"username": make_person().username, "password": PASSWORD}
    assert ask(Client(), "POST", "/session", body, **headers).status_code == status


def test_wrong_name_and_wrong_password_are_told_alike() -> None:
    person, gone = make_person(), make_person(active=False)
    answers = [
        sign_in(person.username, "wrong"),
        sign_in("nobody", "wrong"),
        sign_in(gone.username, PASSWORD),
    ]
    assert {code_of(answer) for answer in answers} == {(401, "sign_in_failed")}
    assert len({answer.content for answer in answers}) == 1
    assert AuditEntry.objects.filter(act="session.refused").count() == 3
    assert not AuditEntry.objects.filter(detail__icontains="nobody").exists()


@pytest.mark.parametrize("known", [True, False])
def test_failures_in_a_row_lock_the_name_for_a_while(
    known: bool, frozen: time_machine.Traveller
) -> None:
    name = make_person().username if known else "nobody"
    for _ in range(5):
        assert code_of(sign_in(name, "wrong")) == (401, "sign_in_failed")
    locked = sign_in(name, PASSWORD)
    assert code_of(locked) == (429, "account_locked")
    assert locked["Retry-After"] == "900"
    frozen.move_to(START + timedelta(minutes=14, seconds=59))
    assert code_of(sign_in(name, PASSWORD))[0] == 429
    frozen.move_to(START + timedelta(minutes=15, seconds=1))
    assert sign_in(name, PASSWORD).status_code == (200 if known else 401)


def test_a_success_ends_the_row_of_failures() -> None:
    name = make_person().username
    for _ in range(2):
        for _ in range(4):
            sign_in(name, "wrong")
        assert sign_in(name, PASSWORD).status_code == 200


def test_too_many_failures_by_name_are_throttled_even_with_successes_between() -> None:
    name = make_person().username
    for _ in range(2):
        for _ in range(4):
            sign_in(name, "wrong")
        sign_in(name, PASSWORD)
    for _ in range(2):
        sign_in(name, "wrong")
    assert code_of(sign_in(name, PASSWORD)) == (429, "sign_in_throttled")


def test_an_address_that_tries_many_names_is_throttled() -> None:
    change_setting(actor=SYSTEM, key="administration.sign_in_limit_by_address", value=6)
    person = make_person()
    for number in range(6):
        assert code_of(sign_in(f"name{number}", "x"))[0] == 401
    assert code_of(sign_in(person.username, PASSWORD)) == (429, "sign_in_throttled")
    elsewhere = Client(REMOTE_ADDR="10.1.2.3")
    assert sign_in(person.username, PASSWORD, elsewhere).status_code == 200
    assert SignInAttempt.objects.filter(succeeded=False).count() == 6


def test_an_administrator_unlocks() -> None:
    person = make_person()
    for _ in range(5):
        sign_in(person.username, "wrong")
    boss = signed_in(make_person(role="administrator"))
    answer = ask(boss, "POST", f"/administration/people/{person.pk}/unlock")
    assert answer.status_code == 204
    assert sign_in(person.username, PASSWORD).status_code == 200


def test_an_idle_session_ends(frozen: time_machine.Traveller) -> None:
    client = signed_in(make_person())
    for minute in range(0, 300, 100):
        frozen.move_to(START + timedelta(minutes=minute))
        watch().forget("access")
        assert ask(client, "GET", "/session").status_code == 200
    frozen.shift(timedelta(minutes=121))
    assert code_of(ask(client, "GET", "/session")) == (401, "session_over")


def test_any_session_ends_at_last(frozen: time_machine.Traveller) -> None:
    client = signed_in(make_person())
    for hour in range(24):
        frozen.move_to(START + timedelta(hours=hour))
        watch().forget("access")
        assert ask(client, "GET", "/session").status_code == 200
    frozen.move_to(START + timedelta(hours=24))
    assert code_of(ask(client, "GET", "/session")) == (401, "session_over")


def test_the_oldest_session_beyond_the_limit_ends(frozen: time_machine.Traveller) -> None:
    person = make_person()
    clients = []
    for _ in range(6):
        frozen.shift(timedelta(seconds=1))
        clients.append(signed_in(person))
    statuses = [ask(client, "GET", "/session").status_code for client in clients]
    assert statuses == [401, 200, 200, 200, 200, 200]


def test_own_sessions_are_listed_and_ended() -> None:
    person, other = make_person(), make_person()
    here, there, foreign = signed_in(person), signed_in(person), signed_in(other)
    listed = get(here, "/session/sessions")
    assert [row["current"] for row in listed] == [False, True]
    foreign_id = get(foreign, "/session/sessions")[0]["id"]
    assert ask(here, "DELETE", f"/session/sessions/{foreign_id}").status_code == 404
    assert ask(here, "DELETE", f"/session/sessions/{listed[0]['id']}").status_code == 204
    assert ask(there, "GET", "/session").status_code == 401
    assert ask(foreign, "GET", "/session").status_code == 200


def test_an_administrator_lists_and_ends_sessions_of_his_area_only() -> None:
    inside = make_person(organisation=make_organisation(division_code="310101"))
    outside = make_person(organisation=make_organisation(division_code="310102"))
    theirs, others = signed_in(inside), signed_in(outside)
    boss = signed_in(make_person(role="administrator", division_code="310101"))
    rows = get(boss, "/administration/sessions?live=true")["items"]
    assert {row["person_id"] for row in rows} >= {inside.pk}
    assert outside.pk not in {row["person_id"] for row in rows}
    outside_id = SignIn.objects.get(person=outside).pk
    inside_id = SignIn.objects.get(person=inside).pk
    assert ask(boss, "DELETE", f"/administration/sessions/{outside_id}").status_code == 404
    assert ask(boss, "DELETE", f"/administration/sessions/{inside_id}").status_code == 204
    assert ask(theirs, "GET", "/session").status_code == 401
    assert ask(others, "GET", "/session").status_code == 200


def test_a_first_password_must_be_changed_before_anything_else() -> None:
    person = make_person(role="administrator", must_change_password=True)
    client = signed_in(person)
    assert get(client, "/session")["must_change_password"] is True
    refused = ask(client, "GET", "/administration/people")
    assert code_of(refused) == (403, "password_change_required")
    changed = ask(client, "POST", "/session/password", {"old": PASSWORD, "new": "Xu-hui-2027"})
    assert changed.status_code == 204
    assert get(client, "/session")["must_change_password"] is False
    assert ask(client, "GET", "/administration/people").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("wrong", "Xu-hui-2027", "password_wrong"),
        (PASSWORD, "short", "password_unfit"),
        (PASSWORD, PASSWORD, "password_unfit"),
    ],
)
def test_a_refused_new_password_changes_nothing(old: str, new: str, code: str) -> None:
    person = make_person()
    client = signed_in(person)
    answer = ask(client, "POST", "/session/password", {"old": old, "new": new})
    assert code_of(answer) == (422, code)
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_new_password_ends_the_other_sessions_and_may_not_be_an_earlier_one() -> None:
    person = make_person()
    here, there = signed_in(person), signed_in(person)
    body = {"old": PASSWORD, "new": "Xu-hui-2027"}
    assert ask(here, "POST", "/session/password", body).status_code == 204
    assert ask(there, "GET", "/session").status_code == 401
    back = ask(here, "POST", "/session/password", {"old": "Xu-hui-2027", "new": PASSWORD})
    assert code_of(back) == (422, "password_unfit")


def test_an_expired_password_must_be_changed() -> None:
    person = make_person()
    change_setting(actor=SYSTEM, key="administration.password_max_days", value=90)
    Person.objects.filter(pk=person.pk).update(password_changed_at=START - timedelta(days=91))
    assert load(sign_in(person.username, PASSWORD))["must_change_password"] is True


def test_preferences_are_ones_own() -> None:
    client = signed_in(make_person())
    answer = ask(client, "PATCH", "/session", {"language": "en", "theme": "dark"})
    assert (load(answer)["language"], load(answer)["theme"]) == ("en", "dark")
    assert ask(client, "PATCH", "/session", {"language": "fr"}).status_code == 422


def test_a_token_acts_as_its_person_until_it_ends(frozen: time_machine.Traveller) -> None:
    person = make_person(role="integrator")
    client = bearer(person)
    assert get(client, "/session")["person"]["id"] == person.pk
    ApiToken.objects.update(expires_at=START + timedelta(hours=1))
    watch().forget("access")
    assert ask(client, "GET", "/session").status_code == 200
    frozen.shift(timedelta(hours=1))
    assert code_of(ask(client, "GET", "/session")) == (401, "token_refused")
    for header in ("Bearer nonsense", "Bearer ", "Bearer " + "x" * 5000):
        assert ask(Client(), "GET", "/session", Authorization=header).status_code == 401
    assert ask(signed_in(person), "GET", "/session", Authorization="Basic x").status_code == 401


def test_the_last_use_of_a_token_is_noted_coarsely(frozen: time_machine.Traveller) -> None:
    client = bearer(make_person())
    get(client, "/session")
    assert ApiToken.objects.get().last_used_at == START
    frozen.shift(timedelta(seconds=30))
    watch().forget("access")
    get(client, "/session")
    assert ApiToken.objects.get().last_used_at == START
    frozen.shift(timedelta(seconds=31))
    watch().forget("access")
    get(client, "/session")
    assert ApiToken.objects.get().last_used_at == START + timedelta(seconds=61)


def test_nobody_is_anonymous() -> None:
    answer = Client().get("/api/v1/session")
    assert answer.status_code == 401
    client = Client()
    client.cookies["sessionid"] = "made up"
    assert code_of(ask(client, "GET", "/session")) == (401, "session_over")


def test_the_forwarded_address_counts_only_from_a_trusted_proxy(
    settings: pytest.FixtureRequest,
) -> None:
    person = make_person()
    sign_in(person.username, PASSWORD, Client(HTTP_X_FORWARDED_FOR="1.2.3.4"))
    assert SignIn.objects.latest("id").address == "127.0.0.1"
    settings.TRUSTED_PROXIES = frozenset({"127.0.0.1"})  # type: ignore[attr-defined]
    sign_in(person.username, PASSWORD, Client(HTTP_X_FORWARDED_FOR="6.6.6.6, 1.2.3.4"))
    assert SignIn.objects.latest("id").address == "1.2.3.4"
    sign_in(person.username, PASSWORD, Client(HTTP_X_FORWARDED_FOR="not an address"))
    assert SignIn.objects.latest("id").address is None
