"""Routes of imports of addresses."""

from __future__ import annotations

from ninja import Schema

from chengyun.intake.http import ImportRunOut, import_routes


class AddressImportOut(ImportRunOut):
    """A run. parents_made: streets, tracts and plates that rows named, made on the way."""

    parents_made: int


class AddressImportPage(Schema):
    """Runs, the newest first."""

    items: list[AddressImportOut]
    next: str | None


router = import_routes("addresses", ("addresses",), run=AddressImportOut, page=AddressImportPage)
