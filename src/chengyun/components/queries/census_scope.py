"""What a census covers, and who may see it.

A task is seen by its collector, and by who plans or accepts where it lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from chengyun.administration.rules.actor import Actor
from chengyun.components.queries.conditions import Conditions
from chengyun.components.queries.reference import type_in_use, types_by_id
from chengyun.components.rules.census import ACCEPT, COLLECT, PLAN
from chengyun.kernel.errors import Forbidden

_CLASS_DIGITS: Final = 2


def type_ids(types: Sequence[str]) -> list[int] | None:
    """Return the ids of the types that a plan asks for; None = every type."""
    if not types:
        return None
    exact = {type_in_use(code).id for code in types if len(code) > _CLASS_DIGITS}
    classes = {code for code in types if len(code) <= _CLASS_DIGITS}
    return sorted(exact | {pk for pk, kind in types_by_id().items() if kind.class_code in classes})


def area_column(unit: str) -> str:
    """Return the column of components that a task's area code is compared with."""
    return "grid_code" if unit == "grid" else "community_code"


def add_task_scope(conditions: Conditions, actor: Actor) -> None:
    """Add which tasks (`t`) the actor sees; raise Forbidden without any permission of a census."""
    texts: list[str] = []
    values: list[Any] = []
    if actor.can(COLLECT):
        texts.append("t.collector_id = %s")
        values.append(actor.person_id)
    for permission in (PLAN, ACCEPT):
        if not actor.can(permission):
            continue
        for grant in actor.scope_for(permission):
            if grant.organisation_id is not None:
                continue
            texts.append("t.community_code LIKE %s")
            values.append(f"{grant.division_code}%")
    if not any(actor.can(one) for one in (COLLECT, PLAN, ACCEPT)):
        raise Forbidden(permission=PLAN)
    conditions.add(f"({' OR '.join(texts) or 'FALSE'})", *values)
