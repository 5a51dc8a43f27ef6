"""What an actor chose for an act, looked up: a standard, a department, a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from chengyun.administration.queries import find_actor
from chengyun.administration.queries.dictionaries import dictionary_names
from chengyun.administration.rules.actor import Actor
from chengyun.cases.rules.access import may_receive
from chengyun.cases.rules.facts import Decision
from chengyun.cases.rules.record import CaseRecord
from chengyun.cases.rules.workflow import workflow
from chengyun.kernel.errors import Fault
from chengyun.kernel.units import Limit

DISPOSING_KINDS = frozenset({"department", "street", "enterprise"})
MAX_ASSISTING = 20
_STANDARD = """
SELECT s.matter_type_id, s.area_class, s.limit_value, s.limit_unit, s.active
FROM cases_disposalstandard s WHERE s.id = %s
"""
_ORGANISATIONS = """
SELECT id, zh, kind FROM administration_organisation WHERE id = ANY(%s) AND active
"""


class StandardNotFitting(Fault):
    """The filing condition belongs to another type or area class, or is out of use."""

    code = "standard_not_fitting"
    zh = "所选立案条件不适用于该案卷的类型或区域等级。请从建议中选择。"
    en = "This filing condition does not fit the case's type or area class. Choose a proposed one."


class OrganisationUnknown(Fault):
    """There is no such organisation in use."""

    code = "organisation_unknown"
    zh = "单位 {id} 不存在或已停用。"
    en = "There is no organisation {id} in use."


class AssistingNotFitting(Fault):
    """An assisting organisation cannot assist."""

    code = "assisting_not_fitting"
    zh = "协办单位须为在用的处置单位，不含责任部门，最多 {limit} 个。"
    en = "Assisting ones dispose of cases, are in use, not the responsible one, {limit} at most."


class ReasonUnknown(Fault):
    """The reason is not one of the act's dictionary."""

    code = "reason_unknown"
    zh = "原因“{reason}”不在字典“{dictionary}”中，请从列表中选择。"
    en = "The reason “{reason}” is not in the dictionary “{dictionary}”. Choose one of the list."


class AssigneeNotFitting(Fault):
    """The chosen person cannot be given the case."""

    code = "assignee_not_fitting"
    zh = "所选人员不存在、已停用，或其职责范围不含该案卷。"
    en = "This person does not exist, is not active, or does not answer for this place."


@dataclass(frozen=True, kw_only=True)
class ActRequest:
    """What somebody asks to be done to a case.

    version : of the case as the actor saw it, None = whatever it is
    result : answer of a verification or check
    lon, lat : where the actor stands, EPSG:4490 [degrees]
    """

    act: str
    version: int | None = None
    opinion: str = ""
    reason: str = ""
    condition: str = ""
    standard_id: int | None = None
    organisation_id: int | None = None
    assisting_ids: Sequence[int] | None = None
    assignee_id: int | None = None
    result: bool | None = None
    attachment_ids: Sequence[UUID] = ()
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What was found of the choices; None where nothing was chosen or found.

    limit : of the filing condition that holds after the act
    """

    standard: tuple[Any, ...] | None
    limit: Limit | None
    organisations: dict[int, tuple[str, str]]
    assignee: Actor | None

    def organisation_name(self, organisation_id: int | None) -> str:
        """Return the name of a chosen organisation, '' of another."""
        return self.organisations.get(organisation_id or 0, ("", ""))[0]

    def disposes(self, organisation_id: int | None) -> bool:
        """Tell whether the organisation is of a kind that disposes; an unknown one passes here."""
        found = self.organisations.get(organisation_id or 0)
        return found is None or found[1] in DISPOSING_KINDS


def look_up(case: CaseRecord, request: ActRequest) -> Choices:
    """Read what the request names and what the case has; nothing is judged yet."""
    standard = _standard(request.standard_id or case.standard_id)
    named = {request.organisation_id, case.responsible_id, *(request.assisting_ids or ())}
    return Choices(
        standard=standard,
        limit=Limit.of(standard[2], standard[3]) if standard else None,
        organisations=_organisations([one for one in named if one is not None]),
        assignee=find_actor(request.assignee_id) if request.assignee_id is not None else None,
    )


def check_choices(
    case: CaseRecord, request: ActRequest, choices: Choices, decision: Decision
) -> None:
    """Judge the choices of an act that is otherwise allowed.

    raises : ReasonUnknown, StandardNotFitting, OrganisationUnknown, AssistingNotFitting,
        AssigneeNotFitting
    """
    _check_reason(request)
    if request.standard_id is not None and not _fits(case, choices.standard):
        raise StandardNotFitting(field="standard_id")
    wanted = request.organisation_id
    if wanted is not None and wanted not in choices.organisations:
        raise OrganisationUnknown(field="organisation_id", id=wanted)
    if request.assisting_ids and not _may_assist(request, choices, decision):
        raise AssistingNotFitting(field="assisting_ids", limit=MAX_ASSISTING)
    if request.assignee_id is not None and not _may_receive(case, choices.assignee, decision):
        raise AssigneeNotFitting(field="assignee_id")


def _check_reason(request: ActRequest) -> None:
    dictionary = workflow().acts[request.act][0].needs.reasons
    if dictionary and request.reason and request.reason not in dictionary_names(dictionary):
        raise ReasonUnknown(field="reason", reason=request.reason, dictionary=dictionary)


def _fits(case: CaseRecord, standard: tuple[Any, ...] | None) -> bool:
    if standard is None:
        return False
    matter_type_id, area_class, _, _, active = standard
    return bool(
        active and matter_type_id == case.matter_type_id and area_class in {"", case.area_class}
    )


def _may_assist(request: ActRequest, choices: Choices, decision: Decision) -> bool:
    ids = request.assisting_ids or ()
    return len(ids) <= MAX_ASSISTING and all(
        one in choices.organisations
        and choices.disposes(one)
        and one != decision.after.responsible_organisation_id
        for one in ids
    )


def _may_receive(case: CaseRecord, person: Actor | None, decision: Decision) -> bool:
    return person is not None and may_receive(person, case, decision.holder.desk)


def _standard(standard_id: int | None) -> tuple[Any, ...] | None:
    if standard_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_STANDARD, [standard_id])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _organisations(ids: list[int]) -> dict[int, tuple[str, str]]:
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ORGANISATIONS, [ids])
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
