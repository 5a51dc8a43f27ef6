"""A component as an upper context names it: by its code, from a point."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

_FIND = """
SELECT c.id, t.code, t.class_code, t.zh, t.en, c.retired_at IS NOT NULL,
    ST_Distance(ST_SetSRID(coalesce(c.shape, c.position), 4326)::geography,
        ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography)
FROM components_component c JOIN components_componenttype t ON t.id = c.type_id
WHERE c.code = %s
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedComponent:
    """A component, and how far it is from the point that was asked from [m]."""

    id: int
    type_code: str
    class_code: str
    type_zh: str
    type_en: str
    retired: bool
    distance_m: float


def find_named(code: str, *, lon: float, lat: float) -> NamedComponent | None:
    """Return the component with this code, or None.

    lon, lat : EPSG:4490 [degrees]; the distance is to the nearest point of a line or area
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [lon, lat, code])
        row = cursor.fetchone()
    if row is None:
        return None
    return NamedComponent(
        id=row[0],
        type_code=row[1],
        class_code=row[2],
        type_zh=row[3],
        type_en=row[4],
        retired=row[5],
        distance_m=float(row[6]),
    )


def has_components() -> bool:
    """Tell whether this installation keeps components at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM components_component)")
        found: bool = cursor.fetchone()[0]
    return found
