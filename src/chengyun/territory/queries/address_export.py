"""Addresses as they are exported: the columns that the mapping `chengyun` reads, and more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.territory.queries.addresses import AddressFilter, conditions

COLUMNS: Final = (
    "code",
    "kind",
    "name",
    "full",
    "number",
    "parent",
    "tract",
    "street",
    "plate",
    "division",
    "former_names",
    "source",
    "note",
    "valid_from",
    "valid_to",
    "lon",
    "lat",
)
PAGE: Final = 5_000
_SELECT: Final = """
SELECT a.id, a.parent_id, a.code, a.kind, a.name, a.full, a.number, a.division_code AS division,
    (SELECT string_agg(n.name, ';' ORDER BY n.id) FROM territory_addressname n
     WHERE n.address_id = a.id AND NOT n.is_current) AS former_names,
    a.source, a.note, a.valid_from, a.valid_to, ST_X(a.point) AS lon, ST_Y(a.point) AS lat,
    ST_AsGeoJSON(coalesce(a.geometry, a.point), 7, 0) AS geometry
FROM territory_address a
WHERE {condition} AND (a.division_code, a.id) > (%s, %s)
ORDER BY a.division_code, a.id LIMIT %s
"""
_ABOVE: Final = """
WITH RECURSIVE up AS (
    SELECT id AS leaf, id, parent_id, code, kind, name, 0 AS depth
    FROM territory_address WHERE id = ANY(%s)
    UNION ALL
    SELECT up.leaf, a.id, a.parent_id, a.code, a.kind, a.name, depth + 1
    FROM up JOIN territory_address a ON a.id = up.parent_id WHERE depth < 12
)
SELECT leaf, code, kind, name FROM up ORDER BY leaf, depth DESC
"""
_PARTS: Final = {"tract": "tract", "street": "street", "door_plate": "plate"}


def export_rows(*, actor: Actor, wanted: AddressFilter) -> Iterator[dict[str, Any]]:
    """Return the addresses that the filter leaves, by division, page after page.

    returns : the values of COLUMNS, and `geometry` as GeoJSON text
    raises : Forbidden, at once
    """
    condition, values = conditions(actor, wanted)
    return _pages(condition, values)


def _pages(condition: str, values: Sequence[Any]) -> Iterator[dict[str, Any]]:
    after: tuple[str, int] = ("", 0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SELECT.format(condition=condition), [*values, *after, PAGE])
            names = [column.name for column in cursor.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        above = _above({row["parent_id"] for row in rows if row["parent_id"]})
        for row in rows:
            yield row | above.get(row["parent_id"], {})
        if len(rows) < PAGE:
            return
        after = (rows[-1]["division"], rows[-1]["id"])


def _above(parents: set[int]) -> dict[int, dict[str, str]]:
    """Return for each parent its code, and the names of tract, street and plate down to it."""
    if not parents:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, [sorted(parents)])
        rows = cursor.fetchall()
    found: dict[int, dict[str, str]] = {}
    for leaf, code, kind, name in rows:
        told = found.setdefault(leaf, {})
        told["parent"] = code or ""
        if kind in _PARTS:
            told[_PARTS[kind]] = name
    return found
