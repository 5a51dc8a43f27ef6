"""Reckoning open clocks anew after the working calendar was edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db import connection, transaction

from chengyun.administration.queries import time_zone, working_calendar
from chengyun.cases.operations.clocks import load_clocks, save_clocks, shown
from chengyun.cases.operations.timer_entry import TimerEntry
from chengyun.cases.queries.records import find_record
from chengyun.cases.rules.clocks import Clock, relaid
from chengyun.cases.writes import Writes
from chengyun.kernel.units import Unit

BATCH: Final = 100
ACT: Final = "relay_clocks"
_UNITS: Final = [unit.value for unit in Unit if not unit.round_the_clock]
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
# A clock that stands still keeps the deadline of its pause, so that tells nothing of the days.
_REACHED = """
SELECT DISTINCT k.case_id FROM cases_clock k
WHERE k.finished_at IS NULL AND k.limit_unit = ANY(%s) AND k.case_id > %s
  AND k.started_at < %s AND (k.paused_at IS NOT NULL OR k.due_at >= %s)
ORDER BY k.case_id LIMIT %s
"""
_TASK_DUE = """
UPDATE cases_task SET due_at = %s WHERE case_id = %s AND answered_at IS NULL AND due_at = %s
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Days of the calendar that were edited, the last included; None = from ever, for ever."""

    first: date | None = None
    last: date | None = None

    def instants(self) -> tuple[datetime, datetime]:
        """Return the first instant of the span and the one after it, on the platform's days."""
        zone = time_zone()
        begin = datetime.combine(self.first, time(), zone) if self.first else _FIRST
        end = datetime.combine(self.last, time(), zone) + timedelta(days=1) if self.last else _LAST
        return begin, end


def relay_clocks(*, at: datetime, span: Span, batch: int = BATCH) -> int:
    """Reckon the open clocks that run through the days anew; return how many cases changed.

    Each case that changes gets a log entry with the old and the new deadlines. May run beside
    itself and beside any act, and any number of times: what is right already is left alone.
    """
    changed, after = 0, 0
    while case_ids := _reached(span, after, batch):
        for case_id in case_ids:
            changed += _relay_case(case_id, at)
        after = case_ids[-1]
    return changed


def _reached(span: Span, after: int, batch: int) -> list[int]:
    begin, end = span.instants()
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, [_UNITS, after, end, begin, batch])
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def _relay_case(case_id: int, at: datetime) -> bool:
    case = find_record(case_id, lock=True)
    if case is None or not case.is_open:
        return False
    at = max(at, case.updated_at)
    calendar, before = working_calendar(), load_clocks(case_id)
    after = tuple(relaid(clock, calendar) for clock in before)
    moved = [(old, new) for old, new in zip(before, after, strict=True) if old is not new]
    if not moved:
        return False
    writes = Writes()
    save_clocks(writes, case_id, before=before, after=after, at=at)
    for old, new in moved:
        writes.add(_TASK_DUE, new.due_at, case_id, old.due_at)
    entry = TimerEntry(writes, case, shown(after, at), at)
    entry.add(ACT, {"clocks": _told(moved)})
    entry.close()
    writes.send()
    return True


def _told(moved: Sequence[tuple[Clock, Clock]]) -> list[dict[str, Any]]:
    return [
        {
            "stage": new.stage,
            "round": new.round,
            "due_before": old.due_at.isoformat(),
            "due_at": new.due_at.isoformat(),
        }
        for old, new in moved
    ]
