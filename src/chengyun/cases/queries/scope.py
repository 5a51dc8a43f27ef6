"""Which cases an actor may read, as SQL: the one definition for lists, counts, details and tiles.

A scope is a union of *arms*. Each arm is a condition that one index serves, because an OR over
several columns makes PostgreSQL walk the whole table in the order asked. Whoever needs a page asks
each arm for a page and merges (`merged`); whoever has narrowed the rows by other means takes the
plain condition (`condition`).

Reads `territory_gridduty` directly: a collector sees the cases of the grids bound to him.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chengyun.administration.rules.actor import Actor, Grant
from chengyun.cases.rules.access import ACT, COLLECTOR, READ

DISTRICT_WIDTH, STREET_WIDTH, COMMUNITY_WIDTH = 6, 9, 12
_DUTIES = """SELECT d.grid_code FROM territory_gridduty d
    WHERE d.person_id = %s AND d.duty = 'collector' AND d.valid_from <= now()
      AND (d.valid_to IS NULL OR d.valid_to > now())"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Arm:
    """One way into a scope.

    condition : on the case `c`
    each, link : where the condition names several keys of an index (organisations, grids): the
        query that yields them as `e(key)`, and the condition with one of them
    common : what both forms share, "" for nothing
    """

    condition: str
    values: tuple[Any, ...] = ()
    each: str = ""
    each_values: tuple[Any, ...] = ()
    link: str = ""
    common: str = ""
    common_values: tuple[Any, ...] = ()

    def plain(self) -> tuple[str, tuple[Any, ...]]:
        """Return the whole condition with its values."""
        if not self.common:
            return self.condition, self.values
        return f"{self.condition} AND {self.common}", (*self.values, *self.common_values)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """The cases that an actor may read. `everything` = no limit at all."""

    everything: bool
    arms: tuple[Arm, ...] = ()

    def condition(self) -> tuple[str, list[Any]]:
        """Return one condition on the case `c` with its values."""
        if self.everything:
            return "TRUE", []
        parts, values = [], list[Any]()
        for arm in self.arms:
            text, given = arm.plain()
            parts.append(f"({text})")
            values += given
        return f"({' OR '.join(parts)})", values


def reading_scope(actor: Actor, permission: str = READ) -> Scope:
    """Return the cases within the actor's grants of a permission, and those he holds or reported.

    raises : Forbidden without any grant
    source : division subtree x organisation subtree x case kinds; several grants add up (ours)
    """
    grants = actor.scope_for(permission)
    if any(_is_unlimited(grant) for grant in grants):
        return Scope(everything=True)
    arms = [arm for grant in grants for arm in _arms_of(grant, actor.person_id)]
    if actor.person_id is not None:
        arms += _own(actor.person_id)
    return Scope(everything=False, arms=tuple(dict.fromkeys(arms)))


def is_collectors(grant: Grant) -> bool:
    """Tell whether a grant is only that of a collector, who sees his own grids' cases."""
    desks = {name for name in grant.permissions if name.startswith(ACT)}
    return desks == {ACT + COLLECTOR}


def _is_unlimited(grant: Grant) -> bool:
    limited = grant.division_code or grant.organisation_id is not None or grant.case_kinds
    return not limited and not is_collectors(grant)


def _own(person_id: int) -> Iterator[Arm]:
    yield Arm(condition="c.created_by_id = %s", values=(person_id,))
    yield Arm(condition="c.is_open AND c.holder_person_id = %s", values=(person_id,))


def _arms_of(grant: Grant, person_id: int | None) -> Iterator[Arm]:
    common, values = _common(grant)
    if is_collectors(grant):
        yield from _collectors_arms(person_id, common, values)
    elif grant.organisation_id is not None:
        yield from _organisation_arms(list(grant.organisation_ids), common, values)
    else:
        yield Arm(condition=common, values=values)


def _collectors_arms(
    person_id: int | None, common: str, values: tuple[Any, ...]
) -> Iterator[Arm]:
    if person_id is None:
        return
    shared = {"common": common, "common_values": values}
    yield Arm(
        condition=f"c.grid_code IN ({_DUTIES})",
        values=(person_id,),
        each=_DUTIES,
        each_values=(person_id,),
        link="c.grid_code = e.key",
        **shared,
    )
    yield Arm(
        condition="c.id IN (SELECT t.case_id FROM cases_task t WHERE t.assignee_id = %s)",
        values=(person_id,),
    )


def _organisation_arms(
    ids: list[int], common: str, values: tuple[Any, ...]
) -> Iterator[Arm]:
    """Yield responsible, holding and assisting organisations; each has its own index."""
    shared = {"common": common, "common_values": values}
    key = tuple(ids)
    yield Arm(
        condition="c.responsible_id = ANY(%s)",
        values=(list_of(key),),
        each="SELECT unnest(%s::bigint[])",
        each_values=(list_of(key),),
        link="c.responsible_id = e.key",
        **shared,
    )
    yield Arm(
        condition="c.is_open AND c.holder_organisation_id = ANY(%s)"
        " AND c.holder_organisation_id IS DISTINCT FROM c.responsible_id",
        values=(list_of(key),),
        **shared,
    )
    yield Arm(
        condition="c.assisting_ids && %s::bigint[] AND c.assisting_ids <> '{}'",
        values=(list_of(key),),
        **shared,
    )


class list_of(tuple[int, ...]):  # placeholder, replaced below
    pass
