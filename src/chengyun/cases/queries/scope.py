"""Which cases an actor may read, as SQL: the one definition for lists, counts, details and tiles.

A scope is a union of *arms*. Each arm is a condition that one index serves, because an OR over
several columns makes PostgreSQL walk the whole table in the order asked. Whoever needs a page asks
each arm for a page and merges (`pages.py`); whoever has narrowed the rows by other means takes the
plain condition.

Reads `territory_gridduty` directly: a collector sees the cases of the grids bound to him,
those that he reported, and his tasks of the last 90 days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chengyun.administration.rules.actor import Actor, Grant
from chengyun.cases.queries.fetching import fetch_rows
from chengyun.cases.rules.access import ACT, COLLECTOR, READ

STREET_WIDTH = 9
_INDEXED = (6, STREET_WIDTH)
_WIDTHS = {6: "district_code", STREET_WIDTH: "street_code", 12: "community_code"}
_DUTIES = """
SELECT DISTINCT d.grid_code FROM territory_gridduty d
WHERE d.person_id = %s AND d.duty = 'collector' AND d.valid_from <= now()
  AND (d.valid_to IS NULL OR d.valid_to > now())
"""
# Older tasks lie in the collector's grids, or are no business of his any more.
_TASKS = """SELECT t.case_id FROM cases_task t WHERE t.assignee_id = %s
    AND (t.answered_at IS NULL OR t.answered_at > now() - interval '90 days')"""

# In step with the partial indexes case_held_elsewhere and case_by_assistant.
_HELD_ELSEWHERE = """c.is_open AND c.holder_organisation_id IS DISTINCT FROM c.responsible_id
    AND c.holder_organisation_id = ANY(%s)"""
_ASSISTED = "c.assisting_ids <> '{}' AND c.assisting_ids && %s::bigint[]"


@dataclass(kw_only=True, slots=True)
class Conditions:
    """Conditions on the case `c`, all of which must hold, with their values."""

    texts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, text: str, *values: Any) -> None:
        """Add a condition."""
        self.texts.append(text)
        self.values.extend(values)

    def text(self) -> str:
        """Return the conditions joined."""
        return " AND ".join(self.texts) or "TRUE"


@dataclass(frozen=True, kw_only=True, slots=True)
class Arm:
    """One way into a scope: conditions on the case `c` that one index serves.

    each, link : where the key of the index takes several values (organisations, grids): a query
        that yields them as `key`, and the condition with one of them as `e.key`; asked so, every
        value is one short walk of the index in the order of the list
    rest : what holds beside `link`; the whole condition is `text`
    """

    text: str
    values: tuple[Any, ...] = ()
    each: str = ""
    each_values: tuple[Any, ...] = ()
    link: str = ""
    rest: str = "TRUE"
    rest_values: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """The cases that an actor may read. `everything` = no limit at all."""

    everything: bool
    arms: tuple[Arm, ...] = ()

    def add_to(self, conditions: Conditions) -> None:
        """Add the scope as one condition."""
        if not self.everything:
            texts = " OR ".join(f"({arm.text})" for arm in self.arms) or "FALSE"
            conditions.add(f"({texts})", *(value for arm in self.arms for value in arm.values))


def reading_scope(
    actor: Actor, permission: str = READ, *, own: bool = True, holding: bool = False
) -> Scope:
    """Return the cases within the actor's grants of a permission, and those he holds or reported.

    own : False = without those that he holds or reported outside his grants
    holding : of an organisation only what it holds, not what it assists or was responsible for
    raises : Forbidden without any grant
    source : division subtree x organisation subtree x case kinds; several grants add up (ours)
    """
    grants = actor.scope_for(permission)
    if any(_is_unlimited(grant) for grant in grants):
        return Scope(everything=True)
    arms: list[Arm] = []
    for grant in grants:
        found = _arms_of(grant, actor.person_id, holding=holding)
        arms += (arm for arm in found if arm not in arms)
    if own and actor.person_id is not None:
        arms += _own(actor.person_id)
    return Scope(everything=False, arms=tuple(arms))


def own_scope(actor: Actor) -> Scope:
    """Return the cases that the actor holds or reported, which he may read in any case."""
    arms = () if actor.person_id is None else tuple(_own(actor.person_id))
    return Scope(everything=False, arms=arms)


def is_collectors(grant: Grant) -> bool:
    """Tell whether a grant is only that of a collector, who sees his own grids' cases."""
    return {name for name in grant.permissions if name.startswith(ACT)} == {ACT + COLLECTOR}


def _is_unlimited(grant: Grant) -> bool:
    limited = grant.division_code or grant.organisation_id is not None or grant.case_kinds
    return not limited and not is_collectors(grant)


def _own(person_id: int) -> Iterator[Arm]:
    yield Arm(text="c.created_by_id = %s", values=(person_id,))
    yield Arm(text="c.is_open AND c.holder_person_id = %s", values=(person_id,))


def _arms_of(grant: Grant, person_id: int | None, *, holding: bool) -> Iterator[Arm]:
    shared = _division_and_kind(grant)
    if is_collectors(grant):
        yield from _collectors_arms(grant, person_id)
    elif grant.organisation_id is not None and holding:
        text = f"c.holder_organisation_id = ANY(%s) AND {shared.text()}"
        yield Arm(text=text, values=(list(grant.organisation_ids), *shared.values))
    elif grant.organisation_id is not None:
        yield from _organisation_arms(list(grant.organisation_ids), shared)
    else:
        yield Arm(text=shared.text(), values=tuple(shared.values))


def _division_and_kind(grant: Grant) -> Conditions:
    shared = Conditions()
    code = grant.division_code
    indexed = [width for width in _INDEXED if len(code) >= width]
    if indexed:
        shared.add(f"c.{_WIDTHS[indexed[-1]]} = %s", code[: indexed[-1]])
    if code and len(code) not in _INDEXED:
        column = next((name for width, name in _WIDTHS.items() if len(code) <= width), "grid_code")
        shared.add(f"c.{column} LIKE %s", f"{code}%")
    if grant.case_kinds:
        shared.add("c.kind = ANY(%s)", list(grant.case_kinds))
    return shared


def _collectors_arms(grant: Grant, person_id: int | None) -> Iterator[Arm]:
    """Yield the cases of the grids bound to a collector, and his tasks.

    The grids of one collector fill much of a street or two, so the street's index serves them. The
    grant's division is asked of the grids' codes: a condition more on the case, which follows from
    the street anyway, would mislead the planner.
    """
    if person_id is None:
        return
    found = [row[0] for row in fetch_rows(_DUTIES, [person_id])]
    grids = [code for code in found if code.startswith(grant.division_code)]
    kinds = Conditions()
    if grant.case_kinds:
        kinds.add("c.kind = ANY(%s)", list(grant.case_kinds))
    if grids:
        yield Arm(
            text=f"c.grid_code = ANY(%s) AND {kinds.text()}",
            values=(grids, *kinds.values),
            each="SELECT unnest(%s::varchar[]) AS key",
            each_values=(sorted({code[:STREET_WIDTH] for code in grids}),),
            link="c.street_code = e.key",
            rest=f"c.grid_code = ANY(%s) AND {kinds.text()}",
            rest_values=(grids, *kinds.values),
        )
    yield Arm(text=f"c.id IN ({_TASKS})", values=(person_id,))


def _organisation_arms(ids: list[int], shared: Conditions) -> Iterator[Arm]:
    """Yield the responsible, the holding and the assisting organisations' cases."""
    yield Arm(
        text=f"c.responsible_id = ANY(%s) AND {shared.text()}",
        values=(ids, *shared.values),
        each="SELECT unnest(%s::bigint[]) AS key",
        each_values=(ids,),
        link="c.responsible_id = e.key",
        rest=shared.text(),
        rest_values=tuple(shared.values),
    )
    # Mostly who holds is who is responsible; the index holds only the others.
    for text in (_HELD_ELSEWHERE, _ASSISTED):
        yield Arm(text=f"{text} AND {shared.text()}", values=(ids, *shared.values))
