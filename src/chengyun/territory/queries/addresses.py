"""Lists of addresses, one with everything known of it, and what was changed of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from chengyun.administration.rules.actor import Actor
from chengyun.kernel.errors import NotFound
from chengyun.kernel.paging import decode_token, encode_token
from chengyun.territory.queries.address_rows import COLUMNS, rows_of, scope
from chengyun.territory.queries.divisions import names_of
from chengyun.territory.rules.division_codes import ancestors_of

_LAST_CODE: Final = "~"
_DETAIL: Final = f"""
SELECT {COLUMNS}, ST_AsGeoJSON(a.geometry, 7)::json AS geometry,
    p.full AS parent_full, p.kind AS parent_kind, s.full AS successor_full
FROM territory_address a
LEFT JOIN territory_address p ON p.id = a.parent_id
LEFT JOIN territory_address s ON s.id = a.successor_id
WHERE a.id = %s AND {{scope}}
"""
_BELOW: Final = """
SELECT kind, count(*) AS count FROM territory_address
WHERE parent_id = %s AND valid_to IS NULL GROUP BY kind ORDER BY kind
"""
_NAMES: Final = """
SELECT name, number, is_current, valid_from, valid_to, reason
FROM territory_addressname WHERE address_id = %s
ORDER BY is_current DESC, valid_to DESC NULLS FIRST, id DESC LIMIT 200
"""
_CHANGES: Final = """
SELECT version, act, at, by_name AS by, reason, changes::json FROM territory_addresschange
WHERE address_id = %s AND (%s::int IS NULL OR version < %s) ORDER BY version DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFilter:
    """Which addresses: division prefix, kind, parent, whether in force (None = all), bounds."""

    division: str = ""
    kind: str = ""
    parent_id: int | None = None
    in_force: bool | None = True
    bounds: tuple[float, float, float, float] | None = None


def conditions(actor: Actor, wanted: AddressFilter) -> tuple[str, list[Any]]:
    """Return the SQL condition, with its values, of what the actor may see and asks for."""
    seen, values = scope(actor, "a")
    parts = [seen]
    if wanted.division:
        # A range, not LIKE: the index has the order of the list, whatever the collation.
        parts.append("a.division_code >= %s AND a.division_code < %s")
        values += [wanted.division, wanted.division + _LAST_CODE]
    if wanted.kind:
        parts.append("a.kind = %s")
        values.append(wanted.kind)
    if wanted.parent_id is not None:
        parts.append("a.parent_id = %s")
        values.append(wanted.parent_id)
    if wanted.in_force is not None:
        parts.append("a.valid_to IS NULL" if wanted.in_force else "a.valid_to IS NOT NULL")
    if wanted.bounds:
        parts.append("a.point && ST_MakeEnvelope(%s, %s, %s, %s, 4490)")
        values += wanted.bounds
    return " AND ".join(parts), values


def list_addresses(
    *, actor: Actor, wanted: AddressFilter, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return a page of addresses by division and age.

    raises : Forbidden, PageTokenInvalid
    """
    condition, values = conditions(actor, wanted)
    start = decode_token("addresses", after, (str, int))
    if start:
        condition += " AND (a.division_code, a.id) > (%s, %s)"
        values += start
    sql = (
        f"SELECT {COLUMNS} FROM territory_address a WHERE {condition}"
        " ORDER BY a.division_code, a.id LIMIT %s"
    )
    rows = rows_of(sql, [*values, limit + 1])
    items = rows[:limit]
    more = len(rows) > limit
    last = [items[-1]["division_code"], items[-1]["id"]] if more else []
    return {"items": items, "next": encode_token("addresses", last) if more else None}


def get_address(*, actor: Actor, address_id: int) -> dict[str, Any]:
    """Return an address with its names, divisions and what stands below it; raise NotFound."""
    seen, values = scope(actor, "a")
    found = rows_of(_DETAIL.format(scope=seen), [address_id, *values])
    if not found:
        raise NotFound(what=f"地址 {address_id}")
    row = found[0]
    codes = [*ancestors_of(row["division_code"]), row["division_code"]]
    names = names_of(codes)
    return row | {
        "divisions": [
            {"code": code, "zh": names[code][0], "en": names[code][1]}
            for code in codes
            if code in names
        ],
        "names": rows_of(_NAMES, [address_id]),
        "below": rows_of(_BELOW, [address_id]),
    }


def list_changes(
    *, actor: Actor, address_id: int, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return who changed what of an address, and when, the newest first; raise NotFound."""
    get_address(actor=actor, address_id=address_id)
    start = decode_token("address_changes", after, (int,))
    version = start[0] if start else None
    rows = rows_of(_CHANGES, [address_id, version, version, limit + 1])
    items = rows[:limit]
    more = len(rows) > limit
    token = encode_token("address_changes", [items[-1]["version"]]) if more else None
    return {"items": items, "next": token}
