"""Imports of components: what intake calls to write a batch, and one here and now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, cast

from chengyun.administration.queries import time_zone
from chengyun.components.adapters.mapping import ComponentMapping, component_fields
from chengyun.components.operations.import_batch import write_batch
from chengyun.components.operations.import_rows import RowChecker, Staged
from chengyun.components.operations.writing import LAYER
from chengyun.components.rules.access import MANAGE
from chengyun.intake.rules.kinds import Kind, Outcome, Work
from chengyun.intake.rules.source import Row
from chengyun.kernel.clock import now
from chengyun.kernel.coordinates import WGS_84, crs_name
from chengyun.kernel.errors import Fault
from chengyun.territory.operations.layers import raise_version

BATCH: Final = 20_000


class RowRepeated(Fault):
    """An earlier row of the file has the code."""

    code = "row_repeated"
    zh = "标识码 {value} 在文件中重复。"
    en = "The code {value} stands in the file twice."


class ComponentWriter:
    """Makes and changes components of rows."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._mapping = cast("ComponentMapping", work.mapping)
        self._crs = crs_name(work.crs or WGS_84)
        self._seen: set[str] = set()
        self.look_up()

    def look_up(self) -> None:
        """Look up anew what rows refer to."""
        today = now().astimezone(time_zone()).date()
        self._checker = RowChecker(self._mapping, crs=self._crs, today=today)

    def write(self, rows: Sequence[Row]) -> Outcome:
        """Make what is not here, change what differs."""
        bad: dict[int, Fault] = {}
        codes: set[str] = set()
        self._checker.begin_batch()
        outcome = write_batch(
            actor=self._work.actor,
            rows=list(self._checked(rows, codes, bad)),
            compared=self._compared(rows),
            update=self._mapping.known == "update",
            reason=self._work.file,
            at=now(),
        )
        self._seen |= codes
        outcome.faults = bad | outcome.faults
        if outcome.made + outcome.changed:
            raise_version(LAYER)
        return outcome

    def _checked(
        self, rows: Sequence[Row], codes: set[str], bad: dict[int, Fault]
    ) -> Iterator[Staged]:
        for row in rows:
            try:
                staged = self._checker.check(row)
                if staged.code and (staged.code in self._seen or staged.code in codes):
                    raise RowRepeated(field="code", value=staged.code)
            except Fault as fault:
                bad[row.number] = fault
                continue
            codes.add(staged.code)
            yield staged

    def _compared(self, rows: Sequence[Row]) -> list[str]:
        has_geometry = "lon" in self._mapping.fields or any(row.has_geometry for row in rows)
        return [
            *self._mapping.fields,
            *(["geometry"] if has_geometry else []),
            *(["attributes"] if self._mapping.attributes else []),
        ]


COMPONENTS: Final = Kind(
    code="components",
    context="components",
    permission=MANAGE,
    limit="components.import_max_mb",
    form=ComponentMapping,
    fields=component_fields,
    writer=ComponentWriter,
    batch=BATCH,
    done_event="component.imported",
)
