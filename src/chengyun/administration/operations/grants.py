"""Granting roles to people within a data scope, and taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction

from chengyun.administration.models import Organisation, Person, Role, RoleGrant
from chengyun.administration.operations.guard import (
    check_administrator_remains,
    check_may_grant,
    check_person_axes,
    count_administrators_locked,
)
from chengyun.administration.operations.recording import record_change
from chengyun.administration.queries.people import PERMISSION, editable_person
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules import naming
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import CodeTaken, GrantNotFound, NotOnOneself
from chengyun.kernel.errors import Invalid

CASE_KINDS: Final = ("component", "matter")


@transaction.atomic
def grant_role(
    *,
    actor: Actor,
    person_id: int,
    role_code: str,
    division_code: str = "",
    organisation_id: int | None = None,
    case_kinds: Sequence[str] = (),
) -> RoleGrant:
    """Give a person a role within division subtree x organisation subtree x case kinds.

    raises : Forbidden, PersonNotFound, Invalid, NotOnOneself, GrantTooWide, AxesConflict,
        CodeTaken (he has it already)
    """
    person = editable_person(actor, person_id, lock=True)
    _refuse_oneself(actor, person)
    grant = RoleGrant(
        person=person,
        role=_role(role_code),
        division_code=naming.checked_division(division_code),
        organisation=_organisation(organisation_id),
        case_kinds=_case_kinds(case_kinds),
    )
    check_may_grant(actor, grant)
    same = RoleGrant.objects.filter(
        person=person,
        role=grant.role,
        division_code=grant.division_code,
        organisation=grant.organisation,
    )
    if same.exists():
        raise CodeTaken(field="role", value=role_code)
    grant.save()
    check_person_axes(person.pk)
    _record(actor, "grant.given", grant)
    return grant


@transaction.atomic
def withdraw_grant(*, actor: Actor, grant_id: int) -> None:
    """Take a grant back; it ends at once.

    raises : Forbidden, GrantNotFound, NotOnOneself, GrantTooWide, LastAdministrator
    """
    actor.require(PERMISSION)
    grants = RoleGrant.objects.select_related("person", "role", "organisation")
    grant = grants.select_for_update(of=("self",)).filter(id=grant_id).first()
    if grant is None:
        raise GrantNotFound
    person = editable_person(actor, grant.person_id, lock=True)
    _refuse_oneself(actor, person)
    check_may_grant(actor, grant)
    administrators = count_administrators_locked()
    _record(actor, "grant.withdrawn", grant)
    grant.delete()
    check_administrator_remains(administrators)


def _refuse_oneself(actor: Actor, person: Person) -> None:
    if person.pk == actor.person_id and not setting("administration.allow_own_grants"):
        raise NotOnOneself


def _role(code: str) -> Role:
    found = Role.objects.filter(code=code, active=True).first()
    if found is None:
        raise Invalid(field="role", reason_zh="没有这个角色", reason_en="no such role in use")
    return found


def _organisation(organisation_id: int | None) -> Organisation | None:
    if organisation_id is None:
        return None
    found = Organisation.objects.filter(id=organisation_id).first()
    if found is None:
        raise Invalid(
            field="organisation_id", reason_zh="没有这个机构", reason_en="no such organisation"
        )
    return found


def _case_kinds(kinds: Sequence[str]) -> list[str]:
    unknown = set(kinds) - set(CASE_KINDS)
    if unknown:
        raise Invalid(
            field="case_kinds", reason_zh="可选 component、matter", reason_en="component or matter"
        )
    return sorted(set(kinds))


def _record(actor: Actor, act: str, grant: RoleGrant) -> None:
    home = grant.person.organisation
    detail: dict[str, Any] = {
        "person_id": grant.person_id,
        "role": grant.role.code,
        "division_code": grant.division_code,
        "organisation_id": grant.organisation_id,
        "case_kinds": grant.case_kinds,
    }
    record_change(
        actor,
        act,
        f"grant:{grant.pk}",
        detail,
        division_code=home.division_code,
        organisation_ids=[home.pk],
    )
