"""What cases tell others: one event for each act, in the transaction of the act.

`case.<past participle>` of the workflow table, `case.marked` for a light; subject `case:<id>`;
payload {case_id, number, act, state, desk, light, by, version}.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chengyun.cases.rules.clocks import Present
from chengyun.cases.rules.facts import Holder
from chengyun.journal.operations import event_statement


def event_of_case(
    *,
    kind: str,
    at: datetime,
    case_id: int,
    number: str,
    act: str,
    state: str,
    holder: Holder,
    shown: Present,
    version: int,
    actor_id: int | None,
    division_code: str,
    organisation_ids: frozenset[int],
    case_kind: str,
) -> tuple[str, list[Any]]:
    """Return statement and values that tell the journal; live clients see it after commit.

    organisation_ids : who has to do with the case before or after the act
    """
    return event_statement(
        at=at,
        kind=kind,
        subject=f"case:{case_id}",
        actor_id=actor_id,
        payload={
            "case_id": case_id,
            "number": number,
            "act": act,
            "state": state,
            "desk": holder.desk,
            "light": shown.light.name.lower(),
            "by": actor_id,
            "version": version,
        },
        division_code=division_code,
        organisation_ids=sorted(organisation_ids),
        case_kind=case_kind,
    )
