"""Reading addresses as rows: the columns that lists and searches show, and how far one sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.territory.rules.scope import READ, patterns_of

COLUMNS: Final = (
    "a.id, a.code, a.kind, a.parent_id, a.name, a.full, a.number, a.division_code,"
    " ST_X(a.point) AS lon, ST_Y(a.point) AS lat, a.source, a.note, a.valid_from, a.valid_to,"
    " a.successor_id, a.version, a.updated_at, (a.geometry IS NOT NULL) AS has_geometry"
)


def scope(actor: Actor, alias: str, permission: str = READ) -> tuple[str, list[Any]]:
    """Return the SQL condition, with its values, for what the actor may see.

    raises : Forbidden without the permission
    """
    patterns = patterns_of(actor, permission)
    if patterns == ["%"]:
        return "TRUE", []
    return f"{alias}.division_code LIKE ANY(%s)", [patterns]


def rows_of(sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the rows of a statement by the names of their columns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def addresses_by_id(ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return addresses by id."""
    found = rows_of(f"SELECT {COLUMNS} FROM territory_address a WHERE a.id = ANY(%s)", [list(ids)])
    return {row["id"]: row for row in found}
