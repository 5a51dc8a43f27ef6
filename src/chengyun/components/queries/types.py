"""Component types: find by a code of any standard, list, map older codes to the present ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.kernel.paging import decode_token, encode_token

CURRENT_STANDARD = "GB/T 47678.5-2026"
STANDARD_2013 = "GB/T 30428.2-2013"
STANDARD_2007 = "CJ/T 214-2007"
STANDARDS = (CURRENT_STANDARD, STANDARD_2013, STANDARD_2007)
_OLD_COLUMN = {STANDARD_2013: "code_2013", STANDARD_2007: "code_2007"}
READ = "territory.read"

_COLUMNS = (
    "id, standard, code, class_code, class_zh, class_en, zh, en, geometry,"
    " code_2013, code_2007, certainty, note, local"
)
_SELECT = f"SELECT {_COLUMNS} FROM components_componenttype"


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentTypeRow:
    """A component type. `code_2013` and `code_2007` are '' where the older list has none."""

    id: int
    standard: str
    code: str
    class_code: str
    class_zh: str
    class_en: str
    zh: str
    en: str
    geometry: str
    code_2013: str
    code_2007: str
    certainty: str
    note: str
    local: bool


def find_component_type(code: str, standard: str | None = None) -> ComponentTypeRow | None:
    """Return the component type with this code, or None.

    standard : None = the present list, then a city's own types, then 2013, then 2007. A code of an
        older standard gives the present type where there is exactly one, else the old entry.
    """
    if standard is not None:
        return _in_standard(code, standard)
    tried = (_in_standard(code, one) for one in ("", *STANDARDS))
    return next((found for found in tried if found), None)


def map_component_code(code: str, standard: str) -> list[ComponentTypeRow]:
    """Return the present types that an older standard's code stands for.

    Several when the old type was split, none when it was dropped or is unknown.
    """
    column = _OLD_COLUMN.get(standard)
    if column is None:
        found = _own(code, standard)
        return [found] if found else []
    return _read(f"{_SELECT} WHERE standard = %s AND {column} = %s ORDER BY code", _now(code))


def list_component_types(
    *,
    actor: Actor,
    q: str = "",
    class_code: str = "",
    standard: str = CURRENT_STANDARD,
    limit: int = 200,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of the types of a standard and the city's own, by code.

    q : part of the Chinese or English name, or the start of a present or older code
    """
    actor.require(READ)
    key = decode_token("component-types", after, (str, int))
    wanted, values = ["(standard = %s OR local)"], [standard]
    if class_code:
        wanted.append("class_code = %s")
        values.append(class_code)
    if q:
        like = _escaped(q)
        wanted.append(
            "(zh LIKE %s OR en ILIKE %s OR code LIKE %s OR code_2013 = %s OR code_2007 = %s)"
        )
        values += [f"%{like}%", f"%{like}%", f"{like}%", q, q]
    if key:
        wanted.append("(code, id) > (%s, %s)")
        values += key
    rows = _read(
        f"{_SELECT} WHERE {' AND '.join(wanted)} ORDER BY code, id LIMIT %s", [*values, limit + 1]
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "items": [asdict(row) for row in rows[:limit]],
        "next": encode_token("component-types", [last.code, last.id]) if last else None,
    }


def _in_standard(code: str, standard: str) -> ComponentTypeRow | None:
    if standard in _OLD_COLUMN:
        present = map_component_code(code, standard)
        if len(present) == 1:
            return present[0]
    return _own(code, standard)


def _own(code: str, standard: str) -> ComponentTypeRow | None:
    where = "standard = %s AND code = %s" if standard else "local AND code = %s"
    found = _read(f"{_SELECT} WHERE {where}", [standard, code] if standard else [code])
    return found[0] if found else None


def _now(code: str) -> list[Any]:
    return [CURRENT_STANDARD, code]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _read(statement: str, values: list[Any]) -> list[ComponentTypeRow]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        return [ComponentTypeRow(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
