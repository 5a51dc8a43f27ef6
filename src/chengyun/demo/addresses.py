"""Writing the addresses of the generated city."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from chengyun.demo.rules.addresses import addresses_of
from chengyun.demo.rules.town import Town
from chengyun.territory.operations.address_bulk import AddressRow, copy_addresses

SOURCE = "demo"
_REASON = "地名普查更名"


def write_addresses(town: Town, since: datetime, aim: int | None = None) -> int:
    """Write the addresses of a town and return how many; divisions must be there.

    aim : about how many; None = ten a grid
    """
    return copy_addresses(
        _rows(town, since.date(), aim), since=since.date(), at=since, source=SOURCE
    )


def _rows(town: Town, since: date, aim: int | None) -> Iterator[AddressRow]:
    renamed_on = since + timedelta(days=20)
    for one in addresses_of(town, aim):
        yield AddressRow(
            key=one.key,
            kind=one.kind,
            name=one.name,
            division_code=one.division_code,
            lon=one.lon,
            lat=one.lat,
            parent_key=one.above,
            geometry=one.geometry,
            former=(one.former, renamed_on, _REASON) if one.former else None,
        )
