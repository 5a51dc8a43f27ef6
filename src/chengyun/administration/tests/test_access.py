from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction
from django.test import Client

from chengyun.administration import commands
from chengyun.administration.models import (
    Allowance,
    ApiToken,
    AuditEntry,
    EarlierPassword,
    IdempotencyRecord,
    Organisation,
    Person,
    SignIn,
    SignInAttempt,
)
from chengyun.administration.operations import change_setting, record_audit
from chengyun.administration.operations.idempotency import Answer, run_once
from chengyun.administration.operations.passwords import set_checked_password
from chengyun.administration.operations.upkeep import tidy
from chengyun.administration.rules.actor import SYSTEM, Actor
from chengyun.administration.tests.asking import ask, code_of, get, load
from chengyun.administration.tests.builders import (
    actor_for,
    make_organisation,
    make_person,
    signed_in,
)

pytestmark = pytest.mark.django_db
TOKENS, AUDIT = "/administration/tokens", "/administration/audit"


@pytest.fixture
def boss() -> Client:
    return signed_in(make_person(role="administrator"))


def test_a_token_is_shown_once_and_only_its_hash_is_kept(boss: Client) -> None:
    person = make_person(role="integrator")
    sent = {"person_id": person.pk, "name": "对接", "days": 30}
    answer = ask(boss, "POST", TOKENS, sent, Idempotency_Key="t1")
    assert answer.status_code == 201
    secret = load(answer)["token"]
    assert secret.startswith("cy_")
    own = Client(headers={"authorization": f"Bearer {secret}"})
    assert get(own, "/session")["person"]["id"] == person.pk
    again = load(ask(boss, "POST", TOKENS, sent, Idempotency_Key="t1"))
    assert (again["token"], again["id"]) == (None, load(answer)["id"])
    stored = list(ApiToken.objects.values()) + list(IdempotencyRecord.objects.values())
    assert secret not in str(stored)
    (row,) = get(boss, f"{TOKENS}?person_id={person.pk}")["items"]
    assert (row["name"], row["live"], row["prefix"]) == ("对接", True, secret[:10])
    assert ask(boss, "DELETE", f"{TOKENS}/{row['id']}").status_code == 204
    assert code_of(ask(own, "GET", "/session")) == (401, "token_refused")
    assert ask(boss, "DELETE", f"{TOKENS}/{row['id']}").status_code == 204
    assert get(boss, f"{TOKENS}?live=true")["items"] == []


@pytest.mark.parametrize(
    "change", [{"days": 0}, {"days": 10**9}, {"name": ""}, {"name": "x\x00"}, {"person_id": 2**70}]
)
def test_tokens_that_cannot_be(boss: Client, change: dict[str, Any]) -> None:
    sent = {"person_id": make_person().pk, "name": "t", **change}
    assert ask(boss, "POST", TOKENS, sent).status_code == 422
    assert not ApiToken.objects.exists()


def test_the_policy_limits_a_tokens_life(boss: Client) -> None:
    change_setting(actor=SYSTEM, key="administration.token_max_days", value=90)
    person = make_person()
    sent = {"person_id": person.pk, "name": "t", "days": 91}
    assert ask(boss, "POST", TOKENS, sent).status_code == 422
    unlimited = load(ask(boss, "POST", TOKENS, {"person_id": person.pk, "name": "t"}))
    assert unlimited["expires_at"] is not None


def test_nobody_makes_a_token_for_somebody_outside_or_more_powerful() -> None:
    home = make_organisation(division_code="310101")
    mighty = make_person(organisation=home, role="administrator")
    outside = make_person(organisation=make_organisation(division_code="310102"))
    local = signed_in(make_person(role="administrator", division_code="310101"))
    wide = ask(local, "POST", TOKENS, {"person_id": mighty.pk, "name": "t"})
    assert code_of(wide) == (403, "grant_too_wide")
    assert ask(local, "POST", TOKENS, {"person_id": outside.pk, "name": "t"}).status_code == 404
    other = ApiToken.objects.create(person=outside, name="o", prefix="cy_", digest="d")
    assert ask(local, "DELETE", f"{TOKENS}/{other.pk}").status_code == 404
    assert get(local, TOKENS)["items"] == []
    other.refresh_from_db()
    assert other.revoked_at is None


def test_the_audit_log_is_append_only() -> None:
    record_audit(SYSTEM, "thing.changed", "thing:1", {"a": 1})
    for change in (
        "UPDATE administration_auditentry SET act = 'x'",
        "DELETE FROM administration_auditentry",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    assert AuditEntry.objects.get().act == "thing.changed"


def entries() -> tuple[Actor, Actor]:
    inside = make_person(organisation=make_organisation(division_code="310101"), name="内")
    outside = make_person(organisation=make_organisation(division_code="310102"), name="外")
    first, second = actor_for(inside), actor_for(outside)
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False):
        record_audit(first, "case.reporter_read", "case:1", {"fields": ["phone"]})
        record_audit(second, "case.reporter_read", "case:2")
    with time_machine.travel(datetime(2026, 2, 1, tzinfo=UTC), tick=False):
        record_audit(first, "case.filed", "case:1")
    return first, second


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("act=case.", ["case:1", "case:2", "case:1"]),
        ("act=case.filed", ["case:1"]),
        ("subject=case:2", ["case:2"]),
        ("subject=case:&until=2026-01-15T00:00:00Z", ["case:2", "case:1"]),
        ("act=case.&since=2026-01-15T08:00:00%2B08:00", ["case:1"]),
        ("act=case.&q=外", ["case:2"]),
        ("act=case.&q=phone", ["case:1"]),
        ("address=10.9.9.9", []),
    ],
)
def test_the_audit_log_is_filtered(boss: Client, query: str, subjects: list[str]) -> None:
    entries()
    assert [row["subject"] for row in get(boss, f"{AUDIT}?{query}")["items"]] == subjects


def test_the_audit_log_pages_and_keeps_to_the_scope(boss: Client) -> None:
    first, _ = entries()
    page = get(boss, f"{AUDIT}?act=case.&limit=2")
    rest = get(boss, f"{AUDIT}?act=case.&limit=2&after={page['next']}")
    assert [row["subject"] for row in rest["items"]] == ["case:1"]
    assert get(boss, f"{AUDIT}?actor_id={first.person_id}&act=case.")["next"] is None
    local = signed_in(make_person(role="administrator", division_code="310101"))
    names = {row["actor_name"] for row in get(local, f"{AUDIT}?act=case.")["items"]}
    assert names == {"内"}


@pytest.mark.parametrize(
    "query",
    [
        "since=0580-07-03T05:56:33%2B17:38",
        "until=9999-12-31T23:59:59-12:00",
        "since=yesterday",
        "since=2026-01-01T00:00:00",
        "actor_id=0",
        "address=here",
        "limit=0",
        "limit=1000",
        "after=%00",
        "after=e30",
        "act=%27",
        "q=%00",
    ],
)
def test_bad_audit_queries(boss: Client, query: str) -> None:
    assert ask(boss, "GET", f"{AUDIT}?{query}").status_code == 422


def test_the_audit_log_is_exported_without_formulas_and_that_is_logged(boss: Client) -> None:
    person = make_person(name="=cmd()")
    record_audit(actor_for(person), "case.filed", "case:1", {"opinion": "好"})
    answer = boss.get(f"/api/v1{AUDIT}/export?act=case.")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["actor_name"], row["act"]) == ("'=cmd()", "case.filed")
    assert json.loads(row["detail"]) == {"opinion": "好"}
    assert AuditEntry.objects.get(act="audit.exported").detail == {"act": "case."}
    assert ask(signed_in(person), "GET", f"{AUDIT}/export").status_code == 403


def test_work_that_fails_leaves_its_key_free() -> None:
    actor = actor_for(make_person())

    def fail() -> Answer:
        message = "no"
        raise ValueError(message)

    with pytest.raises(ValueError, match="no"):
        run_once(actor=actor, key="k", fingerprint="f", act=fail)
    done = run_once(
        actor=actor, key="k", fingerprint="f", act=lambda: Answer(status=201, body={"id": 1})
    )
    assert done.body == {"id": 1}
    again = run_once(actor=actor, key="k", fingerprint="f", act=fail)
    assert again == Answer(status=201, body={"id": 1})


def test_keys_belong_to_their_person_and_none_is_no_key() -> None:
    first, second = actor_for(make_person()), actor_for(make_person())
    numbers = iter(range(10))

    def act() -> Answer:
        return Answer(status=201, body=next(numbers))

    for actor, key in [(first, "k"), (second, "k"), (first, None), (first, None), (SYSTEM, "k")]:
        run_once(actor=actor, key=key, fingerprint="f", act=act)
    assert next(numbers) == 5


def test_tidying_ends_and_forgets_what_is_old() -> None:
    present = datetime(2026, 11, 23, tzinfo=UTC)
    person = make_person()
    for days, ended in [(0, False), (2, False), (300, True)]:
        at = present - timedelta(days=days)
        SignIn.objects.create(
            person=person,
            session_key=f"k{days}",
            created_at=at,
            last_seen_at=at,
            ended_at=at if ended else None,
        )
        SignInAttempt.objects.create(username="x", at=at, succeeded=False)
        Allowance.objects.create(key=f"search:person:{days}", full_at=at)
        IdempotencyRecord.objects.create(
            person=person, key=f"k{days}", fingerprint="", status=201, answer={}, at=at
        )
    for number in range(8):
        set_checked_password(person, f"Xu-hui-203{number}")
        person.save()
    with time_machine.travel(present, tick=False):
        counts = tidy()
        again = tidy()
    assert counts == {
        "idempotency": 1,
        "attempts": 1,
        "allowances": 2,
        "sessions": 1,
        "ended": 1,
        "passwords": 3,
    }
    assert EarlierPassword.objects.count() == 5
    assert not any(again.values())


def test_the_token_command() -> None:
    person = make_person(role="integrator")
    run = CliRunner().invoke
    made = json.loads(run(commands.token, ["create", "--user", person.username, "--json"]).output)
    client = Client(headers={"authorization": f"Bearer {made['token']}"})
    assert get(client, "/session")["person"]["id"] == person.pk
    listed = json.loads(run(commands.token, ["list", "--user", person.username, "--json"]).output)
    assert [row["id"] for row in listed] == [made["id"]]
    assert person.username in run(commands.token, ["list"]).output
    assert run(commands.token, ["revoke", str(made["id"])]).exit_code == 0
    assert ask(client, "GET", "/session").status_code == 401
    assert run(commands.token, ["list"]).output == ""
    assert "dead" in run(commands.token, ["list", "--all"]).output
    missing = run(commands.token, ["create", "--user", "nobody"])
    assert missing.exit_code == 1


def test_the_first_administrator_of_an_empty_platform() -> None:
    from chengyun.administration.operations import seed_reference_data

    seed_reference_data()
    answer = CliRunner().invoke(commands.administrator, ["--user", "root", "--json"])
    made = json.loads(answer.output)
    client = Client()
    assert ask(client, "POST", "/session", made).status_code == 200
    assert Organisation.objects.get().zh == "城运演示市"
    assert Person.objects.get().must_change_password
