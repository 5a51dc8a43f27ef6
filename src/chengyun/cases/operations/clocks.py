"""The clocks of a case in the database: reading them as values, writing what an act changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from chengyun.cases.rules.clocks import WHOLE, Clock, Light, Present, light_at, present
from chengyun.kernel.units import Limit

_SELECT = """
SELECT id, stage, round, organisation_id, limit_value, limit_unit, started_at, due_at, yellow_at,
       paused_at, paused_s, used_s, limit_s, extended_s, finished_at, overdue, exempt, uncertain
FROM cases_clock WHERE case_id = %s ORDER BY id
"""
_UPDATE = """
UPDATE cases_clock SET due_at = %s, yellow_at = %s, paused_at = %s, paused_s = %s, used_s = %s,
       extended_s = %s, finished_at = %s, light = %s, overdue = %s, exempt = %s, uncertain = %s
WHERE id = %s
"""
_INSERT = """
INSERT INTO cases_clock (case_id, stage, round, organisation_id, limit_value, limit_unit,
       started_at, due_at, yellow_at, paused_at, paused_s, used_s, limit_s, extended_s,
       finished_at, light, overdue, exempt, uncertain)
VALUES
"""
_ROW = f"({', '.join(['%s'] * 19)})"


def load_clocks(case_id: int) -> tuple[Clock, ...]:
    """Return every clock of the case, oldest first; `key` is the row's id."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [case_id])
        return tuple(_clock(row) for row in cursor.fetchall())


def save_clocks(
    case_id: int, *, before: Sequence[Clock], after: Sequence[Clock], at: datetime
) -> None:
    """Write the clocks that an act changed or started; what stopped goes first.

    after : as `Ledger.apply` returned it: the same order, new ones at the end
    """
    changed = [new for old, new in zip(before, after, strict=False) if new is not old]
    for clock in sorted(changed, key=lambda clock: clock.running):
        _update(clock, at)
    insert_clocks(case_id, after[len(before) :], at)


def insert_clocks(case_id: int, clocks: Sequence[Clock], at: datetime) -> None:
    """Write new clocks."""
    if not clocks:
        return
    values = [value for clock in clocks for value in _row(case_id, clock, at)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT + ", ".join([_ROW] * len(clocks)), values)


def shown(clocks: Iterable[Clock], at: datetime) -> Present:
    """Return what the case's row repeats; of an ended case the whole clock as it ended."""
    from dataclasses import replace

    clocks = list(clocks)
    now = present(clocks, at)
    ended = next((c for c in reversed(clocks) if c.stage == WHOLE and not c.open), None)
    if now.case_due_at is not None or ended is None:
        return now
    return replace(
        now,
        case_due_at=ended.due_at,
        case_yellow_at=ended.yellow_at,
        case_light=Light.NONE if ended.exempt else light_at(ended, at),
    )


def _update(clock: Clock, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _UPDATE,
            [
                clock.due_at,
                clock.yellow_at,
                clock.paused_at,
                clock.paused_s,
                clock.used_s,
                clock.extended_s,
                clock.finished_at,
                int(light_at(clock, at)),
                clock.overdue,
                clock.exempt,
                clock.uncertain,
                clock.key,
            ],
        )


def _row(case_id: int, clock: Clock, at: datetime) -> list[Any]:
    return [
        case_id,
        clock.stage,
        clock.round,
        clock.organisation_id,
        clock.limit.amount,
        clock.limit.unit.value,
        clock.started_at,
        clock.due_at,
        clock.yellow_at,
        clock.paused_at,
        clock.paused_s,
        clock.used_s,
        clock.limit_s,
        clock.extended_s,
        clock.finished_at,
        int(light_at(clock, at)),
        clock.overdue,
        clock.exempt,
        clock.uncertain,
    ]


def _clock(row: tuple[Any, ...]) -> Clock:
    return Clock(
        key=row[0],
        stage=row[1],
        round=row[2],
        organisation_id=row[3],
        limit=Limit.of(row[4], row[5]),
        started_at=row[6],
        due_at=row[7],
        yellow_at=row[8],
        paused_at=row[9],
        paused_s=row[10],
        used_s=row[11],
        limit_s=row[12],
        extended_s=row[13],
        finished_at=row[14],
        overdue=row[15],
        exempt=row[16],
        uncertain=row[17],
    )
