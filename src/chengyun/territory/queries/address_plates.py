"""Door plates below streets: by number, between two numbers; and where streets cross."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import shapely
from django.db import connection

from chengyun.territory.queries.address_rows import rows_of
from chengyun.territory.rules.addresses.numbers import number_value

_MOST: Final = 200
_PLATE: Final = (
    "a.id AS address_id, a.name, a.full, a.kind, a.division_code, a.valid_to,"
    " ST_X(a.point) AS lon, ST_Y(a.point) AS lat"
)
# A number is asked by its value, which the index has, then by its text: "1" also begins "1-2".
_PLATES: Final = f"""
SELECT a.parent_id AS street_id, a.number, '' AS former, {_PLATE}
FROM territory_address a
WHERE a.parent_id = ANY(%s) AND a.number_value = %s AND a.kind = 'door_plate'
  AND (a.valid_to IS NULL OR a.successor_id IS NOT NULL)
LIMIT {_MOST}
"""
_FORMER: Final = f"""
SELECT n.parent_id AS street_id, n.number, n.name AS former, {_PLATE}
FROM territory_addressname n JOIN territory_address a ON a.id = n.address_id
WHERE n.parent_id = ANY(%s) AND n.number = %s AND n.number <> '' AND NOT n.is_current
  AND (a.valid_to IS NULL OR a.successor_id IS NOT NULL)
LIMIT {_MOST}
"""
# The nearest plates below and above, on the same side of the street (odd or even) when it has any.
_NEIGHBOURS: Final = """
(SELECT number_value, ST_X(point), ST_Y(point) FROM territory_address
 WHERE parent_id = %(street)s AND number_value < %(value)s AND kind = 'door_plate'
   AND valid_to IS NULL AND number_value %% 2 = %(side)s
 ORDER BY number_value DESC LIMIT 1)
UNION ALL
(SELECT number_value, ST_X(point), ST_Y(point) FROM territory_address
 WHERE parent_id = %(street)s AND number_value > %(value)s AND kind = 'door_plate'
   AND valid_to IS NULL AND number_value %% 2 = %(side)s
 ORDER BY number_value LIMIT 1)
"""
_LINES: Final = """
SELECT id, ST_AsBinary(geometry) FROM territory_address
WHERE id = ANY(%s) AND geometry IS NOT NULL
"""
_TOUCHING: Final = 0.0005  # degrees
_MOST_CROSSINGS: Final = 50


def numbered(street_ids: Sequence[int], numbers: Sequence[str]) -> list[dict[str, Any]]:
    """Return plates below streets that bear the numbers, one below the other.

    A row's `whole` tells whether all of the number fits ("12-1", not only 12), and the building
    below it when one was asked for.
    """
    found = _bearing(street_ids, numbers[0])
    for number in numbers[1:]:
        streets = {row["address_id"]: row["street_id"] for row in found if row["whole"]}
        below = _bearing(list(streets), number)
        below = [row | {"street_id": streets[row["street_id"]]} for row in below if row["whole"]]
        if not below:
            return [row | {"whole": False} for row in found]
        found = below
    return found


def _bearing(above: Sequence[int], number: str) -> list[dict[str, Any]]:
    if not above:
        return []
    rows = rows_of(_PLATES, [list(above), number_value(number)])
    rows += rows_of(_FORMER, [list(above), number])
    return [row | {"whole": row["number"] == number} for row in rows]


def between(street_id: int, number: str) -> tuple[float, float, float] | None:
    """Return lon, lat where a number should be on its street, and how sure that is (0–1).

    None without any plate on that side of the street.
    """
    value = number_value(number)
    if value is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_NEIGHBOURS, {"street": street_id, "value": value, "side": value % 2})
        rows = cursor.fetchall()
    if not rows:
        return None
    if len(rows) == 1:
        return rows[0][1], rows[0][2], 0.6
    (low, west, south), (high, east, north) = rows
    part = (value - low) / (high - low)
    return west + (east - west) * part, south + (north - south) * part, 0.8


def crossings(ones: Sequence[int], others: Sequence[int]) -> list[tuple[int, int, float, float]]:
    """Return where streets of two sets cross or nearly touch (about 50 m): ids, lon, lat.

    Reckoned here: the database takes half a millisecond for each pair of long streets.
    """
    if not ones or not others:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [sorted({*ones, *others})])
        lines = {id_: shapely.from_wkb(bytes(wkb)) for id_, wkb in cursor.fetchall()}
    first, second = ([id_ for id_ in side if id_ in lines] for side in (ones, others))
    tree = shapely.STRtree([lines[id_] for id_ in second])
    pairs = tree.query([lines[id_] for id_ in first], predicate="dwithin", distance=_TOUCHING)
    met = [(first[one], second[other]) for one, other in pairs.T.tolist()]
    return [
        (one, other, *shapely.shortest_line(lines[one], lines[other]).coords[0])
        for one, other in met
        if one != other
    ][:_MOST_CROSSINGS]
