"""Counties within an extent, from the border lines of the base map and the imported codes."""

from __future__ import annotations

import shapely
from django.db import connection
from shapely.geometry import LineString, box

from chengyun.kernel.errors import Invalid
from chengyun.territory.rules.borders import Border, NamedArea, areas_from_borders
from chengyun.territory.rules.squares import Extent

_BORDERS = """
SELECT ST_AsBinary((ST_Dump(geometry)).geom), attributes ->> 'left', attributes ->> 'right'
FROM territory_mapfeature
WHERE layer = 'boundaries' AND kind = 'county' AND ST_Dimension(geometry) = 1
  AND geometry && ST_MakeEnvelope(%s, %s, %s, %s, 4490)
"""
_COUNTIES = """
SELECT zh, min(code) FROM territory_division
WHERE level = 'county' AND zh = ANY(%s) AND code LIKE %s GROUP BY zh HAVING count(*) = 1
"""


def county_pieces(extent: Extent, prefix: str) -> tuple[dict[str, str], list[NamedArea]]:
    """Return the codes of counties by name, and the pieces of the extent that lie in them.

    prefix : code of the province or city
    raises : Invalid when the map has no border lines with names that have codes
    """
    rectangle = box(extent.west, extent.south, extent.east, extent.north)
    pieces = areas_from_borders(_borders(extent), rectangle)
    codes = _county_codes(sorted({piece.name for piece in pieces}), prefix)
    known = [piece for piece in pieces if piece.name in codes]
    if not known:
        raise Invalid(
            field="division",
            reason_zh="底图中没有可识别的区县界线，或区划未导入。请给出区县代码",
            reason_en="the map has no county borders with known names, or the divisions are not"
            " imported; give the code of a county",
        )
    return codes, known


def _borders(extent: Extent) -> list[Border]:
    with connection.cursor() as cursor:
        cursor.execute(_BORDERS, [extent.west, extent.south, extent.east, extent.north])
        rows = cursor.fetchall()
    return [
        Border(line=line, left=left or "", right=right or "")
        for wkb, left, right in rows
        if isinstance(line := shapely.from_wkb(bytes(wkb)), LineString)
    ]


def _county_codes(names: list[str], prefix: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTIES, [names, f"{prefix}%"])
        return dict(cursor.fetchall())
