"""The whole of a case for its page, in a fixed number of queries.

Names come from this process's copies (names.py); the case's row is read once, as the list's row and
as the record that the rules look at.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from chengyun.administration.queries import working_calendar
from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries import records, rows
from chengyun.cases.queries.acts_shown import act_shown
from chengyun.cases.queries.clocks import CLOCKS, clock_of
from chengyun.cases.queries.fetching import fetch_prepared, fetch_row, fetch_together
from chengyun.cases.queries.names import Names, names
from chengyun.cases.queries.nearby import count_nearby
from chengyun.cases.rules.access import actor_facts
from chengyun.cases.rules.clocks import Clock, light_at, used_at
from chengyun.cases.rules.record import CaseRecord
from chengyun.cases.rules.workflow import workflow
from chengyun.kernel.clock import now
from chengyun.kernel.errors import NotFound
from chengyun.kernel.masking import masked_name, masked_phone
from chengyun.kernel.units import Limit
from chengyun.kernel.working_calendar import WorkingCalendar

_MORE: Final = (
    "description",
    "component_code",
    "verified",
    "area_class",
    "accepted_at",
    "filed_at",
    "dispatched_at",
    "handled_at",
    "ended_at",
    "log_length",
    "responsible_id",
    "assisting_ids",
)
_STANDARD: Final = (
    "id",
    "condition_no",
    "filing_condition",
    "filing_condition_en",
    "disposal_requirement",
    "closing_condition",
    "closing_condition_en",
    "limit_value",
    "limit_unit",
    "area_class",
    "department_kind",
)
_REPORTER: Final = ("name", "phone", "anonymous")
_RECORD_WIDTH: Final = len(CaseRecord.__dataclass_fields__)
_CASE: Final = f"""
SELECT {rows.COLUMNS}, {records.RECORD_COLUMNS}, {", ".join(f"c.{name}" for name in _MORE)},
    {", ".join(f"e.{name}" for name in _STANDARD)}, {", ".join(f"p.{name}" for name in _REPORTER)}
FROM cases_case c
LEFT JOIN cases_disposalstandard e ON e.id = c.standard_id
LEFT JOIN LATERAL (SELECT name, phone, anonymous FROM cases_reporter
                   WHERE case_id = c.id ORDER BY id LIMIT 1) p ON true
WHERE c.id = %s
"""
_TASKS: Final = """
SELECT id, kind, assignee_id, sent_at, due_at, answered_at, result, opinion
FROM cases_task WHERE case_id = %s ORDER BY id
"""
_ATTACHMENTS: Final = """
SELECT id, phase, kind, media_type, name, size, width, height, taken_at,
       ST_X(position), ST_Y(position), thumbnail_key <> '', at, by_id
FROM cases_attachment WHERE case_id = %s ORDER BY at, id
"""
_PENDING: Final = """
SELECT opinion, actor_name, at FROM cases_logentry
WHERE case_id = %s AND act = %s ORDER BY seq DESC LIMIT 1
"""
_STEP_TIMES: Final = {
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
    key = [case_id]
    case, clocks, tasks, files = fetch_together(
        (_CASE, key), (CLOCKS, key), (_TASKS, key), (_ATTACHMENTS, key)
    )
    row = case[0] if case else None
    record = records.record_of(row[rows.WIDTH : rows.WIDTH + _RECORD_WIDTH]) if row else None
    if row is None or record is None or not records.is_readable(actor, record):
        raise NotFound(what=f"案卷 {case_id}")
    at, known = now(), names()
    shown = rows.case_row(row, known, at)
    rest = row[rows.WIDTH + _RECORD_WIDTH :]
    more = dict(zip(_MORE, rest, strict=False))
    standard = dict(zip(_STANDARD, rest[len(_MORE) :], strict=False))
    reporter = dict(zip(_REPORTER, rest[len(_MORE) + len(_STANDARD) :], strict=True))
    facts = records.case_facts(record)
    offers = workflow().offers(facts, actor_facts(actor, record), at)
    return {
        **shown,
        **{name: more[name] for name in ("description", "component_code", "verified")},
        "area_class": more["area_class"],
        "log_length": more["log_length"],
        "standard": _standard(standard) if standard["id"] is not None else None,
        "responsible": known.organisation(more["responsible_id"]),
        "assisting": [known.organisation(key) for key in more["assisting_ids"]],
        "clocks": _clocks(clocks, at),
        "pending": _pending(record),
        "tasks": _tasks(tasks, known),
        "attachments": [_attachment(one, known) for one in files],
        "reporter": _reporter(reporter),
        "acts": [act_shown(offer) for offer in offers],
        "nearby": count_nearby(actor=actor, case_id=case_id, lon=shown["lon"], lat=shown["lat"]),
        "steps": _steps(shown, more),
    }


def list_attachments(case_id: int) -> list[dict[str, Any]]:
    """Return the case's attachments, oldest first; the caller has checked who reads."""
    known = names()
    return [_attachment(row, known) for row in fetch_prepared(_ATTACHMENTS, [case_id])]


def _attachment(row: tuple[Any, ...], known: Names) -> dict[str, Any]:
    by = known.person(row[13])
    return {
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
        "thumbnail": rows.thumbnail_url(row[0]) if row[11] else None,
        "at": row[12],
        "by": by["name"] if by else None,
    }


def _standard(found: dict[str, Any]) -> dict[str, Any]:
    limit = Limit.of(found["limit_value"], found["limit_unit"])
    return {
        "id": found["id"],
        "condition": str(found["condition_no"]),
        "condition_zh": found["filing_condition"],
        "condition_en": found["filing_condition_en"],
        "requirement": found["disposal_requirement"],
        "closing_zh": found["closing_condition"],
        "closing_en": found["closing_condition_en"],
        "limit_value": float(limit.amount),
        "limit_unit": limit.unit.value,
        "limit_zh": limit.zh,
        "limit_en": limit.en,
        "area_class": found["area_class"] or None,
        "department_kind": found["department_kind"] or None,
    }


def _clocks(found: list[tuple[Any, ...]], at: datetime) -> list[dict[str, Any]]:
    calendar = working_calendar()
    return [_clock(clock_of(row), at, calendar) for row in found]


def _clock(clock: Clock, at: datetime, calendar: WorkingCalendar) -> dict[str, Any]:
    used_s = used_at(clock, at, calendar)
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
        "used_s": used_s,
        "remaining_s": clock.total_s - used_s,
        "finished_at": clock.finished_at,
        "overdue": clock.overdue or (clock.running and at > clock.due_at),
        "light": rows.LIGHTS[int(light_at(clock, at))],
        "exempt": clock.exempt,
        "uncertain": clock.uncertain,
    }


def _pending(record: CaseRecord) -> dict[str, Any] | None:
    if not record.pending:
        return None
    found = fetch_row(_PENDING, [record.id, f"apply_{record.pending}"])
    reason, by, at = found or ("", "", record.updated_at)
    return {"kind": record.pending, "reason": reason, "by": by, "at": at}


def _tasks(found: list[tuple[Any, ...]], known: Names) -> list[dict[str, Any]]:
    return [
        {
            "id": row[0],
            "kind": row[1],
            "assignee": known.person(row[2]),
            "sent_at": row[3],
            "due_at": row[4],
            "answered_at": row[5],
            "result": row[6],
            "opinion": row[7],
        }
        for row in found
    ]


def _reporter(found: dict[str, Any]) -> dict[str, Any] | None:
    name, phone = found["name"], found["phone"]
    if name is None:
        return None
    return {
        "name_masked": masked_name(name) or None,
        "phone_masked": masked_phone(phone) or None,
        "anonymous": found["anonymous"],
        "has_private": bool(name or phone),
    }


def _steps(shown: dict[str, Any], more: dict[str, Any]) -> list[dict[str, Any]]:
    table = workflow().table
    here = table.steps[table.states[shown["state"]].step].no
    times = {**more, "reported_at": shown["reported_at"]}
    return [
        {
            "code": step.code,
            "zh": step.zh,
            "en": step.en,
            "at": times.get(_STEP_TIMES.get(step.code, "")),
            "state": "done" if step.no < here else "now" if step.no == here else "todo",
        }
        for step in table.steps.values()
    ]
