"""Management and evaluation grids: lists, one with members and versions, what is not covered."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.kernel.errors import NotFound
from chengyun.kernel.paging import decode_token, encode_token
from chengyun.territory.rules.grouping import MANAGEMENT, Kind
from chengyun.territory.rules.scope import READ

_MOST_FAULTS = 500
_COLUMNS = """g.kind, g.code, g.zh, g.en, g.area_class, g.division_code, g.note, g.unit_grids,
    round(g.area_m2::numeric, 1)::float8 AS area_m2, g.version, g.valid_from, g.valid_to,
    ST_X(p.point) AS lon, ST_Y(p.point) AS lat,
    CASE WHEN o.id IS NOT NULL
        THEN jsonb_build_object('id', o.id, 'zh', o.zh, 'en', o.en) END AS organisation"""
_FROM = """FROM territory_gridgroup g
    LEFT JOIN administration_organisation o ON o.id = g.organisation_id
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(g.geometry) AS point) p"""
_IN_FORCE = "g.valid_from <= %s AND (g.valid_to IS NULL OR g.valid_to > %s)"
_NAMED = """(strpos(lower(g.code), lower(%s)) > 0 OR strpos(lower(g.zh), lower(%s)) > 0
    OR strpos(lower(g.en), lower(%s)) > 0)"""
_HOLDS = """g.code = (SELECT CASE g.kind WHEN 'management' THEN m.group_code ELSE
    (SELECT e.group_code FROM territory_gridgroupmember e WHERE e.kind = 'evaluation'
        AND e.member_code = m.group_code AND e.valid_to IS NULL) END
    FROM territory_gridgroupmember m
    WHERE m.kind = 'management' AND m.member_code = %s AND m.valid_to IS NULL)"""
_UNCOVERED = """
SELECT 'grid_uncovered', g.code, '', ST_X(p.point), ST_Y(p.point), count(*) OVER ()
FROM territory_unitgrid g CROSS JOIN LATERAL (SELECT ST_PointOnSurface(g.geometry) AS point) p
WHERE g.valid_to IS NULL AND g.community_code LIKE %(division)s AND NOT EXISTS (
    SELECT 1 FROM territory_gridgroupmember m
    WHERE m.kind = 'management' AND m.member_code = g.code AND m.valid_to IS NULL)
ORDER BY g.code LIMIT %(most)s
"""
_UNRATED = """
SELECT 'management_uncovered', g.code, g.zh, ST_X(p.point), ST_Y(p.point), count(*) OVER ()
FROM territory_gridgroup g CROSS JOIN LATERAL (SELECT ST_PointOnSurface(g.geometry) AS point) p
WHERE g.valid_to IS NULL AND g.kind = 'management' AND g.division_code LIKE %(division)s
  AND NOT EXISTS (
    SELECT 1 FROM territory_gridgroupmember m
    WHERE m.kind = 'evaluation' AND m.member_code = g.code AND m.valid_to IS NULL)
ORDER BY g.code LIMIT %(most)s
"""
_OF_GROUPS = """
SELECT '{reason}', g.code, g.zh, ST_X(p.point), ST_Y(p.point), count(*) OVER ()
FROM territory_gridgroup g CROSS JOIN LATERAL (SELECT ST_PointOnSurface(g.geometry) AS point) p
WHERE g.valid_to IS NULL AND g.kind = '{kind}' AND g.division_code LIKE %(division)s AND {wrong}
ORDER BY g.code LIMIT %(most)s
"""
_CLASSES = """EXISTS (SELECT 1 FROM territory_gridgroupmember m
    JOIN territory_gridgroup i ON i.kind = 'management' AND i.code = m.member_code
        AND i.valid_to IS NULL
    WHERE m.kind = 'evaluation' AND m.group_code = g.code AND m.valid_to IS NULL
      AND i.area_class NOT IN ('', g.area_class))"""
_CHECKS: dict[Kind, list[str]] = {
    "management": [
        _UNCOVERED,
        _OF_GROUPS.format(
            reason="apart", kind="management", wrong="ST_NumGeometries(g.geometry) > 1"
        ),
        _OF_GROUPS.format(
            reason="nobody_manages", kind="management", wrong="g.organisation_id IS NULL"
        ),
    ],
    "evaluation": [
        _UNRATED,
        _OF_GROUPS.format(reason="classes_differ", kind="evaluation", wrong=_CLASSES),
    ],
}


def list_groups(
    *,
    actor: Actor,
    kind: Kind,
    at: datetime,
    division: str = "",
    q: str = "",
    organisation_id: int | None = None,
    grid: str = "",
    geometry: bool = False,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of the grids of the kind in force at the moment, by code.

    q : part of the code or of a name
    grid : code of a unit grid that it holds at present
    Joins the organisations of `administration`.
    """
    actor.require(READ)
    key = decode_token(f"{kind}_grids", after, (str,))
    wanted, values = ["g.kind = %s", _IN_FORCE], list[Any]([kind, at, at])
    conditions: list[tuple[str, list[Any]]] = [
        ("g.division_code LIKE %s", [f"{division}%"] if division else []),
        (_NAMED, [q, q, q] if q else []),
        ("g.organisation_id = %s", [organisation_id] if organisation_id else []),
        (_HOLDS, [grid] if grid else []),
        ("g.code > %s", key or []),
    ]
    for condition, given in conditions:
        if given:
            wanted.append(condition)
            values += given
    shape = ", ST_AsGeoJSON(g.geometry, 7)::jsonb AS geometry" if geometry else ""
    rows = _rows(
        f"SELECT {_COLUMNS}{shape} {_FROM} WHERE {' AND '.join(wanted)} ORDER BY g.code LIMIT %s",
        [*values, limit + 1],
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": rows[:limit],
        "next": encode_token(f"{kind}_grids", [last["code"]]) if last else None,
    }


def get_group(*, actor: Actor, kind: Kind, code: str, at: datetime) -> dict[str, Any]:
    """Return the grid at the moment with geometry, members then, and all versions.

    One that has ended gives its last version. raises : NotFound
    """
    actor.require(READ)
    rows = _rows(
        f"SELECT {_COLUMNS}, ST_AsGeoJSON(g.geometry, 7)::jsonb AS geometry {_FROM}"
        f" WHERE g.kind = %s AND g.code = %s ORDER BY ({_IN_FORCE}) DESC, g.version DESC LIMIT 1",
        [kind, code, at, at],
    )
    if not rows:
        raise NotFound(what=f"{'管理网格' if kind == MANAGEMENT else '评价网格'} {code}")
    [found] = rows
    moment = found["valid_from"] if found["valid_to"] is not None else max(at, found["valid_from"])
    members = _rows(
        "SELECT g.member_code FROM territory_gridgroupmember g"
        f" WHERE g.kind = %s AND g.group_code = %s AND {_IN_FORCE} ORDER BY g.member_code",
        [kind, code, moment, moment],
    )
    versions = _rows(
        "SELECT version, zh, area_class, unit_grids, round(area_m2::numeric, 1)::float8 AS area_m2,"
        " valid_from, valid_to FROM territory_gridgroup WHERE kind = %s AND code = %s"
        " ORDER BY version",
        [kind, code],
    )
    return {**found, "members": [row["member_code"] for row in members], "versions": versions}


def list_group_faults(*, actor: Actor, kind: Kind, division: str = "") -> dict[str, Any]:
    """Return what is not covered and what is wrong, the first 500 of each, with the counts."""
    actor.require(READ)
    faults: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    values: dict[str, Any] = {"division": f"{division}%", "most": _MOST_FAULTS}
    for check in _CHECKS[kind]:
        with connection.cursor() as cursor:
            cursor.execute(check, values)
            rows = cursor.fetchall()
        for reason, code, zh, lon, lat, count in rows:
            counts[reason] = count
            faults.append({"reason": reason, "code": code, "zh": zh, "lon": lon, "lat": lat})
    return {
        "counts": [{"reason": reason, "count": count} for reason, count in counts.items()],
        "faults": faults,
    }


def _rows(statement: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall()
    return [
        {name: _value(name, value) for name, value in zip(names, row, strict=True)} for row in rows
    ]


def _value(name: str, value: Any) -> Any:
    parse = name in {"organisation", "geometry"} and isinstance(value, str)
    return json.loads(value) if parse else value
