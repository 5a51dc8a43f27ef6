"""Reading the clocks of a case as values."""

from __future__ import annotations

from typing import Any, Final

from chengyun.cases.queries.fetching import fetch_prepared
from chengyun.cases.rules.clocks import Clock
from chengyun.kernel.units import Limit

CLOCKS: Final = """
SELECT id, stage, round, organisation_id, limit_value, limit_unit, started_at, due_at, yellow_at,
       paused_at, paused_s, used_s, limit_s, extended_s, finished_at, overdue, exempt, uncertain,
       yellow_s, pauses
FROM cases_clock WHERE case_id = %s ORDER BY id
"""


def load_clocks(case_id: int) -> tuple[Clock, ...]:
    """Return every clock of the case, oldest first; `key` is the row's id."""
    return tuple(clock_of(row) for row in fetch_prepared(CLOCKS, [case_id]))


def clock_of(row: tuple[Any, ...]) -> Clock:
    """Return the clock of a row of CLOCKS."""
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
        yellow_s=row[18],
        pauses=None if row[19] is None else tuple(row[19]),
    )
