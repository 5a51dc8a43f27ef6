"""Areas of communities, streets and districts, dissolved once from the unit grids in force.

Far tiles draw these instead of a hundred thousand cells.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

# 1e-7 degrees = 1 cm: neighbours that differ by less share their border, so no slivers stay.
# Sums of floats and unions depend on the order of what they take: by code, so that the same grids
# always make the same area.
_DISSOLVE = """
INSERT INTO territory_divisionarea (code, level, grids, area_m2, geometry, label)
SELECT code, %s, grids, area_m2, geometry, ST_Transform(ST_PointOnSurface(geometry), 3857)
FROM (
    SELECT {code} AS code, {grids} AS grids, sum(area_m2 ORDER BY s.code) AS area_m2,
           ST_Multi(ST_CollectionExtract(ST_Union(geometry, 1e-7 ORDER BY s.code), 3)) AS geometry
    FROM {source} s WHERE {where} GROUP BY 1
) dissolved WHERE NOT ST_IsEmpty(geometry)
"""
_STEPS = (
    ("community", "community_code", "count(*)", "territory_unitgrid", "valid_to IS NULL", 12),
    ("street", "left(code, 9)", "sum(grids)", "territory_divisionarea", "level = 'community'", 9),
    ("county", "left(code, 6)", "sum(grids)", "territory_divisionarea", "level = 'street'", 6),
)


def rebuild_areas(communities: Sequence[str] | None = None) -> None:
    """Dissolve the areas afresh, in the caller's transaction.

    communities : only those and what lies above them; None = all
    """
    for level, code, grids, source, where, width in _STEPS:
        wanted = None if communities is None else sorted({c[:width] for c in communities})
        _rebuild(level, code, grids, source, where, wanted)


def _rebuild(
    level: str, code: str, grids: str, source: str, where: str, wanted: list[str] | None
) -> None:
    limited = "" if wanted is None else f" AND {code} = ANY(%s)"
    statement = _DISSOLVE.format(code=code, grids=grids, source=source, where=where + limited)
    with connection.cursor() as cursor:
        if wanted is None:
            cursor.execute("DELETE FROM territory_divisionarea WHERE level = %s", [level])
            cursor.execute(statement, [level])
            return
        cursor.execute("DELETE FROM territory_divisionarea WHERE code = ANY(%s)", [wanted])
        cursor.execute(statement, [level, wanted])
