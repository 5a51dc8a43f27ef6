"""What the bench looks up: the standards in use, the ids of its grids."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

_SELECT = """
SELECT s.id, t.id, t.kind, t.code, t.zh, s.department_kind, s.limit_value, s.limit_unit
FROM cases_disposalstandard s
JOIN cases_standardset e ON e.id = s.set_id AND e.active
JOIN cases_mattertype t ON t.id = s.matter_type_id AND t.active
WHERE s.active AND s.condition_no = 1 ORDER BY s.id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class StandardInUse:
    """A filing condition with its type."""

    id: int
    matter_type_id: int
    kind: str
    code: str
    zh: str
    department_kind: str


def standards_in_use() -> list[StandardInUse]:
    """Return the first condition of each type in use."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT)
        rows = cursor.fetchall()
    return [
        StandardInUse(
            id=row[0],
            matter_type_id=row[1],
            kind=row[2],
            code=row[3],
            zh=row[4],
            department_kind=row[5],
        )
        for row in rows
    ]


def grid_ids() -> dict[str, int]:
    """Return code → id of the grids in force. Reads a table of territory."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, id FROM territory_unitgrid WHERE valid_to IS NULL")
        return dict(cursor.fetchall())
