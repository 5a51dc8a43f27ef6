"""Names that every list shows, kept in this process: types, divisions, organisations, people.

Reads tables of administration and territory whole; a list then needs no join. A change of access
or reference data drops the copies at once (administration's freshness), a change of divisions is
seen within a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from chengyun.administration.queries.freshness import FreshCache

KEPT_S = 60.0
Label = dict[str, Any]

_TYPES = "SELECT id, kind, code, class_code, zh, en, class_zh, class_en FROM cases_mattertype"
_DIVISIONS = "SELECT code, zh, en FROM territory_division WHERE valid_to IS NULL"
_ORGANISATIONS = "SELECT id, zh, en, path, kind FROM administration_organisation"
_PEOPLE = "SELECT id, name FROM administration_person"


@dataclass(frozen=True, slots=True)
class TypeName:
    """A matter type as lists show and filter it."""

    id: int
    kind: str
    code: str
    class_code: str
    label: Label


@dataclass(frozen=True, slots=True)
class Names:
    """Labels by key; ready to be written as JSON, so never change one."""

    types: dict[int, TypeName]
    divisions: dict[str, Label]
    organisations: dict[int, Label]
    paths: dict[int, str]
    people: dict[int, Label]

    def division(self, code: str) -> Label | None:
        """Return a division's label; the bare code where it has no row, None without a code."""
        if not code:
            return None
        return self.divisions.get(code) or {"code": code, "zh": code, "en": code}

    def organisation(self, key: int | None) -> Label | None:
        """Return an organisation's reference, None without one."""
        if key is None:
            return None
        return self.organisations.get(key) or {"id": key, "name": str(key), "name_en": str(key)}

    def person(self, key: int | None) -> Label | None:
        """Return a person's reference, None without one."""
        if key is None:
            return None
        return self.people.get(key) or {"id": key, "name": str(key)}

    def subtree(self, organisation_id: int) -> list[int]:
        """Return the ids of an organisation and everything below it; [] for an unknown one."""
        path = self.paths.get(organisation_id)
        if path is None:
            return []
        return [key for key, other in self.paths.items() if other.startswith(path)]


_reference: FreshCache[str, tuple[dict[int, TypeName], dict[str, Label]]] = FreshCache(
    "reference", ttl_s=KEPT_S
)
_access: FreshCache[str, tuple[dict[int, Label], dict[int, str], dict[int, Label]]] = FreshCache(
    "access", ttl_s=KEPT_S
)


def names() -> Names:
    """Return the names, from this process's copy."""
    types, divisions = _reference.get_or_load("names", _load_reference)
    organisations, paths, people = _access.get_or_load("names", _load_access)
    return Names(types, divisions, organisations, paths, people)


def _load_reference() -> tuple[dict[int, TypeName], dict[str, Label]]:
    types = {
        key: TypeName(
            key,
            kind,
            code,
            class_code,
            {
                "code": code,
                "zh": zh,
                "en": en,
                "class_code": class_code,
                "class_zh": class_zh,
                "class_en": class_en,
            },
        )
        for key, kind, code, class_code, zh, en, class_zh, class_en in _rows(_TYPES)
    }
    divisions = {
        code: {"code": code, "zh": zh, "en": en or zh} for code, zh, en in _rows(_DIVISIONS)
    }
    return types, divisions


def _load_access() -> tuple[dict[int, Label], dict[int, str], dict[int, Label]]:
    organisations, paths = dict[int, Label](), dict[int, str]()
    for key, zh, en, path, _ in _rows(_ORGANISATIONS):
        organisations[key] = {"id": key, "name": zh, "name_en": en or zh}
        paths[key] = path
    people = {key: {"id": key, "name": name} for key, name in _rows(_PEOPLE)}
    return organisations, paths, people


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
