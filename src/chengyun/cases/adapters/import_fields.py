"""The fields that a mapping may fill; the table is data/import_fields.csv."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportField:
    """A field of a case or a standard."""

    name: str
    zh: str
    en: str
    required: bool


@cache
def import_fields(purpose: str) -> dict[str, ImportField]:
    """Return the fields by name, in order; purpose: cases or standards."""
    text = files("chengyun.cases").joinpath("data/import_fields.csv").read_text(encoding="utf-8")
    return {
        row["field"]: ImportField(
            name=row["field"], zh=row["zh"], en=row["en"], required=row["required"] == "yes"
        )
        for row in csv.DictReader(text.splitlines())
        if row["purpose"] == purpose
    }
