"""The log proves itself: a change, a gap, a cut, and a state that does not follow are found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import bearer
from chengyun.cases.check_commands import check_log_command
from chengyun.cases.models import Case, LogEntry
from chengyun.cases.operations.lights import mark_lights
from chengyun.cases.queries.chain import CaseProof, every_proof, find_proof
from chengyun.cases.rules.log_entry import LogContent, entry_hash
from chengyun.cases.tests.builders import MONDAY_9, City, act, make_case
from chengyun.journal.models import Event

pytestmark = pytest.mark.django_db
LATER = MONDAY_9 + timedelta(hours=1)


@contextmanager
def burglar() -> Iterator[Any]:
    """Stand in for somebody with the database's superuser, past the append-only trigger."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = origin")


def tamper(statement: str, *values: Any) -> None:
    with burglar() as cursor:
        cursor.execute(statement, values)


def proof(case: Case) -> CaseProof:
    found = find_proof(case.pk)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "state", ["reported", "verifying", "filed", "handling", "check_failed", "closed"]
)
def test_what_the_acts_left_is_whole(city: City, state: str) -> None:
    case = make_case(city, state)
    found = proof(case)
    assert found.finding is None
    assert (found.length, found.head) == (case.log_length, bytes(case.log_head).hex())


def test_marks_returns_and_voids_are_whole_too(city: City) -> None:
    case = make_case(city, "dispatched")
    act(city, case, "apply_return", by="department", at=LATER)
    act(city, case, "approve_return", by="dispatcher", at=LATER)
    mark_lights(at=LATER + timedelta(hours=1))
    act(city, case, "dispatch", by="dispatcher", at=LATER + timedelta(hours=2))
    act(city, case, "apply_void", by="dispatcher", at=LATER + timedelta(hours=2))
    assert proof(case).finding is None
    act(city, case, "approve_void", by="shift_leader", at=LATER + timedelta(hours=2))
    assert proof(case).finding is None


CHANGES = {
    "opinion": "UPDATE cases_logentry SET opinion = 'x' WHERE case_id = %s AND seq = 3",
    "actor": "UPDATE cases_logentry SET actor_name = 'x' WHERE case_id = %s AND seq = 3",
    "moment": "UPDATE cases_logentry SET at = at - interval '1 h' WHERE case_id = %s AND seq = 3",
    "choice": "UPDATE cases_logentry SET data = data || '{\"standard_id\": 999}'"
    " WHERE case_id = %s AND seq = 3",
    "photo": "UPDATE cases_logentry SET attachment_ids = '{}' WHERE case_id = %s AND seq = 1",
    "place": "UPDATE cases_logentry SET position = NULL WHERE case_id = %s AND seq = 1",
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_entry_is_found(city: City, statement: str) -> None:
    case = make_case(city, "dispatched")
    tamper(statement, case.pk)
    finding = proof(case).finding
    assert finding is not None
    assert finding.code == "changed"
    assert finding.seq == (1 if "seq = 1" in statement else 3)


def test_a_missing_entry_is_found(city: City) -> None:
    case = make_case(city, "dispatched")
    tamper("DELETE FROM cases_logentry WHERE case_id = %s AND seq = 2", case.pk)
    finding = proof(case).finding
    assert finding is not None
    assert (finding.code, finding.seq) == ("gap", 2)


@pytest.mark.parametrize("left", [0, 2])
def test_a_cut_log_is_found(city: City, left: int) -> None:
    case = make_case(city, "dispatched")
    tamper("DELETE FROM cases_logentry WHERE case_id = %s AND seq > %s", case.pk, left)
    finding = proof(case).finding
    assert finding is not None
    assert finding.code == "cut"


def test_a_cut_that_the_row_was_told_of_does_not_lead_to_the_present(city: City) -> None:
    case = make_case(city, "dispatched")
    tamper("DELETE FROM cases_logentry WHERE case_id = %s AND seq = 4", case.pk)
    tamper(
        "UPDATE cases_case SET log_length = 3, log_head ="
        " (SELECT hash FROM cases_logentry WHERE case_id = %s AND seq = 3) WHERE id = %s",
        case.pk,
        case.pk,
    )
    finding = proof(case).finding
    assert finding is not None
    assert finding.code == "state"
    assert "state" in finding.text


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("state = 'closed', is_open = false, desk = ''", "state"),
        ("rework_count = 1", "rework_count"),
        ("responsible_id = NULL", "responsible"),
        ("pending = 'void'", "pending"),
        ("verified = true", "verified"),
    ],
)
def test_a_row_that_does_not_follow_from_its_log_is_found(
    city: City, change: str, named: str
) -> None:
    case = make_case(city, "dispatched")
    tamper(f"UPDATE cases_case SET {change} WHERE id = %s", case.pk)
    finding = proof(case).finding
    assert finding is not None
    assert finding.code == "state"
    assert named in finding.text


def test_the_log_refuses_changes_from_the_program(city: City) -> None:
    from django.db import IntegrityError, transaction

    case = make_case(city, "reported")
    for statement in ("UPDATE cases_logentry SET opinion = ''", "DELETE FROM cases_logentry"):
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"{statement} WHERE case_id = %s", [case.pk])


def test_all_cases_are_proved_in_a_stream(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengyun.cases.queries.chain.CASES_AT_ONCE", 2)
    cases = [make_case(city, "reported") for _ in range(5)]
    tamper("UPDATE cases_logentry SET opinion = 'x' WHERE case_id = %s", cases[3].pk)
    found = list(every_proof())
    assert [one.case_id for one in found] == [case.pk for case in cases]
    assert [one.case_id for one in found if not one.ok] == [cases[3].pk]


def test_the_command_tells_what_it_found_and_fails(city: City) -> None:
    whole, broken = make_case(city, "reported"), make_case(city, "reported")
    runner = CliRunner()
    fine = runner.invoke(check_log_command, ["--case", str(whole.pk)])
    assert (fine.exit_code, fine.output) == (0, "1 cases, 1 entries, 0 broken\n")
    tamper("UPDATE cases_logentry SET opinion = 'x' WHERE case_id = %s", broken.pk)
    told = runner.invoke(check_log_command, ["--json"])
    assert told.exit_code == 1
    report = json.loads(told.output)
    assert (report["cases"], report["entries"]) == (2, 2)
    assert [(one["case_id"], one["code"]) for one in report["broken"]] == [(broken.pk, "changed")]
    assert AuditEntry.objects.get(act="case.log_found_broken").subject == f"case:{broken.pk}"
    assert Event.objects.filter(kind="case.log_found_broken").count() == 1


def head_of(output: str) -> str:
    return next(line for line in output.splitlines() if line.startswith("head "))[5:]


def test_a_head_of_heads_that_was_kept_still_holds_after_more_acts(city: City) -> None:
    case = make_case(city, "accepted")
    runner = CliRunner()
    kept = head_of(runner.invoke(check_log_command).output)
    make_case(city, "reported")
    act(city, case, "file", by="shift_leader", at=case.updated_at)
    later = runner.invoke(check_log_command, ["--expect", kept])
    assert later.exit_code == 0
    assert head_of(later.output) != kept
    told = json.loads(runner.invoke(check_log_command, ["--json", "--expect", kept]).output)
    assert (told["head"], told["as_expected"]) == (head_of(later.output), True)


def test_a_chain_made_anew_whole_is_found_by_the_head_that_was_kept(city: City) -> None:
    case = make_case(city, "reported")
    runner = CliRunner()
    kept = head_of(runner.invoke(check_log_command).output)
    entry = LogEntry.objects.get(case=case)
    content = LogContent(
        act=entry.act,
        at=entry.at,
        to_state=entry.to_state,
        actor_id=entry.actor_id,
        actor_name="别人",
        role=entry.role,
        organisation_id=entry.organisation_id,
        organisation_name=entry.organisation_name,
        receiver=entry.receiver,
        attachment_ids=tuple(str(one) for one in entry.attachment_ids),
        lon=entry.position.x if entry.position else None,
        lat=entry.position.y if entry.position else None,
        data=entry.data,
    )
    forged = entry_hash(b"", case_id=case.pk, seq=1, content=content)
    tamper(
        "UPDATE cases_logentry SET actor_name = '别人', hash = %s WHERE case_id = %s",
        forged, case.pk,
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(log_head=forged)
    alone = runner.invoke(check_log_command)
    assert (alone.exit_code, "0 broken" in alone.output) == (0, True)  # the chain by itself is fine
    found = runner.invoke(check_log_command, ["--expect", kept])
    assert found.exit_code == 1
    assert "does not come out again" in found.output


def test_a_case_that_vanished_with_its_log_is_found_too(city: City) -> None:
    make_case(city, "reported")
    gone = make_case(city, "reported")
    runner = CliRunner()
    kept = head_of(runner.invoke(check_log_command).output)
    tamper("DELETE FROM cases_logentry WHERE case_id = %s", gone.pk)
    for table in ("clock", "task", "reporter", "attachment"):
        tamper(f"DELETE FROM cases_{table} WHERE case_id = %s", gone.pk)
    tamper("DELETE FROM cases_case WHERE id = %s", gone.pk)
    assert runner.invoke(check_log_command).exit_code == 0
    assert runner.invoke(check_log_command, ["--expect", kept]).exit_code == 1


@pytest.mark.parametrize("text", ["x", "0" * 64, "0" * 63 + "@1", "0" * 64 + "@-1"])
def test_a_head_that_is_none_is_said(city: City, text: str) -> None:
    assert CliRunner().invoke(check_log_command, ["--expect", text]).exit_code == 1


def test_a_case_that_is_not_there_is_said(city: City) -> None:
    assert CliRunner().invoke(check_log_command, ["--case", "999999"]).exit_code == 1


def test_who_may_read_the_case_may_have_it_proved(city: City) -> None:
    case = make_case(city, "closed")
    url = f"/api/v1/cases/{case.pk}/log/proof"
    found = bearer(city.people["leader"]).get(url).json()
    assert (found["ok"], found["length"], found["code"]) == (True, 10, None)
    assert found["head"] == bytes(case.log_head).hex()
    assert bearer(city.people["outsider"]).get(url).status_code == 404
