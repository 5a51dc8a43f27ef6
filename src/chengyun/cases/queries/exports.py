"""What an export holds: its columns, its rows page by page, and how far a run has come."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from chengyun.administration.queries import time_zone
from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.fetching import fetch_row, fetch_rows
from chengyun.cases.queries.filters import CaseFilter
from chengyun.cases.queries.lists import narrowed
from chengyun.cases.queries.names import Names, names
from chengyun.cases.queries.pages import ORDERS, Place, fetch_page
from chengyun.cases.queries.rows import case_row
from chengyun.cases.queries.scope import Conditions, Scope, reading_scope
from chengyun.cases.rules.access import READ
from chengyun.cases.rules.table import shipped_table
from chengyun.kernel.errors import NotFound
from chengyun.kernel.masking import masked_name, masked_phone
from chengyun.kernel.units import Limit

EXPORT: Final = "case.export"
_ADDRESS = "/api/v1/cases/export/{}/file"
_MORE = """
SELECT c.id, c.description, c.component_code, c.responsible_id, c.accepted_at, c.filed_at,
    c.dispatched_at, c.handled_at, c.ended_at, c.return_count, e.limit_value, e.limit_unit,
    p.name, p.phone
FROM cases_case c
LEFT JOIN cases_disposalstandard e ON e.id = c.standard_id
LEFT JOIN LATERAL (SELECT name, phone FROM cases_reporter
                   WHERE case_id = c.id ORDER BY id LIMIT 1) p ON true
WHERE c.id = ANY(%s)
"""
_RUN = """
SELECT id, state, done_rows, total_rows, fault, storage_key, created_at
FROM cases_exportrun WHERE id = %s AND person_id = %s
"""
_WORDS: Final = {
    "zh": {
        "component": "部件",
        "matter": "事件",
        "green": "绿",
        "yellow": "黄",
        "red": "红",
        "none": "",
        "yes": "是",
        "no": "",
        "return": "退回",
        "void": "作废",
        "extension": "延期",
        "suspension": "挂账",
        "suspension_2": "挂账（二级审批）",
        "dispute": "争议",
        "appeal": "申诉",
    },
    "en": {"none": "", "no": ""},
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the export; width in characters."""

    code: str
    zh: str
    en: str
    width: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Which cases an export holds, as of an instant."""

    conditions: Conditions
    scope: Scope
    at: datetime


@dataclass(frozen=True, slots=True)
class ExportState:
    """How far a run has come. `key` lies in the file storage once it is done."""

    id: UUID
    state: str
    done: int
    total: int | None
    fault: str
    key: str
    created_at: datetime

    def as_data(self) -> dict[str, Any]:
        """Return {id, state, done, total, url, detail}."""
        return {
            "id": str(self.id),
            "state": self.state,
            "done": self.done,
            "total": self.total,
            "url": _ADDRESS.format(self.id) if self.state == "done" else None,
            "detail": self.fault or None,
        }


@cache
def all_columns() -> dict[str, Column]:
    """Return the columns by code, in their usual order."""
    text = files("chengyun.cases").joinpath("data/export_columns.csv").read_text(encoding="utf-8")
    return {
        row["code"]: Column(row["code"], row["zh"], row["en"], int(row["width"]))
        for row in csv.DictReader(text.splitlines())
    }


def export_reach(*, actor: Actor, wanted: CaseFilter, at: datetime) -> Reach:
    """Return the cases that the list shows and that lie within the grants of `case.export`.

    raises : Forbidden
    """
    grants = actor.scope_for(EXPORT)
    conditions, scope = narrowed(actor=actor, wanted=wanted, at=at)
    if grants != actor.scope_for(READ):
        reading_scope(actor, EXPORT).add_to(conditions)
    return Reach(conditions, scope, at)


def count_reach(reach: Reach) -> int:
    """Return the number of cases."""
    conditions = Conditions(texts=[*reach.conditions.texts], values=[*reach.conditions.values])
    reach.scope.add_to(conditions)
    statement = f"SELECT count(*) FROM cases_case c WHERE {conditions.text()}"
    row = fetch_row(statement, conditions.values)
    return int(row[0]) if row else 0


def export_pages(reach: Reach, *, sort: str, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Yield pages of rows in the order, each read by its own statement."""
    place: Place | None = None
    while True:
        page = fetch_page(
            sort=sort,
            conditions=reach.conditions,
            scope=reach.scope,
            place=place,
            count=size,
        )
        if page:
            yield [row for _, row in page]
        if len(page) < size:
            return
        number, last = page[-1]
        place = Place(order=number, instant=last[ORDERS[sort][number].at], case_id=last[0])


def export_cells(
    rows: Sequence[tuple[Any, ...]], *, columns: Sequence[str], language: str, at: datetime
) -> list[list[Any]]:
    """Return the cells of rows in the columns asked; reporters are masked.

    Instants come in the platform's time zone, without naming it: a sheet knows no zones.
    """
    known, zone = names(), time_zone()
    more = {row[0]: row for row in fetch_rows(_MORE, [[row[0] for row in rows]])}
    found = []
    for row in rows:
        cells = _cells(case_row(row, known, at), more[row[0]], known, language)
        found.append([_plain(cells[code], zone) for code in columns])
    return found


def find_export(*, actor: Actor, export_id: UUID) -> ExportState | None:
    """Return one of the actor's own runs, None when there is no such run."""
    row = fetch_row(_RUN, [export_id, actor.person_id])
    return ExportState(*row) if row else None


def get_export(*, actor: Actor, export_id: UUID) -> ExportState:
    """Return one of the actor's own runs.

    raises : Forbidden, NotFound
    """
    actor.require(EXPORT)
    found = find_export(actor=actor, export_id=export_id)
    if found is None:
        raise NotFound(what=f"导出任务 {export_id}")
    return found


def _cells(
    case: dict[str, Any], more: tuple[Any, ...], known: Names, language: str
) -> dict[str, Any]:
    table, words = shipped_table(), _WORDS[language]
    kind, holder = case["type"] or {}, case["holder"]
    name_of = "name" if language == "zh" else "name_en"

    def label(rows: dict[str, Any], code: str) -> str:
        return getattr(rows[code], language) if code in rows else code

    def place(level: str) -> str:
        return (case[level] or {}).get(language) or ""

    def organisation(found: dict[str, Any] | None) -> str:
        return (found or {}).get(name_of) or ""

    return {
        **{code: case[code] for code in _AS_THEY_ARE},
        **{code: words.get(case[code], case[code]) for code in _IN_WORDS},
        **{level: place(level) for level in ("district", "street", "community")},
        "pending": words.get(case["pending_kind"], case["pending_kind"]),
        "class": kind.get(f"class_{language}", ""),
        "type": kind.get(language, ""),
        "type_code": kind.get("code", ""),
        "source": label(table.sources, case["source"]),
        "state": label(table.states, case["state"]),
        "stage": label(table.stages, case["stage"]),
        "urgent": words.get("yes", "yes") if case["urgent"] else "",
        "holder_desk": label(table.desks, holder["desk"]),
        "holder_organisation": organisation(holder["organisation"]),
        "holder_person": (holder["person"] or {}).get("name", ""),
        "description": more[1],
        "component_code": more[2],
        "responsible": organisation(known.organisation(more[3])),
        **dict(zip(_INSTANTS, more[4:9], strict=True)),
        "return_count": more[9],
        "limit": "" if more[10] is None else getattr(Limit.of(more[10], more[11]), language),
        "reporter_name": masked_name(more[12] or ""),
        "reporter_phone": masked_phone(more[13] or ""),
    }


_AS_THEY_ARE: Final = (
    "number",
    "title",
    "address",
    "grid_code",
    "lon",
    "lat",
    "due_at",
    "case_due_at",
    "reported_at",
    "updated_at",
    "rework_count",
)
_IN_WORDS: Final = ("kind", "light", "case_light")
_INSTANTS: Final = ("accepted_at", "filed_at", "dispatched_at", "handled_at", "ended_at")


def _plain(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None, microsecond=0)
    return value
