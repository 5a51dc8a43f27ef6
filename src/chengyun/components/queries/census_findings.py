"""What a census found: the differences of a task side by side, and what was found of a component.

Reads `administration_organisation` for the names behind ids.
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.db import connection

from chengyun.administration.queries.dictionaries import dictionary_names
from chengyun.administration.rules.actor import Actor
from chengyun.components.queries.census import seen_task
from chengyun.components.queries.census_scope import add_task_scope
from chengyun.components.queries.conditions import Conditions
from chengyun.components.queries.objects import METRES_PER_DEGREE, organisation_names
from chengyun.components.queries.photos import photos_of_findings
from chengyun.components.queries.reference import STATES, attributes_of, types_by_id
from chengyun.components.rules.attributes import Definition
from chengyun.kernel.paging import decode_token, encode_token

_ORGANISATIONS: Final = frozenset({"competent_id", "owner_id", "maintainer_id"})
_ATTRIBUTE: Final = "attributes."
_MOST_DUPLICATES: Final = 5
_COLUMNS: Final = """f.id, f.task_id, f.key, f.kind, f.component_id, f.base_version, f.type_code,
    f.values::text AS values, f.changes::text AS changes, ST_X(f.position) AS lon,
    ST_Y(f.position) AS lat, f.moved_m, f.note, f.found_at, f.by_name, f.decision,
    f.decision_reason, f.decided_at, f.decided_by_name, f.made_id,
    c.code, c.name, c.version, ST_X(c.position) AS known_lon, ST_Y(c.position) AS known_lat,
    m.code AS made_code"""
_FINDINGS: Final = """
SELECT {columns} FROM components_censusfinding f
LEFT JOIN components_component c ON c.id = f.component_id
LEFT JOIN components_component m ON m.id = f.made_id
WHERE f.task_id = %s {test} ORDER BY f.id LIMIT %s
"""
# A degree of longitude is shorter than one of latitude; twice the box is wide enough anywhere
# that people live, and the distance decides.
_DUPLICATES: Final = """
SELECT n.what, n.id, n.code, n.metres FROM (
    SELECT 'component' AS what, c.id, c.code,
        ST_Distance(ST_SetSRID(c.position, 4326)::geography,
            ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)::geography) AS metres
    FROM components_component c
    WHERE c.position && ST_Expand(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), %(degrees)s)
    AND c.type_id = %(type)s AND c.retired_at IS NULL AND c.id IS DISTINCT FROM %(made)s
    UNION ALL
    SELECT 'finding', f.id, f.key,
        ST_Distance(ST_SetSRID(f.position, 4326)::geography,
            ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)::geography)
    FROM components_censusfinding f JOIN components_censustask t ON t.id = f.task_id
    WHERE f.kind = 'new' AND t.plan_id = %(plan)s AND f.id <> %(finding)s
    AND f.type_code = %(type_code)s AND f.decision <> 'refused'
    AND f.position && ST_Expand(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), %(degrees)s)
) n WHERE n.metres <= %(metres)s ORDER BY n.metres, n.id LIMIT %(most)s
"""
_OF_COMPONENT: Final = """
SELECT f.kind, f.found_at, f.by_name AS by, f.decision, f.note, t.id AS task_id,
    t.plan_id, p.name AS plan_name
FROM components_censusfinding f JOIN components_censustask t ON t.id = f.task_id
JOIN components_censusplan p ON p.id = t.plan_id
WHERE (f.component_id = %s OR f.made_id = %s) AND {conditions}
ORDER BY f.id DESC LIMIT 50
"""


def list_findings(
    *,
    actor: Actor,
    task_id: int,
    differing: bool = True,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of what was found in a task, with known and found values side by side.

    differing : leave out what was merely confirmed
    raises : Forbidden, NotFound, PageTokenInvalid
    """
    task = seen_task(actor, task_id)
    key = decode_token("census_findings", after, (int,))
    test = "AND f.kind <> 'confirmed'" if differing else ""
    values: list[Any] = [task_id]
    if key:
        test += " AND f.id > %s"
        values += key
    rows = _rows(_FINDINGS.format(columns=_COLUMNS, test=test), [*values, limit + 1])
    plan = _rows("SELECT duplicate_m FROM components_censusplan WHERE id = %s", [task["plan_id"]])[
        0
    ]
    items = _shown(rows[:limit])
    pictures = photos_of_findings(item["id"] for item in items)
    for item, row in zip(items, rows, strict=False):
        item["duplicates"] = (
            _duplicates(row, item["type"]["id"], task["plan_id"], plan["duplicate_m"])
            if row["kind"] == "new"
            else []
        )
        del item["type"]["id"]
        item["photos"] = pictures.get(item["id"], [])
    more = len(rows) > limit
    return {
        "items": items,
        "next": encode_token("census_findings", [items[-1]["id"]]) if more else None,
    }


def list_census_of(*, actor: Actor, component_id: int) -> list[dict[str, Any]]:
    """Return what censuses found of a component, the newest first; only where the actor sees it."""
    conditions = Conditions()
    add_task_scope(conditions, actor)
    statement = _OF_COMPONENT.format(conditions=conditions.text())
    return _rows(statement, [component_id, component_id, *conditions.values])


def _duplicates(
    row: dict[str, Any], type_id: int, plan_id: int, metres: float
) -> list[dict[str, Any]]:
    given = {
        "lon": row["lon"],
        "lat": row["lat"],
        "degrees": 2 * metres / METRES_PER_DEGREE,
        "type": type_id,
        "type_code": row["type_code"],
        "made": row["made_id"],
        "plan": plan_id,
        "finding": row["id"],
        "metres": metres,
        "most": _MOST_DUPLICATES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUPLICATES, given)
        return [
            {"what": what, "id": pk, "code": code, "distance_m": round(distance, 1)}
            for what, pk, code, distance in cursor.fetchall()
        ]


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    types = {kind.code: kind for kind in types_by_id().values()}
    told = [{**row, "values": json.loads(row["values"]), "changes": json.loads(row["changes"])}
            for row in rows]  # fmt: skip
    ids = {
        one
        for row in told
        for name, pair in _pairs(row)
        if name in _ORGANISATIONS
        for one in pair
        if one is not None
    }
    organisations = organisation_names(ids)
    return [
        {
            **{
                name: row[name]
                for name in (
                    "id", "key", "kind", "component_id", "code", "moved_m", "note", "found_at",
                    "decision", "decision_reason", "decided_at", "made_id", "made_code",
                    "known_lon", "known_lat", "lon", "lat",
                )
            },
            "name": row["name"] or row["values"].get("name") or types[row["type_code"]].zh,
            "type": {**types[row["type_code"]].label(), "id": types[row["type_code"]].id},
            "accuracy": row["values"].get("accuracy", ""),
            "by": row["by_name"],
            "decided_by": row["decided_by_name"],
            "is_stale": not row["decision"]
            and row["version"] is not None
            and row["version"] != row["base_version"],
            "differences": [
                _difference(name, pair, row["type_code"], organisations)
                for name, pair in _pairs(row)
            ],
        }
        for row in told
    ]  # fmt: skip


def _pairs(row: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """Return field and [known, found]; of a new one everything that was told is found."""
    if row["kind"] != "new":
        return list(row["changes"].items())
    plain = [
        (name, [None, value]) for name, value in row["values"].items() if value not in ("", None)
    ]
    found: list[tuple[str, list[Any]]] = []
    for name, pair in plain:
        if name == "attributes":
            found += [(f"{_ATTRIBUTE}{key}", [None, one]) for key, one in pair[1].items()]
        else:
            found.append((name, pair))
    return found


def _difference(
    name: str, pair: list[Any], type_code: str, organisations: dict[int | None, dict[str, Any]]
) -> dict[str, Any]:
    definition = None
    if name.startswith(_ATTRIBUTE):
        definition = attributes_of(type_code).get(name.removeprefix(_ATTRIBUTE))
    words = dictionary_names(STATES) if name == "state" else {}

    def said(value: Any) -> dict[str, str]:
        if value is None or value == "":
            return {"zh": "", "en": ""}
        if name in _ORGANISATIONS:
            one = organisations.get(value) or {"name": str(value), "name_en": ""}
            return {"zh": one["name"], "en": one["name_en"] or one["name"]}
        if name == "state" and value in words:
            return {"zh": words[value][0], "en": words[value][1]}
        return _of_attribute(value, definition)

    known_as = {"zh": definition.zh, "en": definition.en} if definition else None
    return {"field": name, "label": known_as, "known": said(pair[0]), "found": said(pair[1])}


def _of_attribute(value: Any, definition: Definition | None) -> dict[str, str]:
    """Return any other value in words, those of an attribute by its definition."""
    if isinstance(value, bool):
        return {"zh": "是", "en": "Yes"} if value else {"zh": "否", "en": "No"}
    if definition and value in definition.choices:
        zh, en = definition.choices[value]
        return {"zh": zh, "en": en or zh}
    text = f"{value} {definition.unit}" if definition and definition.unit else str(value)
    return {"zh": text, "en": text}


def _rows(statement: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
