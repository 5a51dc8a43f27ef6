"""Saving and ending management and evaluation grids, in versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.kernel.errors import NotFound
from chengyun.territory.faults import UnknownGrids
from chengyun.territory.group_faults import (
    GroupCodeUsed,
    GroupsOfOtherClass,
    GroupWithoutClass,
    MembersStandApart,
    MembersTaken,
    UnknownManagementGrids,
    UnknownOrganisation,
)
from chengyun.territory.operations.group_versions import (
    Facts,
    end_group,
    lock_groups,
    renew_holders,
    write_version,
)
from chengyun.territory.operations.layers import raise_version
from chengyun.territory.queries.group_members import (
    current_facts,
    current_members,
    members_by_code,
    taken_by_others,
)
from chengyun.territory.rules.grouping import (
    EVALUATION,
    MANAGEMENT,
    GroupCheck,
    Kind,
    Member,
    check_members,
    common_division,
)
from chengyun.territory.rules.scope import MANAGE, require_codes

LAYERS: dict[Kind, str] = {MANAGEMENT: "management_grids", EVALUATION: "evaluation_grids"}
_MARKS: dict[Kind, str] = {MANAGEMENT: "M", EVALUATION: "E"}
_HIGHEST = """
SELECT coalesce(max(right(code, 4)::int), 0) FROM territory_gridgroup
WHERE kind = %s AND code ~ %s
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupWish:
    """How a management or evaluation grid should be.

    area_class : A, B, C, or '' of a management grid that is not classed
    """

    zh: str
    members: Sequence[str]
    en: str = ""
    organisation_id: int | None = None
    area_class: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupSaved:
    """What was saved, or would be."""

    code: str
    version: int
    unit_grids: int
    area_m2: float
    check: GroupCheck
    written: bool


@transaction.atomic
def save_group(
    *, actor: Actor, kind: Kind, code: str, wish: GroupWish, new: bool, dry_run: bool = False
) -> GroupSaved:
    """Make a management or evaluation grid, or begin a new version of one, from now on.

    code : '' of a new one = the next free one of its division
    new : whether there must be none of this code, now or before
    dry_run : tell what is wrong with the members instead of raising
    raises : UnknownGrids, UnknownManagementGrids, MembersStandApart, MembersTaken,
        GroupsOfOtherClass, GroupWithoutClass, GroupCodeUsed, UnknownOrganisation, NotFound,
        OutsideScope, Forbidden
    """
    lock_groups()
    members = _members(kind, sorted(set(wish.members)))
    require_codes(actor, MANAGE, [one.division for one in members])
    before = _before(actor, kind, code, new=new)
    _require_wish(kind, wish)
    taken = taken_by_others(kind, [one.code for one in members], but=code)
    check = check_members(kind, members, taken, wish.area_class)
    if not dry_run:
        _raise(check)
    division = common_division([one.division for one in members])
    facts = Facts(
        kind=kind,
        code=code or _next_code(kind, division),
        zh=wish.zh,
        en=wish.en,
        organisation_id=wish.organisation_id,
        area_class=wish.area_class,
        note=wish.note,
    )
    same = before is not None and before == facts
    same = same and {one.code for one in members} == set(current_members(kind, code))
    version = 0
    if not dry_run and not same:
        moment = now()
        version = write_version(facts, members, moment)
        if kind == MANAGEMENT:
            renew_holders([facts.code], moment)
        _tell(actor, "saved", facts, [one.code for one in members], moment)
    return GroupSaved(
        code=facts.code,
        version=version,
        unit_grids=sum(one.unit_grids for one in members),
        area_m2=round(sum(one.area_m2 for one in members), 1),
        check=check,
        written=not dry_run,
    )


@transaction.atomic
def retire_group(*, actor: Actor, kind: Kind, code: str) -> None:
    """End a management or evaluation grid now; its members are free, its code stays used.

    raises : NotFound, OutsideScope, Forbidden
    """
    lock_groups()
    facts = _before(actor, kind, code, new=False)
    if facts is None:
        raise NotFound(what=code)
    moment = now()
    end_group(kind, code, moment)
    if kind == MANAGEMENT:
        renew_holders([code], moment)
    _tell(actor, "retired", facts, [], moment)


def tell_layers_changed() -> None:
    """Let the tiles of both kinds be drawn afresh."""
    for layer in LAYERS.values():
        raise_version(layer)


def _members(kind: Kind, codes: list[str]) -> list[Member]:
    members = members_by_code(kind, codes)
    missing = sorted(set(codes) - {one.code for one in members})
    if missing or not members:
        unknown = UnknownGrids if kind == MANAGEMENT else UnknownManagementGrids
        raise unknown(field="members", codes="、".join(missing[:20]) or "-")
    return members


def _before(actor: Actor, kind: Kind, code: str, *, new: bool) -> Facts | None:
    """Return the version in force, which the actor may change; None for a new one."""
    if new:
        if code and current_facts(kind, code, ended=True):
            raise GroupCodeUsed(field="code", code=code)
        return None
    found = current_facts(kind, code)
    if found is None:
        raise NotFound(what=f"{'管理网格' if kind == MANAGEMENT else '评价网格'} {code}")
    held = members_by_code(kind, current_members(kind, code))
    require_codes(actor, MANAGE, [one.division for one in held])
    return Facts(**found)


def _require_wish(kind: Kind, wish: GroupWish) -> None:
    if kind == EVALUATION and not wish.area_class:
        raise GroupWithoutClass(field="area_class")
    if wish.organisation_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM administration_organisation WHERE id = %s AND active",
            [wish.organisation_id],
        )
        if cursor.fetchone() is None:
            raise UnknownOrganisation(field="organisation_id", organisation=wish.organisation_id)


def _raise(check: GroupCheck) -> None:
    if check.taken:
        told = "、".join(f"{one.code}（{one.holder}）" for one in check.taken[:10])
        raise MembersTaken(field="members", taken=told)
    if check.apart:
        told = "；".join("、".join(piece[:10]) for piece in check.apart[:5])
        raise MembersStandApart(field="members", apart=told)
    if check.classes:
        raise GroupsOfOtherClass(field="members", codes="、".join(check.classes[:10]))


def _next_code(kind: Kind, division: str) -> str:
    """Return the next free code: the division, the kind's mark, four digits."""
    start = f"{division}{_MARKS[kind]}"
    with connection.cursor() as cursor:
        cursor.execute(_HIGHEST, [kind, f"^{start}[0-9]{{4}}$"])
        (highest,) = cursor.fetchone()
    return f"{start}{highest + 1:04}"


def _tell(actor: Actor, act: str, facts: Facts, members: list[str], at: datetime) -> None:
    tell_layers_changed()
    detail = {"kind": facts.kind, "code": facts.code, "members": len(members)}
    subject = f"{facts.kind}_grid:{facts.code}"
    record_audit(actor, f"{facts.kind}_grid.{act}", subject, {**detail, "first": members[:20]})
    record_event(
        at=at,
        kind="territory.grid_groups_changed",
        subject=subject,
        actor_id=actor.person_id,
        payload=detail,
    )
