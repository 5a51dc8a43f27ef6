"""Who answers for a unit grid, now or at a moment."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from chengyun.administration.queries import time_zone
from chengyun.administration.queries.people import PERMISSION as KEEPS_PEOPLE
from chengyun.administration.rules.actor import Actor
from chengyun.kernel.paging import decode_token, encode_token
from chengyun.territory.rules.scope import READ, patterns_of
from chengyun.territory.rules.shifts import ShiftHours

COLLECTOR = "collector"
_HOLDERS = """
SELECT p.id, p.name, p.username, p.organisation_id, d.duty, d.valid_from, d.valid_to,
       s.zh, s.en, s.weekdays, s.starts, s.ends
FROM territory_gridduty d
JOIN administration_person p ON p.id = d.person_id
LEFT JOIN territory_shift s ON s.id = d.shift_id
WHERE d.grid_code = %s AND d.duty = %s AND d.valid_from <= %s
  AND (d.valid_to IS NULL OR d.valid_to > %s) AND p.is_active
ORDER BY d.valid_from, p.id
"""
_LIST = """
SELECT d.id, d.grid_code, d.duty, d.valid_from, d.valid_to, p.id, p.name, p.username, p.is_active,
       o.id, o.zh, o.en, s.id, s.code, s.zh, s.en
FROM territory_gridduty d
JOIN administration_person p ON p.id = d.person_id
JOIN administration_organisation o ON o.id = p.organisation_id
LEFT JOIN territory_shift s ON s.id = d.shift_id
"""
# A grid's code starts with its community's in every known scheme, yet the column decides.
_VISIBLE = """EXISTS (SELECT 1 FROM territory_unitgrid g
    WHERE g.code = d.grid_code AND g.community_code LIKE ANY(%s))"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyHolder:
    """A person bound to a unit grid.

    shift_zh, shift_en : name of the shift; '' = bound at any time
    on_shift : whether the shift is on at the moment; None = bound at any time
    instead : nobody of a shift is on, so whoever is bound at any time (or is off) steps in
    """

    person_id: int
    name: str
    username: str
    organisation_id: int
    duty: str
    valid_from: datetime
    valid_to: datetime | None
    shift_zh: str = ""
    shift_en: str = ""
    on_shift: bool | None = None
    instead: bool = False


def collectors_of(grid_code: str, at: datetime) -> list[DutyHolder]:
    """Return the active collectors who answer for the grid, the one to choose first.

    Who is on shift at the moment comes first; then who is bound at any time; last who is off.
    Within each the longest bound first, a person once. Joins the people of `administration`.
    """
    holders = holders_of(grid_code=grid_code, duty=COLLECTOR, at=at)
    rank = {True: 0, None: 1, False: 2}
    first: dict[int, DutyHolder] = {}
    for holder in sorted(holders, key=lambda one: rank[one.on_shift]):
        first.setdefault(holder.person_id, holder)
    manned = any(holder.on_shift for holder in holders)
    shifted = any(holder.on_shift is not None for holder in holders)
    return [
        holder if manned or not shifted else replace(holder, instead=True)
        for holder in first.values()
    ]


def holders_of(*, grid_code: str, duty: str, at: datetime) -> list[DutyHolder]:
    """Return the active people who hold `duty` in the grid at the moment, of every shift."""
    here = at.astimezone(time_zone())
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [grid_code, duty, at, at])
        rows = cursor.fetchall()
    return [
        DutyHolder(
            person_id=row[0],
            name=row[1],
            username=row[2],
            organisation_id=row[3],
            duty=row[4],
            valid_from=row[5],
            valid_to=row[6],
            shift_zh=row[7] or "",
            shift_en=row[8] or "",
            on_shift=_is_on(row[9:12], here),
        )
        for row in rows
    ]


def _is_on(hours: tuple[Any, ...], here: datetime) -> bool | None:
    weekdays, starts, ends = hours
    if starts is None:
        return None
    days = json.loads(weekdays) if isinstance(weekdays, str) else weekdays
    return ShiftHours(weekdays=frozenset(days), starts=starts, ends=ends).covers(here)


def list_duties(
    *,
    actor: Actor,
    grid_code: str = "",
    person_id: int | None = None,
    division: str = "",
    history: bool = False,
    limit: int = 100,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of bindings within the actor's scope, newest first.

    history : also those that have ended
    User names are told only to those who keep the people. Joins the people of `administration`.
    """
    patterns = patterns_of(actor, READ)
    key = decode_token("duties", after, (int,))
    wanted, values = [_VISIBLE], list[Any]([patterns])
    if not history:
        wanted.append("d.valid_to IS NULL")
    if grid_code:
        wanted.append("d.grid_code = %s")
        values.append(grid_code)
    if person_id is not None:
        wanted.append("d.person_id = %s")
        values.append(person_id)
    if division:
        wanted.append("d.grid_code LIKE %s")
        values.append(f"{division}%")
    if key:
        wanted.append("d.id < %s")
        values += key
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_LIST} WHERE {' AND '.join(wanted)} ORDER BY d.id DESC LIMIT %s",
            [*values, limit + 1],
        )
        rows = [_duty(row) for row in cursor.fetchall()]
    if not actor.can(KEEPS_PEOPLE):
        for row in rows:
            row["person"]["username"] = ""
    more = len(rows) > limit
    return {
        "items": rows[:limit],
        "next": encode_token("duties", [rows[limit - 1]["id"]]) if more else None,
    }


def _duty(row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "id": row[0],
        "grid_code": row[1],
        "duty": row[2],
        "valid_from": row[3],
        "valid_to": row[4],
        "person": {
            "id": row[5],
            "name": row[6],
            "username": row[7],
            "active": row[8],
            "organisation": {"id": row[9], "zh": row[10], "en": row[11]},
        },
        "shift": _shift(row[12:16]),
    }


def _shift(row: tuple[Any, ...]) -> dict[str, Any] | None:
    return dict(zip(("id", "code", "zh", "en"), row, strict=True)) if row[0] else None
