"""Reading a case's row as the rules see it, with or without locking it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengyun.administration.queries import setting, working_calendar
from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.fetching import fetch_prepared_row, fetch_row, fetch_rows
from chengyun.cases.queries.scope import Conditions, is_collectors, reading_scope
from chengyun.cases.rules.access import DEPARTMENT, READ, may_read
from chengyun.cases.rules.facts import CaseFacts
from chengyun.cases.rules.record import CaseRecord, facts_of
from chengyun.cases.rules.workflow import workflow
from chengyun.kernel.errors import NotFound
from chengyun.kernel.units import parse_limit
from chengyun.kernel.working_time import UnknownYears, plan_deadline

RECORD_COLUMNS = """
c.id, c.number, c.kind, c.source, c.matter_type_id, c.title,
coalesce(nullif(c.community_code, ''), nullif(c.street_code, ''), c.district_code),
c.area_class, c.grid_code, c.urgent, c.state, c.desk, c.holder_organisation_id, c.holder_person_id,
c.pending, c.verified, c.is_open, c.standard_id, c.responsible_id, c.assisting_ids,
c.created_by_id, c.rework_count, c.return_count, c.dispatched_at, c.updated_at,
c.thumbnail IS NOT NULL, c.version, c.log_length, c.log_head
"""
_READ = f"SELECT {RECORD_COLUMNS} FROM cases_case c WHERE c.id = %s"
_READ_SEVERAL = f"SELECT {RECORD_COLUMNS} FROM cases_case c WHERE c.id = ANY(%s)"
_LOCK = f"{_READ} FOR NO KEY UPDATE OF c"
_FIELDS = tuple(CaseRecord.__dataclass_fields__)


def get_record(*, actor: Actor, case_id: int, lock: bool = False) -> CaseRecord:
    """Return the case's present, locked against other acts when `lock` is set.

    raises : NotFound when there is no such case or it lies outside the actor's scope
    """
    found = find_record(case_id, lock=lock)
    if found is None or not is_readable(actor, found):
        raise NotFound(what=f"案卷 {case_id}")
    return found


def is_readable(actor: Actor, case: CaseRecord) -> bool:
    """Tell whether the actor may read the case: the same answer as `scope.reading_scope` gives.

    A collector's grant reaches his own grids and tasks, which only the database knows.
    """
    wide = [grant for grant in actor.grants if not is_collectors(grant)]
    if may_read(actor, case, wide):
        return True
    if len(wide) == len(actor.grants) or not actor.can(READ):
        return False
    asked = Conditions()
    asked.add("c.id = %s", case.id)
    reading_scope(actor).add_to(asked)
    return fetch_row(f"SELECT 1 FROM cases_case c WHERE {asked.text()}", asked.values) is not None


def find_record(case_id: int, *, lock: bool = False) -> CaseRecord | None:
    """Return the case's present without asking who reads; None when there is no such case."""
    row = fetch_prepared_row(_LOCK if lock else _READ, [case_id])
    return record_of(row) if row else None


def find_records(case_ids: Sequence[int]) -> dict[int, CaseRecord]:
    """Return the presents of several cases by id, in one query, without asking who reads."""
    rows = fetch_rows(_READ_SEVERAL, [list(case_ids)])
    return {row[0]: record_of(row) for row in rows}


def case_facts(case: CaseRecord) -> CaseFacts:
    """Return what the workflow asks of the case, with the settings of this platform."""
    # Reckoned in the working calendar, so only for the desk that it concerns.
    until = refuse_until(case.dispatched_at) if case.desk == DEPARTMENT else None
    return facts_of(case, workflow().table, refuse_until=until)


def refuse_until(dispatched_at: datetime | None) -> datetime | None:
    """Return until when a department may return a case dispatched at this instant."""
    if dispatched_at is None:
        return None
    return plan_deadline(
        dispatched_at,
        parse_limit(setting("cases.refuse_window")),
        working_calendar(),
        unknown_years=UnknownYears.ASSUME_WEEKENDS,
    ).due_at


def record_of(row: tuple[Any, ...]) -> CaseRecord:
    """Return the record of a row with RECORD_COLUMNS."""
    values = dict(zip(_FIELDS, row, strict=True))
    values["assisting_ids"] = tuple(values["assisting_ids"])
    values["log_head"] = bytes(values["log_head"])
    return CaseRecord(**values)
