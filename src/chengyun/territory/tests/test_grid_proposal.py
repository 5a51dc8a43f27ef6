"""Proposing grids for a city that has none: from the map, with the borders known, saved or not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.contrib.gis.geos import MultiPolygon, Polygon
from shapely.geometry import LineString

from chengyun.administration.models import AuditEntry
from chengyun.administration.rules.actor import Actor, Grant
from chengyun.journal.models import Event
from chengyun.territory.commands import grids as grids_group
from chengyun.territory.faults import BordersMissing, OutsideScope, ProposalNotExact, TooManyNumbers
from chengyun.territory.models import Division, DivisionArea, UnitGrid
from chengyun.territory.operations import bulk
from chengyun.territory.operations.grid_proposal import (
    as_geojson,
    propose_grids,
    report_of,
    save_proposal,
)
from chengyun.territory.operations.seed import seed_reference_data
from chengyun.territory.rules.blocks.city import CitySizes
from chengyun.territory.rules.blocks.proof import Cover
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.rules.squares import Extent
from chengyun.territory.tests.builders import COMMUNITY, make_divisions, make_grid

pytestmark = pytest.mark.django_db
OTHER = "330199001002"
WHOLE = Extent(west=120.0, south=30.0, east=120.006, north=30.004)


@pytest.fixture(autouse=True)
def reference_data() -> None:
    seed_reference_data()
    make_divisions()
    make_divisions(OTHER)


def draw(*roads: Sequence[tuple[float, float]], tunnel: bool = False) -> None:
    attributes = {"tunnel": True} if tunnel else {}
    bulk.copy_features(
        "roads",
        [
            bulk.FeatureRow(geometry=LineString(road), kind="primary", attributes=attributes)
            for road in roads
        ],
    )


def set_border(code: str, west: float, south: float, east: float, north: float) -> None:
    border = MultiPolygon(Polygon.from_bbox((west, south, east, north)), srid=4490)
    assert Division.objects.filter(code=code).update(geometry=border) == 1


def two_communities() -> None:
    set_border(COMMUNITY, 120.0, 30.0, 120.003, 30.004)
    set_border(OTHER, 120.003, 30.0, 120.006, 30.004)


def test_grids_keep_to_communities_and_are_saved_as_the_grids_in_force() -> None:
    two_communities()
    draw([(120.0, 30.0021), (120.006, 30.0021)])
    proposal = propose_grids(actor=COMMAND_LINE, division="330199")
    report = report_of(proposal, CitySizes())
    assert (report.communities, report.divisions_made, report.is_exact) == (2, 0, True)
    assert (report.gaps_or_overlaps, report.invalid, report.out_of_bounds) == (0, 0, 0)
    assert report.coverage == pytest.approx(1, abs=1e-6)
    assert report.region_m2 == pytest.approx(578.8 * 443.4, rel=0.001)
    assert not UnitGrid.objects.exists()
    road_ends = {round(y, 6) for g in proposal.grids for _, y in g.shape.exterior.coords}
    assert 30.0021 in road_ends
    saved = save_proposal(actor=COMMAND_LINE, proposal=proposal)
    assert (saved.written, saved.added, saved.faults, saved.warnings) == (
        True,
        report.grids,
        [],
        [],
    )
    assert UnitGrid.objects.filter(code__startswith=OTHER).count() == sum(
        grid.community == OTHER for grid in proposal.grids
    )
    assert DivisionArea.objects.get(code=COMMUNITY).area_m2 == pytest.approx(
        report.region_m2 / 2, rel=0.01
    )
    assert AuditEntry.objects.filter(act="grids.imported").count() == 1
    assert Event.objects.filter(kind="territory.grids_changed").count() == 1


def test_grids_in_force_are_not_covered_again_and_numbers_go_on() -> None:
    two_communities()
    make_grid(f"{COMMUNITY}005", column=0)
    proposal = propose_grids(actor=COMMAND_LINE, division=COMMUNITY)
    assert min(grid.code for grid in proposal.grids) == f"{COMMUNITY}006"
    saved = save_proposal(actor=COMMAND_LINE, proposal=proposal)
    assert {fault.reason for fault in saved.faults} == {"overlap_present"}
    assert not saved.written
    assert UnitGrid.objects.count() == 1


def test_without_borders_an_extent_is_cut_into_proposed_communities() -> None:
    with pytest.raises(BordersMissing):
        propose_grids(actor=COMMAND_LINE, division="330199")
    sizes = CitySizes(community_m2=100_000)
    proposal = propose_grids(actor=COMMAND_LINE, division="330199", extent=WHOLE, sizes=sizes)
    assert {code[:9] for code in proposal.made} == {"330199901"}
    assert save_proposal(actor=COMMAND_LINE, proposal=proposal).written
    assert Division.objects.get(code="330199901901").zh == "拟划社区 901-901"
    assert Division.objects.get(code="330199901").en == "Proposed street 901"


def test_a_tunnel_parts_no_blocks() -> None:
    set_border(COMMUNITY, 120.0, 30.0, 120.002, 30.0009)
    draw([(120.0003, 30.0), (120.0003, 30.0009)], tunnel=True)
    shapes = [g.shape for g in propose_grids(actor=COMMAND_LINE, division=COMMUNITY).grids]
    assert sorted(round(shape.bounds[0], 4) for shape in shapes) == [120.0, 120.001]


def test_an_extent_clips_borders_and_scope_counts() -> None:
    two_communities()
    half = Extent(west=120.0, south=30.0, east=120.002, north=30.002)
    proposal = propose_grids(actor=COMMAND_LINE, division="330199", extent=half)
    assert {grid.community for grid in proposal.grids} == {COMMUNITY}
    away = Extent(west=121.0, south=30.0, east=121.002, north=30.002)
    with pytest.raises(BordersMissing):
        propose_grids(actor=COMMAND_LINE, division="330199", extent=away)
    grant = Grant(role_code="x", permissions=frozenset({"territory.manage"}), division_code=OTHER)
    with pytest.raises(OutsideScope):
        propose_grids(actor=Actor(person_id=None, name="x", grants=(grant,)), division=COMMUNITY)


def test_too_many_grids_for_the_code_and_open_covers_are_refused() -> None:
    set_border(COMMUNITY, 120.0, 30.0, 120.003, 30.001)
    last = make_grid(f"{COMMUNITY}998", column=90)
    with pytest.raises(TooManyNumbers):
        propose_grids(actor=COMMAND_LINE, division=COMMUNITY)
    proposal = propose_grids(
        actor=COMMAND_LINE, division=COMMUNITY, sizes=CitySizes(grid_m2=40_000)
    )
    proposal.cover = Cover(blocks=1, strays=2)
    with pytest.raises(ProposalNotExact):
        save_proposal(actor=COMMAND_LINE, proposal=proposal)
    assert UnitGrid.objects.get() == last


def test_the_file_can_be_imported(tmp_path: Path) -> None:
    two_communities()
    out = tmp_path / "grids.geojson"
    told = CliRunner().invoke(
        grids_group, ["propose", "--division", "330199", "--json", "--output", str(out)]
    )
    assert told.exit_code == 0, told.output
    figures = json.loads(next(line for line in told.output.splitlines() if line[0] == "{"))
    assert (figures["is_exact"], figures["gaps_or_overlaps"]) == (True, 0)
    first = json.loads(out.read_text())["features"][0]
    assert first["properties"]["code"] == f"{COMMUNITY}001"
    assert first["properties"]["community_code"] == COMMUNITY
    saved = CliRunner().invoke(grids_group, ["propose", "--division", "330199", "--save"])
    assert (saved.exit_code, UnitGrid.objects.count()) == (0, figures["grids"])
    assert "0, proven exactly" in saved.output
    again = CliRunner().invoke(grids_group, ["propose", "--division", "330199", "--save"])
    assert (again.exit_code, UnitGrid.objects.count()) == (1, figures["grids"])
    wrong = CliRunner().invoke(
        grids_group, ["propose", "--division", "330199", "--bbox", "1,2,3,4", "--layer", "map"]
    )
    assert wrong.exit_code == 2


def test_the_geojson_names_its_system() -> None:
    two_communities()
    read = json.loads(as_geojson(propose_grids(actor=COMMAND_LINE, division="330199")))
    assert read["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4490"
