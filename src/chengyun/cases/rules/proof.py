"""Proving a case by its log: the chain is whole, and replaying it leads to the case's present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chengyun.cases.rules.facts import CaseFacts
from chengyun.cases.rules.log_entry import LogContent, entry_hash
from chengyun.cases.rules.replay import LogDoesNotReplay, LogStep, replay
from chengyun.cases.rules.workflow import Workflow


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredEntry:
    """A log entry as it is stored, with its hash."""

    seq: int
    content: LogContent
    hash: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What is wrong with a case's log.

    code : changed (an entry is not what was written), gap (one is missing), cut (the last ones
        are), replay (an entry does not follow from those before), state (the case's row differs)
    seq : of the entry, None where it is the row
    """

    code: str
    seq: int | None
    text: str


def prove_log(
    workflow: Workflow,
    *,
    case_id: int,
    present: CaseFacts,
    length: int,
    head: bytes,
    entries: Sequence[StoredEntry],
) -> Finding | None:
    """Return the first thing that is wrong, None where everything holds.

    present : facts as the case's row tells them
    length, head : number of entries and last hash as the row keeps them
    entries : by `seq`
    """
    broken = _broken_chain(case_id, entries) or _cut(entries, length, head)
    return broken or _other_state(workflow, present, entries)


def _broken_chain(case_id: int, entries: Sequence[StoredEntry]) -> Finding | None:
    before = b""
    for seq, entry in enumerate(entries, start=1):
        if entry.seq != seq:
            return Finding(code="gap", seq=seq, text=f"entry {seq} is missing")
        made = entry_hash(before, case_id=case_id, seq=seq, content=entry.content)
        if made != entry.hash:
            return Finding(code="changed", seq=seq, text=f"entry {seq} is not what was written")
        before = made
    return None


def _cut(entries: Sequence[StoredEntry], length: int, head: bytes) -> Finding | None:
    if not entries:
        return Finding(code="cut", seq=None, text="the log is empty")
    if len(entries) < length:
        missing = f"{len(entries)} of {length} entries are there"
        return Finding(code="cut", seq=len(entries) + 1, text=missing)
    if len(entries) > length or entries[-1].hash != head:
        return Finding(code="state", seq=None, text="the case does not know its last entry")
    return None


def _other_state(
    workflow: Workflow, present: CaseFacts, entries: Sequence[StoredEntry]
) -> Finding | None:
    steps = [
        LogStep(
            seq=entry.seq,
            act=entry.content.act,
            from_state=entry.content.from_state,
            to_state=entry.content.to_state,
            actor_id=entry.content.actor_id,
            data=entry.content.data,
        )
        for entry in entries
    ]
    try:
        led_to = replay(workflow, steps)
    except LogDoesNotReplay as fault:
        return Finding(code="replay", seq=fault.values["seq"], text=fault.text("en"))
    wrong = [name for name, value in _compared(present).items() if _compared(led_to)[name] != value]
    if not wrong:
        return None
    return Finding(
        code="state", seq=None, text=f"the case's row differs from its log: {', '.join(wrong)}"
    )


def _compared(case: CaseFacts) -> dict[str, object]:
    return {
        "state": case.state,
        "pending": case.pending,
        "desk": case.holder.desk,
        "holder_organisation": case.holder.organisation_id,
        "holder_person": case.holder.person_id,
        "verified": case.verified,
        "responsible": case.responsible_organisation_id,
        "standard": case.standard_id,
        "rework_count": case.rework_count,
        "return_count": case.return_count,
    }
