"""Cases from another system's export: which rows are here already, which become a case.

A batch is one transaction (see intake); a row that is already here is passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from django.db import connection

from chengyun.cases.adapters.foreign_case import ForeignCase, read_case
from chengyun.cases.adapters.import_fields import import_fields
from chengyun.cases.adapters.mapping import CaseMapping, CaseReader
from chengyun.cases.operations.bulk import PastCase, insert_history
from chengyun.cases.operations.import_history import HistoryMaker
from chengyun.cases.operations.import_lookups import Lookups
from chengyun.intake.rules.kinds import Kind, Outcome, Work
from chengyun.intake.rules.source import Row
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Fault
from chengyun.territory.queries.locate import PointInTime, find_places

IMPORT: Final = "case.import"
# What both kinds of cases' imports tell besides.
NOTHING_MADE: Final = {
    "open": 0,
    "without_position": 0,
    "outside_grids": 0,
    "made_types": [],
    "made_divisions": [],
    "made_departments": [],
    "standard_set": "",
}
COUNTS: Final = ("open", "without_position", "outside_grids")


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


class CaseWriter:
    """Makes cases of rows."""

    def __init__(self, work: Work) -> None:
        mapping = cast("CaseMapping", work.mapping)
        self._actor = work.actor
        self._work = work
        self._mapping = mapping
        self._reader = CaseReader(mapping)
        self._grants = work.actor.scope_for(IMPORT)
        self._now = now()
        # A dry run takes its rows back: what it has seen it must remember itself.
        self._seen: set[str] = set()
        self.look_up()

    def look_up(self) -> None:
        """Look up anew what rows refer to."""
        self._lookups = Lookups(self._actor, self._mapping)
        self._history = HistoryMaker(
            self._actor, self._mapping, self._lookups, self._work.file, self._now
        )

    def write(self, rows: Sequence[Row]) -> Outcome:
        """Make cases of the rows that are not here yet."""
        outcome = Outcome()
        good: list[tuple[Row, ForeignCase]] = []
        for row in rows:
            try:
                case = read_case(self._reader, row.values, now=self._now)
                self._lookups.resolve(case)
            except Fault as fault:
                outcome.faults[row.number] = fault
            else:
                good.append((row, case))
        known = self._known([case.external_id for _, case in good])
        fresh = []
        for row, case in good:
            if case.external_id in known:
                outcome.skipped += 1
            else:
                known.add(case.external_id)
                fresh.append((row, case))
        self._write(fresh, outcome)
        outcome.names = self._lookups.take_made()
        if self._work.dry_run:
            self._seen |= {case.external_id for _, case in fresh}
        return outcome

    def _write(self, fresh: list[tuple[Row, ForeignCase]], outcome: Outcome) -> None:
        points = [
            PointInTime(lon=case.position[0], lat=case.position[1], at=self._now)
            for _, case in fresh
            if case.position
        ]
        places = iter(find_places(points))
        made: list[tuple[Row, ForeignCase, PastCase]] = []
        for row, case in fresh:
            place = next(places) if case.position else None
            past = self._history.past_case(case, place, self._mapping.name)
            try:
                self._check_scope(past)
            except Fault as fault:
                outcome.faults[row.number] = fault
                continue
            made.append((row, case, past))
        taken = _taken_numbers([past.values["number"] for _, _, past in made])
        cases = []
        counts = dict.fromkeys(COUNTS, 0)
        for row, case, past in made:
            number = past.values["number"]
            if number in taken:
                outcome.faults[row.number] = NumberTaken(field="external_id", number=number)
                continue
            taken.add(number)
            cases.append(past)
            counts["without_position"] += case.position is None
            counts["outside_grids"] += bool(case.position) and past.values.get("grid_id") is None
            counts["open"] += case.outcome.state == "open"
        insert_history(cases)
        outcome.made, outcome.counts = len(cases), counts

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
                [self._mapping.name, external_ids],
            )
            return {row[0] for row in cursor.fetchall()} | self._seen


def _taken_numbers(numbers: list[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM cases_case WHERE number = ANY(%s)", [numbers])
        return {row[0] for row in cursor.fetchall()}


CASES: Final = Kind(
    code="cases",
    context="cases",
    permission=IMPORT,
    limit="cases.import_max_mb",
    form=CaseMapping,
    fields=lambda: import_fields("cases"),
    writer=CaseWriter,
    done_event="cases.imported",
    progress_event="cases.import_progressed",
    extras=NOTHING_MADE,
)
