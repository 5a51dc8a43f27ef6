"""Imports of addresses: what intake calls to write a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from chengyun.administration.queries import time_zone
from chengyun.intake.rules.kinds import Kind, Outcome, Work
from chengyun.intake.rules.source import Row
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Fault
from chengyun.territory.adapters.address_mapping import AddressMapping, address_fields
from chengyun.territory.address_faults import AddressRowRepeated
from chengyun.territory.operations.address_batch import AddressBatch
from chengyun.territory.operations.address_insert import Terms
from chengyun.territory.operations.address_reading import (
    AddressReader,
    GivenAddress,
    told_fields,
)
from chengyun.territory.rules.scope import MANAGE

BATCH: Final = 5_000


class AddressWriter:
    """Makes and changes addresses of rows."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._mapping = cast("AddressMapping", work.mapping)
        self._seen: set[str] = set()
        self._trial: dict[str, str] = {}
        self.look_up()

    def look_up(self) -> None:
        """Look up anew what rows refer to."""
        self._reader = AddressReader(self._mapping, crs=self._mapping.crs or self._work.crs)

    def write(self, rows: Sequence[Row]) -> Outcome:
        """Make what is not here, change what differs."""
        bad: dict[int, Fault] = {}
        given = self._read(rows, bad)
        at = now()
        batch = AddressBatch(
            Terms(
                actor=self._work.actor,
                told=told_fields(self._mapping, has_geometry=any(r.has_geometry for r in rows)),
                update=self._mapping.known == "update",
                make_parents=self._mapping.make_parents,
                reason=self._work.file,
                today=at.astimezone(time_zone()).date(),
                at=at,
                # What a batch wrote for good, the next one finds in the database.
                trial=self._trial if self._work.dry_run else {},
            )
        )
        batch.write(given)
        self._seen |= {one.code for one in given if one.code}
        batch.outcome.faults |= bad
        return batch.outcome

    def _read(self, rows: Sequence[Row], bad: dict[int, Fault]) -> list[GivenAddress]:
        read: list[GivenAddress] = []
        codes: set[str] = set()
        for row in rows:
            try:
                one = self._reader.read(row)
                if one.code and (one.code in self._seen or one.code in codes):
                    raise AddressRowRepeated(field="code", value=one.code)
            except Fault as fault:
                bad[row.number] = fault
                continue
            codes.add(one.code)
            read.append(one)
        return read


ADDRESSES: Final = Kind(
    code="addresses",
    context="territory",
    permission=MANAGE,
    limit="territory.address_import_max_mb",
    form=AddressMapping,
    fields=address_fields,
    writer=AddressWriter,
    batch=BATCH,
    done_event="address.imported",
    extras={"parents_made": 0},
)
