"""A simple grid of squares over an extent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from click.testing import CliRunner
from shapely.geometry import LineString, box

from chengyun.kernel.clock import now
from chengyun.kernel.errors import Fault
from chengyun.territory.commands import grids
from chengyun.territory.models import Division, UnitGrid
from chengyun.territory.operations.bulk import FeatureRow, copy_features
from chengyun.territory.operations.divisions import import_divisions
from chengyun.territory.operations.map_import import import_map
from chengyun.territory.operations.seed import seed_reference_data
from chengyun.territory.operations.squares import extent_of_layer, make_squares
from chengyun.territory.queries.locate import find_place, get_place
from chengyun.territory.rules.borders import Border, areas_from_borders
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.rules.squares import Extent
from chengyun.territory.rules.topology import gaps_of, overlaps_among
from chengyun.territory.tests.builders import LONG_AGO, make_division

pytestmark = pytest.mark.django_db
SHARED = Path(__file__).resolve().parents[5] / "shared" / "data"
EXTENT = Extent(west=-71.1, south=42.3, east=-71.05, north=42.34)


@pytest.fixture(autouse=True)
def reference_data() -> None:
    seed_reference_data()


def test_squares_cover_an_extent_without_overlap_or_gap() -> None:
    report = make_squares(
        actor=COMMAND_LINE, side_m=250, extent=EXTENT, division="990101", name="Boston"
    )
    assert (report.squares, report.communities, report.streets) == (17 * 18, 4, 1)
    shapes = [shapely.from_wkt(g.geometry.wkt) for g in UnitGrid.objects.all()]
    assert overlaps_among(shapes) == []
    assert gaps_of(shapes) == []
    sizes = [grid.area_m2 for grid in UnitGrid.objects.all()]
    assert min(sizes) > 61_000
    assert max(sizes) < 64_000
    assert Division.objects.get(code="990101").zh == "Boston"
    first = get_place(lon=-71.0999, lat=42.3399, at=LONG_AGO)
    assert (first.grid_code, first.street.zh) == ("990101901001001", "方格片区 901")
    assert find_place(lon=-71.075, lat=42.32, at=now()) is not None


def test_squares_are_made_once_and_only_within_reason() -> None:
    make_squares(actor=COMMAND_LINE, side_m=500, extent=EXTENT, division="990101")
    before = UnitGrid.objects.count()
    for side_m, division, code in (
        (500, "990102", "grids_in_the_way"),
        (1, "990102", "invalid"),
        (float("nan"), "990102", "invalid"),
        (20, "990102", "grids_in_the_way"),
        (500, "990102901", "invalid"),
        (500, "x", "invalid"),
        (500, "9901", "grids_in_the_way"),
    ):
        with pytest.raises(Fault) as caught:
            make_squares(actor=COMMAND_LINE, side_m=side_m, extent=EXTENT, division=division)
        assert caught.value.code == code
    world = Extent(west=-180, south=-80, east=180, north=80)
    with pytest.raises(Fault, match="Choose a longer side"):
        make_squares(actor=COMMAND_LINE, side_m=100, extent=world, division="990102")
    assert UnitGrid.objects.count() == before


def test_districts_follow_the_borders_of_the_map() -> None:
    for code, name in (("990201", "西区"), ("990202", "东区")):
        make_division(code, zh=name)
    border = LineString([(120.01, 30.0005), (120.01, 30.0195)])
    attributes = {"left": "西区", "right": "东区"}
    copy_features("boundaries", [FeatureRow(geometry=border, kind="county", attributes=attributes)])
    extent = Extent(west=120, south=30, east=120.02, north=30.02)
    report = make_squares(actor=COMMAND_LINE, side_m=100, extent=extent, division="9902")
    assert report.districts == {"990201": "西区", "990202": "东区"}
    assert get_place(lon=120.005, lat=30.01, at=now()).district_code == "990201"
    assert get_place(lon=120.015, lat=30.01, at=now()).district_code == "990202"


def test_without_borders_a_county_must_be_named() -> None:
    with pytest.raises(Fault, match="give the code of a county"):
        make_squares(actor=COMMAND_LINE, side_m=100, extent=EXTENT, division="9902")


def test_a_piece_that_no_border_names_is_like_its_neighbour() -> None:
    line = LineString([(1, 0), (1, 2)])
    areas = areas_from_borders([Border(line=line, left="西", right="")], box(0, 0, 2, 2))
    assert [area.name for area in areas] == ["西", "西"]
    assert areas_from_borders([], box(0, 0, 2, 2)) == []


def test_the_command(tmp_path: Path) -> None:
    arguments = ["make", "--squares", "500", "--bbox", "-71.1,42.3,-71.05,42.34"]
    told = CliRunner().invoke(grids, [*arguments, "--division", "990101", "--dry-run", "--json"])
    assert json.loads(told.output)["squares"] == 9 * 9
    assert not UnitGrid.objects.exists()
    for bad in (["--bbox", "1,2,3"], ["--bbox", "1,2,1,2"], ["--bbox", "nan,2,3,4"], []):
        told = CliRunner().invoke(grids, ["make", "--division", "990101", *bad])
        assert told.exit_code != 0
    told = CliRunner().invoke(grids, ["make", "--division", "990101", "--layer", "roads"])
    assert told.exception.code == "nothing_in_layer"  # type: ignore[union-attr]


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
def test_real_shanghai_falls_into_its_real_districts() -> None:
    import_divisions(actor=COMMAND_LINE, path=SHARED / "divisions" / "areas.csv.gz")
    import_map(actor=COMMAND_LINE, folder=SHARED / "shanghai_osm")
    report = make_squares(
        actor=COMMAND_LINE, side_m=100, extent=extent_of_layer("map"), division="31"
    )
    assert report.districts == {
        "310101": "黄浦区",
        "310109": "虹口区",
        "310110": "杨浦区",
        "310115": "浦东新区",
    }
    bund, tower = (121.4870, 31.2365), (121.4954, 31.2420)
    assert get_place(lon=bund[0], lat=bund[1], at=now()).district.zh == "黄浦区"
    assert get_place(lon=tower[0], lat=tower[1], at=now()).district.zh == "浦东新区"
