"""The whole generated town, before any person moves in."""

from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from chengyun.demo.rules.divisions import Divisions, divide_city
from chengyun.demo.rules.fabric import Fabric, weave
from chengyun.demo.rules.parcels import Parcels, cut_parcels, dig_moat
from chengyun.demo.rules.places import Place, name_blocks, street_places
from chengyun.demo.rules.roads import RoadNet, lay_roads
from chengyun.demo.rules.sizes import CitySize
from chengyun.demo.rules.uses import assign_uses


@dataclass(slots=True, kw_only=True)
class Town:
    """Ground, roads, divisions and places.

    places : named place of a block, by the block's number
    """

    size: CitySize
    seed: int
    fabric: Fabric
    divisions: Divisions
    roads: RoadNet
    moat: BaseGeometry
    parcels: Parcels
    places: dict[int, Place]
    street_places: list[Place]


def build_town(size: CitySize, seed: int) -> Town:
    """Return the town of a size and seed; the same every time."""
    fabric = weave(size, seed)
    divisions = divide_city(fabric)
    assign_uses(fabric, divisions)
    roads = lay_roads(fabric)
    moat = dig_moat(fabric)
    parcels = cut_parcels(fabric, fabric.blocks, moat)
    return Town(
        size=size,
        seed=seed,
        fabric=fabric,
        divisions=divisions,
        roads=roads,
        moat=moat,
        parcels=parcels,
        places=name_blocks(fabric, divisions, parcels),
        street_places=street_places(fabric, divisions, roads),
    )
