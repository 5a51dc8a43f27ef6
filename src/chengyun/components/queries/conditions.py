"""Which components are asked for, and which the actor may read, as SQL on `c`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from chengyun.administration.rules.actor import Actor, Grant
from chengyun.components.queries.reference import type_in_use
from chengyun.components.rules.access import READ
from chengyun.components.rules.faults import ComponentTypeUnknown
from chengyun.kernel.text import query_terms

_WIDTHS: Final = {6: "district_code", 9: "street_code", 12: "community_code"}
_ORGANISATIONS: Final = ("competent", "owner", "maintainer")
_LEAST_DIGITS: Final = 4
Bounds = tuple[float, float, float, float]


@dataclass(kw_only=True, slots=True)
class Conditions:
    """Conditions that must all hold, with their values."""

    texts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, text: str, *values: Any) -> None:
        """Add a condition."""
        self.texts.append(text)
        self.values.extend(values)

    def text(self) -> str:
        """Return the conditions joined."""
        return " AND ".join(self.texts) or "TRUE"


@dataclass(frozen=True, kw_only=True)
class ComponentFilter:
    """Which components to show. Empty values ask for nothing.

    type : a code, or a class by its first two digits
    division : code of any level
    competent, owner, maintainer : id, 0 = none given
    retired : False = only those in use, True = only retired ones, None = both
    bounds : west, south, east, north, EPSG:4490
    """

    type: str = ""
    state: str = ""
    source: str = ""
    division: str = ""
    grid: str = ""
    competent: int | None = None
    owner: int | None = None
    maintainer: int | None = None
    retired: bool | None = False
    q: str = ""
    bounds: Bounds | None = None


def conditions_for(actor: Actor, wanted: ComponentFilter) -> Conditions:
    """Return the filter within what the actor may read.

    raises : Forbidden
    """
    found = Conditions()
    _add_filter(found, wanted)
    add_scope(found, actor)
    return found


def add_scope(conditions: Conditions, actor: Actor, permission: str = READ) -> None:
    """Add what a permission covers: division subtree x organisation subtree; grants add up."""
    texts: list[str] = []
    values: list[Any] = []
    for grant in actor.scope_for(permission):
        one = _of_grant(grant)
        if not one.texts:
            return
        texts.append(f"({one.text()})")
        values += one.values
    conditions.add(f"({' OR '.join(texts)})", *values)


def _of_grant(grant: Grant) -> Conditions:
    one = Conditions()
    if grant.division_code:
        _add_division(one, grant.division_code)
    if grant.organisation_id is not None:
        tests = " OR ".join(f"c.{name}_id = ANY(%s)" for name in _ORGANISATIONS)
        ids = list(grant.organisation_ids)
        one.add(f"({tests})", ids, ids, ids)
    return one


def _add_filter(found: Conditions, wanted: ComponentFilter) -> None:
    if wanted.type:
        _add_type(found, wanted.type)
    if wanted.division:
        _add_division(found, wanted.division)
    for name, column in (("state", "state"), ("source", "source"), ("grid", "grid_code")):
        if value := getattr(wanted, name):
            found.add(f"c.{column} = %s", value)
    _add_organisations(found, wanted)
    if wanted.retired is not None:
        found.add("c.retired_at IS NOT NULL" if wanted.retired else "c.retired_at IS NULL")
    if wanted.bounds:
        found.add("c.position && ST_MakeEnvelope(%s, %s, %s, %s, 4490)", *wanted.bounds)
    if wanted.q.strip():
        _add_words(found, wanted.q.strip())


def _add_organisations(found: Conditions, wanted: ComponentFilter) -> None:
    for name in _ORGANISATIONS:
        value = getattr(wanted, name)
        if value:
            found.add(f"c.{name}_id = %s", value)
        elif value == 0:
            found.add(f"c.{name}_id IS NULL")


def _add_type(found: Conditions, code: str) -> None:
    try:
        found.add("c.type_id = %s", type_in_use(code).id)
    except ComponentTypeUnknown:
        found.add(
            "c.type_id IN (SELECT t.id FROM components_componenttype t WHERE t.class_code = %s)",
            code,
        )


def _add_division(found: Conditions, code: str) -> None:
    column = _WIDTHS.get(len(code))
    if column:
        found.add(f"c.{column} = %s", code)
        return
    column = next((name for width, name in _WIDTHS.items() if len(code) < width), "grid_code")
    found.add(f"c.{column} LIKE %s", f"{code}%")


def _add_words(found: Conditions, text: str) -> None:
    if text.isascii() and text.isdigit() and len(text) >= _LEAST_DIGITS:
        found.add("c.code LIKE %s", f"{text}%")
        return
    terms = query_terms(text)
    if terms:
        found.add("c.search @> %s::varchar[]", terms)
    else:
        found.add("FALSE")
