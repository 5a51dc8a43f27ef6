"""Reads the seed of code schemes: `data/code_schemes.csv`."""

from __future__ import annotations

import csv
from datetime import date
from importlib import resources
from typing import Any


def seed_rows() -> list[dict[str, Any]]:
    """Return the schemes of the data file, as the table of code schemes holds them."""
    source = resources.files("chengyun.territory").joinpath("data", "code_schemes.csv")
    rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    return [{**row, "parts": _parts(row["parts"]), **_days(row)} for row in rows]


def _parts(text: str) -> list[dict[str, Any]]:
    cut = (part.split(":") for part in text.split())
    return [{"name": name, "width": int(width), "zh": zh} for name, width, zh in cut]


def _days(row: dict[str, str]) -> dict[str, date | None]:
    days = ("valid_from", "valid_to")
    return {day: date.fromisoformat(row[day]) if row[day] else None for day in days}
