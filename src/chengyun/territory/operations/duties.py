"""Binding people to unit grids. History is kept: a binding ends, it is never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection, transaction

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.territory.faults import UnknownGrids, UnknownPeople
from chengyun.territory.queries.duties import COLLECTOR
from chengyun.territory.rules.scope import MANAGE, require_codes

Mode = Literal["add", "replace", "remove"]

_END = """
UPDATE territory_gridduty SET valid_to = %s
WHERE grid_code = ANY(%s) AND duty = %s AND valid_to IS NULL AND (person_id = ANY(%s)) = %s
"""
_BIND = """
INSERT INTO territory_gridduty (grid_code, person_id, duty, valid_from)
SELECT code, person, %s, %s FROM unnest(%s::text[]) AS code, unnest(%s::bigint[]) AS person
ON CONFLICT (grid_code, person_id, duty) WHERE valid_to IS NULL DO NOTHING
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
    at: datetime | None = None,
) -> DutyChange:
    """Bind people to grids, or end bindings, from `at` (default now) on.

    mode : add = beside those bound; replace = these and nobody else (nobody: all end); remove
    raises : UnknownGrids, UnknownPeople, OutsideScope, Forbidden
    """
    codes, people = sorted(set(grid_codes)), sorted(set(person_ids))
    require_codes(actor, MANAGE, _communities_of(codes))
    if mode != "remove":
        _require_people(people)
    moment = at or now()
    with connection.cursor() as cursor:
        ended = 0
        if mode != "add":
            cursor.execute(_END, [moment, codes, duty, people, mode == "remove"])
            ended = cursor.rowcount
        bound = 0
        if mode != "remove":
            cursor.execute(_BIND, [duty, moment, codes, people])
            bound = cursor.rowcount
    _tell(actor, codes, people, mode=mode, duty=duty, at=moment)
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


def _tell(
    actor: Actor, codes: list[str], people: list[int], *, mode: str, duty: str, at: datetime
) -> None:
    detail = {"mode": mode, "duty": duty, "grids": len(codes), "first": codes[:5], "people": people}
    subject = f"grid:{codes[0]}" if len(codes) == 1 else "grids"
    record_audit(actor, "grid.duties_changed", subject, detail)
    record_event(
        at=at,
        kind="territory.duties_changed",
        subject=subject,
        actor_id=actor.person_id,
        payload=detail,
    )
