"""Cases near a case, within the reader's scope."""

from __future__ import annotations

from typing import Any

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.detail import envelope
from chengyun.cases.queries.records import find_records, get_record
from chengyun.cases.queries.rows import LIGHTS
from chengyun.cases.rules.access import may_read
from chengyun.kernel.coordinates import distance_m

MOST = 100
_POINT = "SELECT ST_X(position), ST_Y(position) FROM cases_case WHERE id = %s"
_NEAR = """
SELECT c.id, c.number, c.title, c.state, c.light, ST_X(c.position), ST_Y(c.position), c.is_open,
       t.code, t.zh, t.en, t.class_zh, t.class_en, c.reported_at
FROM cases_case c JOIN cases_mattertype t ON t.id = c.matter_type_id
WHERE c.position && ST_MakeEnvelope(%s, %s, %s, %s, 4490) AND c.id <> %s
ORDER BY c.is_open DESC, c.reported_at DESC LIMIT %s
"""


def list_nearby(*, actor: Actor, case_id: int, radius_m: int) -> list[dict[str, Any]]:
    """Return cases within `radius_m` [m], open ones first, at most 100; raises NotFound."""
    get_record(actor=actor, case_id=case_id)
    with connection.cursor() as cursor:
        cursor.execute(_POINT, [case_id])
        lon, lat = cursor.fetchone()
        if lon is None:
            return []
        cursor.execute(_NEAR, [*envelope(lon, lat, radius_m), case_id, MOST])
        rows = cursor.fetchall()
    records = find_records([row[0] for row in rows])
    visible = {key for key, record in records.items() if may_read(actor, record)}
    shown = [
        _near(row, distance_m((lon, lat), (row[5], row[6]))) for row in rows if row[0] in visible
    ]
    return [one for one in shown if one["distance_m"] <= radius_m]


def _near(row: tuple[Any, ...], metres: float) -> dict[str, Any]:
    return {
        "id": row[0],
        "number": row[1],
        "title": row[2],
        "state": row[3],
        "light": LIGHTS[row[4]],
        "lon": row[5],
        "lat": row[6],
        "open": row[7],
        "type": {
            "code": row[8],
            "zh": row[9],
            "en": row[10],
            "class_zh": row[11],
            "class_en": row[12],
        },
        "reported_at": row[13],
        "distance_m": round(metres, 1),
    }
