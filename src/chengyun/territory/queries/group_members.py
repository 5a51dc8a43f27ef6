"""What management and evaluation grids hold at present, for those who change them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from django.db import connection

from chengyun.territory.rules.grouping import MANAGEMENT, Kind, Member, Taken

_GROUND: dict[Kind, str] = {
    "management": """
SELECT code, community_code, area_m2, ST_AsBinary(geometry), 1, ''
FROM territory_unitgrid WHERE code = ANY(%s) AND valid_to IS NULL ORDER BY code""",
    "evaluation": """
SELECT code, division_code, area_m2, ST_AsBinary(geometry), unit_grids, area_class
FROM territory_gridgroup WHERE kind = 'management' AND code = ANY(%s) AND valid_to IS NULL
ORDER BY code""",
}
_FACTS = """
SELECT kind, code, zh, en, organisation_id, area_class, note FROM territory_gridgroup
WHERE kind = %s AND code = %s AND (valid_to IS NULL OR %s) ORDER BY version DESC LIMIT 1
"""
_MEMBERS = """
SELECT member_code FROM territory_gridgroupmember
WHERE kind = %s AND group_code = ANY(%s) AND valid_to IS NULL ORDER BY member_code
"""
_HOLDERS = """
SELECT member_code, group_code FROM territory_gridgroupmember
WHERE kind = %s AND member_code = ANY(%s) AND valid_to IS NULL ORDER BY member_code
"""
_FACT_NAMES = ("kind", "code", "zh", "en", "organisation_id", "area_class", "note")


def members_by_code(kind: Kind, codes: Sequence[str]) -> list[Member]:
    """Return those in force that may be members: unit grids, or management grids."""
    return [
        Member(
            code=row[0],
            division=row[1],
            area_m2=row[2],
            shape=shapely.from_wkb(bytes(row[3])),
            unit_grids=row[4],
            area_class=row[5],
        )
        for row in _rows(_GROUND[kind], [list(codes)])
    ]


def current_facts(kind: Kind, code: str, *, ended: bool = False) -> dict[str, Any] | None:
    """Return what is told of the version in force; None when there is none.

    ended : also of one that has ended
    """
    rows = _rows(_FACTS, [kind, code, ended])
    return dict(zip(_FACT_NAMES, rows[0], strict=True)) if rows else None


def current_members(kind: Kind, code: str) -> list[str]:
    """Return the codes of the present members."""
    return [row[0] for row in _rows(_MEMBERS, [kind, [code]])]


def holders_of_members(kind: Kind, codes: Sequence[str]) -> dict[str, str]:
    """Return by code of the member the code of the grid that holds it at present."""
    return dict(_rows(_HOLDERS, [kind, list(codes)]))


def taken_by_others(kind: Kind, codes: Sequence[str], *, but: str) -> list[Taken]:
    """Return the members that another grid of the kind holds at present."""
    held = holders_of_members(kind, codes)
    return [Taken(code=code, holder=holder) for code, holder in held.items() if holder != but]


def unit_grids_in(shape_wkt: str) -> list[str]:
    """Return the unit grids in force of which a point inside lies in the area (WKT, EPSG:4490)."""
    rows = _rows(
        "SELECT code FROM territory_unitgrid WHERE valid_to IS NULL"
        " AND geometry && ST_GeomFromText(%s, 4490)"
        " AND ST_Covers(ST_GeomFromText(%s, 4490), ST_PointOnSurface(geometry)) ORDER BY code",
        [shape_wkt, shape_wkt],
    )
    return [row[0] for row in rows]


def management_grids_of(codes: Sequence[str]) -> dict[str, str]:
    """Return by unit grid its management grid at present."""
    return holders_of_members(MANAGEMENT, codes)


def _rows(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
