"""How many components there are, by what: every figure names the filter of the list behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import connection

from chengyun.administration.queries.dictionaries import dictionary_names
from chengyun.administration.rules.actor import Actor
from chengyun.components.queries.conditions import ComponentFilter, conditions_for
from chengyun.components.queries.objects import (
    bare,
    division_names,
    organisation_names,
    word,
)
from chengyun.components.queries.reference import SOURCES, STATES, types_by_id

MOST_GROUPS: Final = 500
KEPT_FROM: Final = 100_000
_KEPT: Final = ("componentcount", "sum(c.n)::bigint")
GROUPINGS: Final = {
    "type": ("c.type_id", "type"),
    "state": ("c.state", "state"),
    "source": ("c.source", "source"),
    "competent": ("c.competent_id", "competent"),
    "owner": ("c.owner_id", "owner"),
    "maintainer": ("c.maintainer_id", "maintainer"),
    "district": ("c.district_code", "division"),
    "street": ("c.street_code", "division"),
    "community": ("c.community_code", "division"),
    "grid": ("c.grid_code", "grid"),
}
_NOBODY = {"zh": "（未登记）", "en": "(not given)"}


def count_components(*, actor: Actor, wanted: ComponentFilter, by: str) -> dict[str, Any]:
    """Return {by, total, groups, items, counted_at}: the largest groups first, at most MOST_GROUPS.

    Few components are counted as they are; of many, the kept numbers of `counted_at` are added up
    where they tell what is asked.

    by : one of GROUPINGS
    raises : Forbidden
    """
    column, parameter = GROUPINGS[by]
    conditions = conditions_for(actor, wanted)
    counted_at = _kept_since(wanted, by)
    table, number = ("component", "count(*)") if counted_at is None else _KEPT
    statement = f"""SELECT k, n, sum(n) OVER (), count(*) OVER () FROM (
        SELECT {column} AS k, {number} AS n FROM components_{table} c
        WHERE {conditions.text()} GROUP BY 1) g
        ORDER BY n DESC, k LIMIT %s"""
    with connection.cursor() as cursor:
        cursor.execute(statement, [*conditions.values, MOST_GROUPS])
        rows = cursor.fetchall()
    labels = _labels(by, [row[0] for row in rows])
    items = [
        {**labels[row[0]], "count": row[1], "filter": {parameter: labels[row[0]]["code"]}}
        for row in rows
    ]
    total, groups = (int(rows[0][2]), rows[0][3]) if rows else (0, 0)
    return {
        "by": by,
        "total": total,
        "groups": groups,
        "items": items,
        "counted_at": counted_at,
    }


def _kept_since(wanted: ComponentFilter, by: str) -> datetime | None:
    """Return when the kept numbers were counted; None where the components are to be counted."""
    if by == "grid" or wanted.grid or wanted.q.strip() or wanted.bounds:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT counted_at FROM components_componentcountage"
            " WHERE (SELECT sum(n) FROM components_componentcount) >= %s",
            [KEPT_FROM],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _labels(by: str, keys: list[Any]) -> dict[Any, dict[str, str]]:
    if by == "type":
        types = types_by_id()
        return {
            key: {"code": types[key].code, "zh": types[key].zh, "en": types[key].en} for key in keys
        }
    if by in {"state", "source"}:
        known = dictionary_names(STATES if by == "state" else SOURCES)
        return {key: word(known, key) for key in keys}
    if by in {"competent", "owner", "maintainer"}:
        return _organisations(keys)
    names = division_names(set(keys)) if by != "grid" else {}
    return {key: names.get(key) or bare(key) for key in keys}


def _organisations(keys: list[int | None]) -> dict[Any, dict[str, str]]:
    found = organisation_names({key for key in keys if key is not None})
    labels: dict[Any, dict[str, str]] = {None: {"code": "0", **_NOBODY}}
    for key, row in found.items():
        labels[key] = {"code": str(key), "zh": row["name"], "en": row["name_en"] or row["name"]}
    return labels
