"""Importing a city's manual of filing, disposal and closing standards through a mapping."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from django.db import transaction

from chengyun.administration.operations.audit import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.cases.adapters.mapping import Mapping, RowReader
from chengyun.cases.adapters.tables import count_rows, read_rows, require_columns
from chengyun.cases.models import DisposalStandard, ImportRun, MatterType, StandardSet
from chengyun.cases.operations.import_progress import Tally, begin, described, finish, hold, note
from chengyun.cases.operations.standards import MANAGE
from chengyun.cases.queries.types import TypeUnknown
from chengyun.kernel.errors import Fault, Invalid
from chengyun.kernel.mapping_faults import ValueUnreadable
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
    bad: list[tuple[int, dict[str, str], Fault]] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """Return it for programs, without the bad rows themselves."""
        return {name: value for name, value in vars(self).items() if name != "bad"}


def import_standards_run(*, actor: Actor, run: ImportRun, path: Path, mapping: Mapping) -> None:
    """Do a run of the worker: the manual and the end of the run in one transaction.

    raises : as `import_standards`, and ImportStopped
    """
    layout = mapping.table.layout()
    run.columns = require_columns(path, layout, mapping.used_columns())
    begin(run, total_rows=count_rows(path, layout))
    with transaction.atomic():
        hold(run)
        done = import_standards(
            actor=actor, path=path, mapping=mapping, dry_run=run.dry_run, name=run.source_name
        )
        tally = Tally(
            read=done.read,
            made=done.made,
            changed=done.changed,
            skipped=done.unchanged,
            bad=done.bad,
        )
        run.outcome = {"standard_set": mapping.standard_set}
        note(run, tally, last_row=done.last_row)
        finish(run, actor)


def import_standards(
    *, actor: Actor, path: Path, mapping: Mapping, dry_run: bool = False, name: str = ""
) -> StandardsImported:
    """Import the manual at `path`; good rows are written, each bad row is reported and left out.

    Runs in one transaction; a second run changes nothing. `standard_set` of the mapping names the
    set, which is made if it is not there (out of use until an administrator chooses it).
    name : of the file, where it is not the path's
    raises : TableUnreadable, ColumnMissing, Invalid
    """
    actor.require(MANAGE)
    if mapping.purpose != "standards" or not mapping.standard_set:
        raise Invalid(
            field="standard_set",
            reason_zh="映射用途须为 standards 并写明 standard_set",
            reason_en="the mapping must have the purpose standards and name a standard_set",
        )
    layout = mapping.table.layout()
    require_columns(path, layout, mapping.used_columns())
    result = StandardsImported(dry_run=dry_run)
    with transaction.atomic():
        chosen, _ = StandardSet.objects.get_or_create(
            code=mapping.standard_set,
            defaults={"zh": mapping.name, "source": name or path.name, "active": False},
        )
        writer = _Writer(chosen, RowReader(mapping), result)
        for number, row in read_rows(path, layout):
            writer.take(number, row)
        record_audit(
            actor=actor,
            act="cases.standards_imported",
            subject=f"standard_set:{chosen.code}",
            detail={
                "file": name or path.name,
                "made": result.made,
                "changed": result.changed,
                "dry_run": dry_run,
            },
        )
        transaction.set_rollback(dry_run)
    return result


class _Writer:
    def __init__(self, chosen: StandardSet, reader: RowReader, result: StandardsImported) -> None:
        self._set = chosen
        self._reader = reader
        self._result = result
        self._types = _TypeFinder()
        self._present = {
            (row.matter_type_id, row.condition_no, row.area_class): row
            for row in DisposalStandard.objects.filter(set=chosen)
        }
        self._counts: dict[tuple[int, str], int] = {}

    def take(self, number: int, row: dict[str, str]) -> None:
        self._result.read += 1
        self._result.last_row = number
        try:
            self._write(row)
        except Fault as fault:
            self._result.faulty += 1
            self._result.bad.append((number, row, fault))
            if len(self._result.faults) < MAX_FAULTS_REPORTED:
                self._result.faults.append({"row": number, **described(fault)})

    def _write(self, row: dict[str, str]) -> None:
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
            self._result.made += 1
        elif any(getattr(old, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(old, name, value)
            old.save()
            self._result.changed += 1
        else:
            self._result.unchanged += 1

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
