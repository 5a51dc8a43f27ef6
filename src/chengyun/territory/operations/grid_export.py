"""Writing the unit grids of a moment to a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from django.db import connection, transaction

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.territory.adapters.vector_output import FORMATS, file_name, vector_bytes
from chengyun.territory.rules.scope import READ

_GRIDS = """
SELECT g.code, g.community_code, coalesce(c.zh, ''), g.area_class, round(g.area_m2::numeric, 1),
    g.land_use, g.note, g.version, g.valid_from, ST_AsBinary(g.geometry)
FROM territory_unitgrid g LEFT JOIN territory_division c ON c.code = g.community_code
WHERE g.community_code LIKE %s AND g.valid_from <= %s AND (g.valid_to IS NULL OR g.valid_to > %s)
ORDER BY g.code
"""
_NAMES = ("code", "community", "comm_name", "area_class", "area_m2", "land_use", "note", "version")


@dataclass(frozen=True, kw_only=True, slots=True)
class GridFile:
    """A file of grids."""

    name: str
    media_type: str
    content: bytes
    grids: int


@transaction.atomic
def export_grids(
    *, actor: Actor, kind: str, crs: str, division: str = "", at: datetime
) -> GridFile:
    """Return the grids in force at a moment as a file that `import grids` reads back.

    kind : geojson, shapefile, geopackage, kml
    crs : EPSG:4490, EPSG:4326, GCJ-02, BD-09
    """
    actor.require(READ)
    with connection.cursor() as cursor:
        cursor.execute(_GRIDS, [f"{division}%", at, at])
        rows = cursor.fetchall()
    columns: dict[str, list[Any]] = {
        name: [_value(row[place]) for row in rows] for place, name in enumerate(_NAMES)
    }
    columns["valid_from"] = [row[8].isoformat() for row in rows]
    content = vector_bytes(
        kind=kind,
        crs=crs,
        shapes=[shapely.from_wkb(bytes(row[9])) for row in rows],
        columns=columns,
    )
    detail = {"format": kind, "crs": crs, "division": division, "grids": len(rows)}
    record_audit(actor, "grids.exported", "grids", detail)
    return GridFile(
        name=file_name("grids", kind, crs),
        media_type=FORMATS[kind].media_type,
        content=content,
        grids=len(rows),
    )


def _value(value: Any) -> Any:
    return value if isinstance(value, str) else float(value)
