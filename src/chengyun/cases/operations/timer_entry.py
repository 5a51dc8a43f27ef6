"""What a timer of the platform leaves on a case: log entries, events, the clocks in its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chengyun.cases.events import event_of_case
from chengyun.cases.operations.log import append_entry
from chengyun.cases.operations.report import shown_columns
from chengyun.cases.queries.records import case_facts
from chengyun.cases.rules.access import SYSTEM as SYSTEM_DESK
from chengyun.cases.rules.clocks import Present
from chengyun.cases.rules.facts import ActInput, ActorFacts
from chengyun.cases.rules.log_entry import LogContent
from chengyun.cases.rules.record import CaseRecord
from chengyun.cases.rules.workflow import workflow
from chengyun.cases.writes import Writes

NAME: Final = "系统"


class TimerEntry:
    """Acts of the platform itself on one locked case; the version stays, so no form grows stale."""

    def __init__(self, writes: Writes, case: CaseRecord, present: Present, at: datetime) -> None:
        """Take the case as it was read, and its clocks as they are now."""
        self._writes = writes
        self._case = case
        self._present = present
        self._at = max(at, case.updated_at)

    def add(self, act: str, data: Mapping[str, Any]) -> None:
        """Append an entry with these data to the log, and tell the journal."""
        case = self._case
        decision = workflow().decide(
            act,
            case=case_facts(case),
            actor=ActorFacts(person_id=None, desks=frozenset({SYSTEM_DESK})),
            given=ActInput(),
            at=self._at,
        )
        content = LogContent(
            act=decision.act,
            at=self._at,
            from_state=decision.from_state,
            to_state=decision.to_state,
            actor_name=NAME,
            role=SYSTEM_DESK,
            data=decision.as_data() | dict(data),
        )
        head = append_entry(
            self._writes,
            case_id=case.id,
            length=case.log_length,
            head=case.log_head,
            content=content,
        )
        self._case = replace(case, log_length=case.log_length + 1, log_head=head)
        self._tell(decision.event, decision.act)

    def _tell(self, kind: str, act: str) -> None:
        case = self._case
        statement, values = event_of_case(
            kind=kind,
            at=self._at,
            case_id=case.id,
            number=case.number,
            title=case.title,
            act=act,
            from_state=case.state,
            state=case.state,
            holder=case.holder,
            shown=self._present,
            version=case.version,
            actor_id=None,
            actor_name=NAME,
            person_ids=frozenset((case.holder_person_id, case.created_by_id)),
            division_code=case.division_code,
            organisation_ids=case.organisation_ids,
            case_kind=case.kind,
        )
        self._writes.add(statement, *values)

    def close(self) -> None:
        """Add the row's new head of the log and its clocks to what is written."""
        columns = {
            "log_length": self._case.log_length,
            "log_head": self._case.log_head,
            "updated_at": self._at,
            **shown_columns(self._present),
        }
        self._writes.update("cases_case", self._case.id, columns)
