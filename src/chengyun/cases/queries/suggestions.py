"""What somebody should know before reporting: the grid, and cases that are probably the same."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from chengyun.administration.queries import setting
from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.records import find_record, is_readable
from chengyun.cases.queries.types import get_type
from chengyun.cases.rules.access import REPORT, reporting_desks
from chengyun.cases.rules.duplicates import (
    DuplicateRule,
    KnownCase,
    LikelyDuplicate,
    Sighting,
    likely_duplicates,
)
from chengyun.cases.rules.record import CaseRecord
from chengyun.kernel.clock import now
from chengyun.territory.queries.locate import NamedDivision, Place, find_place

METRES_PER_DEGREE = 111_000
_NEAREST_POLE = 0.01
_CANDIDATES = """
SELECT c.id, c.number, c.title, c.state, c.reported_at, c.thumbnail, ST_X(c.position),
       ST_Y(c.position)
FROM cases_case c
WHERE c.position && ST_MakeEnvelope(%s, %s, %s, %s, 4490)
  AND c.matter_type_id = %s AND c.is_open AND c.reported_at >= %s
ORDER BY c.reported_at DESC LIMIT 100
"""


def suggest_before_report(
    *, actor: Actor, lon: float, lat: float, type_code: str = "", kind: str = ""
) -> dict[str, Any]:
    """Return the place of the point and, with a type, likely duplicates within the actor's scope.

    lon, lat : EPSG:4490 [degrees]
    in_scope : whether the actor may report there
    raises : Forbidden, TypeUnknown, TypeAmbiguous
    """
    actor.require(REPORT)
    at = now()
    place = find_place(lon=lon, lat=lat, at=at)
    found_type = get_type(type_code, kind=kind) if type_code else None
    duplicates: list[dict[str, Any]] = []
    if found_type is not None:
        sighting = Sighting(type_id=found_type.id, lon=lon, lat=lat, at=at)
        duplicates = _duplicates(actor, sighting)
    case_kind = found_type.kind if found_type else "matter"
    return {
        **_place(place),
        "in_scope": _in_scope(actor, place, case_kind),
        "duplicates": duplicates,
    }


def _in_scope(actor: Actor, place: Place | None, case_kind: str) -> bool:
    if place is None:
        return False
    return bool(reporting_desks(actor, division_code=place.community_code, case_kind=case_kind))


def _place(place: Place | None) -> dict[str, Any]:
    if place is None:
        return {"grid": None, "community": None, "street": None, "district": None}
    return {
        "grid": {"id": place.grid_id, "code": place.grid_code, "area_class": place.area_class},
        "community": _division(place.community),
        "street": _division(place.street),
        "district": _division(place.district),
    }


def _division(named: NamedDivision) -> dict[str, str]:
    return {"code": named.code, "zh": named.zh, "en": named.en}


def _duplicates(actor: Actor, sighting: Sighting) -> list[dict[str, Any]]:
    rule = DuplicateRule(
        radius_m=setting("cases.duplicate_radius_m"),
        within=timedelta(hours=setting("cases.duplicate_window_hours")),
    )
    rows = _candidates(sighting, rule)
    known = [
        KnownCase(
            case_id=row[0],
            number=row[1],
            type_id=sighting.type_id,
            lon=row[6],
            lat=row[7],
            reported_at=row[4],
        )
        for row in rows.values()
    ]
    return [
        _shown(actor, one, rows[one.case_id], case)
        for one in likely_duplicates(sighting, known, rule)
        if (case := find_record(one.case_id)) and _may_report_there(actor, case)
    ]


def _candidates(sighting: Sighting, rule: DuplicateRule) -> dict[int, tuple[Any, ...]]:
    north = rule.radius_m / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(sighting.lat)), _NEAREST_POLE)
    since: datetime = sighting.at - rule.within
    with connection.cursor() as cursor:
        cursor.execute(
            _CANDIDATES,
            [
                sighting.lon - east,
                sighting.lat - north,
                sighting.lon + east,
                sighting.lat + north,
                sighting.type_id,
                since,
            ],
        )
        return {row[0]: row for row in cursor.fetchall()}


def _may_report_there(actor: Actor, case: CaseRecord) -> bool:
    """Tell of a case across the border of a collector's grids, too: he would report it again."""
    return bool(reporting_desks(actor, division_code=case.division_code, case_kind=case.kind))


def _shown(
    actor: Actor, likely: LikelyDuplicate, row: tuple[Any, ...], case: CaseRecord
) -> dict[str, Any]:
    has_picture = row[5] and is_readable(actor, case)
    return {
        "id": likely.case_id,
        "number": likely.number,
        "distance_m": round(likely.distance_m, 1),
        "title": row[2],
        "state": row[3],
        "reported_at": row[4].isoformat().replace("+00:00", "Z"),
        "thumbnail": f"/api/v1/attachments/{row[5]}/thumbnail" if has_picture else None,
        "zh": likely.reason_zh,
        "en": likely.reason_en,
    }
