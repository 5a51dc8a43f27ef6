"""Divisions: children of one, search by name or code, one with what lies above it."""

from __future__ import annotations

from typing import Any

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.kernel.errors import NotFound
from chengyun.kernel.paging import decode_token, encode_token
from chengyun.territory.rules.division_codes import ancestors_of, significant
from chengyun.territory.rules.scope import READ

_SELECT = """
SELECT d.code, d.parent_code, d.level, d.zh, d.en, coalesce(a.grids, 0) AS grids,
    round(a.area_m2::numeric)::float8 AS area_m2,
    EXISTS (SELECT 1 FROM territory_division c WHERE c.parent_code = d.code) AS has_children
FROM territory_division d LEFT JOIN territory_divisionarea a ON a.code = d.code
"""
_BOUNDS = """
SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (
    SELECT coalesce(
        (SELECT Box2D(geometry) FROM territory_divisionarea WHERE code = %s),
        (SELECT Box2D(geometry) FROM territory_division WHERE code = %s)
    ) AS e
) b WHERE e IS NOT NULL
"""


def list_divisions(
    *,
    actor: Actor,
    parent: str | None = None,
    q: str = "",
    level: str = "",
    with_grids: bool = False,
    limit: int = 200,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of divisions by code.

    parent : '' = those without a parent; None = all
    q : part of a name or start of a code
    with_grids : only those that hold unit grids
    """
    actor.require(READ)
    key = decode_token("divisions", after, (str,))
    wanted: list[str] = ["true"]
    values: list[Any] = []
    if parent is not None:
        wanted.append("d.parent_code = %s")
        values.append(parent)
    if q:
        like = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        wanted.append("(d.zh LIKE %s OR d.en ILIKE %s OR d.code LIKE %s)")
        values += [f"%{like}%", f"%{like}%", f"{like}%"]
    if level:
        wanted.append("d.level = %s")
        values.append(level)
    if with_grids:
        wanted.append("a.grids > 0")
    if key:
        wanted.append("d.code > %s")
        values += key
    rows = _rows(
        f"{_SELECT} WHERE {' AND '.join(wanted)} ORDER BY d.code LIMIT %s", [*values, limit + 1]
    )
    more = len(rows) > limit
    return {
        "items": rows[:limit],
        "next": encode_token("divisions", [rows[limit - 1]["code"]]) if more else None,
    }


def get_division(*, actor: Actor, code: str) -> dict[str, Any]:
    """Return a division with those above it and its bounds [degrees]; raise NotFound."""
    actor.require(READ)
    bare = significant(code)
    found = _rows(f"{_SELECT} WHERE d.code = %s", [bare or ""])
    if not bare or not found:
        raise NotFound(what=f"区划 {code}")
    above = _rows(f"{_SELECT} WHERE d.code = ANY(%s) ORDER BY d.code", [ancestors_of(bare)])
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS, [bare, bare])
        bounds = cursor.fetchone()
    return {**found[0], "ancestors": above, "bounds": list(bounds) if bounds else None}


def names_of(codes: list[str]) -> dict[str, tuple[str, str]]:
    """Return zh and en by code, of those that are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, zh, en FROM territory_division WHERE code = ANY(%s)", [codes])
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def _rows(statement: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
