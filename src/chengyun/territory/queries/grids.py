"""Unit grids: lists, one grid with its versions. Open to every desk; no personal data."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.kernel.errors import NotFound
from chengyun.kernel.paging import decode_token, encode_token
from chengyun.territory.rules.scope import READ

_COLUMNS = """g.id, g.code, g.version, g.area_class,
    round(g.area_m2::numeric, 1)::float8 AS area_m2, g.land_use, g.note, g.valid_from, g.valid_to,
    ST_X(p.point) AS lon, ST_Y(p.point) AS lat,
    jsonb_build_object('code', g.community_code, 'zh', c.zh, 'en', c.en) AS community,
    jsonb_build_object('code', g.street_code, 'zh', s.zh, 'en', s.en) AS street,
    jsonb_build_object('code', g.district_code, 'zh', d.zh, 'en', d.en) AS district"""
_FROM = """FROM territory_unitgrid g
    LEFT JOIN territory_division c ON c.code = g.community_code
    LEFT JOIN territory_division s ON s.code = g.street_code
    LEFT JOIN territory_division d ON d.code = g.district_code
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(g.geometry) AS point) p"""
_GEOMETRY = "ST_AsGeoJSON(g.geometry, 7)::jsonb AS geometry"
_IN_FORCE = "g.valid_from <= %s AND (g.valid_to IS NULL OR g.valid_to > %s)"


def list_grids(
    *,
    actor: Actor,
    at: datetime,
    division: str = "",
    q: str = "",
    bounds: tuple[float, float, float, float] | None = None,
    geometry: bool = False,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of the grids in force at the moment, by code.

    division : code of any level, '' = all
    q : start of the grid's code
    bounds : west, south, east, north, EPSG:4490
    """
    actor.require(READ)
    key = decode_token("grids", after, (str,))
    wanted, values = [_IN_FORCE], list[Any]([at, at])
    if division or q:
        wanted.append("g.community_code LIKE %s AND g.code LIKE %s")
        values += [f"{division}%", f"{q}%"]
    if bounds:
        wanted.append("g.geometry && ST_MakeEnvelope(%s, %s, %s, %s, 4490)")
        values += bounds
    if key:
        wanted.append("g.code > %s")
        values += key
    columns = f"{_COLUMNS}, {_GEOMETRY}" if geometry else _COLUMNS
    statement = f"SELECT {columns} {_FROM} WHERE {' AND '.join(wanted)} ORDER BY g.code LIMIT %s"
    rows = _rows(statement, [*values, limit + 1])
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": rows[:limit],
        "next": encode_token("grids", [last["code"]]) if last else None,
    }


def get_grid(*, actor: Actor, code: str, at: datetime) -> dict[str, Any]:
    """Return the grid in force at the moment with geometry and the list of its versions.

    A retired grid gives its last version. raises : NotFound
    """
    actor.require(READ)
    statement = f"""SELECT {_COLUMNS}, {_GEOMETRY} {_FROM} WHERE g.code = %s
        ORDER BY ({_IN_FORCE}) DESC, g.version DESC LIMIT 1"""
    rows = _rows(statement, [code, at, at])
    if not rows:
        raise NotFound(what=f"网格 {code}")
    versions = _rows(
        "SELECT id, version, valid_from, valid_to, area_class, area_m2 FROM territory_unitgrid"
        " WHERE code = %s ORDER BY version",
        [code],
    )
    return {**rows[0], "versions": versions}


def codes_in(division: str, *, at: datetime) -> list[str]:
    """Return the codes of the grids in force in a division."""
    rows = _rows(
        f"SELECT g.code FROM territory_unitgrid g WHERE g.community_code LIKE %s AND {_IN_FORCE}"
        " ORDER BY g.code",
        [f"{division}%", at, at],
    )
    return [row["code"] for row in rows]


def _rows(statement: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        return [_row(names, row) for row in cursor.fetchall()]


def _row(names: list[str], row: tuple[Any, ...]) -> dict[str, Any]:
    values = dict(zip(names, row, strict=True))
    for name in ("community", "street", "district", "geometry"):
        if isinstance(values.get(name), str):
            values[name] = json.loads(values[name])
    return values
