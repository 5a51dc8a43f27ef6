"""Runs of imports: one's own, and every one's for who may read the audit log.

A door shows some kinds of runs (`kinds`); of these everybody sees what he may import.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Table
from typing import Any, Final
from uuid import UUID

from django.db import connection

from chengyun.administration.queries.listing import Listing
from chengyun.administration.rules.actor import Actor
from chengyun.intake.models import ImportRow, ImportRun
from chengyun.intake.queries.shipped import shipped_mappings
from chengyun.intake.rules.cells import csv_line
from chengyun.intake.rules.kinds import FieldName, kind_of
from chengyun.intake.rules.mapping import Mapping
from chengyun.intake.rules.source import GEOMETRY_COLUMN, QUARANTINE_COLUMNS
from chengyun.kernel.errors import Forbidden, NotFound

Kinds = tuple[str, ...]
Page = tuple[list[dict[str, Any]], str | None]
_ALL: Final = "administration.audit"
_COLUMNS: Final = """
r.id, r.kind, r.source_name AS file, r.source_size AS size, r.mapping ->> 'name' AS mapping,
r.mapping -> 'title' AS title, r.dry_run, r.state, r.next_row AS done, r.total_rows AS total,
r.read, r.made, r.changed, r.skipped, r.faulty, r.faults_by_code, r.outcome, r.fault,
r.created_at, r.started_at, r.finished_at, r.by_id, p.name AS by_name
"""
_SOURCE: Final = "intake_importrun r LEFT JOIN administration_person p ON p.id = r.by_id"


def kinds_for(actor: Actor, kinds: Kinds) -> Kinds:
    """Return those of the kinds that the actor may import; raise Forbidden where there are none."""
    found = tuple(code for code in kinds if actor.can(kind_of(code).permission))
    if not found:
        raise Forbidden(permission=kind_of(kinds[0]).permission)
    return found


def list_runs(
    *, actor: Actor, kinds: Kinds, kind: str = "", limit: int = 50, after: str | None = None
) -> Page:
    """Return a page of runs, the newest first, and the token of the next page.

    kind : of them alone, '' = all
    Reads administration_person for who started them.
    raises : Forbidden, PageTokenInvalid
    """
    listing = _listing(actor, kinds)
    if kind:
        listing.where("r.kind = %s", kind)
    rows, following = listing.page(limit=limit, after=after)
    return [_shown(row) for row in rows], following


def get_run(*, actor: Actor, kinds: Kinds, run_id: UUID) -> dict[str, Any]:
    """Return a run; raise Forbidden, NotFound."""
    listing = _listing(actor, kinds)
    listing.where("r.id = %s", run_id)
    rows, _ = listing.page(limit=1, after=None)
    if not rows:
        raise NotFound(what=f"导入任务 {run_id}")
    return _shown(rows[0])


def visible_run(*, actor: Actor, kinds: Kinds, run_id: UUID) -> ImportRun:
    """Return the row of a run that the actor may see; raise Forbidden, NotFound."""
    get_run(actor=actor, kinds=kinds, run_id=run_id)
    return ImportRun.objects.get(pk=run_id)


def list_faults(
    *, actor: Actor, kinds: Kinds, run_id: UUID, limit: int = 50, after: str | None = None
) -> Page:
    """Return a page of a run's bad rows: the row's number, and what is wrong with it.

    raises : Forbidden, NotFound, PageTokenInvalid
    """
    known = kind_of(get_run(actor=actor, kinds=kinds, run_id=run_id)["kind"]).fields()
    listing = Listing(
        kind="import_faults",
        columns="b.row, b.fault",
        source="intake_importrow b",
        keys=[("b.row", int)],
    )
    listing.where("b.run_id = %s", run_id)
    rows, following = listing.page(limit=limit, after=after)
    return [_fault(row["row"], row["fault"], known) for row in rows], following


def first_faults(run_id: UUID, *, most: int) -> list[dict[str, Any]]:
    """Return the first bad rows of a run, each with its number and what is wrong."""
    rows = ImportRow.objects.filter(run_id=run_id).order_by("row")[:most]
    return [{"row": one.row, **one.fault} for one in rows]


def quarantine_lines(run_id: UUID, columns: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a CSV of a run's bad rows: its own columns, then what is wrong.

    It can be mended and imported through the same mapping. Text that a spreadsheet program would
    take for a formula is quoted; reading it back undoes it.
    """
    rows = ImportRow.objects.filter(run_id=run_id).order_by("row")
    has_geometry = rows.filter(values__has_key=GEOMETRY_COLUMN).exists()
    own = [*columns, *([GEOMETRY_COLUMN] if has_geometry else [])]
    yield "\ufeff" + csv_line([*own, *QUARANTINE_COLUMNS])
    for bad in rows.iterator(chunk_size=500):
        told = [str(bad.row), *(bad.fault[name] or "" for name in ("field", "code", "zh", "en"))]
        yield csv_line([*(bad.values.get(name, "") for name in own), *told])


def list_mappings(*, actor: Actor, kinds: Kinds) -> list[dict[str, Any]]:
    """Return the shipped mappings that the actor may import through; raise Forbidden."""
    allowed = kinds_for(actor, kinds)
    return [
        described_mapping(mapping) | {"code": code}
        for code, mapping in shipped_mappings(kinds).items()
        if mapping.purpose in allowed
    ]


def described_mapping(mapping: Mapping) -> dict[str, Any]:
    """Return what a mapping reads, field by field."""
    known, sources = kind_of(mapping.purpose).fields(), mapping.sources()
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
                "columns": sources[name].used_columns(),
            }
            for name, one in known.items()
            if name in sources
        ],
    }


def person_id_of(username: str) -> int | None:
    """Return the id of the active account with this name. Reads administration_person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM administration_person WHERE username = %s AND is_active", [username]
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _listing(actor: Actor, kinds: Kinds) -> Listing:
    listing = Listing(
        kind="imports",
        columns=_COLUMNS,
        source=_SOURCE,
        keys=[("to_char(r.created_at, 'YYYYMMDDHH24MISSUS')", str), ("r.id::text", str)],
        descending=True,
    )
    listing.where("r.kind = ANY(%s)", list(kinds_for(actor, kinds)))
    if not _sees_all(actor):
        listing.where("r.by_id = %s", actor.person_id)
    return listing


def _sees_all(actor: Actor) -> bool:
    try:
        actor.require_everywhere(_ALL)
    except Forbidden:
        return False
    return True


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    title = row.pop("title") or {}
    by, name = row.pop("by_id"), row.pop("by_name")
    outcome = row.pop("outcome") or {}
    return {
        **kind_of(row["kind"]).extras,
        **outcome,
        **row,
        "mapping_zh": title.get("zh") or row["mapping"],
        "mapping_en": title.get("en") or row["mapping"],
        "fault": row["fault"] or None,
        "by": {"id": by, "name": name} if by is not None else None,
    }


def _fault(row: int, fault: dict[str, Any], known: Table[str, FieldName]) -> dict[str, Any]:
    named = known.get(fault["field"] or "")
    return {
        "row": row,
        **fault,
        "field_zh": named.zh if named else fault["field"] or "",
        "field_en": named.en if named else fault["field"] or "",
    }
