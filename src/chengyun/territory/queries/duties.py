"""Who answers for a unit grid, now or at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

COLLECTOR = "collector"
_HOLDERS = """
SELECT p.id, p.name, p.username, p.organisation_id, d.duty, d.valid_from, d.valid_to
FROM territory_gridduty d
JOIN administration_person p ON p.id = d.person_id
WHERE d.grid_code = %s AND d.duty = %s AND d.valid_from <= %s
  AND (d.valid_to IS NULL OR d.valid_to > %s) AND p.is_active
ORDER BY d.valid_from, p.id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyHolder:
    """A person bound to a unit grid."""

    person_id: int
    name: str
    username: str
    organisation_id: int
    duty: str
    valid_from: datetime
    valid_to: datetime | None


def collectors_of(grid_code: str, at: datetime) -> list[DutyHolder]:
    """Return the active collectors who answer for the grid at the moment, longest bound first.

    Joins the people of `administration`.
    """
    return holders_of(grid_code=grid_code, duty=COLLECTOR, at=at)


def holders_of(*, grid_code: str, duty: str, at: datetime) -> list[DutyHolder]:
    """Return the active people who hold `duty` in the grid at the moment."""
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
        )
        for row in rows
    ]
