"""What the generator reads back from the platform.

Raw SQL over administration, territory, components and cases: numbers of rows just written, and
their standards. Not scoped to an actor; only the command uses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection

from chengyun.cases.queries.types import types_in_use
from chengyun.demo.standing import GridPlace, PersonRow, StandardRow, TypeRow
from chengyun.kernel.units import Limit

_STANDARDS = """
SELECT m.kind, m.code, s.id, s.limit_value, s.limit_unit, s.department_kind, s.closing_condition
FROM cases_disposalstandard s
JOIN cases_standardset t ON t.id = s.set_id AND t.active
JOIN cases_mattertype m ON m.id = s.matter_type_id
WHERE s.active AND s.area_class = ''
ORDER BY m.kind, m.code, s.condition_no, s.id
"""
_PEOPLE = """
SELECT p.username, p.id, p.name, o.id, o.zh
FROM administration_person p JOIN administration_organisation o ON o.id = p.organisation_id
"""
_GRIDS = "SELECT code, id, area_class FROM territory_unitgrid WHERE valid_to IS NULL"
_COMPONENTS = """
SELECT t.code, c.code, ST_X(c.position), ST_Y(c.position), c.grid_code
FROM components_component c JOIN components_componenttype t ON t.id = c.type_id
WHERE c.retired_at IS NULL AND t.code = ANY(%s) ORDER BY c.code
"""


def matter_types() -> dict[tuple[str, str], TypeRow]:
    """Return the types in use by kind and code."""
    return {(t.kind, t.code): TypeRow(id=t.id, zh=t.zh, en=t.en) for t in types_in_use()}


def standards() -> dict[tuple[str, str], list[StandardRow]]:
    """Return the filing conditions of each type by kind and code, in order."""
    found: dict[tuple[str, str], list[StandardRow]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STANDARDS)
        for kind, code, pk, value, unit, department_kind, closing in cursor.fetchall():
            row = StandardRow(
                id=pk,
                limit=Limit.of(value, unit),
                department_kind=department_kind,
                closing_condition=closing,
            )
            found.setdefault((kind, code), []).append(row)
    return found


def people() -> dict[str, PersonRow]:
    """Return everybody by username."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE)
        return {
            row[0]: PersonRow(
                id=row[1], name=row[2], organisation_id=row[3], organisation_name=row[4]
            )
            for row in cursor.fetchall()
        }


def organisations() -> dict[str, tuple[int, str]]:
    """Return id and Chinese name of every organisation by code."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, id, zh FROM administration_organisation")
        return {code: (pk, zh) for code, pk, zh in cursor.fetchall()}


def grids() -> dict[str, GridPlace]:
    """Return the unit grids in force by code."""
    with connection.cursor() as cursor:
        cursor.execute(_GRIDS)
        return {
            code: GridPlace(grid_id=pk, grid_code=code, area_class=area_class)
            for code, pk, area_class in cursor.fetchall()
        }


def components(types: Sequence[str]) -> Iterator[tuple[str, str, float, float, str]]:
    """Yield type, code, longitude, latitude and grid of the components in use, by code."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPONENTS, [list(types)])
        yield from cursor


def usernames_among(wanted: Sequence[str]) -> set[str]:
    """Return those of the usernames that exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT username FROM administration_person WHERE username = ANY(%s)", [list(wanted)]
        )
        return {row[0] for row in cursor.fetchall()}


def first_collectors() -> list[str]:
    """Return the username of the first collector, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT username FROM administration_person WHERE username LIKE 'collector%%'"
            " ORDER BY username LIMIT 1",
            [],
        )
        return [row[0] for row in cursor.fetchall()]
