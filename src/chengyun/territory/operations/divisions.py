"""Importing divisions: provinces, cities, counties, streets, communities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.territory.adapters.division_csv import (
    DivisionColumns,
    DivisionLine,
    division_files,
    read_divisions,
)
from chengyun.territory.faults import FileNotReadable
from chengyun.territory.operations.layers import GRIDS, raise_version
from chengyun.territory.queries.divisions import names_of
from chengyun.territory.rules.division_codes import (
    ancestors_of,
    level_of,
    parent_of,
    significant,
)
from chengyun.territory.rules.scope import MANAGE, prefixes_of

_MOST_FAULTS = 1_000
_UPSERT = """
WITH written AS (
    INSERT INTO territory_division (code, parent_code, level, zh, en, source)
    SELECT code, parent, level, zh, en, %s
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
         AS t(code, parent, level, zh, en)
    ON CONFLICT (code) DO UPDATE
    SET zh = excluded.zh, source = excluded.source, parent_code = excluded.parent_code,
        en = CASE WHEN excluded.en = '' THEN territory_division.en ELSE excluded.en END
    WHERE territory_division.zh <> excluded.zh
       OR territory_division.parent_code <> excluded.parent_code
       OR (excluded.en <> '' AND territory_division.en <> excluded.en)
    RETURNING (xmax = 0) AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
"""
_PARENTLESS = """
SELECT code FROM territory_division d WHERE parent_code <> '' AND code = ANY(%s)
AND NOT EXISTS (SELECT 1 FROM territory_division p WHERE p.code = d.parent_code) ORDER BY code
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DivisionFault:
    """What is wrong with a row: a stable reason."""

    file: str
    line: int
    reason: str
    value: str


@dataclass(kw_only=True)
class DivisionReport:
    """How the import went. `parentless`: codes whose parent is in no file and not in the table."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    levels: dict[str, int] = field(default_factory=dict)
    parentless: list[str] = field(default_factory=list)
    faults: list[DivisionFault] = field(default_factory=list)
    dry_run: bool = False

    def reject(self, row: DivisionLine, reason: str, value: str) -> None:
        """Count a row that cannot be used; the first ones are named."""
        self.rejected += 1
        if len(self.faults) < _MOST_FAULTS:
            fault = DivisionFault(file=row.file, line=row.line, reason=reason, value=value[:60])
            self.faults.append(fault)


@transaction.atomic
def import_divisions(
    *,
    actor: Actor,
    path: Path,
    columns: DivisionColumns | None = None,
    source: str = "",
    dry_run: bool = False,
) -> DivisionReport:
    """Add and rename divisions from a CSV file, or from all CSV files of a folder.

    Levels and parents follow from the codes; running it again changes nothing. A division is never
    deleted here. raises : FileNotReadable, FileTooLarge, ColumnMissing, Forbidden
    """
    prefixes = prefixes_of(actor, MANAGE)
    files = division_files(path)
    if not files:
        raise FileNotReadable(field="file", reason=f"{path.name}: no .csv or .csv.gz inside")
    report = DivisionReport(dry_run=dry_run)
    rows: dict[str, tuple[str, str]] = {}
    lines = [line for file in files for line in read_divisions(file, columns or DivisionColumns())]
    _collect(report, rows, lines, prefixes)
    _write(report, rows, source or path.name)
    if dry_run:
        transaction.set_rollback(True)
    else:
        _tell(actor, report)
    return report


def _collect(
    report: DivisionReport,
    rows: dict[str, tuple[str, str]],
    lines: Sequence[DivisionLine],
    prefixes: tuple[str, ...],
) -> None:
    written = {line.code.strip() for line in lines}
    for line in lines:
        report.rows += 1
        code = _code(line.code.strip(), written)
        if code is None:
            report.reject(line, "code_invalid", line.code)
        elif not line.zh:
            report.reject(line, "name_missing", line.code)
        elif not code.startswith(prefixes):
            report.reject(line, "outside_scope", line.code)
        elif code in rows:
            report.reject(line, "duplicate", line.code)
        else:
            rows[code] = (line.zh[:80], line.en[:120])


def _code(text: str, written: set[str]) -> str | None:
    """Return the code without filling zeros.

    Where the list writes the short code too, the long one is a thing of its own: 4419 is a city
    without counties, 441900 stands for its one county.
    """
    code = significant(text)
    stands_below = code is not None and code != text and parent_of(text) == code
    return text if stands_below and code in written else code


def _parents(codes: Sequence[str]) -> list[str]:
    """Return the nearest division above each code that is there, else the one due by its code."""
    above = {code: ancestors_of(code)[::-1] for code in codes}
    asked = sorted({ancestor for ancestors in above.values() for ancestor in ancestors})
    known = set(codes) | set(names_of(asked))
    return [
        next((ancestor for ancestor in above[code] if ancestor in known), parent_of(code))
        for code in codes
    ]


def _write(report: DivisionReport, rows: dict[str, tuple[str, str]], source: str) -> None:
    codes = sorted(rows)
    levels = [level_of(code) for code in codes]
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT,
            [
                source[:100],
                codes,
                _parents(codes),
                levels,
                [rows[code][0] for code in codes],
                [rows[code][1] for code in codes],
            ],
        )
        report.added, report.changed = cursor.fetchone()
        cursor.execute(_PARENTLESS, [codes])
        report.parentless = [row[0] for row in cursor.fetchmany(100)]
    report.unchanged = len(codes) - report.added - report.changed
    report.levels = {level: levels.count(level) for level in dict.fromkeys(levels)}


def _tell(actor: Actor, report: DivisionReport) -> None:
    if not report.added and not report.changed:
        return
    detail = {"added": report.added, "changed": report.changed, "levels": report.levels}
    raise_version(GRIDS)
    record_audit(actor, "divisions.imported", "divisions", detail)
    record_event(
        at=now(),
        kind="territory.divisions_changed",
        subject="divisions",
        actor_id=actor.person_id,
        payload=detail,
    )
