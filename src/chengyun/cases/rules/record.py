"""A case as the rules see it: the present of its row, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chengyun.cases.rules.facts import CaseFacts, Holder
from chengyun.cases.rules.table import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseRecord:
    """The columns of a case that an act looks at or changes.

    division_code : code of the smallest known division, '' for a case without a place
    log_head : hash of the last log entry, b"" before the first
    """

    id: int
    number: str
    kind: str
    source: str
    matter_type_id: int
    title: str
    division_code: str
    area_class: str
    grid_code: str
    urgent: bool
    state: str
    desk: str
    holder_organisation_id: int | None
    holder_person_id: int | None
    pending: str
    verified: bool | None
    is_open: bool
    standard_id: int | None
    responsible_id: int | None
    assisting_ids: tuple[int, ...]
    created_by_id: int | None
    rework_count: int
    return_count: int
    dispatched_at: datetime | None
    updated_at: datetime
    has_thumbnail: bool
    version: int
    log_length: int
    log_head: bytes

    @property
    def organisation_ids(self) -> frozenset[int]:
        """Every organisation that has to do with the case now."""
        own = {self.holder_organisation_id, self.responsible_id, *self.assisting_ids}
        return frozenset(found for found in own if found is not None)

    @property
    def holder(self) -> Holder:
        """Who has the case."""
        return Holder(
            desk=self.desk,
            organisation_id=self.holder_organisation_id,
            person_id=self.holder_person_id,
        )


def facts_of(case: CaseRecord, table: Table, *, refuse_until: datetime | None = None) -> CaseFacts:
    """Return what the workflow asks of the case.

    refuse_until : end of the department's refuse window, None = no window
    """
    source = table.sources.get(case.source)
    return CaseFacts(
        state=case.state,
        pending=case.pending,
        holder=case.holder,
        source=case.source,
        public_source=source.public if source else False,
        verified=case.verified,
        urgent=case.urgent,
        responsible_organisation_id=case.responsible_id,
        standard_id=case.standard_id,
        rework_count=case.rework_count,
        return_count=case.return_count,
        refuse_until=refuse_until,
    )
