"""Reading components: pages, one with everything, the nearest, those in an area, the versions.

Reads `territory_division` and `administration_organisation` for names.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final

from django.db import connection

from chengyun.administration.queries import setting
from chengyun.administration.queries.dictionaries import dictionary_names
from chengyun.administration.rules.actor import Actor
from chengyun.components.queries.conditions import ComponentFilter, Conditions, conditions_for
from chengyun.components.queries.reference import (
    SOURCES,
    STATES,
    attributes_of,
    types_by_id,
)
from chengyun.kernel.errors import NotFound
from chengyun.kernel.paging import decode_token, encode_token

EVERYTHING: Final = ComponentFilter(retired=None)
MOST_NEAR: Final = 50
METRES_PER_DEGREE: Final = 111_320
_COLUMNS: Final = """c.id, c.code, c.type_id, c.name, c.state, c.source, c.competent_id,
    c.owner_id, c.maintainer_id, c.address, c.grid_code, c.community_code, c.street_code,
    c.district_code, ST_X(c.position) AS lon, ST_Y(c.position) AS lat, c.version, c.changed_on,
    c.retired_at, c.updated_at"""
_MORE: Final = """, c.accuracy, c.bearing, c.note, c.initial_on, c.position_source, c.created_at,
    c.attributes::text AS attributes, ST_AsGeoJSON(c.shape, 7) AS shape"""
_VERSIONS: Final = """
SELECT v.version, v.act, v.at, v.by_name, v.reason, v.changes::text
FROM components_componentversion v WHERE v.component_id = %s
"""
_METRES: Final = """ST_Distance(ST_SetSRID(c.position, 4326)::geography,
    ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography)"""


def list_components(
    *, actor: Actor, wanted: ComponentFilter, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return a page of components by code: {items, next}.

    raises : Forbidden, PageTokenInvalid
    """
    key = decode_token("components", after, (str,))
    conditions = conditions_for(actor, wanted)
    if key:
        conditions.add("c.code > %s", *key)
    rows = _select(_COLUMNS, conditions, "c.code", limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": _shown(rows[:limit]),
        "next": encode_token("components", [last["code"]]) if last else None,
    }


def get_component(*, actor: Actor, component_id: int) -> dict[str, Any]:
    """Return a component with everything known of it; raise Forbidden, NotFound."""
    return _one(actor, "c.id = %s", component_id)


def get_component_by_code(*, actor: Actor, code: str) -> dict[str, Any]:
    """Return a component by its code, as a scanner gives it; raise Forbidden, NotFound."""
    return _one(actor, "c.code = %s", code)


def list_versions(
    *, actor: Actor, component_id: int, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return a page of what was changed of a component, the newest first."""
    get_component(actor=actor, component_id=component_id)
    key = decode_token("component_versions", after, (int,))
    older, values = ("AND v.version < %s", key) if key else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_VERSIONS} {older} ORDER BY v.version DESC LIMIT %s",
            [component_id, *values, limit + 1],
        )
        rows = cursor.fetchall()
    items = [
        {
            "version": row[0],
            "act": row[1],
            "at": row[2],
            "by": row[3],
            "reason": row[4],
            "changes": json.loads(row[5]),
        }
        for row in rows[:limit]
    ]
    more = len(rows) > limit
    return {
        "items": items,
        "next": encode_token("component_versions", [items[-1]["version"]]) if more else None,
    }


def nearest_components(
    *,
    actor: Actor,
    lon: float,
    lat: float,
    wanted: ComponentFilter,
    radius_m: int | None = None,
    limit: int = 10,
) -> list[dict[str, Any]]:
    """Return the components nearest to a point with their distance [m], at most MOST_NEAR.

    lon, lat : EPSG:4490 [degrees]
    radius_m : None = the setting
    """
    radius = radius_m or int(setting("components.nearest_radius_m"))
    conditions = conditions_for(actor, wanted)
    conditions.add("c.position && ST_MakeEnvelope(%s, %s, %s, %s, 4490)", *box(lon, lat, radius))
    statement = f"""SELECT * FROM (SELECT {_COLUMNS}, {_METRES} AS distance_m
        FROM components_component c WHERE {conditions.text()}) n
        WHERE n.distance_m <= %s ORDER BY n.distance_m, n.code LIMIT %s"""
    values = [lon, lat, *conditions.values, radius, min(limit, MOST_NEAR)]
    rows = _rows(statement, values)
    shown = _shown(rows)
    for one, row in zip(shown, rows, strict=True):
        one["distance_m"] = round(row["distance_m"], 1)
    return shown


def list_in_area(
    *,
    actor: Actor,
    area: str,
    wanted: ComponentFilter,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of the components within an area, by code, as `list_components`.

    area : polygon as EWKB in hex, EPSG:4490; a line or area counts by the point on it
    """
    key = decode_token("components_area", after, (str,))
    conditions = conditions_for(actor, wanted)
    conditions.add("ST_Covers(%s::geometry, c.position)", area)
    if key:
        conditions.add("c.code > %s", *key)
    rows = _select(_COLUMNS, conditions, "c.code", limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": _shown(rows[:limit]),
        "next": encode_token("components_area", [last["code"]]) if last else None,
    }


def box(lon: float, lat: float, radius_m: float) -> list[float]:
    """Return west, south, east, north [degrees] around a point."""
    north = radius_m / METRES_PER_DEGREE
    east = north / max(math.cos(math.radians(lat)), 0.01)
    return [lon - east, lat - north, lon + east, lat + north]


def _one(actor: Actor, test: str, key: Any) -> dict[str, Any]:
    conditions = conditions_for(actor, EVERYTHING)
    conditions.add(test, key)
    rows = _select(_COLUMNS + _MORE, conditions, "c.id", 1)
    if not rows:
        raise NotFound(what=f"部件 {key}", what_en=f"Component {key}")
    row = rows[0]
    shown = _shown(rows)[0]
    attributes = json.loads(row["attributes"])
    shown["shape"] = json.loads(row["shape"]) if row["shape"] else None
    shown["attributes"] = attributes
    shown["attribute_names"] = sorted(set(attributes_of(shown["type"]["code"])) | set(attributes))
    for name in ("accuracy", "bearing", "note", "initial_on", "position_source", "created_at"):
        shown[name] = row[name]
    return shown


def _select(columns: str, conditions: Conditions, order: str, limit: int) -> list[dict[str, Any]]:
    statement = (
        f"SELECT {columns} FROM components_component c"
        f" WHERE {conditions.text()} ORDER BY {order} LIMIT %s"
    )
    return _rows(statement, [*conditions.values, limit])


def _rows(statement: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows as the API shows them, with the names that their codes stand for."""
    places = {
        row[name] for row in rows for name in ("community_code", "street_code", "district_code")
    }
    ids = {row[name] for row in rows for name in ("competent_id", "owner_id", "maintainer_id")}
    divisions = division_names(places)
    organisations = organisation_names({one for one in ids if one is not None})
    states, sources = dictionary_names(STATES), dictionary_names(SOURCES)
    types = types_by_id()
    return [
        {
            "id": row["id"],
            "code": row["code"],
            "type": types[row["type_id"]].label(),
            "name": row["name"],
            "state": word(states, row["state"]),
            "source": word(sources, row["source"]),
            "competent": organisations.get(row["competent_id"]),
            "owner": organisations.get(row["owner_id"]),
            "maintainer": organisations.get(row["maintainer_id"]),
            "address": row["address"],
            "grid_code": row["grid_code"],
            "community": divisions.get(row["community_code"]) or bare(row["community_code"]),
            "street": divisions.get(row["street_code"]) or bare(row["street_code"]),
            "district": divisions.get(row["district_code"]) or bare(row["district_code"]),
            "lon": row["lon"],
            "lat": row["lat"],
            "version": row["version"],
            "changed_on": row["changed_on"],
            "retired_at": row["retired_at"],
            "updated_at": row["updated_at"],
        }
        for row in rows
    ]


def word(known: dict[str, tuple[str, str]], code: str) -> dict[str, str]:
    """Return a value of a dictionary with its names."""
    zh, en = known.get(code, (code, code))
    return {"code": code, "zh": zh, "en": en}


def bare(code: str) -> dict[str, str]:
    """Return a division that has no row."""
    return {"code": code, "zh": code, "en": code}


def division_names(codes: set[str]) -> dict[str, dict[str, str]]:
    """Return divisions with their names by code."""
    rows = _rows(
        "SELECT code, zh, en FROM territory_division WHERE code = ANY(%s)", [sorted(codes)]
    )
    return {row["code"]: row for row in rows}


def organisation_names(ids: set[int]) -> dict[int | None, dict[str, Any]]:
    """Return organisations with their names by id."""
    if not ids:
        return {}
    rows = _rows(
        "SELECT id, zh AS name, en AS name_en FROM administration_organisation WHERE id = ANY(%s)",
        [sorted(ids)],
    )
    return {row["id"]: row for row in rows}
