"""The town is the same for the same seed, and looks like one."""

from collections import Counter

import numpy as np
import pytest
import shapely

from chengyun.demo.rules.buildings import build_up
from chengyun.demo.rules.layers import map_layers
from chengyun.demo.rules.parcels import cut_parcels
from chengyun.demo.rules.sizes import SIZES
from chengyun.demo.rules.town import Town, build_town
from chengyun.demo.tests.towns import small_town, tiny_town


def fingerprint(town: Town) -> list[object]:
    features = [
        (layer, feature.kind, feature.zh, feature.geometry.wkb)
        for layer, part in map_layers(town)
        for feature in part
    ]
    return [town.divisions.grid_codes, [road.zh for road in town.roads.roads], features]


def test_the_same_seed_makes_the_same_town() -> None:
    assert fingerprint(build_town(SIZES["tiny"], 5)) == fingerprint(build_town(SIZES["tiny"], 5))


def test_another_seed_makes_another_town() -> None:
    assert fingerprint(build_town(SIZES["tiny"], 5)) != fingerprint(build_town(SIZES["tiny"], 6))


@pytest.mark.parametrize("seed", [1, 2])
def test_buildings_stand_apart_within_their_grid_and_off_the_roads(seed: int) -> None:
    town = small_town(seed)
    parcels = cut_parcels(town.fabric, town.fabric.blocks, town.moat)
    built = build_up(town.fabric, parcels)
    assert len(built.houses) > 2_000
    assert shapely.is_valid(built.outlines).all()
    land = parcels.land[[built.house_blocks[k] for k in range(len(built.houses))]]
    assert shapely.covers(shapely.buffer(land, 0.01), built.outlines).all()
    low = np.array([house.kind not in {"office", "hotel"} for house in built.houses])
    tree = shapely.STRtree(built.outlines[low])
    first, second = tree.query(built.outlines[low], predicate="overlaps")
    pair = first < second
    shared = shapely.area(
        shapely.intersection(built.outlines[low][first[pair]], built.outlines[low][second[pair]])
    )
    assert shared.max(initial=0) < 0.5


def test_heights_tell_the_old_town_from_the_business_centre() -> None:
    town = small_town()
    built = build_up(town.fabric, cut_parcels(town.fabric, town.fabric.blocks, town.moat))
    heights: dict[str, list[float]] = {}
    for house, number in zip(built.houses, built.house_blocks, strict=True):
        heights.setdefault(town.fabric.blocks[number].zone, []).append(house.height_m)
    assert np.median(heights["old_town"]) < 12
    assert max(heights["business"]) > 80


def test_every_street_of_town_has_what_people_need() -> None:
    town = small_town()
    kinds = Counter(place.kind for place in town.places.values())
    for kind in ("school", "hospital", "market" if "market" in kinds else "marketplace", "park"):
        assert kinds[kind] >= 1
    assert kinds["station"] == 1
    assert all(place.zh and place.en for place in town.places.values())


def test_door_numbers_grow_along_a_road_with_odd_and_even_sides() -> None:
    town = small_town()
    named = [road for road in town.roads.roads if road.zh]
    road = max(named, key=lambda road: sum(len(part.vertices) for part in road.parts))
    part = max(road.parts, key=lambda part: len(part.vertices))
    numbers: dict[bool, list[int]] = {True: [], False: []}
    for a, b in zip(part.vertices, part.vertices[1:], strict=False):
        for left in (True, False):
            found = town.roads.address(a, b, 0.5, left=left)
            assert found is not None
            assert found[0] == road.zh
            numbers[left].append(found[1])
    for side in numbers.values():
        assert side == sorted(side)
        assert len({number % 2 for number in side}) == 1
    assert numbers[True][0] % 2 != numbers[False][0] % 2


def test_the_map_has_every_layer_in_kinds_and_names() -> None:
    layers: dict[str, Counter[str]] = {}
    named: Counter[str] = Counter()
    for layer, features in map_layers(tiny_town()):
        for feature in features:
            layers.setdefault(layer, Counter())[feature.kind] += 1
            named[layer] += bool(feature.zh)
            assert feature.geometry.is_valid
    assert set(layers) >= {"water", "landuse", "roads", "buildings", "pois", "places", "boundaries"}
    assert layers["water"]["river"] == 1
    assert named["roads"] > 20
    assert named["places"] == sum(layers["places"].values())
