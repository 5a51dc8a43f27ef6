"""Writing addresses to a file. Audited: it tells who took what away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.territory.adapters.address_files import PIECES
from chengyun.territory.queries.address_export import COLUMNS, export_rows
from chengyun.territory.queries.addresses import AddressFilter


def export_addresses(*, actor: Actor, wanted: AddressFilter, form: str) -> Iterator[bytes]:
    """Return the addresses that the filter leaves and the actor may see, as pieces of a file.

    form : csv or geojson, in EPSG:4490
    raises : Forbidden
    """
    rows = export_rows(actor=actor, wanted=wanted)
    narrowed = {name: value for name, value in asdict(wanted).items() if value not in {"", None}}
    record_audit(actor, "addresses.exported", "addresses:", {"form": form, **narrowed})
    return PIECES[form](COLUMNS, rows)
