"""How many cases are about a component: exact, each figure with the filter of the list behind it.

One walk of the index of cases by component; a component has few cases, however many a city has.
"""

from __future__ import annotations

from typing import Any, Final

from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.fetching import fetch_rows
from chengyun.cases.queries.filters import parse_filter
from chengyun.cases.queries.lists import narrowed
from chengyun.cases.queries.names import names
from chengyun.kernel.clock import now

_COUNT: Final = """
SELECT c.is_open, c.matter_type_id, count(*)
FROM cases_case c WHERE {conditions}
GROUP BY GROUPING SETS ((), (c.is_open), (c.matter_type_id))
"""
_PARTS: Final = (("open", "true", True), ("ended", "false", False))


def count_of_component(*, actor: Actor, code: str) -> dict[str, Any]:
    """Return {component, total, open, ended, by_type} of the cases that the actor may read.

    returns : each figure as {count, filter}; types by their number, the largest first
    raises : Forbidden, Invalid for what cannot be a code
    """
    wanted = parse_filter({"component": code})
    conditions, scope = narrowed(actor=actor, wanted=wanted, at=now())
    scope.add_to(conditions)
    by_open: dict[bool | None, int] = {}
    by_type: dict[int, int] = {}
    for is_open, type_id, count in fetch_rows(
        _COUNT.format(conditions=conditions.text()), conditions.values
    ):
        if type_id is None:
            by_open[is_open] = count
        else:
            by_type[type_id] = count
    behind = {"component": wanted.component}
    return {
        "component": wanted.component,
        "total": {"count": by_open.get(None, 0), "filter": behind},
        **{
            name: {"count": by_open.get(value, 0), "filter": {**behind, "open": word}}
            for name, word, value in _PARTS
        },
        "by_type": _types(by_type, behind),
    }


def _types(counted: dict[int, int], behind: dict[str, str]) -> list[dict[str, Any]]:
    known = names().types
    rows = [
        {
            **{name: known[type_id].label[name] for name in ("code", "zh", "en")},
            "count": count,
            "filter": {**behind, "type": known[type_id].code},
        }
        for type_id, count in counted.items()
    ]
    return sorted(rows, key=lambda row: (-row["count"], row["code"]))
