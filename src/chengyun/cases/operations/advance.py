"""Acting on a case: accept, file, dispatch, hand back, check, close and all the others.

What an act needs and does stands in the workflow table; here the decision is carried out: clocks,
task, the case's row, its log, the event, in one transaction on a locked row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from chengyun.administration.queries import setting, working_calendar
from chengyun.administration.rules.actor import Actor
from chengyun.cases.events import event_of_case
from chengyun.cases.operations.attachments import (
    FreeAttachment,
    bind_attachments,
    free_attachments,
)
from chengyun.cases.operations.choices import ActRequest, Choices, check_choices, look_up
from chengyun.cases.operations.clocks import load_clocks, save_clocks, shown
from chengyun.cases.operations.limits import stage_limits
from chengyun.cases.operations.log import append_entry
from chengyun.cases.operations.report import shown_columns
from chengyun.cases.operations.tasks import apply_task
from chengyun.cases.queries.records import case_facts, get_record
from chengyun.cases.rules.access import ACT, BATCH, actor_facts
from chengyun.cases.rules.clocks import Clock, Ledger, Present
from chengyun.cases.rules.facts import ActInput, ActorFacts, CaseFacts, Decision
from chengyun.cases.rules.faults import ActNotPossible
from chengyun.cases.rules.log_entry import LogContent
from chengyun.cases.rules.record import CaseRecord
from chengyun.cases.rules.workflow import workflow
from chengyun.cases.writes import Writes
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Fault, Invalid

_MOMENTS = {
    "accept": "accepted_at",
    "file": "filed_at",
    "dispatch": "dispatched_at",
    "fast_track": "dispatched_at",
    "redispatch": "dispatched_at",
    "hand_back": "handled_at",
}


class StaleVersion(Fault):
    """Somebody acted on the case since the actor looked at it."""

    code = "stale_version"
    status = 412
    zh = "案卷已被他人办理（版本 {current}，您看到的是 {seen}）。请刷新后重试。"
    en = "Somebody acted meanwhile (version {current}, yours is {seen}). Reload and try again."


@dataclass(frozen=True, kw_only=True, slots=True)
class ActOutcome:
    """What became of one case of a batch; `fault` is None where the act was done."""

    case_id: int
    fault: Fault | None


@dataclass(frozen=True, kw_only=True)
class _Act:
    """An act that may be done, with everything that writing it needs."""

    actor: Actor
    case: CaseRecord
    request: ActRequest
    decision: Decision
    choices: Choices
    files: Sequence[FreeAttachment]
    before: tuple[Clock, ...]
    after: tuple[Clock, ...]
    shown: Present
    at: datetime

    @property
    def version(self) -> int:
        """The version afterwards; words that change nothing else leave it as it is."""
        decision = self.decision
        changes = decision.before != decision.after or decision.effects or decision.task
        return self.case.version + (1 if changes else 0)

    @property
    def assisting_ids(self) -> tuple[int, ...]:
        """The assisting organisations afterwards; a new responsible one brings new ones."""
        given = self.request.assisting_ids
        if given is not None:
            return tuple(dict.fromkeys(given))
        chosen_anew = self.decision.given.organisation_id is not None
        return () if chosen_anew else self.case.assisting_ids


def act_on_case(
    *, actor: Actor, case_id: int, request: ActRequest, at: datetime | None = None
) -> None:
    """Do an act of the workflow table to a case.

    raises : NotFound (outside the actor's scope, too), StaleVersion, the faults of `rules.faults`
        and of `operations.choices`, AttachmentNotUsable; nothing is changed then
    """
    with transaction.atomic():
        case = get_record(actor=actor, case_id=case_id, lock=True)
        if request.version is not None and request.version != case.version:
            raise StaleVersion(field="version", current=case.version, seen=request.version)
        _write(_decided(actor, case, request, max(at or now(), case.updated_at)))


def act_on_cases(
    *, actor: Actor, case_ids: Sequence[int], request: ActRequest, at: datetime | None = None
) -> list[ActOutcome]:
    """Do the same act to several cases, each in its own transaction; one fault stops no other.

    raises : Forbidden, Invalid (too many)
    """
    actor.require(BATCH)
    limit = setting("cases.batch_max")
    if len(case_ids) > limit:
        raise Invalid(
            field="ids", reason_zh=f"一次最多 {limit} 件", reason_en=f"at most {limit} at once"
        )
    outcomes = []
    for case_id in dict.fromkeys(case_ids):
        fault = None
        try:
            act_on_case(actor=actor, case_id=case_id, request=request, at=at)
        except Fault as found:
            fault = found
        outcomes.append(ActOutcome(case_id=case_id, fault=fault))
    return outcomes


def _decided(actor: Actor, case: CaseRecord, request: ActRequest, at: datetime) -> _Act:
    choices = look_up(case, request)
    files = free_attachments(actor=actor, ids=request.attachment_ids)
    decision = _decide(actor, case, _input(request, choices, files), request.act, at)
    check_choices(case, request, choices, decision)
    before = load_clocks(case.id)
    ledger = Ledger(
        calendar=working_calendar(),
        limits=stage_limits(choices.limit),
        organisation_id=decision.after.responsible_organisation_id,
    )
    after = ledger.apply(before, decision.effects, at)
    return _Act(
        actor=actor,
        case=case,
        request=request,
        decision=decision,
        choices=choices,
        files=files,
        before=before,
        after=after,
        shown=shown(after, at),
        at=at,
    )


def _decide(actor: Actor, case: CaseRecord, given: ActInput, act: str, at: datetime) -> Decision:
    facts, person = case_facts(case), actor_facts(actor, case)
    try:
        return workflow().decide(act, case=facts, actor=person, given=given, at=at)
    except ActNotPossible as fault:
        raise fault.with_possible(_possible(facts, person, at)) from None


def _possible(facts: CaseFacts, person: ActorFacts, at: datetime) -> list[tuple[str, str]]:
    offers = workflow().offers(facts, person, at)
    return [(offer.zh, offer.en) for offer in offers if offer.enabled]


def _input(request: ActRequest, choices: Choices, files: Sequence[FreeAttachment]) -> ActInput:
    moves = workflow().acts.get(request.act)
    phase = moves[0].needs.phase if moves else "other"
    return ActInput(
        opinion=request.opinion,
        reason=request.reason,
        condition=request.condition,
        standard_id=request.standard_id,
        organisation_id=request.organisation_id,
        organisation_disposes=choices.disposes(request.organisation_id),
        assignee_id=request.assignee_id,
        result=request.result,
        photos={phase: sum(1 for one in files if one.kind == "photo")},
    )


def _write(act: _Act) -> None:
    case, decision, writes = act.case, act.decision, Writes()
    bind_attachments(actor=act.actor, case_id=case.id, found=act.files, phase=decision.phase)
    save_clocks(writes, case.id, before=act.before, after=act.after, at=act.at)
    apply_task(
        writes,
        case_id=case.id,
        decision=decision,
        by_id=act.actor.person_id,
        at=act.at,
        due_at=act.shown.due_at,
    )
    head = append_entry(
        writes,
        case_id=case.id,
        length=case.log_length,
        head=case.log_head,
        content=_log_content(act),
    )
    writes.update("cases_case", case.id, _columns(act, head))
    _tell(writes, act)
    writes.send()


def _log_content(act: _Act) -> LogContent:
    actor, decision = act.actor, act.decision
    data = decision.as_data()
    if act.assisting_ids != act.case.assisting_ids:
        data["assisting_ids"] = list(act.assisting_ids)
    return LogContent(
        act=decision.act,
        at=act.at,
        from_state=decision.from_state,
        to_state=decision.to_state,
        actor_id=actor.person_id,
        actor_name=actor.name,
        role=actor.role_for(ACT + decision.desk),
        organisation_id=actor.organisation_id,
        organisation_name=actor.organisation_name,
        opinion=decision.given.opinion,
        receiver=_receiver(act),
        attachment_ids=tuple(one.id for one in act.files),
        lon=act.request.lon,
        lat=act.request.lat,
        data=data,
    )


def _receiver(act: _Act) -> str:
    """Return who gets the case by this act, '' when it stays where it was."""
    holder = act.decision.holder
    if holder == act.decision.before.holder:
        return ""
    names = []
    if holder.organisation_id is not None:
        names.append(act.choices.organisation_name(holder.organisation_id))
    if holder.person_id is not None:
        person = act.choices.assignee or act.actor
        names.append(person.name)
    desk = workflow().table.desks.get(holder.desk)
    return " ".join(name for name in names if name) or (desk.zh if desk else "")


def _columns(act: _Act, head: bytes) -> dict[str, Any]:
    after, holder = act.decision.after, act.decision.holder
    columns: dict[str, Any] = {
        "state": after.state,
        "desk": holder.desk,
        "holder_organisation_id": holder.organisation_id,
        "holder_person_id": holder.person_id,
        "pending": after.pending,
        "verified": after.verified,
        "is_open": not act.decision.ended,
        "standard_id": after.standard_id,
        "responsible_id": after.responsible_organisation_id,
        "assisting_ids": list(act.assisting_ids),
        "rework_count": after.rework_count,
        "return_count": after.return_count,
        "updated_at": act.at,
        "version": act.version,
        "log_length": act.case.log_length + 1,
        "log_head": head,
        **shown_columns(act.shown),
        **_moments(act),
    }
    if not act.case.has_thumbnail:
        columns["thumbnail"] = next((one.id for one in act.files if one.has_thumbnail), None)
    return columns


def _moments(act: _Act) -> dict[str, datetime]:
    column = _MOMENTS.get(act.decision.act)
    moments = {column: act.at} if column else {}
    return moments | {"ended_at": act.at} if act.decision.ended else moments


def _tell(writes: Writes, act: _Act) -> None:
    case, decision = act.case, act.decision
    after = {
        decision.holder.organisation_id,
        decision.after.responsible_organisation_id,
        *act.assisting_ids,
    }
    statement, values = event_of_case(
        kind=decision.event,
        at=act.at,
        case_id=case.id,
        number=case.number,
        title=case.title,
        act=decision.act,
        from_state=decision.from_state,
        state=decision.to_state,
        holder=decision.holder,
        shown=act.shown,
        version=act.version,
        actor_id=act.actor.person_id,
        actor_name=act.actor.name,
        person_ids=frozenset(
            (case.holder_person_id, decision.holder.person_id, case.created_by_id)
        ),
        division_code=case.division_code,
        organisation_ids=case.organisation_ids | frozenset(one for one in after if one is not None),
        case_kind=case.kind,
    )
    writes.add(statement, *values)
