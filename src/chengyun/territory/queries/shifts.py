"""Shifts, and the grids for which nobody answers in one."""

from __future__ import annotations

from typing import Any

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.territory.models import Shift
from chengyun.territory.queries.duties import COLLECTOR
from chengyun.territory.rules.scope import READ, patterns_of

_MOST = 500
# Somebody bound at any time answers in every shift.
_GAPS = """
SELECT s.id, s.code, s.zh, s.en, g.code, ST_X(p.point), ST_Y(p.point), g.number
FROM (SELECT id, code, zh, en, starts FROM territory_shift WHERE active
      UNION ALL SELECT NULL, '', '', '', NULL WHERE NOT EXISTS
          (SELECT 1 FROM territory_shift WHERE active)) s
CROSS JOIN LATERAL (
    SELECT g.code, g.geometry, count(*) OVER () AS number FROM territory_unitgrid g
    WHERE g.valid_to IS NULL AND g.community_code LIKE ANY(%(patterns)s)
      AND g.community_code LIKE %(division)s AND NOT EXISTS (
        SELECT 1 FROM territory_gridduty d JOIN administration_person h ON h.id = d.person_id
        WHERE d.grid_code = g.code AND d.duty = %(duty)s AND d.valid_to IS NULL AND h.is_active
          AND (d.shift_id IS NULL OR d.shift_id = s.id))
    ORDER BY g.code LIMIT %(most)s) g
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(g.geometry) AS point) p
ORDER BY s.starts, s.code, g.code
"""


def list_shifts(*, actor: Actor) -> list[dict[str, Any]]:
    """Return every shift, by when it begins."""
    actor.require(READ)
    return [describe_shift(shift) for shift in Shift.objects.order_by("starts", "code")]


def describe_shift(shift: Shift) -> dict[str, Any]:
    """Return a shift as routes tell it."""
    return {
        "id": shift.pk,
        "code": shift.code,
        "zh": shift.zh,
        "en": shift.en,
        "weekdays": shift.weekdays,
        "starts": shift.starts.isoformat("minutes"),
        "ends": shift.ends.isoformat("minutes"),
        "active": shift.active,
    }


def list_duty_gaps(*, actor: Actor, division: str = "") -> list[dict[str, Any]]:
    """Return by shift the grids of the actor's area for which no active collector answers.

    The first 500 grids of each shift, and all counted; without any shift one entry without a name.
    Joins the people of `administration`.
    """
    values: dict[str, Any] = {
        "patterns": patterns_of(actor, READ),
        "division": f"{division}%",
        "duty": COLLECTOR,
        "most": _MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GAPS, values)
        rows = cursor.fetchall()
    found: dict[int | None, dict[str, Any]] = {}
    for shift_id, code, zh, en, grid, lon, lat, number in rows:
        named = {"id": shift_id, "code": code, "zh": zh, "en": en} if shift_id else None
        entry = found.setdefault(shift_id, {"shift": named, "count": number, "grids": []})
        entry["grids"].append({"code": grid, "lon": lon, "lat": lat})
    return list(found.values())
