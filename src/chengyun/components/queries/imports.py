"""Runs of imports of components: one's own, and every one's for who may read the audit log."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection

from chengyun.administration.queries.listing import Listing
from chengyun.administration.rules.actor import Actor
from chengyun.components.adapters.mapping import Mapping, shipped_mappings
from chengyun.components.adapters.source import GEOMETRY_COLUMN, QUARANTINE_COLUMNS
from chengyun.components.models import ComponentImportFault
from chengyun.components.rules.access import MANAGE
from chengyun.kernel.cells import without_formula
from chengyun.kernel.errors import NotFound

_ALL: Final = "administration.audit"
_COLUMNS: Final = """
r.id, r.source_name AS file, r.source_size AS size, r.mapping ->> 'name' AS mapping,
r.mapping -> 'title' AS title, r.dry_run, r.state, r.next_row AS done, r.total_rows AS total,
r.read, r.made, r.changed, r.skipped, r.faulty, r.faults_by_code, r.fault, r.columns,
r.created_at, r.started_at, r.finished_at, p.name AS by
"""
_SOURCE: Final = "components_componentimport r LEFT JOIN administration_person p ON p.id = r.by_id"


def list_imports(*, actor: Actor, limit: int = 50, after: str | None = None) -> dict[str, Any]:
    """Return a page of runs, the newest first.

    Reads administration_person for who started them.
    raises : Forbidden, PageTokenInvalid
    """
    rows, following = _listing(actor).page(limit=limit, after=after)
    return {"items": [_shown(row) for row in rows], "next": following}


def get_import(*, actor: Actor, run_id: UUID) -> dict[str, Any]:
    """Return a run; raise Forbidden, NotFound."""
    listing = _listing(actor)
    listing.where("r.id = %s", run_id)
    rows, _ = listing.page(limit=1, after=None)
    if not rows:
        raise NotFound(what=f"导入任务 {run_id}")
    return _shown(rows[0])


def list_faults(
    *, actor: Actor, run_id: UUID, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return a page of a run's bad rows: the row's number, and what is wrong with it."""
    get_import(actor=actor, run_id=run_id)
    listing = Listing(
        kind="component_import_faults",
        columns="b.row, b.fault",
        source="components_componentimportfault b",
        keys=[("b.row", int)],
    )
    listing.where("b.run_id = %s", run_id)
    rows, following = listing.page(limit=limit, after=after)
    return {"items": [{"row": row["row"], **row["fault"]} for row in rows], "next": following}


def quarantine_lines(run_id: UUID, columns: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a CSV of a run's bad rows: its own columns, then what is wrong.

    It can be mended and imported through the same mapping.
    """
    rows = ComponentImportFault.objects.filter(run_id=run_id).order_by("row")
    has_geometry = rows.filter(values__has_key=GEOMETRY_COLUMN).exists()
    own = [*columns, *([GEOMETRY_COLUMN] if has_geometry else [])]
    yield "\ufeff" + _line([*own, *QUARANTINE_COLUMNS])
    for bad in rows.iterator(chunk_size=500):
        told = [str(bad.row), *(bad.fault[name] or "" for name in ("field", "code", "zh", "en"))]
        yield _line([*(bad.values.get(name, "") for name in own), *told])


def find_person_id(username: str) -> int | None:
    """Return the id of an active account. Reads administration_person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM administration_person WHERE username = %s AND is_active", [username]
        )
        row = cursor.fetchone()
    return row[0] if row else None


def list_mappings(*, actor: Actor) -> list[dict[str, Any]]:
    """Return the shipped mappings with the columns that they read; raise Forbidden."""
    actor.require(MANAGE)
    return [_described(code, mapping) for code, mapping in shipped_mappings().items()]


def _described(code: str, mapping: Mapping) -> dict[str, Any]:
    return {
        "code": code,
        "zh": mapping.title.zh or mapping.name,
        "en": mapping.title.en or mapping.name,
        "crs": mapping.crs,
        "columns": {
            name: source.column or source.constant
            for name, source in (*mapping.fields.items(), *mapping.attributes.items())
        },
    }


def _listing(actor: Actor) -> Listing:
    actor.require(MANAGE)
    listing = Listing(
        kind="component_imports",
        columns=_COLUMNS,
        source=_SOURCE,
        keys=[("to_char(r.created_at, 'YYYYMMDDHH24MISSUS')", str), ("r.id::text", str)],
        descending=True,
    )
    if not actor.can(_ALL):
        listing.where("r.by_id = %s", actor.person_id)
    return listing


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    title = row.pop("title") or {}
    return {
        **row,
        "mapping_zh": title.get("zh") or row["mapping"],
        "mapping_en": title.get("en") or row["mapping"],
        "fault": row["fault"] or None,
    }


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([without_formula(cell) for cell in cells])
    return text.getvalue()
