"""`chengyun check log`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

import click

from chengyun.cases.operations.tampering import report_finding
from chengyun.cases.queries.anchor import anchor_up_to, last_entry, parse_anchor
from chengyun.cases.queries.chain import CaseProof, every_proof, find_proof
from chengyun.kernel.errors import NotFound


@click.command("log")
@click.option("--case", "case_id", type=int, help="Only the case with this id.")
@click.option("--expect", help="A head of heads that was printed before; must still hold.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
def check_log_command(case_id: int | None, expect: str | None, *, as_json: bool) -> None:
    """Prove that no case's log was changed, cut or left out, and that it leads to the case.

    Prints the head of heads: keep it where the platform's administrators cannot write, and give it
    to a later check with --expect. Ends with status 1 when a log is broken, or the head differs;
    each broken log is also told to the journal.
    """
    wanted = parse_anchor(expect) if expect else None
    last = last_entry() if case_id is None else None
    cases, entries, broken = _prove(_asked(case_id))
    anchor = anchor_up_to(last) if last is not None else None
    holds = wanted is None or anchor_up_to(wanted.entry_id) == wanted
    if as_json:
        told = {"cases": cases, "entries": entries, "broken": [_as_data(one) for one in broken]}
        heads = {"head": str(anchor) if anchor else None, "as_expected": holds if wanted else None}
        click.echo(json.dumps(told | heads))
    else:
        for proof in broken:
            click.echo(f"{proof.number} (case {proof.case_id}): {_text(proof)}", err=True)
        click.echo(f"{cases} cases, {entries} entries, {len(broken)} broken")
        if anchor:
            click.echo(f"head {anchor}")
        if not holds:
            click.echo(f"not the logs of then: {wanted} does not come out again", err=True)
    sys.exit(1 if broken or not holds else 0)


def _asked(case_id: int | None) -> Iterable[CaseProof]:
    if case_id is None:
        return every_proof()
    proof = find_proof(case_id)
    if proof is None:
        raise NotFound(what=f"case {case_id}")
    return [proof]


def _prove(proofs: Iterable[CaseProof]) -> tuple[int, int, list[CaseProof]]:
    cases = entries = 0
    broken = []
    for proof in proofs:
        cases, entries = cases + 1, entries + proof.length
        if not proof.ok:
            report_finding(proof)
            broken.append(proof)
    return cases, entries, broken


def _text(proof: CaseProof) -> str:
    return proof.finding.text if proof.finding else "ok"


def _as_data(proof: CaseProof) -> dict[str, object]:
    finding = proof.finding
    return {
        "case_id": proof.case_id,
        "number": proof.number,
        "code": finding.code if finding else None,
        "seq": finding.seq if finding else None,
        "text": _text(proof),
    }
