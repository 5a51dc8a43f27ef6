"""The history that an imported case arrives with: what the export tells, and nothing invented.

An ended case gets its report and its outcome; where the export has no closing time the log says
so. An open case enters the acceptor's queue, its clock started at the import.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

from chengyun.administration.queries import working_calendar
from chengyun.administration.rules.actor import Actor
from chengyun.cases.adapters.foreign_case import ForeignCase
from chengyun.cases.adapters.mapping import CaseMapping
from chengyun.cases.operations.bulk import PastCase, PastClock, PastReporter
from chengyun.cases.operations.import_lookups import Lookups
from chengyun.cases.rules.log_entry import LogContent
from chengyun.cases.rules.reporting import case_terms
from chengyun.cases.rules.table import Stage
from chengyun.cases.rules.workflow import workflow
from chengyun.kernel.units import Unit
from chengyun.kernel.working_time import UnknownYears, plan_deadline
from chengyun.territory.queries.locate import Place

RED = 3
GREEN = 1
# GB/T 2260 (6), GB/T 10114 (+3), communities (+3): how a case keeps its place
DIVISION_WIDTHS = {"district": 6, "street": 9, "community": 12}
_HOUR_S = 3600
_LONGEST_NUMBER = 40
_MAX_LIMIT_HOURS = Decimal("999999.99")


class HistoryMaker:
    """Makes past cases of one import run."""

    def __init__(
        self, actor: Actor, mapping: CaseMapping, lookups: Lookups, file: str, now: datetime
    ) -> None:
        self._actor = actor
        self._mapping = mapping
        self._lookups = lookups
        self._file = file
        self._now = now
        self._calendar = working_calendar()
        self._table = workflow().table

    def past_case(self, case: ForeignCase, place: Place | None, system: str) -> PastCase:
        """Return the case with its log and clocks, ready for `insert_history`."""
        values = self._described(case, system) | self._placed(case, place)
        if case.outcome.state == "open":
            values |= self._open_state()
            clocks = [*self._whole_clock(case), self._accept_clock()]
            values |= _mirror(clocks)
        else:
            values |= self._ended_state(case)
            clocks = self._whole_clock(case)
        person = PastReporter(
            at=case.reported_at,
            name=case.reporter_name,
            phone=case.reporter_phone,
            source=case.source,
        )
        return PastCase(
            values=values,
            log=self._log(case),
            position=case.position,
            clocks=clocks,
            reporter=person if person.name or person.phone else None,
        )

    def _described(self, case: ForeignCase, system: str) -> dict[str, Any]:
        chosen = self._lookups.type_of(case)
        title = case.title or chosen.zh
        number = _number(f"{self._mapping.number_prefix}{case.reported_at:%Y%m%d}", case)
        return {
            "number": number,
            "kind": chosen.kind,
            "matter_type_id": chosen.id,
            "title": title,
            "description": case.description,
            "address": case.address,
            "source": case.source,
            "reported_at": case.reported_at,
            "updated_at": self._now,
            "external_system": system,
            "external_id": case.external_id,
            "responsible_id": self._lookups.organisation_of(case),
            "search": case_terms(number, title, case.address, case.description),
            "created_by_id": self._actor.person_id,
        }

    def _placed(self, case: ForeignCase, place: Place | None) -> dict[str, Any]:
        if place:
            return {
                "position_source": case.crs,
                "grid_id": place.grid_id,
                "grid_code": place.grid_code,
                "area_class": place.area_class,
                "community_code": place.community_code,
                "street_code": place.street_code,
                "district_code": place.district_code,
            }
        code = self._lookups.division_of(case)
        return {
            "position_source": case.crs,
            **{
                f"{level}_code": code[:width] if len(code) >= width else ""
                for level, width in DIVISION_WIDTHS.items()
            },
        }

    def _open_state(self) -> dict[str, Any]:
        state = self._table.states["reported"]
        return {"state": state.code, "desk": state.desk, "is_open": True, "responsible_id": None}

    def _ended_state(self, case: ForeignCase) -> dict[str, Any]:
        overdue = _was_overdue(case)
        return {
            "state": case.outcome.state,
            "is_open": False,
            "ended_at": case.closed_at,
            "case_due_at": case.due_at,
            "case_light": RED if overdue else GREEN,
            "handled_at": case.closed_at,
        }

    def _log(self, case: ForeignCase) -> list[LogContent]:
        """Return one entry: the state the case arrives in, and what the export tells of it."""
        state = self._table.states["reported"]
        data: dict[str, Any] = {
            "desk": "system",
            "imported": True,
            "file": self._file,
            "external_id": case.external_id,
        }
        if case.outcome.state == "open":
            to_state = state.code
        else:
            to_state = case.outcome.state
            data |= {
                "ended_at": case.closed_at.isoformat() if case.closed_at else None,
                "overdue": _was_overdue(case),
                "department": case.department,
            }
        return [
            LogContent(
                act="import",
                at=case.reported_at,
                to_state=to_state,
                actor_id=self._actor.person_id,
                actor_name=self._actor.name,
                organisation_id=self._actor.organisation_id,
                organisation_name=self._actor.organisation_name,
                lon=case.position[0] if case.position else None,
                lat=case.position[1] if case.position else None,
                data=data,
            )
        ]

    def _whole_clock(self, case: ForeignCase) -> list[PastClock]:
        if case.due_at is None or case.due_at <= case.reported_at:
            return []
        limit_s = int((case.due_at - case.reported_at).total_seconds())
        hours = min(round(Decimal(limit_s) / _HOUR_S, 2), _MAX_LIMIT_HOURS)
        end = case.closed_at
        used_s = int(((end or self._now) - case.reported_at).total_seconds())
        overdue = _was_overdue(case) if end else self._now > case.due_at
        return [
            PastClock(
                stage="whole",
                limit_value=max(hours, Decimal("0.01")),
                limit_unit=Unit.CALENDAR_HOUR,
                limit_s=limit_s,
                started_at=case.reported_at,
                due_at=case.due_at,
                yellow_at=case.reported_at + (case.due_at - case.reported_at) * 4 / 5,
                used_s=used_s if end else 0,
                finished_at=end,
                light=RED if overdue else GREEN,
                overdue=bool(overdue),
            )
        ]

    def _accept_clock(self) -> PastClock:
        stage: Stage = self._table.stages["accept"]
        plan = plan_deadline(
            self._now,
            stage.limit,
            self._calendar,
            yellow_share=stage.yellow_share,
            unknown_years=UnknownYears.ASSUME_WEEKENDS,
        )
        return PastClock(
            stage=stage.code,
            limit_value=stage.limit.amount,
            limit_unit=stage.limit.unit,
            limit_s=plan.limit_s,
            yellow_s=plan.yellow_s,
            started_at=self._now,
            due_at=plan.due_at,
            yellow_at=plan.yellow_at,
            uncertain=bool(plan.assumed_years),
        )


def _number(prefix: str, case: ForeignCase) -> str:
    """Return a number that tells the source's own, shortened where that is too long."""
    number = f"{prefix}-{case.external_id}"
    if len(number) <= _LONGEST_NUMBER:
        return number
    mark = hashlib.sha256(case.external_id.encode()).hexdigest()[:8]
    return f"{number[: _LONGEST_NUMBER - 9]}-{mark}"


def _was_overdue(case: ForeignCase) -> bool | None:
    """Return what the export says, else what its times say; None when neither tells."""
    if case.outcome.overdue is not None:
        return case.outcome.overdue
    if case.closed_at is None or case.due_at is None:
        return None
    return case.closed_at > case.due_at


def _mirror(clocks: list[PastClock]) -> dict[str, Any]:
    """Return the case's columns that repeat its running clocks."""
    values: dict[str, Any] = {}
    for clock in clocks:
        prefix = "case_" if clock.stage == "whole" else ""
        values |= {
            f"{prefix}due_at": clock.due_at,
            f"{prefix}yellow_at": clock.yellow_at,
            f"{prefix}light": clock.light,
        }
        if not prefix:
            values["stage"] = clock.stage
            values["calendar_uncertain"] = clock.uncertain
    return values
