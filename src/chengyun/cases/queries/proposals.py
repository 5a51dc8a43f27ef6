"""What the desk is offered for a case: filing conditions, departments and collectors, with why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.records import get_record
from chengyun.cases.rules.proposals import (
    Department,
    DispatchRule,
    FilingCondition,
    PlacedCase,
    applicable_conditions,
    propose_departments,
)
from chengyun.cases.rules.record import CaseRecord
from chengyun.kernel.clock import now
from chengyun.kernel.units import Limit
from chengyun.territory.queries.duties import DutyHolder, collectors_of

_CASE = """
SELECT t.id, t.zh, t.en, t.class_code, t.class_zh, t.class_en, c.district_code, d.zh, d.en,
       c.street_code, s.zh, s.en, c.community_code, m.zh, m.en, c.grid_code, e.department_kind,
       t.kind
FROM cases_case c
JOIN cases_mattertype t ON t.id = c.matter_type_id
LEFT JOIN territory_division d ON d.code = c.district_code
LEFT JOIN territory_division s ON s.code = c.street_code
LEFT JOIN territory_division m ON m.code = c.community_code
LEFT JOIN cases_disposalstandard e ON e.id = c.standard_id
WHERE c.id = %s
"""
_STANDARDS = """
SELECT s.id, s.condition_no, s.area_class, s.filing_condition, s.filing_condition_en,
       s.closing_condition, s.closing_condition_en, s.limit_value, s.limit_unit, s.department_kind
FROM cases_disposalstandard s JOIN cases_standardset e ON e.id = s.set_id
WHERE s.matter_type_id = %s AND s.active AND e.active ORDER BY s.condition_no
"""
_RULES = """
SELECT r.code, r.organisation_id, r.matter_type_id, r.class_code, r.division_code, r.priority,
       r.kind
FROM cases_dispatchrule r JOIN administration_organisation o ON o.id = r.organisation_id
WHERE r.active AND o.active AND (r.matter_type_id = %s OR r.matter_type_id IS NULL)
  AND (r.class_code = '' OR r.class_code = %s) AND (r.kind = '' OR r.kind = %s)
"""
_DEPARTMENTS = """
SELECT id, department_kind, division_code, zh, en FROM administration_organisation
WHERE active AND department_kind <> '' AND (division_code = '' OR starts_with(%s, division_code))
"""
_NAMES = "SELECT id, zh, en FROM administration_organisation WHERE id = ANY(%s)"


def list_proposals(*, actor: Actor, case_id: int) -> dict[str, Any]:
    """Return {standards, departments, collectors}; raises NotFound.

    Joins organisations of administration, divisions and duties of territory.
    """
    record = get_record(actor=actor, case_id=case_id)
    placed, kind = _placed(case_id)
    standards = _standards(placed.type_id, record.area_class)
    departments = _departments(placed, kind, standards)
    return {
        "standards": standards,
        "departments": departments,
        "collectors": _collectors(record),
    }


def _placed(case_id: int) -> tuple[PlacedCase, str]:
    row = _fetch(_CASE, [case_id])[0]
    names = {
        row[index]: (row[index + 1] or row[index], row[index + 2] or row[index + 1] or row[index])
        for index in (6, 9, 12)
        if row[index]
    }
    placed = PlacedCase(
        type_id=row[0],
        class_code=row[3],
        place_codes=tuple(code for code in (row[15], row[12], row[9], row[6]) if code),
        kind=row[17],
        type_name=(row[1], row[2]),
        class_name=(row[4], row[5]),
        place_names=names,
    )
    return placed, row[16] or ""


def _standards(type_id: int, area_class: str) -> list[dict[str, Any]]:
    rows = {row[0]: row for row in _fetch(_STANDARDS, [type_id])}
    conditions = [
        FilingCondition(standard_id=row[0], condition_no=row[1], area_class=row[2])
        for row in rows.values()
    ]
    chosen = applicable_conditions(conditions, area_class)
    return [_standard(rows[one.standard_id]) for one in chosen]


def _standard(row: tuple[Any, ...]) -> dict[str, Any]:
    limit = Limit.of(row[7], row[8])
    return {
        "id": row[0],
        "condition": str(row[1]),
        "area_class": row[2] or None,
        "condition_zh": row[3],
        "condition_en": row[4] or row[3],
        "closing_zh": row[5],
        "closing_en": row[6] or row[5],
        "limit_value": float(limit.amount),
        "limit_unit": limit.unit.value,
        "limit_zh": limit.zh,
        "limit_en": limit.en,
        "department_kind": row[9] or None,
    }


def _departments(
    placed: PlacedCase, kind: str, standards: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Propose by the filed condition's kind; before filing by that of the first condition."""
    wanted = kind or next((one["department_kind"] or "" for one in standards), "")
    rules = [
        DispatchRule(
            code=row[0],
            organisation_id=row[1],
            type_id=row[2],
            class_code=row[3],
            division_code=row[4],
            priority=row[5],
            kind=row[6],
        )
        for row in _fetch(_RULES, [placed.type_id, placed.class_code, placed.kind])
    ]
    place = placed.place_codes[0] if placed.place_codes else ""
    kin = [
        Department(organisation_id=row[0], department_kind=row[1], division_code=row[2])
        for row in _fetch(_DEPARTMENTS, [place])
    ]
    found = propose_departments(_with_kind(placed, wanted), rules, kin)
    names = {row[0]: row[1:] for row in _fetch(_NAMES, [[p.organisation_id for p in found]])}
    return [
        {
            "organisation": {
                "id": one.organisation_id,
                "name": names[one.organisation_id][0],
                "name_en": names[one.organisation_id][1] or names[one.organisation_id][0],
            },
            "rule": one.rule_code,
            "reason": one.reason_zh,
            "reason_en": one.reason_en,
        }
        for one in found
    ]


def _with_kind(placed: PlacedCase, kind: str) -> PlacedCase:
    return replace(placed, department_kind=kind)


def _collectors(record: CaseRecord) -> list[dict[str, Any]]:
    if not record.grid_code:
        return []
    return [
        {
            "person": {"id": holder.person_id, "name": holder.name},
            "reason": _why(holder, record.grid_code)[0],
            "reason_en": _why(holder, record.grid_code)[1],
        }
        for holder in collectors_of(record.grid_code, now())
    ]


def _why(holder: DutyHolder, grid: str) -> tuple[str, str]:
    """Return why a collector is offered, in both languages."""
    shift, shift_en = holder.shift_zh, holder.shift_en or holder.shift_zh
    if holder.on_shift:
        return f"网格 {grid} 的当班责任人（{shift}）", f"on shift in grid {grid} ({shift_en})"
    if holder.on_shift is False:
        return (
            f"网格 {grid} 的责任人，当前不当班（{shift}）",
            f"answers for grid {grid}, not on shift now ({shift_en})",
        )
    if holder.instead:
        return (
            f"网格 {grid} 当前无人当班，由不分班次的责任人负责",
            f"nobody is on shift in grid {grid}; answers for it at any time",
        )
    return f"网格 {grid} 的责任人", f"answers for grid {grid}"


def _fetch(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
