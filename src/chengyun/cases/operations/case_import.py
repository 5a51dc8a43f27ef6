"""Importing cases from another system's export: in batches, resumable, idempotent, with quarantine.

A batch is one transaction: its cases, the faults of its bad rows and the place to go on from. A
run that was killed goes on there; a row that is already here is passed over. A dry run does all of
it and takes each batch back.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, connection, transaction

from chengyun.administration.rules.actor import Actor
from chengyun.cases.adapters.foreign_case import ForeignCase, read_case
from chengyun.cases.adapters.mapping import Mapping, RowReader
from chengyun.cases.adapters.tables import count_rows, read_rows, require_columns
from chengyun.cases.models import ImportRun
from chengyun.cases.operations.bulk import PastCase, insert_history
from chengyun.cases.operations.import_history import HistoryMaker
from chengyun.cases.operations.import_lookups import Lookups
from chengyun.cases.operations.import_progress import (
    Progress,
    Tally,
    begin,
    finish,
    hold,
    merged,
    note,
)
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Fault, Invalid
from chengyun.territory.queries.locate import PointInTime, find_places

BATCH = 1000
IMPORT = "case.import"
_TRIES = 3
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('cases.import', 0))"
Row = tuple[int, dict[str, str]]


class OutsideScope(Fault):
    """The row's case lies where the importer has no say."""

    code = "outside_scope"
    zh = "该行的案卷不在您的导入权限范围内（{place}）。"
    en = "The case of this row lies outside the scope of your permission to import ({place})."


class NumberTaken(Fault):
    """Another case has the number that the row would get."""

    code = "number_taken"
    zh = "案卷编号 {number} 已被占用。请在映射中另设 number_prefix。"
    en = "The case number {number} is taken. Set another number_prefix in the mapping."


def import_rows(
    *,
    actor: Actor,
    run: ImportRun,
    path: Path,
    mapping: Mapping,
    progress: Progress | None = None,
) -> None:
    """Do a run, or what is left of it, from the file at `path`.

    progress : called with the number of the last row done; may raise to stop there
    raises : Forbidden, TableUnreadable, ColumnMissing, Invalid, ImportStopped
    """
    actor.require(IMPORT)
    if mapping.purpose != "cases":
        raise Invalid(
            field="purpose", reason_zh="映射用途须为 cases", reason_en="the purpose must be cases"
        )
    layout = mapping.table.layout()
    run.columns = require_columns(path, layout, mapping.used_columns())
    total = count_rows(path, layout) if run.total_rows is None else run.total_rows
    begin(run, total_rows=total)
    _Import(actor, run, mapping).run(read_rows(path, layout), progress)


class _Import:
    def __init__(self, actor: Actor, run: ImportRun, mapping: Mapping) -> None:
        self._actor = actor
        self._run = run
        self._mapping = mapping
        self._reader = RowReader(mapping)
        self._system = mapping.name
        self._grants = actor.scope_for(IMPORT)
        self._now = now()
        # A dry run takes its rows back: what it has seen it must remember itself.
        self._seen: set[str] = set()
        self._look_up()

    def run(self, rows: Iterator[Row], progress: Progress | None) -> None:
        run = self._run
        rows = (row for row in rows if row[0] > run.next_row)
        while batch := list(islice(rows, BATCH)):
            self._step(batch)
            if progress:
                progress(run.next_row)
        with transaction.atomic():
            hold(run)
            finish(run, self._actor)

    def _look_up(self) -> None:
        self._lookups = Lookups(self._actor, self._mapping)
        file = self._run.source_name
        self._history = HistoryMaker(self._actor, self._mapping, self._lookups, file, self._now)

    def _step(self, batch: list[Row]) -> None:
        """Do a batch; what somebody else made meanwhile is looked up anew."""
        for left in reversed(range(_TRIES)):
            try:
                self._write_batch(batch)
            except IntegrityError:
                if not left:
                    raise
                self._look_up()
            else:
                return

    def _write_batch(self, batch: list[Row]) -> None:
        run, last = self._run, batch[-1][0]
        with transaction.atomic():
            hold(run)
            with connection.cursor() as cursor:
                cursor.execute(_LOCK)
            tally = self._take(batch)
            if run.dry_run:
                transaction.set_rollback(True)
            else:
                note(run, tally, last_row=last)
        if run.dry_run:
            with transaction.atomic():
                hold(run)
                note(run, tally, last_row=last)

    def _take(self, batch: list[Row]) -> Tally:
        tally = Tally()
        good: list[tuple[Row, ForeignCase]] = []
        for row in batch:
            tally.read += 1
            try:
                case = read_case(self._reader, row[1], now=self._now)
                self._lookups.resolve(case)
            except Fault as fault:
                tally.bad.append((*row, fault))
            else:
                good.append((row, case))
        known = self._known([case.external_id for _, case in good])
        fresh = []
        for row, case in good:
            if case.external_id in known:
                tally.skipped += 1
            else:
                known.add(case.external_id)
                fresh.append((row, case))
        self._write(fresh, tally)
        tally.names = merged([tally.names, self._lookups.take_made()])
        if self._run.dry_run:
            self._seen |= {case.external_id for _, case in fresh}
        return tally

    def _write(self, fresh: list[tuple[Row, ForeignCase]], tally: Tally) -> None:
        points = [
            PointInTime(lon=case.position[0], lat=case.position[1], at=self._now)
            for _, case in fresh
            if case.position
        ]
        places = iter(find_places(points))
        made: list[tuple[Row, ForeignCase, PastCase]] = []
        for row, case in fresh:
            place = next(places) if case.position else None
            past = self._history.past_case(case, place, self._system)
            try:
                self._check_scope(past)
            except Fault as fault:
                tally.bad.append((*row, fault))
                continue
            made.append((row, case, past))
        taken = _taken_numbers([past.values["number"] for _, _, past in made])
        cases = []
        for row, case, past in made:
            number = past.values["number"]
            if number in taken:
                tally.bad.append((*row, NumberTaken(field="external_id", number=number)))
                continue
            taken.add(number)
            cases.append(past)
            tally.without_position += case.position is None
            tally.outside_grids += case.position is not None and past.values.get("grid_id") is None
            tally.still_open += case.outcome.state == "open"
        insert_history(cases)
        tally.made += len(cases)

    def _check_scope(self, past: PastCase) -> None:
        values = past.values
        levels = (values.get(f"{level}_code", "") for level in ("community", "street", "district"))
        place = next((code for code in levels if code), "")
        responsible: int | None = values.get("responsible_id")
        organisations = frozenset() if responsible is None else frozenset({responsible})
        for grant in self._grants:
            if grant.covers(
                division_code=place, organisation_ids=organisations, case_kind=values["kind"]
            ):
                return
        raise OutsideScope(field="district", place=place or "-")

    def _known(self, external_ids: list[str]) -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT external_id FROM cases_case WHERE external_system = %s"
                " AND external_id = ANY(%s) AND external_system <> ''",
                [self._system, external_ids],
            )
            return {row[0] for row in cursor.fetchall()} | self._seen


def _taken_numbers(numbers: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM cases_case WHERE number = ANY(%s)", [numbers])
        return {row[0] for row in cursor.fetchall()}
