"""Proving the logs of cases: one, or all of them in a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson
from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.records import get_record
from chengyun.cases.rules.facts import CaseFacts, Holder
from chengyun.cases.rules.log_entry import LogContent
from chengyun.cases.rules.proof import Finding, StoredEntry, prove_log
from chengyun.cases.rules.workflow import workflow

CASES_AT_ONCE = 1000
_CASE_WIDTH = 15
# One statement, so that a case and its log are seen at the same moment.
_LOGS = """
SELECT c.id, c.number, c.log_length, c.log_head, c.state, c.pending, c.desk,
       c.holder_organisation_id, c.holder_person_id, c.verified, c.responsible_id, c.standard_id,
       c.rework_count, c.return_count, c.source,
       e.seq, e.act, e.at, e.actor_id, e.actor_name, e.role, e.organisation_id,
       e.organisation_name, e.opinion, e.receiver, e.from_state, e.to_state,
       e.attachment_ids::text[], ST_X(e.position), ST_Y(e.position), e.data::text, e.hash
FROM (SELECT * FROM cases_case WHERE id > %s AND id <= %s ORDER BY id LIMIT %s) c
LEFT JOIN cases_logentry e ON e.case_id = c.id
ORDER BY c.id, e.seq
"""
_LAST = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseProof:
    """What proving a case's log found; `finding` is None where everything holds."""

    case_id: int
    number: str
    length: int
    head: str
    finding: Finding | None

    @property
    def ok(self) -> bool:
        """Whether the log is whole and leads to the case's present."""
        return self.finding is None


def get_proof(*, actor: Actor, case_id: int) -> CaseProof:
    """Prove the log of a case within the actor's scope.

    raises : NotFound
    """
    get_record(actor=actor, case_id=case_id)
    return next(_proofs(case_id - 1, case_id))


def find_proof(case_id: int) -> CaseProof | None:
    """Prove the log of a case, for the command line; None when there is no such case."""
    return next(_proofs(case_id - 1, case_id), None)


def every_proof() -> Iterator[CaseProof]:
    """Prove the logs of all cases, by id; a case that comes meanwhile is proved, too."""
    after = 0
    while True:
        count = 0
        for proof in _proofs(after, _LAST):
            after, count = proof.case_id, count + 1
            yield proof
        if count < CASES_AT_ONCE:
            return


def _proofs(after: int, last: int) -> Iterator[CaseProof]:
    with connection.cursor() as cursor:
        cursor.execute(_LOGS, [after, last, CASES_AT_ONCE])
        rows = cursor.fetchall()
    for _, of_case in groupby(rows, key=lambda row: row[0]):
        yield _proof(list(of_case))


def _proof(rows: list[tuple[Any, ...]]) -> CaseProof:
    case_id, number, length, head = rows[0][:4]
    entries = [_entry(row[_CASE_WIDTH:]) for row in rows if row[_CASE_WIDTH] is not None]
    finding = prove_log(
        workflow(),
        case_id=case_id,
        present=_facts(rows[0]),
        length=length,
        head=bytes(head),
        entries=entries,
    )
    return CaseProof(
        case_id=case_id, number=number, length=length, head=bytes(head).hex(), finding=finding
    )


def _facts(row: tuple[Any, ...]) -> CaseFacts:
    return CaseFacts(
        state=row[4],
        pending=row[5],
        holder=Holder(desk=row[6], organisation_id=row[7], person_id=row[8]),
        verified=row[9],
        responsible_organisation_id=row[10],
        standard_id=row[11],
        rework_count=row[12],
        return_count=row[13],
        source=row[14],
    )


def _entry(row: tuple[Any, ...]) -> StoredEntry:
    content = LogContent(
        act=row[1],
        at=row[2],
        actor_id=row[3],
        actor_name=row[4],
        role=row[5],
        organisation_id=row[6],
        organisation_name=row[7],
        opinion=row[8],
        receiver=row[9],
        from_state=row[10],
        to_state=row[11],
        attachment_ids=tuple(row[12]),
        lon=row[13],
        lat=row[14],
        data=orjson.loads(row[15]),
    )
    return StoredEntry(seq=row[0], content=content, hash=bytes(row[16]))
