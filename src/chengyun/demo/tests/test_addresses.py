"""The addresses of the generated city: written whole, found, the same for a seed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from chengyun.demo.addresses import write_addresses
from chengyun.demo.operations import write_ground
from chengyun.demo.rules.addresses import addresses_of
from chengyun.demo.rules.sizes import CitySize
from chengyun.demo.rules.town import Town, build_town
from chengyun.territory.models import Address, AddressName
from chengyun.territory.queries.address_nearest import describe_point
from chengyun.territory.queries.address_search import geocode, search_addresses
from chengyun.territory.rules.scope import COMMAND_LINE

SINCE = datetime(2026, 1, 5, tzinfo=UTC)


_DEFINED = """
SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'territory_address%'
UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid::regclass::text LIKE 'territory_address%' ORDER BY 1
"""


def defined() -> list[str]:
    """Return the indexes and constraints of addresses."""
    with connection.cursor() as cursor:
        cursor.execute(_DEFINED)
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def town() -> Town:
    return build_town(CitySize(name="t", grids=120, months=1, cases=1, open_cases=1), 3)


def test_a_town_has_the_same_addresses_every_time(town: Town) -> None:
    first = [(one.kind, one.name, one.lon, one.above) for one in addresses_of(town, 600)]
    assert first == [(one.kind, one.name, one.lon, one.above) for one in addresses_of(town, 600)]
    assert {kind for kind, *_ in first} == {"division", "tract", "street", "door_plate", "poi"}
    assert 500 < len(first) < 700


def test_more_addresses_are_buildings_behind_the_plates(town: Town) -> None:
    many = list(addresses_of(town, 9_000))
    assert 6_000 < len(many) < 12_000
    assert any(one.name.endswith("号楼") for one in many)
    assert all(one.above < one.key for one in many)


@pytest.mark.django_db
def test_written_addresses_are_found_again(town: Town) -> None:
    write_ground(town, SINCE)
    before = defined()
    written = write_addresses(town, SINCE, 600)
    assert defined() == before
    assert Address.objects.count() == written
    plate = Address.objects.filter(kind="door_plate").order_by("pk")[40]
    assert plate.parent is not None
    assert plate.full.endswith(f"{plate.parent.name}{plate.name}")
    found = geocode(actor=COMMAND_LINE, text=plate.full, limit=1)
    assert (found[0]["id"], found[0]["match"]) == (plate.pk, "exact")
    told = describe_point(actor=COMMAND_LINE, lon=plate.point.x, lat=plate.point.y)
    assert told["nearest"][0]["distance_m"] < 3
    assert told["place"] is not None
    old = AddressName.objects.filter(is_current=False).first()
    assert old is not None
    matches = search_addresses(actor=COMMAND_LINE, text=old.name, limit=50)
    assert old.address_id in {one["id"] for one in matches}
