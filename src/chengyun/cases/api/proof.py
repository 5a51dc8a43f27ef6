"""The route that proves a case's log."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from chengyun.administration.http import actor_of
from chengyun.cases.api.shapes import Id
from chengyun.cases.queries.chain import get_proof

router = Router(tags=["cases"])


class ProofOut(Schema):
    """Whether the log is whole; `code`, `seq` and `text` say what is wrong."""

    ok: bool
    length: int
    head: str
    code: str | None
    seq: int | None
    text: str | None


@router.get("/{int:case_id}/log/proof", response=ProofOut, summary="Prove a case's log")
def prove_case_log(request: HttpRequest, case_id: Id) -> dict[str, Any]:
    """Recompute the chain of the case's log and replay it to the case's present."""
    proof = get_proof(actor=actor_of(request), case_id=case_id)
    finding = proof.finding
    return {
        "ok": proof.ok,
        "length": proof.length,
        "head": proof.head,
        "code": finding.code if finding else None,
        "seq": finding.seq if finding else None,
        "text": finding.text if finding else None,
    }
