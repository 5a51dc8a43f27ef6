"""Importing cases from another system's export: in batches, resumable, idempotent, with quarantine.

A batch is one transaction: its cases, the faults of its bad rows and the place to go on from. A
run that was killed goes on there; a row that is already here is passed over.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chengyun.administration.operations.audit import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.cases.adapters.foreign_case import ForeignCase, read_case
from chengyun.cases.adapters.mapping import Mapping, RowReader
from chengyun.cases.adapters.tables import columns_of, read_rows, require_columns
from chengyun.cases.models import ImportRow, ImportRun
from chengyun.cases.operations.bulk import insert_history
from chengyun.cases.operations.import_history import HistoryMaker
from chengyun.cases.operations.import_lookups import Lookups
from chengyun.journal.operations import record_event
from chengyun.kernel.errors import Fault, Invalid
from chengyun.territory.queries.locate import PointInTime, find_places

BATCH = 500
IMPORT = "case.import"
Row = tuple[int, dict[str, str]]
Progress = Callable[[int], None]


@dataclass(kw_only=True)
class ImportOutcome:
    """What a run did, or in a dry run would do. Counts are rows."""

    run_id: str
    read: int = 0
    made: int = 0
    open: int = 0
    skipped: int = 0
    faulty: int = 0
    without_position: int = 0
    outside_grids: int = 0
    dry_run: bool = False
    resumed_at: int = 0
    quarantine: str = ""
    faults_by_code: dict[str, int] = field(default_factory=dict)
    made_types: list[str] = field(default_factory=list)
    made_divisions: list[str] = field(default_factory=list)
    made_departments: list[str] = field(default_factory=list)


def import_cases(
    *,
    actor: Actor,
    path: Path,
    mapping: Mapping,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Import the export at `path` through `mapping`.

    dry_run : everything is tried in one transaction, which is then rolled back
    progress : called with the number of the last row done
    raises : Forbidden, TableUnreadable, ColumnMissing, Invalid
    """
    actor.require(IMPORT)
    if mapping.purpose != "cases":
        raise Invalid(
            field="purpose", reason_zh="映射用途须为 cases", reason_en="the purpose must be cases"
        )
    layout = mapping.table.layout()
    require_columns(path, layout, mapping.used_columns())
    rows = read_rows(path, layout)
    if dry_run:
        with transaction.atomic():
            outcome = _Import(actor, path, mapping, dry_run=True).run(rows, progress)
            transaction.set_rollback(True)
        return outcome
    return _Import(actor, path, mapping, dry_run=False).run(rows, progress)


class _Import:
    def __init__(self, actor: Actor, path: Path, mapping: Mapping, *, dry_run: bool) -> None:
        self._actor = actor
        self._path = path
        self._reader = RowReader(mapping)
        self._system = mapping.name[:40]
        self._now = timezone.now()
        self._run = _open_run(actor, path, mapping, dry_run=dry_run)
        self._outcome = ImportOutcome(
            run_id=str(self._run.pk), dry_run=dry_run, resumed_at=self._run.next_row
        )
        self._lookups = Lookups(actor, mapping)
        self._history = HistoryMaker(actor, mapping, self._lookups, path.name, self._now)

    def run(self, rows: Iterator[Row], progress: Progress | None) -> ImportOutcome:
        run = self._run
        rows = (row for row in rows if row[0] > run.next_row)
        while batch := list(islice(rows, BATCH)):
            with transaction.atomic():
                self._take(batch)
                run.next_row = batch[-1][0]
                run.save()
            if progress:
                progress(run.next_row)
        self._finish()
        return self._outcome

    def _take(self, batch: list[Row]) -> None:
        good: list[tuple[int, ForeignCase]] = []
        for number, row in batch:
            self._outcome.read += 1
            try:
                case = read_case(self._reader, row, now=self._now)
                self._lookups.resolve(case)
            except Fault as fault:
                self._refuse(number, row, fault)
            else:
                good.append((number, case))
        known = _known(self._system, [case.external_id for _, case in good])
        fresh: dict[str, ForeignCase] = {}
        for _, case in good:
            if case.external_id in known or case.external_id in fresh:
                self._outcome.skipped += 1
                self._run.skipped += 1
            else:
                fresh[case.external_id] = case
        self._write(list(fresh.values()))

    def _write(self, cases: list[ForeignCase]) -> None:
        points = [
            PointInTime(lon=case.position[0], lat=case.position[1], at=self._now)
            for case in cases
            if case.position
        ]
        places = iter(find_places(points))
        past = []
        for case in cases:
            place = next(places) if case.position else None
            self._outcome.without_position += case.position is None
            self._outcome.outside_grids += case.position is not None and place is None
            self._outcome.open += case.outcome.state == "open"
            past.append(self._history.past_case(case, place, self._system))
        insert_history(past)
        self._run.made += len(past)
        self._outcome.made += len(past)

    def _refuse(self, number: int, row: dict[str, str], fault: Fault) -> None:
        self._run.faulty += 1
        self._outcome.faulty += 1
        counts = self._outcome.faults_by_code
        counts[fault.code] = counts.get(fault.code, 0) + 1
        found = {
            "field": fault.field,
            "code": fault.code,
            "zh": fault.text("zh"),
            "en": fault.text("en"),
        }
        ImportRow.objects.update_or_create(
            run=self._run, row=number, defaults={"values": row, "faults": [found]}
        )

    def _finish(self) -> None:
        run, outcome = self._run, self._outcome
        outcome.made_types = self._lookups.made_types
        outcome.made_divisions = self._lookups.made_divisions
        outcome.made_departments = self._lookups.made_departments
        with transaction.atomic():
            run.state, run.finished_at = "done", timezone.now()
            run.total_rows = run.next_row
            if run.faulty and not outcome.dry_run:
                outcome.quarantine = run.quarantine_key = str(self._write_quarantine())
            run.save()
            detail = {"file": self._path.name, "made": run.made, "faulty": run.faulty}
            subject = f"import:{run.pk}"
            record_audit(actor=self._actor, act="cases.imported", subject=subject, detail=detail)
            record_event(
                at=self._now,
                kind="cases.imported",
                subject=subject,
                actor_id=self._actor.person_id,
                payload=detail,
            )

    def _write_quarantine(self) -> Path:
        """Write the bad rows with what is wrong, in the source's own columns, to be mended."""
        folder = Path(settings.DATA_DIR) / "imports" / str(self._run.pk)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "quarantine.csv"
        columns = columns_of(self._path, self._reader.mapping.table.layout())
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*columns, "_row", "_field", "_code", "_zh", "_en"])
            for bad in ImportRow.objects.filter(run=self._run).order_by("row").iterator():
                fault = bad.faults[0]
                told = [bad.row, *(fault[k] for k in ("field", "code", "zh", "en"))]
                writer.writerow([*(bad.values.get(name, "") for name in columns), *told])
        return path


def _open_run(actor: Actor, path: Path, mapping: Mapping, *, dry_run: bool) -> ImportRun:
    """Return the unfinished run of the same file and mapping, or a new one."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    described: dict[str, Any] = mapping.model_dump(mode="json")
    found = ImportRun.objects.filter(
        source_sha256=digest, mapping=described, dry_run=False, state="running"
    ).first()
    if found and not dry_run:
        return found
    return ImportRun.objects.create(
        source_name=path.name[:200],
        source_sha256=digest,
        mapping=described,
        dry_run=dry_run,
        state="running",
        by_id=actor.person_id,
        started_at=timezone.now(),
    )


def _known(system: str, external_ids: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT external_id FROM cases_case"
            " WHERE external_system = %s AND external_id = ANY(%s) AND external_system <> ''",
            [system, external_ids],
        )
        return {row[0] for row in cursor.fetchall()}
