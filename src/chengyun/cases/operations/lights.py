"""Marking the moments at which clocks turn yellow and red.

Lists show the light of the moment by `yellow_at` and `due_at`, so a late mark tells no lie; the
mark is what the log, the live lines and later the reminders go by.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from chengyun.cases.operations.clocks import load_clocks, shown
from chengyun.cases.operations.timer_entry import TimerEntry
from chengyun.cases.queries.records import find_records
from chengyun.cases.rules.clocks import Light
from chengyun.cases.rules.record import CaseRecord
from chengyun.cases.writes import Writes

BATCH = 100
_ACTS = {Light.YELLOW: "mark_yellow", Light.RED: "mark_red"}
_TURNED = """
SELECT c.id, k.id, k.stage, k.round
FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
WHERE k.finished_at IS NULL AND k.paused_at IS NULL AND c.is_open AND {condition}
ORDER BY k.{moment}, k.id LIMIT %s
FOR NO KEY UPDATE OF c, k SKIP LOCKED
"""
_LIT = "UPDATE cases_clock SET light = %s WHERE id = ANY(%s)"
# One statement for each partial index: clock_turns_red and clock_turns_yellow.
_RED = _TURNED.format(condition="k.light < 3 AND k.due_at < %s", moment="due_at")
_YELLOW = _TURNED.format(condition="k.light = 1 AND k.yellow_at <= %s", moment="yellow_at")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Turn:
    """A clock whose light has changed."""

    case_id: int
    clock_id: int
    stage: str
    round: int
    light: Light


def mark_lights(*, at: datetime, batch: int = BATCH) -> int:
    """Mark every running clock that has turned yellow or red by `at`; return how many.

    May run beside itself and beside any act: what another holds is left for the next run, what is
    marked is not marked again.
    """
    marked = 0
    for statement, light in ((_RED, Light.RED), (_YELLOW, Light.YELLOW)):
        while done := _mark_some(statement, light, at, batch):
            marked += done
            if done < batch:
                break
    return marked


def _mark_some(statement: str, light: Light, at: datetime, batch: int) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement, [at, batch])
            rows = cursor.fetchall()
        turns = sorted((_turn(row, light) for row in rows), key=lambda turn: turn.case_id)
        writes = Writes()
        clock_ids = [turn.clock_id for turn in turns]
        writes.add(_LIT, int(light), clock_ids)
        records = find_records([turn.case_id for turn in turns])
        for case_id, of_case in groupby(turns, key=lambda turn: turn.case_id):
            _mark_case(writes, records[case_id], list(of_case), at)
        writes.send()
    return len(rows)


def _turn(row: tuple[Any, ...], light: Light) -> _Turn:
    return _Turn(case_id=row[0], clock_id=row[1], stage=row[2], round=row[3], light=light)


def _mark_case(writes: Writes, case: CaseRecord, turns: list[_Turn], at: datetime) -> None:
    entry = TimerEntry(writes, case, shown(load_clocks(case.id), max(at, case.updated_at)), at)
    for turn in turns:
        entry.add(_ACTS[turn.light], {"stage": turn.stage, "round": turn.round})
    entry.close()
