"""What cases tell others: one event for each act, in the transaction of the act.

`case.<past participle>` of the workflow table, `case.marked` for a light, `case.clocks_relaid` for
deadlines reckoned anew; subject `case:<id>`. The payload says in both languages what a desk shows
of it without asking again: number and title, act, states, desk, organisation, who did it. People
are members of the staff; who reported a case is told to nobody here.

Who hears it (server/live.py): whose grants cover place, organisations and kind of the case, and
the staff named in `person_ids`, who hold it, held it until now, or reported it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chengyun.cases.queries.names import names
from chengyun.cases.rules.clocks import Present
from chengyun.cases.rules.facts import Holder
from chengyun.cases.rules.workflow import workflow
from chengyun.journal.operations import event_statement


def event_of_case(
    *,
    kind: str,
    at: datetime,
    case_id: int,
    number: str,
    title: str,
    act: str,
    from_state: str,
    state: str,
    holder: Holder,
    shown: Present,
    version: int,
    actor_id: int | None,
    actor_name: str,
    person_ids: frozenset[int | None],
    division_code: str,
    organisation_ids: frozenset[int],
    case_kind: str,
) -> tuple[str, list[Any]]:
    """Return statement and values that tell the journal; live clients see it after commit.

    organisation_ids, person_ids : who has to do with the case before or after the act
    """
    return event_statement(
        at=at,
        kind=kind,
        subject=f"case:{case_id}",
        actor_id=actor_id,
        payload={
            "case_id": case_id,
            "number": number,
            "title": title,
            "act": act,
            "act_name": _act(act),
            "from_state": from_state,
            "from_state_name": _state(from_state),
            "state": state,
            "state_name": _state(state),
            "desk": holder.desk,
            "desk_name": _desk(holder.desk),
            "organisation": _organisation(holder.organisation_id),
            "light": shown.light.name.lower(),
            "by": actor_id,
            "by_name": actor_name,
            "person_ids": sorted(one for one in person_ids if one is not None),
            "version": version,
        },
        division_code=division_code,
        organisation_ids=sorted(organisation_ids),
        case_kind=case_kind,
    )


def _organisation(key: int | None) -> dict[str, Any] | None:
    return None if key is None else names().organisation(key)


def _act(code: str) -> dict[str, str] | None:
    moves = workflow().acts.get(code)
    return {"zh": moves[0].zh, "en": moves[0].en} if moves else None


def _state(code: str) -> dict[str, str] | None:
    state = workflow().table.states.get(code)
    return {"zh": state.zh, "en": state.en} if state else None


def _desk(code: str) -> dict[str, str] | None:
    desk = workflow().table.desks.get(code)
    return {"zh": desk.zh, "en": desk.en} if desk else None
