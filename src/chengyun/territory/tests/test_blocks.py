"""Blocks from lines: no gap, no overlap, nothing crosses a border, every area within bounds."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from chengyun.kernel.codes import CodePart, CodeScheme
from chengyun.territory.rules.blocks.city import (
    CityProposal,
    CitySizes,
    Region,
    TooManyForCode,
    in_order,
    propose_city,
)
from chengyun.territory.rules.blocks.lines import Feature, lines_of, strength_of
from chengyun.territory.rules.blocks.network import CutLine, bonds_of, mesh_of
from chengyun.territory.rules.blocks.partition import blocks_of
from chengyun.territory.rules.blocks.plane import LocalPlane
from chengyun.territory.rules.blocks.proof import cover_of
from chengyun.territory.rules.blocks.seam import Piece, seamed
from chengyun.territory.rules.blocks.sizes import Sizes, width_of

# Shrinking an example takes minutes and tells little: the roads are drawn at random anyway.
QUICK = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
SIZES = Sizes()
PLANE = LocalPlane(lon=120.0, lat=30.0)
SCHEME = CodeScheme(
    subject="unit_grid",
    standard="GB/T 47678",
    parts=tuple(
        CodePart(name=name, width=width)
        for name, width in (("district", 6), ("street", 3), ("community", 3), ("grid", 3))
    ),
)
WEST, EAST = "330199001001", "330199001002"
places = st.floats(min_value=-50, max_value=650)
roads = st.lists(
    st.tuples(places, places, places, places, st.sampled_from([0.2, 0.5, 0.9])), max_size=12
)


def line(*points: tuple[float, float], strength: float = 0.9) -> CutLine:
    return CutLine(line=LineString(points), strength=strength)


def cover_in_degrees(blocks: list[Polygon], region: Polygon | MultiPolygon) -> bool:
    moved = [PLANE.to_degrees(block) for block in blocks]
    return cover_of(moved, PLANE.to_degrees(region)).is_exact


def test_a_square_without_roads_is_cut_straight_into_blocks_of_the_size() -> None:
    blocks = blocks_of(box(0, 0, 400, 400), [], SIZES)
    assert sorted(block.area for block in blocks) == pytest.approx([10_000] * 16, rel=0.01)
    assert max(block.length for block in blocks) < 501


def test_blocks_end_at_roads_and_small_faces_join_over_the_weakest() -> None:
    road = line((100, 0), (100, 100))
    path = line((0, 40), (100, 40), strength=0.2)
    blocks = blocks_of(box(0, 0, 200, 100), [road, path], SIZES)
    assert sorted(block.bounds for block in blocks) == [(0, 0, 100, 100), (100, 0, 200, 100)]


def test_the_strip_between_two_carriageways_never_stands_alone() -> None:
    both = [line((96, 0), (96, 100)), line((104, 0), (104, 100))]
    blocks = blocks_of(box(0, 0, 200, 100), both, SIZES)
    assert sorted(round(block.area) for block in blocks) == [9_600, 10_400]


def test_a_dead_end_is_drawn_on_to_the_next_line() -> None:
    stub = line((0, 100), (170, 100), strength=0.5)
    assert len(mesh_of(box(0, 0, 200, 200), [stub]).faces) == 1
    faces = mesh_of(box(0, 0, 200, 200), [stub], reach_m=60).faces
    assert sorted(round(face.area) for face in faces) == [20_000, 20_000]


def test_bonds_tell_how_long_and_how_strong_a_common_border_is() -> None:
    faces = mesh_of(box(0, 0, 200, 100), [line((100, 0), (100, 100), strength=0.5)]).faces
    bond = bonds_of(faces, [line((100, 0), (100, 100), strength=0.5)])[0][1]
    assert (bond.length_m, bond.strength) == (100, 0.5)
    assert bonds_of(faces)[1][0].strength == 0


def test_points_that_rounding_makes_one_break_no_proof() -> None:
    # Two corners a fifth of a millimetre apart on a common border are one in degrees.
    west = Polygon([(0, 0), (100, 0), (100, 50), (100, 50.0002), (100, 100), (0, 100)])
    east = Polygon([(200, 0), (200, 100), (100, 100), (100, 50.0002), (100, 50), (100, 0)])
    plane = LocalPlane(lon=120.0, lat=30.0)
    moved = [plane.to_degrees(west), plane.to_degrees(east)]
    assert [len(one.exterior.coords) for one in moved] == [6, 6]
    assert cover_of(moved, plane.to_degrees(box(0, 0, 200, 100))).is_exact
    doubled = Polygon([(0, 0), (1, 0), (1, 0), (1, 1), (0, 1)])
    beside = affinity.translate(doubled, xoff=1)
    assert cover_of([doubled, beside], box(0, 0, 2, 1)).is_exact


@settings(QUICK, max_examples=25)
@given(roads, st.floats(min_value=-0.4, max_value=0.4))
def test_any_roads_any_slant(drawn: list[tuple[float, ...]], slant: float) -> None:
    region = affinity.skew(box(0, 0, 600, 500), xs=slant, use_radians=True)
    lines = [line((a, b), (c, d), strength=s) for a, b, c, d, s in drawn if (a, b) != (c, d)]
    blocks = blocks_of(region, lines, SIZES)
    assert cover_in_degrees(blocks, region)
    assert all(SIZES.least_m2 <= block.area <= SIZES.most_m2 for block in blocks)


@settings(QUICK, max_examples=8)
@given(roads, st.integers(min_value=100, max_value=400))
def test_no_block_crosses_the_border_of_a_community(
    drawn: list[tuple[float, ...]], bend: int
) -> None:
    west = Polygon([(0, 0), (250, 0), (bend, 250), (250, 500), (0, 500)])
    east = Polygon([(600, 0), (250, 0), (bend, 250), (250, 500), (600, 500)])
    found = city([(WEST, west), (EAST, east)], drawn)
    assert found.cover.is_exact
    areas = {WEST: west, EAST: east}
    for grid in found.grids:
        assert grid.code.startswith(grid.community)
        beyond = PLANE.to_metres(grid.shape).difference(areas[grid.community].buffer(0.05))
        assert beyond.area == 0
        assert 2_999 <= grid.area_m2 <= 20_001
    assert sum(grid.area_m2 for grid in found.grids) == pytest.approx(300_000, rel=1e-4)
    assert len({grid.code for grid in found.grids}) == len(found.grids)


def city(
    areas: list[tuple[str, Polygon]],
    drawn: list[tuple[float, ...]] = (),  # type: ignore[assignment]
    taken: dict[str, int] | None = None,
    sizes: CitySizes | None = None,
) -> CityProposal:
    kinds = {0.2: "path", 0.5: "residential", 0.9: "primary"}
    return propose_city(
        regions=[Region(code=code, shape=PLANE.to_degrees(shape)) for code, shape in areas],
        features=[
            Feature(
                layer="roads",
                kind=kinds[s],
                shape=PLANE.to_degrees(LineString([(a, b), (c, d)])),
            )
            for a, b, c, d, s in drawn
        ],
        scheme=SCHEME,
        sizes=sizes or CitySizes(),
        taken=taken or {},
    )


def test_numbers_run_in_rows_from_the_north_west_and_taken_ones_are_left_out() -> None:
    found = city([(WEST, box(0, 0, 200, 200))], taken={WEST: 7})
    middles = [(round(g.shape.centroid.x, 4), round(g.shape.centroid.y, 4)) for g in found.grids]
    assert [grid.code for grid in found.grids] == [f"{WEST}{n:03}" for n in (8, 9, 10, 11)]
    assert middles[0][0] < middles[1][0]
    assert middles[0][1] > middles[2][1]
    assert found.made == []


def test_a_county_without_finer_borders_gets_streets_and_communities_of_its_own() -> None:
    sizes = CitySizes(community_m2=100_000, street_m2=400_000)
    found = city([("330199", box(0, 0, 1200, 700))], sizes=sizes)
    streets = {code for code in found.made if len(code) == 9}
    assert streets == {"330199901", "330199902"}
    assert {grid.community for grid in found.grids} == {c for c in found.made if len(c) == 12}
    assert all(code[9:] >= "901" for code in found.made if len(code) == 12)
    assert found.cover.is_exact


def test_more_grids_than_numbers_are_refused() -> None:
    with pytest.raises(TooManyForCode):
        city([(WEST, box(0, 0, 200, 200))], taken={WEST: 996})


def test_overlapping_and_gaping_borders_are_made_one_mesh() -> None:
    pieces = [
        box(0, 0, 100, 100),
        box(99.8, 0, 200, 100),
        box(200.3, 0, 300, 100),
        box(0, 100, 300, 200),
        box(0, -100, 300, 0),
    ]
    blocks = seamed([Piece(shape=shape, region=n) for n, shape in enumerate(pieces)])
    areas = [round(block.shape.area) for block in sorted(blocks, key=lambda b: b.piece)]
    assert areas[0] == 10_000  # the first one wins
    assert areas[1] + areas[2] == 20_000  # the gap went to one of its neighbours
    whole = shapely.union_all([block.shape for block in blocks])
    assert isinstance(whole, Polygon)
    assert len(whole.interiors) == 0


def test_a_wide_gap_stays() -> None:
    blocks = seamed([Piece(shape=box(x, 0, x + 100, 100), region=0) for x in (0, 120)])
    assert sum(block.shape.area for block in blocks) == pytest.approx(20_000)


@pytest.mark.parametrize(
    ("blocks", "told"),
    [
        ([box(0, 0, 1, 1), box(1, 0, 2, 1)], (0, 0, 0)),
        ([box(0, 0, 1, 1)], (0, 0, 6)),
        ([box(0, 0, 1.1, 1), box(1, 0, 2, 1)], (0, 0, 6)),
        ([box(0, 0, 2, 1), box(0, 0, 2, 1)], (0, 4, 0)),
        ([Polygon([(0, 0), (2, 1), (2, 0), (0, 1)])], (1, 0, 4)),
    ],
)
def test_the_proof_finds_gaps_overlaps_and_crossings(
    blocks: list[Polygon], told: tuple[int, int, int]
) -> None:
    found = cover_of(blocks, box(0, 0, 2, 1))
    assert (found.invalid > 0, found.overlaps > 0) == (told[0] > 0, told[1] > 0)
    assert (found.strays > 0) == (told[2] > 0)
    assert found.is_exact == (told == (0, 0, 0))


def test_a_hole_inside_is_no_cover() -> None:
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    assert isinstance(ring, Polygon)
    assert not cover_of([ring], box(0, 0, 3, 3)).is_exact
    assert cover_of([ring, box(1, 1, 2, 2)], box(0, 0, 3, 3)).is_exact
    assert not cover_of([], box(0, 0, 3, 3)).is_exact


def test_waters_cut_by_map_sheets_count_as_one() -> None:
    halves = [box(0, 0, 50, 100), box(50.5, 0, 100, 100)]
    features = [
        Feature(layer="water", kind="river", shape=PLANE.to_degrees(half)) for half in halves
    ]
    [shore] = lines_of(features, PLANE)
    assert shore.line.length == pytest.approx(400, abs=1)
    assert (strength_of("roads", "ferry"), strength_of("roads", "new"), shore.strength) == (
        0,
        0.4,
        0.9,
    )
    point = Feature(layer="roads", kind="primary", shape=Point(120, 30))
    assert lines_of([point], PLANE) == []


def test_the_width_of_a_strip_does_not_change_by_cutting_it() -> None:
    assert width_of(1000 * 20, 2040) == pytest.approx(20)
    assert width_of(100 * 20, 240) == pytest.approx(20)
    assert in_order([], 100) == []
