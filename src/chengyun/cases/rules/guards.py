"""Guards: the conditions that the workflow table names. A closed registry, checked at start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chengyun.cases.rules import faults
from chengyun.cases.rules.facts import ActInput, ActorFacts, CaseFacts
from chengyun.kernel.errors import Fault

MAX_EXTENSIONS = 2
COLLECTOR = "collector"


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a guard is asked: may this actor do this, now, with what was given."""

    case: CaseFacts
    actor: ActorFacts
    given: ActInput
    at: datetime


Test = Callable[[Question], Fault | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """A named condition; `on_input` ones look at what was given and are asked last."""

    name: str
    on_input: bool
    test: Test


_guards: dict[str, Guard] = {}


def _guard(*, on_input: bool = False) -> Callable[[Test], Test]:
    def register(test: Test) -> Test:
        _guards[test.__name__] = Guard(name=test.__name__, on_input=on_input, test=test)
        return test

    return register


def guard_named(name: str) -> Guard | None:
    """Return the guard, None where there is none of the name."""
    return _guards.get(name)


def guard_names() -> frozenset[str]:
    """Return every name that the table may use."""
    return frozenset(_guards)


@_guard()
def public_report_verified(ask: Question) -> Fault | None:
    """Require public reports, and those found untrue, to be verified as true before acceptance."""
    needs_it = ask.case.public_source or ask.case.verified is False
    return faults.ReportNotVerified() if needs_it and ask.case.verified is not True else None


@_guard(on_input=True)
def collector_photographed(ask: Question) -> Fault | None:
    """Require a photo with a collector's report."""
    if ask.case.source != COLLECTOR or ask.given.photos.get("report", 0) > 0:
        return None
    return faults.PhotosMissing(field="attachments", count=1, phase_zh="上报", phase_en="report")


@_guard()
def is_task_assignee(ask: Question) -> Fault | None:
    """Let only the collector to whom the task was sent answer it."""
    mine = ask.actor.person_id is not None and ask.case.holder.person_id == ask.actor.person_id
    return None if mine else faults.NotTheAssignee()


@_guard()
def is_own_draft(ask: Question) -> Fault | None:
    """Let only its writer submit a draft."""
    return None if ask.case.holder.person_id == ask.actor.person_id else faults.NotYourDraft()


@_guard()
def is_holder_organisation(ask: Question) -> Fault | None:
    """Let only the organisation that holds the case act."""
    return None if ask.actor.in_holder_organisation else faults.NotYourOrganisation()


@_guard()
def is_responsible_organisation(ask: Question) -> Fault | None:
    """Let only the organisation that was responsible act."""
    return None if ask.actor.in_responsible_organisation else faults.NotYourOrganisation()


@_guard()
def within_refuse_window(ask: Question) -> Fault | None:
    """Let a department return a case only within its window; no window = always."""
    until = ask.case.refuse_until
    if until is None or ask.at <= until:
        return None
    return faults.RefuseWindowOver(until=until.isoformat(timespec="minutes"))


@_guard(on_input=True)
def is_another_organisation(ask: Question) -> Fault | None:
    """Require another department than the present one."""
    same = ask.given.organisation_id == ask.case.responsible_organisation_id
    return faults.SameOrganisation(field="organisation_id") if same else None


@_guard(on_input=True)
def organisation_disposes(ask: Question) -> Fault | None:
    """Require an organisation that disposes: a centre never dispatches to itself."""
    if ask.given.organisation_id is None or ask.given.organisation_disposes:
        return None
    return faults.OrganisationCannotDispose(field="organisation_id")


@_guard()
def is_urgent(ask: Question) -> Fault | None:
    """Require an urgent case."""
    return None if ask.case.urgent else faults.NotUrgent()


@_guard()
def may_extend(ask: Question) -> Fault | None:
    """Allow a limited number of extensions, never after the deadline."""
    used_up = ask.case.extension_count >= MAX_EXTENSIONS
    return faults.NoExtensionLeft() if used_up or ask.case.disposal_overdue else None


@_guard()
def was_overdue(ask: Question) -> Fault | None:
    """Require an overdue disposal."""
    return None if ask.case.disposal_overdue else faults.NotOverdue()


@_guard()
def not_yet_appealed(ask: Question) -> Fault | None:
    """Allow one appeal."""
    return faults.AlreadyAppealed() if ask.case.appeal_count else None


@_guard()
def is_supervised(ask: Question) -> Fault | None:
    """Require a supervision that waits for an answer."""
    return None if ask.case.supervisions else faults.NotSupervised()


@_guard()
def within_reopen_window(ask: Question) -> Fault | None:
    """Let a case be reopened only within its window; no window = never."""
    until = ask.case.reopen_until
    return None if until is not None and ask.at <= until else faults.ReopenWindowOver()
