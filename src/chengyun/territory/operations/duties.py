"""Binding people to unit grids. History is kept: a binding ends, it is never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import connection, transaction

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.territory.faults import UnknownGrids, UnknownPeople
from chengyun.territory.group_faults import UnknownShift
from chengyun.territory.models import Shift
from chengyun.territory.queries.duties import COLLECTOR
from chengyun.territory.rules.scope import MANAGE, require_codes

Mode = Literal["add", "replace", "remove"]

_END = """
UPDATE territory_gridduty SET valid_to = %s
WHERE grid_code = ANY(%s) AND duty = %s AND valid_to IS NULL AND (person_id = ANY(%s)) = %s
  AND (%s OR shift_id IS NOT DISTINCT FROM %s)
"""
_BIND = """
INSERT INTO territory_gridduty (grid_code, person_id, duty, shift_id, valid_from)
SELECT code, person, %s, %s, %s FROM unnest(%s::text[]) AS code, unnest(%s::bigint[]) AS person
ON CONFLICT (grid_code, person_id, duty, shift_id) WHERE valid_to IS NULL DO NOTHING
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyChange:
    """How many bindings began and ended."""

    bound: int
    ended: int


@transaction.atomic
def change_duties(
    *,
    actor: Actor,
    grid_codes: Sequence[str],
    person_ids: Sequence[int],
    mode: Mode,
    duty: str = COLLECTOR,
    shift_id: int | None = None,
    every_shift: bool = False,
    at: datetime | None = None,
) -> DutyChange:
    """Bind people to grids, or end bindings, from `at` (default now) on.

    mode : add = beside those bound; replace = these and nobody else (nobody: all end); remove
    shift_id : the shift in which they answer; None = at any time
    every_shift : end bindings of every shift, not only of this one
    raises : UnknownGrids, UnknownPeople, UnknownShift, OutsideScope, Forbidden
    """
    codes, people = sorted(set(grid_codes)), sorted(set(person_ids))
    require_codes(actor, MANAGE, _communities_of(codes))
    if mode != "remove":
        _require_people(people)
        _require_shift(shift_id)
    moment = at or now()
    with connection.cursor() as cursor:
        ended = 0
        if mode != "add":
            whom: list[Any] = [people, mode == "remove", every_shift, shift_id]
            cursor.execute(_END, [moment, codes, duty, *whom])
            ended = cursor.rowcount
        bound = 0
        if mode != "remove":
            cursor.execute(_BIND, [duty, shift_id, moment, codes, people])
            bound = cursor.rowcount
    _tell(actor, codes, people, mode=mode, duty=duty, shift_id=shift_id, at=moment)
    return DutyChange(bound=bound, ended=ended)


def _communities_of(codes: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, community_code FROM territory_unitgrid"
            " WHERE code = ANY(%s) AND valid_to IS NULL",
            [codes],
        )
        found = dict(cursor.fetchall())
    missing = [code for code in codes if code not in found]
    if missing:
        raise UnknownGrids(field="grid_codes", codes=", ".join(missing[:20]))
    return set(found.values())


def _require_people(people: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM administration_person WHERE id = ANY(%s) AND is_active", [people]
        )
        found = {row[0] for row in cursor.fetchall()}
    missing = [str(person) for person in people if person not in found]
    if missing:
        raise UnknownPeople(field="person_ids", ids=", ".join(missing[:20]))


def _require_shift(shift_id: int | None) -> None:
    if shift_id is not None and not Shift.objects.filter(pk=shift_id, active=True).exists():
        raise UnknownShift(field="shift_id", shift=shift_id)


def _tell(
    actor: Actor,
    codes: list[str],
    people: list[int],
    *,
    mode: str,
    duty: str,
    shift_id: int | None,
    at: datetime,
) -> None:
    detail = {
        "mode": mode,
        "duty": duty,
        "shift_id": shift_id,
        "grids": len(codes),
        "first": codes[:5],
        "people": people,
    }
    subject = f"grid:{codes[0]}" if len(codes) == 1 else "grids"
    record_audit(actor, "grid.duties_changed", subject, detail)
    record_event(
        at=at,
        kind="territory.duties_changed",
        subject=subject,
        actor_id=actor.person_id,
        payload=detail,
    )
