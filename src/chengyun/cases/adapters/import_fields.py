"""The fields that a mapping may fill; the table is data/import_fields.csv."""

from __future__ import annotations

from functools import cache

from chengyun.intake.queries.fields import field_table
from chengyun.intake.rules.kinds import FieldName


@cache
def import_fields(purpose: str) -> dict[str, FieldName]:
    """Return the fields by name, in order; purpose: cases or standards."""
    return field_table("cases", purpose)
