"""Importing unit grids: every fault is found, nothing is half-written, versions are kept."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from shapely import affinity
from shapely.geometry import box, mapping

from chengyun.administration.rules.actor import Actor, Grant
from chengyun.administration.tests.builders import make_person
from chengyun.kernel.codes import UnknownCodeScheme
from chengyun.kernel.coordinates import UnknownCrs, from_storage
from chengyun.kernel.errors import Fault, Forbidden
from chengyun.territory.adapters.geojson import FeatureFile
from chengyun.territory.commands import import_group
from chengyun.territory.models import Division, DivisionArea, GridDuty, LayerVersion, UnitGrid
from chengyun.territory.operations.grid_import import (
    GridImportOptions,
    GridProperties,
    import_grids,
)
from chengyun.territory.operations.grid_report import GridReport
from chengyun.territory.operations.seed import seed_reference_data
from chengyun.territory.queries.locate import get_place
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.tests.builders import (
    COMMUNITY,
    LONG_AGO,
    make_division,
    make_divisions,
    make_duties,
)

pytestmark = pytest.mark.django_db
EARLY = datetime(2026, 8, 1, tzinfo=UTC)
LATER = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def reference_data() -> None:
    seed_reference_data()
    make_divisions()


def grid(number: int, column: float, **properties: Any) -> dict[str, Any]:
    west = 120 + column * 0.001
    shape = box(round(west, 6), 30, round(west + 0.001, 6), 30.001)
    code = f"{COMMUNITY}{number:03}"
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": mapping(shape),
    }


def run(features: list[Any], actor: Actor = COMMAND_LINE, **options: Any) -> GridReport:
    text = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    options.setdefault("valid_from", EARLY)
    return import_grids(
        actor=actor,
        file=FeatureFile(file=io.BytesIO(text)),
        name="grids.geojson",
        options=GridImportOptions(**options),
    )


def test_grids_are_written_with_area_divisions_and_version() -> None:
    report = run([grid(1, 0, area_class="A", land_use="住宅"), grid(2, 1)])
    assert (report.added, report.faults, report.written) == (2, [], True)
    first = UnitGrid.objects.get(code=f"{COMMUNITY}001")
    assert (first.street_code, first.district_code, first.version) == (
        COMMUNITY[:9],
        COMMUNITY[:6],
        1,
    )
    assert first.area_m2 == pytest.approx(96.49 * 110.85, rel=0.001)
    assert (first.area_class, first.land_use) == ("A", "住宅")
    assert DivisionArea.objects.get(code=COMMUNITY).grids == 2
    assert LayerVersion.objects.get(layer="grids").version == 1


def test_running_again_changes_nothing() -> None:
    run([grid(1, 0), grid(2, 1)])
    again = run([grid(1, 0), grid(2, 1)], valid_from=LATER)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert LayerVersion.objects.get(layer="grids").version == 1


def test_a_changed_grid_gets_a_new_version_and_the_old_one_ends() -> None:
    run([grid(1, 0), grid(2, 1)])
    changed = grid(1, 0)
    changed["geometry"] = mapping(box(120, 30, 120.001, 30.0012))
    report = run([changed], valid_from=LATER)
    assert (report.added, report.changed, report.unchanged) == (0, 1, 0)
    old, new = UnitGrid.objects.filter(code=f"{COMMUNITY}001").order_by("version")
    assert (old.valid_to, new.valid_from, new.valid_to, new.version) == (LATER, LATER, None, 2)
    assert get_place(lon=120.0005, lat=30.0005, at=EARLY).grid_id == old.pk
    assert get_place(lon=120.0005, lat=30.0005, at=LATER).grid_id == new.pk
    early = run([grid(1, 0)], valid_from=EARLY)
    assert [fault.reason for fault in early.faults] == ["version_too_early"]


def test_a_grid_that_moves_to_another_community_leaves_the_old_one() -> None:
    make_divisions("330199001002")
    run([grid(1, 0), grid(2, 1)])
    moved = run([grid(1, 0, community_code="330199001002")], valid_from=LATER)
    assert moved.changed == 1
    sizes = dict(DivisionArea.objects.values_list("code", "grids"))
    assert (sizes[COMMUNITY], sizes["330199001002"], sizes[COMMUNITY[:9]]) == (1, 1, 2)


def test_missing_grids_are_retired_with_their_duties_and_codes_stay_taken() -> None:
    run([grid(1, 0), grid(2, 1)])
    second = UnitGrid.objects.get(code=f"{COMMUNITY}002")
    make_duties(make_person(), [second])
    report = run([grid(1, 0), grid(3, 1)], valid_from=LATER, retire_missing=True)
    assert (report.added, report.unchanged, report.retired) == (1, 1, 1)
    second.refresh_from_db()
    assert second.valid_to == LATER
    duties = GridDuty.objects.values_list("grid_code", "valid_from", "valid_to")
    assert set(duties) == {
        (second.code, LONG_AGO, LATER),
        (f"{COMMUNITY}003", LATER, None),
    }
    reused = run([grid(2, 5)], valid_from=LATER)
    assert [(fault.code, fault.reason) for fault in reused.faults] == [
        (second.code, "code_retired")
    ]


def test_every_fault_is_reported_and_nothing_is_written() -> None:
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    point = {"type": "Point", "coordinates": [120, 30]}
    features: list[Any] = [
        grid(1, 0),
        grid(2, 0.5),
        grid(1, 7),
        {**grid(4, 9), "geometry": bow_tie},
        {**grid(5, 9), "geometry": point},
        {**grid(6, 9), "geometry": None},
        {"type": "Feature", "properties": None, "geometry": grid(1, 20)["geometry"]},
        grid(0, 30, code="33019900100101"),
        grid(7, 40, community_code="330199001099"),
        grid(8, 50, area_class="X"),
        "nonsense",
    ]
    report = run(features)
    assert sorted((fault.index, fault.reason) for fault in report.faults) == [
        (1, "overlap"),
        (2, "code_twice"),
        (3, "invalid_geometry"),
        (4, "not_a_polygon"),
        (5, "geometry_missing"),
        (6, "code_missing"),
        (7, "code_not_by_scheme"),
        (8, "unknown_community"),
        (9, "area_class_invalid"),
        (10, "geometry_missing"),
    ]
    assert not report.written
    assert not UnitGrid.objects.exists()
    assert not LayerVersion.objects.exists()
    overlap = next(fault for fault in report.faults if fault.reason == "overlap")
    assert overlap.detail.startswith(f"{COMMUNITY}001 (0), 53")
    assert "重叠" in overlap.zh
    assert "overlaps" in overlap.en
    assert overlap.lon == pytest.approx(120.00075, abs=1e-7)


def test_an_overlap_with_a_grid_in_force_is_found() -> None:
    run([grid(1, 0)])
    report = run([grid(2, 0.5)], valid_from=LATER)
    assert [fault.reason for fault in report.faults] == ["overlap_present"]
    replaced = run([grid(2, 0.5)], valid_from=LATER, retire_missing=True)
    assert (replaced.added, replaced.retired, replaced.faults) == (1, 1, [])


def test_gaps_are_warnings() -> None:
    ring = [grid(n + 1, n % 3) for n in range(8)]
    places = [(0, 0), (1, 0), (2, 0), (0, 1), (2, 1), (0, 2), (1, 2), (2, 2)]
    for feature, (column, row) in zip(ring, places, strict=True):
        cell = affinity.translate(box(120, 30, 120.001, 30.001), column * 0.001, row * 0.001)
        feature["geometry"] = mapping(cell)
    report = run(ring)
    assert report.faults == []
    [gap] = report.warnings
    assert gap.reason == "gap"
    assert [gap.lon, gap.lat] == pytest.approx([120.0015, 30.0015])


def test_a_grid_beyond_its_communitys_border_is_found() -> None:
    from django.contrib.gis.geos import MultiPolygon, Polygon

    border = MultiPolygon(Polygon.from_bbox((120, 30, 120.0015, 30.001)), srid=4490)
    Division.objects.filter(code=COMMUNITY).update(geometry=border)
    report = run([grid(1, 0), grid(2, 1)])
    assert [(fault.index, fault.reason) for fault in report.faults] == [(1, "outside_division")]


def test_the_scheme_of_the_day_or_the_one_named_counts() -> None:
    old = grid(0, 0, code="33019900100101")
    assert [fault.reason for fault in run([old]).faults] == ["code_not_by_scheme"]
    assert run([old], standard="CJ/T 213").added == 1
    other = grid(0, 1, code="33019900100102")
    assert run([other], valid_from=datetime(2010, 1, 1, tzinfo=UTC)).standard == "CJ/T 213"
    with pytest.raises(UnknownCodeScheme):
        run([old], standard="ISO 1")


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09", "EPSG:4549", "EPSG:3857"])
def test_any_stated_crs(crs: str) -> None:
    feature = grid(1, 0)
    [ring] = feature["geometry"]["coordinates"]
    moved = [list(from_storage(x, y, crs)) for x, y in ring]
    feature["geometry"] = {"type": "Polygon", "coordinates": [moved]}
    assert run([feature], crs=crs).faults == []
    extent = UnitGrid.objects.get().geometry.extent
    assert extent == pytest.approx((120, 30, 120.001, 30.001), abs=1e-6)


def test_a_plane_crs_read_as_degrees_is_out_of_range() -> None:
    feature = grid(1, 0)
    shape = {"type": "Polygon", "coordinates": [[[5e5, 3e6], [6e5, 3e6], [6e5, 4e6], [5e5, 3e6]]]}
    assert [f.reason for f in run([{**feature, "geometry": shape}]).faults] == ["out_of_range"]
    with pytest.raises(UnknownCrs):
        run([feature], crs="EPSG:2")


def test_properties_may_have_other_names_and_numbers_for_codes() -> None:
    feature = grid(1, 0)
    feature["properties"] = {"BGID": int(f"{COMMUNITY}001"), "LB": "c"}
    report = run([feature], properties=GridProperties(code="BGID", area_class="LB"))
    assert report.faults == []
    assert UnitGrid.objects.get().area_class == "C"


def test_missing_divisions_are_made_when_asked() -> None:
    feature = grid(0, 0, code="330199002005001")
    report = run([feature], make_divisions=True)
    assert (report.added, report.divisions_added) == (1, 2)
    assert Division.objects.get(code="330199002005").parent_code == "330199002"


def test_a_district_may_import_only_its_own() -> None:
    grant = Grant(
        role_code="x", permissions=frozenset({"territory.manage"}), division_code="330198"
    )
    actor = Actor(person_id=None, name="x", grants=(grant,))
    assert [fault.reason for fault in run([grid(1, 0)], actor).faults] == ["outside_scope"]
    make_division("330198")
    mine = grid(0, 0, code="330198001001001")
    assert run([mine], actor, make_divisions=True).added == 1
    with pytest.raises(Forbidden):
        run([mine], Actor(person_id=None, name="x"))


def test_a_dry_run_counts_and_writes_nothing() -> None:
    report = run([grid(1, 0)], dry_run=True)
    assert (report.added, report.written, report.dry_run) == (1, False, True)
    assert not UnitGrid.objects.exists()


@pytest.mark.parametrize("features", [[], [1e400], [[[[]]]], [None, {}, ""]])
def test_an_empty_or_senseless_collection_is_no_error_of_ours(features: list[Any]) -> None:
    text = json.dumps({"features": features}).replace("Infinity", "1e400").encode()
    file = FeatureFile(file=io.BytesIO(text))
    try:
        report = import_grids(
            actor=COMMAND_LINE, file=file, name="x", options=GridImportOptions(valid_from=EARLY)
        )
    except Fault:
        return
    assert report.added == 0


def test_infinite_and_huge_geometries_are_bounded() -> None:
    infinite = '{"type": "Polygon", "coordinates": [[[1e400, 0], [1, 1], [1, 0], [1e400, 0]]]}'
    text = f'{{"features": [{{"properties": {{"code": "1"}}, "geometry": {infinite}}}]}}'
    file = FeatureFile(file=io.BytesIO(text.encode()))
    report = import_grids(
        actor=COMMAND_LINE, file=file, name="x", options=GridImportOptions(valid_from=EARLY)
    )
    assert [fault.reason for fault in report.faults] == ["geometry_malformed"]
    many = [[120 + n * 1e-9, 30] for n in range(200_001)]
    huge = {"type": "Polygon", "coordinates": [[*many, [120, 31], many[0]]]}
    assert [f.reason for f in run([{**grid(1, 0), "geometry": huge}]).faults] == ["too_many_points"]


def test_the_command_ends_with_one_on_faults(tmp_path: Path) -> None:
    path = tmp_path / "g.geojson"
    path.write_text(json.dumps({"features": [grid(1, 0), grid(2, 0.5)]}))
    with time_machine.travel(LATER):
        told = CliRunner().invoke(import_group, ["grids", str(path)])
        assert told.exit_code == 1
        assert "feature 1 330199001001002: overlap:" in told.output
        assert "nothing was written" in told.output
        path.write_text(json.dumps({"features": [grid(1, 0)]}))
        told = CliRunner().invoke(
            import_group, ["grids", str(path), "--crs", "EPSG:4490", "--json"]
        )
        assert (told.exit_code, json.loads(told.output)["added"]) == (0, 1)
        wrong = CliRunner().invoke(import_group, ["grids", str(path), "--property", "x=y"])
        assert wrong.exit_code == 2
