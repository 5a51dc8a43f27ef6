"""Routes of imports of cases and standards."""

from __future__ import annotations

from ninja import Schema

from chengyun.cases.rules.import_kinds import KINDS
from chengyun.intake.http import ImportRunOut, import_routes


class ImportOut(ImportRunOut):
    """A run. open: of the cases made; the names are of what was made on the way."""

    open: int
    without_position: int
    outside_grids: int
    made_types: list[str]
    made_divisions: list[str]
    made_departments: list[str]
    standard_set: str


class ImportPage(Schema):
    """Runs, the newest first."""

    items: list[ImportOut]
    next: str | None


router = import_routes("cases", KINDS, run=ImportOut, page=ImportPage)
