"""Importing a city's manual of filing, disposal and closing standards through a mapping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Final, cast

from chengyun.administration.operations.audit import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.cases.adapters.import_fields import import_fields
from chengyun.cases.adapters.mapping import CaseMapping
from chengyun.cases.models import DisposalStandard, MatterType, StandardSet
from chengyun.cases.operations.case_import import NOTHING_MADE
from chengyun.cases.operations.standards import MANAGE
from chengyun.cases.queries.types import TypeUnknown
from chengyun.intake.operations.local import import_file
from chengyun.intake.queries.runs import first_faults
from chengyun.intake.rules.kinds import Kind, Outcome, Work
from chengyun.intake.rules.mapping import Mapping
from chengyun.intake.rules.mapping_faults import ValueUnreadable
from chengyun.intake.rules.row_reader import RowReader
from chengyun.intake.rules.source import Row
from chengyun.kernel.errors import Fault
from chengyun.kernel.units import Limit, parse_limit

MAX_FAULTS_REPORTED = 1000
_AREA_CLASSES = {"", "A", "B", "C"}
_MOST_CONDITIONS = 999
_LARGEST_LIMIT = 100_000
_LONGEST = {"department_kind": 40, "supervising_department": 100}
_LONGEST_WORDS = 4000
_WORDS = (
    "filing_condition",
    "filing_condition_en",
    "disposal_requirement",
    "closing_condition",
    "closing_condition_en",
    "department_kind",
    "supervising_department",
    "legal_basis",
    "collection_requirement",
)


@dataclass(kw_only=True)
class StandardsImported:
    """What an import did, or in a dry run would do."""

    read: int = 0
    made: int = 0
    changed: int = 0
    unchanged: int = 0
    faulty: int = 0
    last_row: int = 0
    dry_run: bool = False
    faults: list[dict[str, Any]] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """Return it for programs."""
        return dict(vars(self))


def import_standards(
    *, actor: Actor, path: Path, mapping: Mapping, dry_run: bool = False, name: str = ""
) -> StandardsImported:
    """Import the manual at `path` here and now; each bad row is reported and left out.

    A second import changes nothing. `standard_set` of the mapping names the set, which is made if
    it is not there (out of use until an administrator chooses it).
    name : of the file, where it is not the path's
    raises : Forbidden, TableUnreadable, ColumnMissing
    """
    run = import_file(actor=actor, path=path, mapping=mapping, dry_run=dry_run, name=name)
    faults = first_faults(run.pk, most=MAX_FAULTS_REPORTED)
    return StandardsImported(
        read=run.read,
        made=run.made,
        changed=run.changed,
        unchanged=run.skipped,
        faulty=run.faulty,
        last_row=run.next_row,
        dry_run=dry_run,
        faults=faults,
    )


class StandardsWriter:
    """Makes and changes standards of rows."""

    def __init__(self, work: Work) -> None:
        mapping = cast("CaseMapping", work.mapping)
        self._work = work
        self._reader = RowReader(mapping)
        self._code = mapping.standard_set
        self._counts: dict[tuple[int, str], int] = {}

    def look_up(self) -> None:
        """Nothing is kept from batch to batch but the count of conditions."""

    def write(self, rows: Sequence[Row]) -> Outcome:
        """Write the rows into the set; a condition without a number takes the next one."""
        self._set, _ = StandardSet.objects.get_or_create(
            code=self._code,
            defaults={"zh": self._work.mapping.name, "source": self._work.file, "active": False},
        )
        self._types = _TypeFinder()
        self._present = {
            (row.matter_type_id, row.condition_no, row.area_class): row
            for row in DisposalStandard.objects.filter(set=self._set)
        }
        outcome = Outcome(facts={"standard_set": self._code})
        for row in rows:
            try:
                self._write(row.values, outcome)
            except Fault as fault:
                outcome.faults[row.number] = fault
        self._record(outcome)
        return outcome

    def _record(self, outcome: Outcome) -> None:
        record_audit(
            actor=self._work.actor,
            act="cases.standards_imported",
            subject=f"standard_set:{self._code}",
            detail={
                "file": self._work.file,
                "made": outcome.made,
                "changed": outcome.changed,
                "dry_run": self._work.dry_run,
            },
        )

    def _write(self, row: dict[str, str], outcome: Outcome) -> None:
        reader = self._reader
        type_id = self._types.find(reader.required("type", row), reader.text("kind", row))
        area_class = self._word("area_class", row)
        if area_class not in _AREA_CLASSES:
            raise ValueUnreadable(field="area_class", name="area_class", value=area_class)
        number = self._condition_no(type_id, area_class, row)
        limit = self._limit(row)
        values: dict[str, Any] = {name: self._word(name, row) for name in _WORDS}
        values |= {"limit_value": limit.amount, "limit_unit": limit.unit.value, "active": True}
        old = self._present.get((type_id, number, area_class))
        if old is None:
            key = {"matter_type_id": type_id, "condition_no": number, "area_class": area_class}
            made = DisposalStandard.objects.create(set=self._set, **key, **values)
            self._present[type_id, number, area_class] = made
            outcome.made += 1
        elif any(getattr(old, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(old, name, value)
            old.save()
            outcome.changed += 1
        else:
            outcome.skipped += 1

    def _word(self, name: str, row: dict[str, str]) -> str:
        value = self._reader.text(name, row)
        if len(value) > _LONGEST.get(name, _LONGEST_WORDS):
            raise ValueUnreadable(field=name, name=name, value=value[:80])
        return value

    def _condition_no(self, type_id: int, area_class: str, row: dict[str, str]) -> int:
        given = self._reader.number("condition_no", row)
        count = self._counts[type_id, area_class] = self._counts.get((type_id, area_class), 0) + 1
        if given is None:
            return count
        if not 1 <= given <= _MOST_CONDITIONS or given != int(given):
            raise ValueUnreadable(field="condition_no", name="condition_no", value=str(given)[:80])
        return int(given)

    def _limit(self, row: dict[str, str]) -> Limit:
        text = self._reader.required("limit", row)
        found = parse_limit(text, unit=self._reader.text("limit_unit", row))
        if not 0 < found.amount <= _LARGEST_LIMIT or found.amount != round(found.amount, 2):
            raise ValueUnreadable(field="limit", name="limit", value=text[:80])
        return found


class _TypeFinder:
    """Finds matter types by 2026, 2013 or 2007 code, or by name."""

    def __init__(self) -> None:
        self._by_text: dict[tuple[str, str], int] = {}
        rows = list(MatterType.objects.filter(active=True))
        for name, row in product(("code_2007", "code_2013", "zh", "code"), rows):
            self._know(row, name)

    def _know(self, row: MatterType, name: str) -> None:
        value = getattr(row, name)
        if value:
            self._by_text[row.kind, value] = row.pk
        if value and name in {"zh", "code"}:
            self._by_text["", value] = row.pk

    def find(self, text: str, kind: str = "") -> int:
        """Return the id of the type; raise TypeUnknown."""
        for attempt in (text, text.removesuffix("异常"), text + "异常"):
            found = self._by_text.get((kind, attempt))
            if found is not None:
                return found
        raise TypeUnknown(field="type", value=text)


STANDARDS: Final = Kind(
    code="standards",
    context="cases",
    permission=MANAGE,
    everywhere=True,
    limit="cases.import_max_mb",
    form=CaseMapping,
    fields=lambda: import_fields("standards"),
    writer=StandardsWriter,
    batch=20_000,  # a manual as a whole
    done_event="cases.standards_imported",
    extras=NOTHING_MADE,
)
