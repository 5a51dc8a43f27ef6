"""Components as they are exported: the columns that the shipped mapping `chengyun` reads, and more.

Reads `administration_organisation` for the organisations' codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.components.adapters.writers import OutRow
from chengyun.components.queries.conditions import ComponentFilter, conditions_for

PAGE: Final = 5_000
_COLUMNS: Final = {
    "code": "c.code",
    "type": "t.code",
    "type_zh": "t.zh",
    "name": "c.name",
    "state": "c.state",
    "source": "c.source",
    "competent": "p.code",
    "owner": "o.code",
    "maintainer": "m.code",
    "address": "c.address",
    "accuracy": "c.accuracy",
    "bearing": "c.bearing",
    "note": "c.note",
    "initial_on": "c.initial_on",
    "changed_on": "c.changed_on",
    "lon": "ST_X(c.position)",
    "lat": "ST_Y(c.position)",
    "grid": "c.grid_code",
    "community": "c.community_code",
    "retired_at": "c.retired_at",
    "attributes": "nullif(c.attributes::text, '{}')",
}
COLUMNS: Final = list(_COLUMNS)
_ROWS: Final = """
SELECT {columns}, ST_AsBinary(coalesce(c.shape, c.position))
FROM components_component c JOIN components_componenttype t ON t.id = c.type_id
LEFT JOIN administration_organisation p ON p.id = c.competent_id
LEFT JOIN administration_organisation o ON o.id = c.owner_id
LEFT JOIN administration_organisation m ON m.id = c.maintainer_id
WHERE {conditions} ORDER BY c.code LIMIT %s
"""


def export_rows(*, actor: Actor, wanted: ComponentFilter) -> Iterator[OutRow]:
    """Yield the components by code, page after page; raise Forbidden."""
    actor.require("components.read")
    return _pages(actor, wanted)


def count_to_export(*, actor: Actor, wanted: ComponentFilter, most: int) -> int:
    """Return how many components there are, at most `most` + 1."""
    conditions = conditions_for(actor, wanted)
    statement = f"""SELECT count(*) FROM (SELECT 1 FROM components_component c
        WHERE {conditions.text()} LIMIT %s) n"""
    with connection.cursor() as cursor:
        cursor.execute(statement, [*conditions.values, most + 1])
        found: int = cursor.fetchone()[0]
    return found


def _pages(actor: Actor, wanted: ComponentFilter) -> Iterator[OutRow]:
    after = ""
    while True:
        conditions = conditions_for(actor, wanted)
        conditions.add("c.code > %s", after)
        statement = _ROWS.format(columns=", ".join(_COLUMNS.values()), conditions=conditions.text())
        with connection.cursor() as cursor:
            cursor.execute(statement, [*conditions.values, PAGE])
            rows = cursor.fetchall()
        for row in rows:
            yield OutRow(values=tuple(row[:-1]), geometry=bytes(row[-1]))
        if len(rows) < PAGE:
            return
        after = rows[-1][0]
