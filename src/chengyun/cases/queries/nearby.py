"""Cases near a case, within the reader's scope."""

from __future__ import annotations

import math
from typing import Any, Final

from chengyun.administration.queries import setting
from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.fetching import fetch_prepared_row, fetch_row, fetch_rows
from chengyun.cases.queries.names import Names, names
from chengyun.cases.queries.records import get_record
from chengyun.cases.queries.rows import light_of
from chengyun.cases.queries.scope import Conditions, reading_scope
from chengyun.kernel.clock import now
from chengyun.kernel.coordinates import distance_m

MOST: Final = 100
METRES_PER_DEGREE: Final = 111_320
_POINT: Final = "SELECT ST_X(position), ST_Y(position) FROM cases_case WHERE id = %s"
_COLUMNS: Final = """c.id, c.number, c.title, c.state, c.due_at, c.yellow_at, ST_X(c.position),
    ST_Y(c.position), c.is_open, c.matter_type_id, c.reported_at"""
_BOX: Final = "c.position && ST_MakeEnvelope(%s, %s, %s, %s, 4490)"


def list_nearby(*, actor: Actor, case_id: int, radius_m: int) -> list[dict[str, Any]]:
    """Return cases within `radius_m` [m], open ones first, at most 100; raises NotFound."""
    get_record(actor=actor, case_id=case_id)
    point = fetch_row(_POINT, [case_id])
    if point is None or point[0] is None:
        return []
    lon, lat = point
    near = _near(actor, case_id, envelope(lon, lat, radius_m))
    found = fetch_rows(
        f"SELECT {_COLUMNS} FROM cases_case c WHERE {near.text()}"
        " ORDER BY c.is_open DESC, c.reported_at DESC LIMIT %s",
        [*near.values, MOST],
    )
    known = names()
    shown = [_shown(row, distance_m((lon, lat), (row[6], row[7])), known) for row in found]
    return [one for one in shown if one["distance_m"] <= radius_m]


def count_nearby(
    *, actor: Actor, case_id: int, lon: float | None, lat: float | None
) -> dict[str, int]:
    """Return {radius_m, most, open, history} of the box around the circle.

    most : no count goes beyond it, as no list of neighbours does; equal to it, there may be more
    """
    radius_m = int(setting("cases.nearby_radius_m"))
    if lon is None or lat is None:
        return {"radius_m": radius_m, "most": MOST, "open": 0, "history": 0}
    near = _near(actor, case_id, envelope(lon, lat, radius_m))
    part = f"SELECT 1 FROM cases_case c WHERE {near.text()} AND"
    row = fetch_prepared_row(
        f"SELECT (SELECT count(*) FROM ({part} c.is_open LIMIT %s) o),"
        f" (SELECT count(*) FROM ({part} NOT c.is_open LIMIT %s) h)",
        [*near.values, MOST, *near.values, MOST],
    )
    still, ended = row or (0, 0)
    return {"radius_m": radius_m, "most": MOST, "open": still, "history": ended}


def envelope(lon: float, lat: float, radius_m: float) -> list[float]:
    """Return west, south, east, north [degrees] around a point."""
    north = radius_m / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(lat)), 0.01)
    return [lon - east, lat - north, lon + east, lat + north]


def _near(actor: Actor, case_id: int, box: list[float]) -> Conditions:
    near = Conditions()
    near.add(_BOX, *box)
    near.add("c.id <> %s", case_id)
    reading_scope(actor).add_to(near)
    return near


def _shown(row: tuple[Any, ...], metres: float, known: Names) -> dict[str, Any]:
    kind = known.types.get(row[9])
    return {
        "id": row[0],
        "number": row[1],
        "title": row[2],
        "state": row[3],
        "light": light_of(row[4], row[5], now()),
        "lon": row[6],
        "lat": row[7],
        "open": row[8],
        "type": kind.label if kind else None,
        "reported_at": row[10],
        "distance_m": round(metres, 1),
    }
