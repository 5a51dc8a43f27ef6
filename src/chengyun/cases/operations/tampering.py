"""Telling that a case's log was tampered with."""

from __future__ import annotations

from django.db import transaction

from chengyun.administration.operations.audit import record_audit
from chengyun.administration.rules.actor import SYSTEM
from chengyun.cases.queries.chain import CaseProof
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now


def report_finding(proof: CaseProof) -> None:
    """Write a broken log to the audit and the journal; nothing for a whole one."""
    finding = proof.finding
    if finding is None:
        return
    subject = f"case:{proof.case_id}"
    detail = {
        "number": proof.number,
        "code": finding.code,
        "seq": finding.seq,
        "text": finding.text,
    }
    with transaction.atomic():
        record_audit(SYSTEM, "case.log_found_broken", subject, detail)
        record_event(
            at=now(),
            kind="case.log_found_broken",
            subject=subject,
            actor_id=None,
            payload={"case_id": proof.case_id, **detail},
        )
