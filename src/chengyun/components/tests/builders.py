"""A city with components for tests: a chessboard of grids, a department, people who keep them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.test import Client
from shapely.geometry import Point

from chengyun.administration.models import Organisation, Person
from chengyun.administration.operations import seed_reference_data as seed_administration
from chengyun.administration.tests.builders import (
    actor_for,
    make_organisation,
    make_person,
    signed_in,
)
from chengyun.components.models import Component
from chengyun.components.operations.register import ComponentInput, register_component
from chengyun.components.operations.seed import seed_reference_data
from chengyun.territory.models import UnitGrid
from chengyun.territory.operations.seed import seed_reference_data as seed_territory
from chengyun.territory.tests.builders import COMMUNITY, make_grids, middle

COVER, LAMP, GREEN, FENCE = "01003", "01037", "04013", "04008"
OTHER_COMMUNITY = "330199002001"


@dataclass(kw_only=True)
class City:
    """Six grids in one community and six in another street; who keeps the components."""

    grids: list[UnitGrid]
    water: Organisation
    keeper: Person
    client: Client

    def component(self, *, column: int = 0, row: int = 0, **given: Any) -> Component:
        """Register a stormwater cover in the middle of a square."""
        lon, lat = middle(column, row)
        values: dict[str, Any] = {"type_code": COVER, "geometry": Point(lon, lat)} | given
        made = register_component(actor=actor_for(self.keeper), given=ComponentInput(**values))
        return Component.objects.get(pk=made)


def make_city() -> City:
    """Make the city with its reference data."""
    seed_administration()
    seed_territory()
    seed_reference_data()
    grids = make_grids(columns=3, rows=2, community=COMMUNITY)
    grids += make_grids(columns=3, rows=2, community=OTHER_COMMUNITY, first_row=2)
    keeper = make_person(permissions=["components.read", "components.manage"])
    water = make_organisation(zh="排水公司", code="water1")
    return City(grids=grids, water=water, keeper=keeper, client=signed_in(keeper))
