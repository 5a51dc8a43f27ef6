"""Names that an import looks up: divisions, organisations, matter types.

Reads tables of territory and administration directly: whole name lists, once per import run.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeName:
    """A matter type as an import finds it."""

    id: int
    kind: str
    code: str
    zh: str


def divisions_below(prefix: str) -> dict[str, str]:
    """Return code → Chinese name of the divisions whose code starts with `prefix`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, zh FROM territory_division"
            " WHERE starts_with(code, %s) AND valid_to IS NULL",
            [prefix],
        )
        return dict(cursor.fetchall())


def organisations_by_name() -> dict[str, int]:
    """Return name (both languages) → id of the active organisations."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT en, zh, id FROM administration_organisation WHERE active")
        rows = cursor.fetchall()
    by_name = {en: key for en, _, key in rows if en}
    return by_name | {zh: key for _, zh, key in rows}


def root_organisation() -> int | None:
    """Return the id of the top of the organisation tree, None in an empty platform."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM administration_organisation WHERE parent_id IS NULL ORDER BY id LIMIT 1"
        )
        row = cursor.fetchone()
    return row[0] if row else None


def matter_type_names() -> dict[str, TypeName]:
    """Return every way to name a type in use: "kind:code", code, both names, older codes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, kind, code, zh, en FROM cases_mattertype WHERE active"
            " ORDER BY local DESC, id"
        )
        rows = cursor.fetchall()
    found: dict[str, TypeName] = {}
    for key, kind, code, zh, en in rows:
        name = TypeName(id=key, kind=kind, code=code, zh=zh)
        for text in (en, zh, code, f"{kind}:{code}"):
            if text:
                found[text] = name
    return found
