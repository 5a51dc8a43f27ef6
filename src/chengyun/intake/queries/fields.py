"""Tables of the fields that mappings may fill."""

from __future__ import annotations

import csv
from importlib.resources import files

from chengyun.intake.rules.kinds import FieldName


def field_table(context: str, purpose: str) -> dict[str, FieldName]:
    """Return the fields of a purpose from a context's data/import_fields.csv, in order."""
    path = files(f"chengyun.{context}").joinpath("data", "import_fields.csv")
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {
        row["field"]: FieldName(zh=row["zh"], en=row["en"], required=row["required"] == "yes")
        for row in rows
        if row["purpose"] == purpose
    }
