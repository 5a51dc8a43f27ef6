"""Definitions that ship with the program: permissions, built-in roles, settings, dictionaries.

They are data files of the contexts (`<context>/data/*.csv`); this module reads them once.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

_CONTEXTS = ("administration", "territory", "components", "files", "cases")


@dataclass(frozen=True, kw_only=True)
class PermissionDefinition:
    """A permission: what a role may carry.

    axis : supervision, command or disposal for acts on cases, else ''
    guarded : only somebody who holds it himself may give it to others
    """

    code: str
    zh: str
    en: str
    context: str
    axis: str
    guarded: bool


@dataclass(frozen=True, kw_only=True)
class SettingDefinition:
    """What a setting means and which values it takes.

    kind : integer, decimal, boolean, text, choice, time_zone, limit (of time) or json
    minimum, maximum : of the number, or of the length of a text
    choices : the values of a choice; the name of the shape of a json
    secret : written, never shown
    """

    key: str
    kind: str
    default: Any
    minimum: Decimal | None
    maximum: Decimal | None
    choices: tuple[str, ...]
    unit: str
    zh: str
    en: str
    group: str
    secret: bool
    source: str
    certainty: str


def data_rows(name: str, *, contexts: tuple[str, ...] = _CONTEXTS) -> list[dict[str, str]]:
    """Return the rows of `data/<name>` of every context that has such a file."""
    rows: list[dict[str, str]] = []
    for context in contexts:
        path = files(f"chengyun.{context}") / "data" / name
        if path.is_file():
            rows.extend(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    return rows


@cache
def permission_definitions() -> dict[str, PermissionDefinition]:
    """Return every permission by its code, in the order of the file."""
    return {
        row["code"]: PermissionDefinition(
            code=row["code"],
            zh=row["zh"],
            en=row["en"],
            context=row["context"],
            axis=row["axis"],
            guarded=_is_yes(row["guarded"]),
        )
        for row in data_rows("permissions.csv")
    }


@cache
def setting_definitions() -> dict[str, SettingDefinition]:
    """Return every setting by its key, in the order of the files."""
    return {row["key"]: _setting(row) for row in data_rows("settings.csv")}


@cache
def systems_of(tier: str) -> tuple[str, ...]:
    """Return the codes of the systems that a platform of this tier runs.

    source : CJ/T 545, by data/systems.csv; what is optional there is left out
    """
    return tuple(row["code"] for row in data_rows("systems.csv") if _is_yes(row[tier]))


def _setting(row: dict[str, str]) -> SettingDefinition:
    return SettingDefinition(
        key=row["key"],
        kind=row["type"],
        default=json.loads(row["default"]),
        minimum=Decimal(row["min"]) if row["min"] else None,
        maximum=Decimal(row["max"]) if row["max"] else None,
        choices=tuple(row["choices"].split()),
        unit=row["unit"],
        zh=row["zh"],
        en=row["en"],
        group=row["group"],
        secret=_is_yes(row["secret"]),
        source=row["source"],
        certainty=row["certainty"],
    )


def _is_yes(text: str) -> bool:
    return text == "yes"
