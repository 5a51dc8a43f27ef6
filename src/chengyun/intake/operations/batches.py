"""Doing a run: in batches, resumable, with quarantine.

A batch is one transaction: its rows, the faults of its bad ones and the place to go on from. A run
that was killed goes on there; a dry run does all of it and takes each batch back. Whoever works on
a run holds its row while a batch is written: a run that was cancelled or taken over stops there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, Final

import shapely
from django.db import IntegrityError, connection, transaction
from shapely.geometry import Point

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.intake.models import ImportRow, ImportRun
from chengyun.intake.queries.opening import open_source
from chengyun.intake.rules.faults import ImportStopped
from chengyun.intake.rules.kinds import Kind, Outcome, Work, Writer, kind_of
from chengyun.intake.rules.mapping import Mapping
from chengyun.intake.rules.source import GEOMETRY_COLUMN, MAX_CELL, Row
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Fault

OPEN_STATES: Final = ("waiting", "running")
_TRIES: Final = 3
_MOST_POINTS_KEPT: Final = 2_000  # of a bad row's geometry: more fit no cell
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
Progress = Callable[[int], None]


def do_run(
    *, actor: Actor, run: ImportRun, path: Path, mapping: Mapping, progress: Progress | None = None
) -> None:
    """Do what is left of a run from the file at `path`.

    progress : called with the number of the last row done; may raise to stop there
    raises : Forbidden, TableUnreadable, ColumnMissing, ImportStopped
    """
    kind = kind_of(run.kind)
    kind.require(actor)
    source = open_source(path, mapping.table.layout(), name=run.source_name)
    told = source.described()
    mapping.require_columns(told.columns)
    run.columns = told.columns
    total = run.total_rows if run.total_rows is not None else source.counted()
    _begin(run, total)
    crs = mapping.crs or told.crs
    work = Work(actor=actor, mapping=mapping, file=run.source_name, crs=crs, dry_run=run.dry_run)
    batches = _Batches(run, kind, kind.writer(work))
    rows = (row for row in source.rows() if row.number > run.next_row)
    while batch := list(islice(rows, kind.batch)):
        batches.step(batch)
        if progress:
            progress(run.next_row)
    _finish(run, kind, actor)


class _Batches:
    def __init__(self, run: ImportRun, kind: Kind, writer: Writer) -> None:
        self._run = run
        self._kind = kind
        self._writer = writer

    def step(self, batch: list[Row]) -> None:
        """Do a batch; what somebody else made meanwhile is looked up anew."""
        for left in reversed(range(_TRIES)):
            try:
                self._write(batch)
            except IntegrityError:
                if not left:
                    raise
                self._writer.look_up()
            else:
                return

    def _write(self, batch: list[Row]) -> None:
        run = self._run
        with transaction.atomic():
            _hold(run)
            with connection.cursor() as cursor:
                cursor.execute(_LOCK, [f"intake.{self._kind.context}"])
            outcome = self._writer.write(batch)
            if run.dry_run:
                transaction.set_rollback(True)
            else:
                _note(run, self._kind, batch, outcome)
        if run.dry_run:
            with transaction.atomic():
                _hold(run)
                _note(run, self._kind, batch, outcome)


def fail(run_id: Any, fault: Fault) -> None:
    """Note that a run could not be ended, unless it has ended already."""
    with transaction.atomic():
        ImportRun.objects.filter(pk=run_id, state__in=OPEN_STATES).update(
            state="failed", fault=described(fault), finished_at=now()
        )


def described(fault: Fault) -> dict[str, Any]:
    """Return a fault as it is kept."""
    return {
        "field": fault.field,
        "code": fault.code,
        "zh": fault.text("zh"),
        "en": fault.text("en"),
    }


def _begin(run: ImportRun, total: int | None) -> None:
    """Note that somebody works on the run; raise ImportStopped when it has ended."""
    at = now()
    run.state, run.progress_at, run.started_at = "running", at, run.started_at or at
    run.total_rows = total
    found = ImportRun.objects.filter(pk=run.pk, state__in=OPEN_STATES).update(
        state=run.state,
        started_at=run.started_at,
        progress_at=at,
        total_rows=total,
        columns=run.columns,
    )
    if not found:
        raise ImportStopped


def _hold(run: ImportRun) -> None:
    """Lock the run's row; raise ImportStopped unless it stands where this process left it."""
    going_on = ImportRun.objects.select_for_update().filter(
        pk=run.pk, state="running", next_row=run.next_row
    )
    if not going_on.exists():
        raise ImportStopped


def _note(run: ImportRun, kind: Kind, batch: list[Row], outcome: Outcome) -> None:
    """Add what a batch did; the journal is told of what readers may see."""
    run.read += len(batch)
    run.made += outcome.made
    run.changed += outcome.changed
    run.skipped += outcome.skipped
    run.faulty += len(outcome.faults)
    codes = Counter(run.faults_by_code)
    codes.update(fault.code for fault in outcome.faults.values())
    run.faults_by_code = dict(codes)
    run.outcome = _added(run.outcome, outcome)
    run.next_row, run.progress_at = batch[-1].number, now()
    if run.total_rows is not None:
        run.total_rows = max(run.total_rows, run.next_row)
    ImportRow.objects.bulk_create(
        [
            ImportRow(run=run, row=row.number, values=_quarantined(row), fault=described(fault))
            for row in batch
            if (fault := outcome.faults.get(row.number)) is not None
        ],
        batch_size=1000,
    )
    run.save()
    if outcome.made and not run.dry_run:
        _tell(run, kind.progress_event)


def _added(before: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    counts = {name: before.get(name, 0) + count for name, count in outcome.counts.items()}
    names = {name: [*before.get(name, []), *found] for name, found in outcome.names.items()}
    return {**before, **counts, **names, **outcome.facts}


def _finish(run: ImportRun, kind: Kind, actor: Actor) -> None:
    """End the run; audited."""
    with transaction.atomic():
        _hold(run)
        run.state, run.finished_at = "done", now()
        run.total_rows = run.next_row
        run.save()
        detail = {
            "kind": run.kind,
            "file": run.source_name,
            "mapping": str(run.mapping.get("name", "")),
            "dry_run": run.dry_run,
            **_counts(run),
        }
        record_audit(actor, f"{kind.context}.import_finished", f"import:{run.pk}", detail)
        if not run.dry_run:
            _tell(run, kind.done_event)


def _tell(run: ImportRun, event: str) -> None:
    if event:
        record_event(
            at=now(),
            kind=event,
            subject=f"import:{run.pk}",
            actor_id=run.by_id,
            payload={"import_id": str(run.pk), "done": run.next_row, **_counts(run)},
        )


def _counts(run: ImportRun) -> dict[str, int]:
    return {name: getattr(run, name) for name in ("made", "changed", "skipped", "faulty")}


def _quarantined(row: Row) -> dict[str, str]:
    """Return a row as it is kept with its fault: its texts, and its geometry as WKT."""
    if not row.has_geometry:
        return row.values
    shape = Point(row.point) if row.point else row.geometry
    if shape is None or shapely.get_num_coordinates(shape) > _MOST_POINTS_KEPT:
        return {**row.values, GEOMETRY_COLUMN: ""}
    return {**row.values, GEOMETRY_COLUMN: shape.wkt[:MAX_CELL]}
