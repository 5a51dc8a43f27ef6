"""The whole of a case for its page, in a fixed number of queries."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from django.db import connection

from chengyun.administration.queries import setting, working_calendar
from chengyun.administration.rules.actor import Actor
from chengyun.cases.operations.clocks import load_clocks
from chengyun.cases.queries.records import case_facts, get_record
from chengyun.cases.queries.rows import COLUMNS, JOINS, LIGHTS, WIDTH, case_row
from chengyun.cases.rules.access import actor_facts
from chengyun.cases.rules.clocks import Clock, light_at, remaining_at, used_at
from chengyun.cases.rules.facts import CaseFacts
from chengyun.cases.rules.record import CaseRecord
from chengyun.cases.rules.workflow import Offer, workflow
from chengyun.kernel.clock import now
from chengyun.kernel.masking import masked_name, masked_phone
from chengyun.kernel.units import Limit

_CASE = f"""
SELECT {COLUMNS}, c.description, c.component_code, c.verified, c.area_class, c.position_source,
    c.reported_at, c.accepted_at, c.filed_at, c.dispatched_at, c.handled_at, c.ended_at,
    c.log_length, r.id, r.zh, r.en,
    (SELECT coalesce(json_agg(json_build_object('id', a.id, 'name', a.zh, 'name_en', a.en)), '[]')
     FROM administration_organisation a WHERE a.id = ANY(c.assisting_ids)),
    e.id, e.condition_no, e.filing_condition, e.filing_condition_en, e.disposal_requirement,
    e.closing_condition, e.closing_condition_en, e.limit_value, e.limit_unit, e.area_class,
    e.department_kind,
    p.name, p.phone, p.anonymous
FROM cases_case c {JOINS}
LEFT JOIN administration_organisation r ON r.id = c.responsible_id
LEFT JOIN cases_disposalstandard e ON e.id = c.standard_id
LEFT JOIN LATERAL (SELECT name, phone, anonymous FROM cases_reporter
                   WHERE case_id = c.id ORDER BY id LIMIT 1) p ON true
WHERE c.id = %s
"""
_MORE_TEXT = """
description component_code verified area_class position_source reported_at accepted_at
filed_at dispatched_at handled_at ended_at log_length responsible_id responsible_zh
responsible_en assisting standard_id condition_no filing_condition filing_condition_en
disposal_requirement closing_condition closing_condition_en limit_value limit_unit
standard_area_class department_kind reporter_name reporter_phone anonymous
"""
_MORE = _MORE_TEXT.split()
_TASKS = """
SELECT k.id, k.kind, k.assignee_id, p.name, k.sent_at, k.due_at, k.answered_at, k.result, k.opinion
FROM cases_task k JOIN administration_person p ON p.id = k.assignee_id
WHERE k.case_id = %s ORDER BY k.id
"""
_ATTACHMENTS = """
SELECT a.id, a.phase, a.kind, a.media_type, a.name, a.size, a.width, a.height, a.taken_at,
       ST_X(a.position), ST_Y(a.position), a.thumbnail_key <> '', a.at, p.name
FROM cases_attachment a LEFT JOIN administration_person p ON p.id = a.by_id
WHERE a.case_id = %s ORDER BY a.at, a.id
"""
_PENDING = """
SELECT opinion, actor_name, at FROM cases_logentry
WHERE case_id = %s AND act = %s ORDER BY seq DESC LIMIT 1
"""
_NEARBY = """
SELECT count(*) FILTER (WHERE is_open), count(*) FILTER (WHERE NOT is_open)
FROM (SELECT is_open FROM cases_case
      WHERE position && ST_MakeEnvelope(%s, %s, %s, %s, 4490) AND id <> %s LIMIT 500) near
"""
METRES_PER_DEGREE = 111_320
_STEP_TIMES = {
    "collect": "reported_at",
    "establish": "filed_at",
    "dispatch": "dispatched_at",
    "dispose": "handled_at",
    "check_and_close": "ended_at",
}


def get_case(*, actor: Actor, case_id: int) -> dict[str, Any]:
    """Return the case with clocks, tasks, attachments and the acts the actor may do now.

    raises : NotFound when there is none or it lies outside the actor's scope
    """
    record = get_record(actor=actor, case_id=case_id)
    at = now()
    row = _one(case_id)
    shown = case_row(row[:WIDTH], at)
    more = dict(zip(_MORE, row[WIDTH:], strict=True))
    facts = case_facts(record)
    return {
        **shown,
        "description": more["description"],
        "component_code": more["component_code"],
        "verified": more["verified"],
        "area_class": more["area_class"],
        "log_length": more["log_length"],
        "standard": _standard(more),
        "responsible": _organisation(more),
        "assisting": more["assisting"],
        "clocks": _clocks(case_id, at),
        "pending": _pending(record),
        "tasks": _tasks(case_id),
        "attachments": list_attachments(case_id),
        "reporter": _reporter(more),
        "acts": [act_shown(offer) for offer in _offers(actor, record, facts, at)],
        "nearby": _nearby_counts(case_id, shown["lon"], shown["lat"]),
        "steps": _steps(shown["state"], more),
    }


def act_shown(offer: Offer) -> dict[str, Any]:
    """Return an act as a screen needs it: its words and what it asks for."""
    needs = offer.needs
    return {
        "act": offer.act,
        "zh": offer.zh,
        "en": offer.en,
        "primary": offer.primary,
        "danger": offer.danger,
        "key": offer.key or None,
        "needs": {
            "opinion": "opinion" in needs.required,
            "opinion_zh": offer.opinion_zh,
            "opinion_en": offer.opinion_en,
            "photos": sum(needs.photos.values()),
            "phase": needs.phase,
            "standard": "standard" in needs.required,
            "condition": "condition" in needs.required,
            "organisation": "organisation" in needs.required,
            "assignee": "assignee" in needs.required,
            "reason": "reason" in needs.required,
            "reasons": needs.reasons,
            "result": bool(offer.results),
            "results": [{"value": v, "zh": zh, "en": en} for v, zh, en in offer.results],
            "accepts": sorted(needs.accepted),
        },
        "enabled": offer.enabled,
        "reason": offer.fault.text("zh") if offer.fault else None,
        "reason_en": offer.fault.text("en") if offer.fault else None,
    }


def list_attachments(case_id: int) -> list[dict[str, Any]]:
    """Return the case's attachments, oldest first; the caller has checked who reads."""
    return [
        {
            "id": str(row[0]),
            "phase": row[1],
            "kind": row[2],
            "media_type": row[3],
            "name": row[4],
            "size": row[5],
            "width": row[6],
            "height": row[7],
            "taken_at": row[8],
            "lon": row[9],
            "lat": row[10],
            "url": f"/api/v1/attachments/{row[0]}",
            "thumbnail": f"/api/v1/attachments/{row[0]}/thumbnail" if row[11] else None,
            "at": row[12],
            "by": row[13],
        }
        for row in _fetch(_ATTACHMENTS, [case_id])
    ]


def envelope(lon: float, lat: float, radius_m: float) -> list[float]:
    """Return west, south, east, north [degrees] around a point."""
    north = radius_m / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(lat)), 0.01)
    return [lon - east, lat - north, lon + east, lat + north]


def _one(case_id: int) -> tuple[Any, ...]:
    return _fetch(_CASE, [case_id])[0]


def _fetch(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _offers(actor: Actor, record: CaseRecord, facts: CaseFacts, at: datetime) -> list[Offer]:
    return workflow().offers(facts, actor_facts(actor, record), at)


def _organisation(more: dict[str, Any]) -> dict[str, Any] | None:
    if more["responsible_id"] is None:
        return None
    zh, en = more["responsible_zh"], more["responsible_en"]
    return {"id": more["responsible_id"], "name": zh, "name_en": en or zh}


def _standard(more: dict[str, Any]) -> dict[str, Any] | None:
    if more["standard_id"] is None:
        return None
    limit = Limit.of(more["limit_value"], more["limit_unit"])
    return {
        "id": more["standard_id"],
        "condition": str(more["condition_no"]),
        "condition_zh": more["filing_condition"],
        "condition_en": more["filing_condition_en"],
        "requirement": more["disposal_requirement"],
        "closing_zh": more["closing_condition"],
        "closing_en": more["closing_condition_en"],
        "limit_value": float(limit.amount),
        "limit_unit": limit.unit.value,
        "limit_zh": limit.zh,
        "limit_en": limit.en,
        "area_class": more["standard_area_class"] or None,
        "department_kind": more["department_kind"] or None,
    }


def _clocks(case_id: int, at: datetime) -> list[dict[str, Any]]:
    return [_clock(clock, at) for clock in load_clocks(case_id)]


def _clock(clock: Clock, at: datetime) -> dict[str, Any]:
    calendar = working_calendar()
    return {
        "id": clock.key,
        "stage": clock.stage,
        "round": clock.round,
        "limit_value": float(clock.limit.amount),
        "limit_unit": clock.limit.unit.value,
        "limit_zh": clock.limit.zh,
        "limit_en": clock.limit.en,
        "limit_s": clock.total_s,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "yellow_at": clock.yellow_at,
        "paused_at": clock.paused_at,
        "used_s": used_at(clock, at, calendar),
        "remaining_s": remaining_at(clock, at, calendar),
        "finished_at": clock.finished_at,
        "overdue": clock.overdue or (clock.running and at > clock.due_at),
        "light": LIGHTS[int(light_at(clock, at))],
        "exempt": clock.exempt,
        "uncertain": clock.uncertain,
    }


def _pending(record: CaseRecord) -> dict[str, Any] | None:
    if not record.pending:
        return None
    rows = _fetch(_PENDING, [record.id, f"apply_{record.pending}"])
    reason, by, at = rows[0] if rows else ("", "", record.updated_at)
    return {"kind": record.pending, "reason": reason, "by": by, "at": at}


def _tasks(case_id: int) -> list[dict[str, Any]]:
    return [
        {
            "id": row[0],
            "kind": row[1],
            "assignee": {"id": row[2], "name": row[3]},
            "sent_at": row[4],
            "due_at": row[5],
            "answered_at": row[6],
            "result": row[7],
            "opinion": row[8],
        }
        for row in _fetch(_TASKS, [case_id])
    ]


def _reporter(more: dict[str, Any]) -> dict[str, Any] | None:
    name, phone = more["reporter_name"], more["reporter_phone"]
    if name is None:
        return None
    return {
        "name_masked": masked_name(name) or None,
        "phone_masked": masked_phone(phone) or None,
        "anonymous": more["anonymous"],
        "has_private": bool(name or phone),
    }


def _nearby_counts(case_id: int, lon: float | None, lat: float | None) -> dict[str, int]:
    radius_m = int(setting("cases.nearby_radius_m"))
    if lon is None or lat is None:
        return {"radius_m": radius_m, "open": 0, "history": 0}
    found = _fetch(_NEARBY, [*envelope(lon, lat, radius_m), case_id])[0]
    return {"radius_m": radius_m, "open": found[0], "history": found[1]}


def _steps(state: str, more: dict[str, Any]) -> list[dict[str, Any]]:
    table = workflow().table
    present = table.states[state]
    here = table.steps[present.step].no
    return [
        {
            "code": step.code,
            "zh": step.zh,
            "en": step.en,
            "at": more[_STEP_TIMES[step.code]] if step.code in _STEP_TIMES else None,
            "state": "done" if step.no < here else "now" if step.no == here else "todo",
        }
        for step in table.steps.values()
    ]
