"""Who may read a case, and at which desks somebody stands before it: permission and data scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chengyun.administration.rules.actor import Actor, Grant
from chengyun.cases.rules.facts import ActorFacts
from chengyun.cases.rules.record import CaseRecord

READ = "case.read"
REPORT = "case.report"
BATCH = "case.batch"
ACT = "case.act."
COLLECTOR, DEPARTMENT, SYSTEM = "collector", "department", "system"
REPORTING = frozenset({COLLECTOR, "hotline", "acceptor", "inspector", "leader"})


def may_read(actor: Actor, case: CaseRecord, grants: Iterable[Grant] | None = None) -> bool:
    """Tell whether the case lies in the actor's scope; who holds or reported it always may.

    grants : those to go by, None = all
    """
    if not actor.can(READ):
        return False
    own = {case.holder_person_id, case.created_by_id} - {None}
    return actor.person_id in own or any(
        READ in grant.permissions and _covers(grant, case)
        for grant in (actor.grants if grants is None else grants)
    )


def actor_facts(actor: Actor, case: CaseRecord) -> ActorFacts:
    """Return the actor as the workflow sees him before this case."""
    return ActorFacts(
        person_id=actor.person_id,
        desks=frozenset(_desks(actor, case)),
        in_holder_organisation=_acts_for(actor, case, case.holder_organisation_id),
        in_responsible_organisation=_acts_for(actor, case, case.responsible_id),
    )


def reporting_desks(actor: Actor, *, division_code: str, case_kind: str) -> frozenset[str]:
    """Return the desks at which the actor may report a case of this kind at this place.

    Somebody with `case.report` and none of the reporting desks, such as another system, stands at
    the desk `system`. A new case has no organisation yet, so that of a grant does not matter here.
    """
    reaching = [grant for grant in actor.grants if _covers_place(grant, division_code, case_kind)]
    if not any(REPORT in grant.permissions for grant in reaching):
        return frozenset()
    return REPORTING.intersection(_desks_of(reaching)) or frozenset({SYSTEM})


def may_receive(actor: Actor, case: CaseRecord, desk: str) -> bool:
    """Tell whether the person may be given the case at the desk: a collector, or a handler."""
    if desk == DEPARTMENT:
        return _acts_for(actor, case, case.holder_organisation_id)
    return any(
        ACT + desk in grant.permissions and _covers_place(grant, case.division_code, case.kind)
        for grant in actor.grants
    )


def _desks(actor: Actor, case: CaseRecord) -> Iterator[str]:
    yield from _desks_of(grant for grant in actor.grants if _covers(grant, case))
    holds = actor.person_id is not None and case.holder_person_id == actor.person_id
    if holds and actor.can(ACT + case.desk):
        yield case.desk


def _desks_of(grants: Iterable[Grant]) -> Iterator[str]:
    for grant in grants:
        for permission in grant.permissions:
            if permission.startswith(ACT):
                yield permission.removeprefix(ACT)


def _acts_for(actor: Actor, case: CaseRecord, organisation_id: int | None) -> bool:
    """Tell whether the actor does a department's acts for the organisation."""
    if organisation_id is None:
        return False
    return any(
        ACT + DEPARTMENT in grant.permissions
        and grant.covers(
            division_code=case.division_code,
            organisation_ids=frozenset({organisation_id}),
            case_kind=case.kind,
        )
        for grant in actor.grants
    )


def _covers(grant: Grant, case: CaseRecord) -> bool:
    return grant.covers(
        division_code=case.division_code,
        organisation_ids=case.organisation_ids,
        case_kind=case.kind,
    )


def _covers_place(grant: Grant, division_code: str, case_kind: str) -> bool:
    if grant.case_kinds and case_kind not in grant.case_kinds:
        return False
    return division_code.startswith(grant.division_code)
