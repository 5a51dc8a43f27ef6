"""Runs of imports: one's own, and every one's for who may read the audit log."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from chengyun.administration.queries.listing import Listing
from chengyun.administration.rules.actor import Actor
from chengyun.cases.adapters.import_fields import ImportField, import_fields
from chengyun.cases.adapters.mapping import Mapping
from chengyun.cases.adapters.shipped_mappings import shipped_mappings
from chengyun.cases.adapters.tables import QUARANTINE_COLUMNS, without_formula
from chengyun.cases.models import ImportRow, ImportRun
from chengyun.kernel.errors import Forbidden, NotFound

PERMISSIONS: Final = {"cases": "case.import", "standards": "standards.manage"}
_ALL: Final = "administration.audit"
_COLUMNS: Final = """
r.id, r.kind, r.source_name AS file, r.source_size AS size, r.mapping ->> 'name' AS mapping,
r.mapping -> 'title' AS title, r.dry_run, r.state, r.next_row AS done, r.total_rows AS total,
r.read, r.made, r.changed, r.skipped, r.faulty, r.still_open AS open, r.without_position,
r.outside_grids, r.outcome, r.fault, r.created_at, r.started_at, r.finished_at,
r.by_id, p.name AS by_name
"""
_SOURCE: Final = "cases_importrun r LEFT JOIN administration_person p ON p.id = r.by_id"


def kinds_for(actor: Actor) -> list[str]:
    """Return what the actor may import.

    raises : Forbidden when that is nothing
    """
    kinds = [kind for kind, permission in PERMISSIONS.items() if actor.can(permission)]
    if not kinds:
        raise Forbidden(permission=PERMISSIONS["cases"])
    return kinds


def list_imports(
    *, actor: Actor, kind: str = "", limit: int = 50, after: str | None = None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of runs, the newest first, and the token of the next page.

    Reads administration_person for who started them.
    raises : Forbidden, PageTokenInvalid
    """
    listing = _listing(actor)
    if kind:
        listing.where("r.kind = %s", kind)
    rows, following = listing.page(limit=limit, after=after)
    return [_shown(row) for row in rows], following


def get_import(*, actor: Actor, run_id: UUID) -> dict[str, Any]:
    """Return a run.

    raises : Forbidden, NotFound
    """
    listing = _listing(actor)
    listing.where("r.id = %s", run_id)
    rows, _ = listing.page(limit=1, after=None)
    if not rows:
        raise NotFound(what=f"导入任务 {run_id}")
    return _shown(rows[0])


def list_faults(
    *, actor: Actor, run_id: UUID, limit: int = 50, after: str | None = None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of a run's bad rows: the row's number, and what is wrong with it.

    raises : Forbidden, NotFound, PageTokenInvalid
    """
    known = import_fields(get_import(actor=actor, run_id=run_id)["kind"])
    listing = Listing(
        kind="import_faults",
        columns="b.row, b.faults",
        source="cases_importrow b",
        keys=[("b.row", int)],
    )
    listing.where("b.run_id = %s", run_id)
    rows, following = listing.page(limit=limit, after=after)
    return [_fault(row["row"], row["faults"][0], known) for row in rows], following


def quarantine_lines(run_id: UUID, columns: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a CSV of a run's bad rows: its own columns, then what is wrong.

    Text that a spreadsheet program would take for a formula is quoted; reading it back undoes it.
    """
    yield "\ufeff" + _line([*columns, *QUARANTINE_COLUMNS])
    rows: QuerySet[ImportRow] = ImportRow.objects.filter(run_id=run_id).order_by("row")
    for bad in rows.iterator(chunk_size=500):
        fault = bad.faults[0]
        told = [str(bad.row), *(fault[name] or "" for name in ("field", "code", "zh", "en"))]
        yield _line([*(bad.values.get(name, "") for name in columns), *told])


def list_mappings(*, actor: Actor) -> list[dict[str, Any]]:
    """Return the shipped mappings that the actor may import through, with what they read.

    raises : Forbidden
    """
    kinds = kinds_for(actor)
    return [
        described_mapping(mapping) | {"code": code}
        for code, mapping in shipped_mappings().items()
        if mapping.purpose in kinds
    ]


def described_mapping(mapping: Mapping) -> dict[str, Any]:
    """Return what a mapping reads, field by field."""
    known = import_fields(mapping.purpose)
    return {
        "name": mapping.name,
        "zh": mapping.title.zh or mapping.name,
        "en": mapping.title.en or mapping.name,
        "kind": mapping.purpose,
        "encoding": mapping.table.encoding,
        "sheet": mapping.table.sheet,
        "header_row": mapping.table.header_row,
        "crs": mapping.crs,
        "columns": [
            {
                "field": name,
                "zh": one.zh,
                "en": one.en,
                "required": one.required,
                "columns": [*filter(None, (source.column, *source.columns))],
            }
            for name, one in known.items()
            if (source := mapping.fields.get(name)) is not None
        ],
    }


def visible_run(*, actor: Actor, run_id: UUID) -> ImportRun:
    """Return the row of a run that the actor may see.

    raises : Forbidden, NotFound
    """
    get_import(actor=actor, run_id=run_id)
    return ImportRun.objects.get(pk=run_id)


def _listing(actor: Actor) -> Listing:
    kinds = kinds_for(actor)
    listing = Listing(
        kind="imports",
        columns=_COLUMNS,
        source=_SOURCE,
        keys=[("to_char(r.created_at, 'YYYYMMDDHH24MISSUS')", str), ("r.id::text", str)],
        descending=True,
    )
    listing.where("r.kind = ANY(%s)", kinds)
    if not actor.can(_ALL):
        listing.where("r.by_id = %s", actor.person_id)
    return listing


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    outcome, title = row.pop("outcome") or {}, row.pop("title") or {}
    by, name = row.pop("by_id"), row.pop("by_name")
    names = ("made_types", "made_divisions", "made_departments")
    return {
        **row,
        "mapping_zh": title.get("zh") or row["mapping"],
        "mapping_en": title.get("en") or row["mapping"],
        "fault": row["fault"] or None,
        "faults_by_code": outcome.get("faults_by_code", {}),
        "standard_set": outcome.get("standard_set", ""),
        **{name: outcome.get(name, []) for name in names},
        "by": {"id": by, "name": name} if by is not None else None,
    }


def _fault(row: int, fault: dict[str, Any], known: dict[str, ImportField]) -> dict[str, Any]:
    named = known.get(fault["field"] or "")
    return {
        "row": row,
        **fault,
        "field_zh": named.zh if named else fault["field"] or "",
        "field_en": named.en if named else fault["field"] or "",
    }


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([without_formula(cell) for cell in cells])
    return text.getvalue()
