"""The unit grids cover the city exactly: no gap, no overlap, every grid in one community."""

import numpy as np
import pytest
import shapely

from chengyun.demo.rules.codes import CITY
from chengyun.demo.rules.projection import geometries_to_lonlat
from chengyun.demo.rules.roads import NAMED
from chengyun.demo.rules.town import Town
from chengyun.demo.tests.towns import small_town, tiny_town

SEEDS = (1, 2, 7)
BORDERS = {*NAMED, "rail", "canal", "river", "bank", "path"}


@pytest.fixture(params=[*SEEDS, "tiny"], ids=str)
def town(request: pytest.FixtureRequest) -> Town:
    return tiny_town() if request.param == "tiny" else small_town(request.param)


def test_grids_are_valid_and_share_their_borders_exactly(town: Town) -> None:
    cells = town.fabric.polygons(town.fabric.cells)
    assert shapely.is_valid(cells).all()
    assert shapely.coverage_is_valid(cells)
    union = shapely.coverage_union_all(cells)
    assert isinstance(union, shapely.Polygon)
    assert not union.interiors
    assert shapely.area(cells).sum() == pytest.approx(union.area, rel=1e-9)


def test_the_cover_stays_exact_in_longitude_and_latitude(town: Town) -> None:
    cells = geometries_to_lonlat(town.fabric.polygons(town.fabric.cells))
    assert shapely.is_valid(cells).all()
    assert shapely.coverage_is_valid(cells)


def test_grids_are_about_a_hectare(town: Town) -> None:
    areas = np.array(town.divisions.areas_m2)
    assert 8_000 < areas.mean() < 12_500
    assert areas.min() > 2_000
    assert areas.max() < 32_000


def test_codes_are_unique_and_nested(town: Town) -> None:
    divisions = town.divisions
    assert len(set(divisions.grid_codes)) == len(divisions.grid_codes)
    for cell, code in enumerate(divisions.grid_codes):
        community = divisions.communities[divisions.community_of[cell]]
        street = divisions.streets[community.street]
        assert len(code) == 15
        assert code.isdigit()
        assert code.startswith(community.code)
        assert community.code.startswith(street.code)
        assert street.code.startswith(divisions.districts[street.district].code)
        assert street.code.startswith(CITY)


def test_grids_are_numbered_from_north_to_south(town: Town) -> None:
    cells = town.fabric.polygons(town.fabric.cells)
    for community in town.divisions.communities:
        numbers = [int(town.divisions.grid_codes[cell][12:]) for cell in community.cells]
        assert numbers == list(range(1, len(numbers) + 1))
        heights = [round(cells[cell].centroid.y / 100) for cell in community.cells]
        assert heights == sorted(heights, reverse=True)


def test_communities_are_whole_and_end_at_roads_or_water(town: Town) -> None:
    fabric = town.fabric
    along = beside = 0.0
    for community in town.divisions.communities:
        faces = [fabric.cells[cell] for cell in community.cells]
        assert shapely.coverage_union_all(fabric.polygons(faces)).geom_type == "Polygon"
        for a, b in fabric.outer_edges(faces):
            along += fabric.length(a, b)
            kind = fabric.plan.mesh.mark_of(a, b).kind
            beside += fabric.length(a, b) if kind in BORDERS else 0.0
    assert beside / along > 0.9


def test_names_are_given_once(town: Town) -> None:
    for part in (town.divisions.districts, town.divisions.streets, town.divisions.communities):
        names = [one.zh for one in part]
        assert len(set(names)) == len(names)
        assert all(one.en for one in part)
