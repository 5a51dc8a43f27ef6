"""Saved views: a person's own, and those that colleagues share."""

from __future__ import annotations

from typing import Any

import orjson

from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.fetching import fetch_rows
from chengyun.cases.queries.names import names
from chengyun.cases.rules.access import READ

# Own views first, each group in its owner's order.
_SELECT = """
SELECT v.id, v.name, v.filters, v.shared, v.sort, v.person_id
FROM cases_savedview v JOIN administration_person p ON p.id = v.person_id
WHERE v.person_id = %s OR (v.shared AND p.organisation_id = %s)
ORDER BY v.person_id <> %s, v.sort, v.name, v.id
"""


def list_views(*, actor: Actor) -> list[dict[str, Any]]:
    """Return the actor's views and the shared ones of the organisation.

    Reads administration_person for the organisation of the owner.
    raises : Forbidden without `case.read`
    """
    actor.require(READ)
    known = names()
    rows = fetch_rows(_SELECT, [actor.person_id, actor.organisation_id, actor.person_id])
    return [
        {
            "id": key,
            "name": name,
            "filters": orjson.loads(filters),
            "shared": shared,
            "sort": sort,
            "mine": person_id == actor.person_id,
            "by": known.person(person_id),
        }
        for key, name, filters, shared, sort, person_id in rows
    ]
