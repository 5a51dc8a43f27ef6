"""Reading matter types, standards and dispatch rules."""

from __future__ import annotations

from typing import Any

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.kernel.errors import NotFound
from chengyun.kernel.paging import decode_token, encode_token
from chengyun.kernel.units import Limit

READ = "standards.read"

_TYPE_COLUMNS = """t.id, t.standard, t.kind, t.code, t.class_code, t.class_zh, t.class_en, t.zh,
    t.en, t.component_code, t.code_2013, t.code_2007, t.certainty, t.local, t.active"""
_STANDARD_COLUMNS = """s.id, e.code AS set_code, s.matter_type_id, t.kind, t.code AS type_code,
    t.zh AS type_zh, t.en AS type_en, s.condition_no, s.area_class, s.filing_condition,
    s.filing_condition_en, s.disposal_requirement, s.closing_condition, s.closing_condition_en,
    s.limit_value, s.limit_unit, s.department_kind, s.supervising_department, s.legal_basis,
    s.collection_requirement, s.active, s.updated_at"""


def list_matter_types(
    *,
    actor: Actor,
    q: str = "",
    kind: str = "",
    class_code: str = "",
    every_standard: bool = False,
    limit: int = 400,
) -> list[dict[str, Any]]:
    """Return the matter types in use (with `every_standard` also older lists), by kind and code.

    q : part of the name or start of a code (2026, 2013 or 2007)
    """
    _require_types(actor)
    wanted, values = [], []
    if not every_standard:
        wanted.append("t.active")
    if kind:
        wanted.append("t.kind = %s")
        values.append(kind)
    if class_code:
        wanted.append("t.class_code = %s")
        values.append(class_code)
    if q:
        like = _like(q)
        wanted.append(
            "(t.zh LIKE %s OR t.en ILIKE %s OR t.code LIKE %s"
            " OR t.code_2013 = %s OR t.code_2007 = %s)"
        )
        values += [f"%{like}%", f"%{like}%", f"{like}%", q, q]
    where = " AND ".join(wanted) or "true"
    return _rows(
        f"SELECT {_TYPE_COLUMNS} FROM cases_mattertype t WHERE {where}"
        " ORDER BY t.standard DESC, t.kind DESC, t.code LIMIT %s",
        [*values, limit],
    )


def get_matter_type(*, actor: Actor, type_id: int) -> dict[str, Any]:
    """Return one matter type, in use or not; raise NotFound."""
    _require_types(actor)
    rows = _rows(f"SELECT {_TYPE_COLUMNS} FROM cases_mattertype t WHERE t.id = %s", [type_id])
    if not rows:
        raise NotFound(what=f"matter type {type_id}")
    return rows[0]


def list_standard_sets(*, actor: Actor) -> list[dict[str, Any]]:
    """Return the sets of standards with the number of their rows."""
    actor.require(READ)
    return _rows(
        """SELECT e.id, e.code, e.zh, e.en, e.source, e.certainty, e.active, e.valid_from,
                  e.valid_to, count(s.id) AS rows
           FROM cases_standardset e LEFT JOIN cases_disposalstandard s ON s.set_id = e.id
           GROUP BY e.id ORDER BY e.active DESC, e.code""",
        [],
    )


def list_standards(
    *,
    actor: Actor,
    set_code: str = "",
    type_code: str = "",
    q: str = "",
    limit: int = 50,
    after: str | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of standards by type code and condition, and the token of the next page."""
    actor.require(READ)
    key = decode_token("standards", after, (str, str, int, int))
    wanted, values = ["s.active"], []
    if set_code:
        wanted.append("e.code = %s")
        values.append(set_code)
    if type_code:
        wanted.append("t.code = %s")
        values.append(type_code)
    if q:
        wanted.append("(t.zh LIKE %s OR t.code LIKE %s OR s.filing_condition LIKE %s)")
        values += [f"%{_like(q)}%", f"{_like(q)}%", f"%{_like(q)}%"]
    if key:
        wanted.append("(t.kind, t.code, s.condition_no, s.id) > (%s, %s, %s, %s)")
        values += key
    rows = _rows(
        f"""SELECT {_STANDARD_COLUMNS} FROM cases_disposalstandard s
            JOIN cases_standardset e ON e.id = s.set_id
            JOIN cases_mattertype t ON t.id = s.matter_type_id
            WHERE {" AND ".join(wanted)}
            ORDER BY t.kind, t.code, s.condition_no, s.id LIMIT %s""",
        [*values, limit + 1],
    )
    page = [_worded(row) for row in rows[:limit]]
    if len(rows) <= limit:
        return page, None
    last = page[-1]
    token = encode_token(
        "standards", [last[k] for k in ("kind", "type_code", "condition_no", "id")]
    )
    return page, token


def get_standard(*, actor: Actor, standard_id: int) -> dict[str, Any]:
    """Return one standard; raise NotFound."""
    actor.require(READ)
    rows = _rows(
        f"""SELECT {_STANDARD_COLUMNS} FROM cases_disposalstandard s
            JOIN cases_standardset e ON e.id = s.set_id
            JOIN cases_mattertype t ON t.id = s.matter_type_id WHERE s.id = %s""",
        [standard_id],
    )
    if not rows:
        raise NotFound(what=f"standard {standard_id}")
    return _worded(rows[0])


def list_dispatch_rules(*, actor: Actor) -> list[dict[str, Any]]:
    """Return the dispatch rules, the most specific first."""
    actor.require(READ)
    return _rows(
        """SELECT r.id, r.code, coalesce(t.kind, r.kind) AS kind, r.class_code,
                  r.matter_type_id, t.code AS type_code, t.zh AS type_zh,
                  t.en AS type_en, r.division_code, r.organisation_id, o.zh AS organisation_zh,
                  o.en AS organisation_en, r.priority, r.note, r.active
           FROM cases_dispatchrule r
           JOIN administration_organisation o ON o.id = r.organisation_id
           LEFT JOIN cases_mattertype t ON t.id = r.matter_type_id
           ORDER BY r.priority DESC, length(r.division_code) DESC, r.code LIMIT 2000""",
        [],
    )


def _require_types(actor: Actor) -> None:
    """Who reads cases reads their types, and so does who keeps the standards."""
    if not actor.can(READ):
        actor.require("case.read")


def _worded(row: dict[str, Any]) -> dict[str, Any]:
    limit = Limit.of(row["limit_value"], row["limit_unit"])
    return {**row, "limit_zh": limit.zh, "limit_en": limit.en}


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _rows(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
