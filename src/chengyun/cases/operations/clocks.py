"""The clocks of a case in the database: reading them as values, writing what an act changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chengyun.cases.queries.clocks import load_clocks
from chengyun.cases.rules.clocks import WHOLE, Clock, Light, Present, light_at, present
from chengyun.cases.writes import Writes

__all__ = ["load_clocks", "save_clocks", "shown"]


def save_clocks(
    writes: Writes, case_id: int, *, before: Sequence[Clock], after: Sequence[Clock], at: datetime
) -> None:
    """Add the clocks that an act changed or started to what is written; what stopped goes first.

    after : as `Ledger.apply` returned it: the same order, new ones at the end
    """
    changed = [new for old, new in zip(before, after, strict=False) if new is not old]
    for clock in sorted(changed, key=lambda clock: clock.running):
        writes.update("cases_clock", clock.key or 0, _changing(clock, at))
    for clock in after[len(before) :]:
        writes.insert("cases_clock", _fixed(case_id, clock) | _changing(clock, at))


def shown(clocks: Iterable[Clock], at: datetime) -> Present:
    """Return what the case's row repeats; of an ended case the whole clock as it ended."""
    clocks = list(clocks)
    now = present(clocks, at)
    ended = next((c for c in reversed(clocks) if c.stage == WHOLE and not c.open), None)
    if now.case_due_at is not None or ended is None:
        return now
    return replace(
        now,
        case_due_at=ended.due_at,
        case_yellow_at=ended.yellow_at,
        case_light=Light.NONE if ended.exempt else light_at(ended, at),
    )


def _fixed(case_id: int, clock: Clock) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "stage": clock.stage,
        "round": clock.round,
        "organisation_id": clock.organisation_id,
        "limit_value": clock.limit.amount,
        "limit_unit": clock.limit.unit.value,
        "started_at": clock.started_at,
        "limit_s": clock.limit_s,
    }


def _changing(clock: Clock, at: datetime) -> dict[str, Any]:
    return {
        "due_at": clock.due_at,
        "yellow_at": clock.yellow_at,
        "paused_at": clock.paused_at,
        "paused_s": clock.paused_s,
        "used_s": clock.used_s,
        "pauses": None if clock.pauses is None else list(clock.pauses),
        "extended_s": clock.extended_s,
        "yellow_s": clock.yellow_s,
        "finished_at": clock.finished_at,
        "light": int(light_at(clock, at)),
        "overdue": clock.overdue,
        "exempt": clock.exempt,
        "uncertain": clock.uncertain,
    }
