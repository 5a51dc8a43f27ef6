"""Exporting grids: each format in each system comes back by import as it was."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.kernel.coordinates import from_storage
from chengyun.territory.adapters.vector_files import open_vector
from chengyun.territory.adapters.vector_output import FORMATS, SYSTEMS
from chengyun.territory.commands import grids as grids_group
from chengyun.territory.faults import CrsNotStated
from chengyun.territory.models import UnitGrid
from chengyun.territory.operations.grid_import import GridImportOptions, import_grids
from chengyun.territory.operations.seed import seed_reference_data
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.tests.builders import COMMUNITY, make_grid, make_grids

pytestmark = pytest.mark.django_db
URL = "/api/v1/territory/grids/export"


@pytest.fixture
def client() -> Client:
    return signed_in(make_person(permissions=["territory.read"]))


@pytest.mark.parametrize("crs", SYSTEMS)
@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_what_is_exported_can_be_imported_as_it_was(client: Client, kind: str, crs: str) -> None:
    seed_reference_data()
    make_grids(columns=2, rows=1)
    UnitGrid.objects.update(land_use="住宅", note="甲、乙", area_class="A")
    before = {grid.code: grid.geometry.extent for grid in UnitGrid.objects.all()}
    answer = client.get(URL, {"format": kind, "crs": crs})
    assert answer.status_code == 200
    assert answer["Content-Type"] == FORMATS[kind].media_type
    assert f"grids_{crs.replace(':', '-')}" in answer["Content-Disposition"]
    UnitGrid.objects.all().delete()
    report = import_grids(
        actor=COMMAND_LINE,
        file=open_vector(io.BytesIO(answer.content)),
        name="again",
        options=GridImportOptions(crs=crs, valid_from=datetime(2026, 9, 1, tzinfo=UTC)),
    )
    assert (report.added, report.faults) == (2, [])
    for grid in UnitGrid.objects.all():
        assert grid.geometry.extent == pytest.approx(before[grid.code], abs=2e-7)
        assert (grid.land_use, grid.note, grid.area_class) == ("住宅", "甲、乙", "A")


def test_coordinates_are_those_of_the_system_asked_for(client: Client) -> None:
    make_grids(columns=1, rows=1)
    told = json.loads(client.get(URL, {"crs": "GCJ-02"}).content)
    [[[ring]]] = [feature["geometry"]["coordinates"] for feature in told["features"]]
    assert list(from_storage(120.0, 30.0, "GCJ-02")) == pytest.approx(
        min(ring, key=lambda point: (round(point[0], 5), point[1])), abs=1e-7
    )
    assert told["crs"]["properties"]["name"] == "GCJ-02"


def test_a_shifted_shapefile_states_no_system(client: Client) -> None:
    make_grids(columns=1, rows=1)
    for crs, has_prj in (("EPSG:4490", True), ("BD-09", False)):
        packed = client.get(URL, {"format": "shapefile", "crs": crs}).content
        names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
        assert ("grids.prj" in names) == has_prj
        assert {"grids.shp", "grids.dbf", "grids.shx", "grids.cpg"} <= set(names)


def test_a_shifted_geopackage_is_not_taken_for_wgs_84(client: Client) -> None:
    seed_reference_data()
    make_grids(columns=1, rows=1)
    content = client.get(URL, {"format": "geopackage", "crs": "GCJ-02"}).content
    with pytest.raises(CrsNotStated):
        import_grids(
            actor=COMMAND_LINE,
            file=open_vector(io.BytesIO(content)),
            name="x",
            options=GridImportOptions(),
        )


def test_division_and_moment_choose(client: Client) -> None:
    make_grid(f"{COMMUNITY}001", valid_to=datetime(2020, 1, 1, tzinfo=UTC))
    make_grid("330198001001001", column=5)

    def codes(**query: str) -> list[str]:
        told = json.loads(client.get(URL, query).content)
        return [feature["properties"]["code"] for feature in told["features"]]

    assert codes() == ["330198001001001"]
    assert codes(division="330199") == []
    assert codes(division="330199", at="2019-01-01T00:00:00Z") == [f"{COMMUNITY}001"]
    assert AuditEntry.objects.filter(act="grids.exported").count() == 3


def test_who_may_and_what_is_known(client: Client) -> None:
    assert Client().get(URL).status_code == 401
    assert signed_in(make_person(permissions=["case.read"])).get(URL).status_code == 403
    assert client.get(URL, {"format": "dwg"}).status_code == 422
    assert client.get(URL, {"crs": "EPSG:2327"}).status_code == 422


def test_the_command_takes_the_format_from_the_name(tmp_path: Path) -> None:
    make_grids(columns=2, rows=1)
    path = tmp_path / "g.gpkg"
    told = CliRunner().invoke(grids_group, ["export", str(path), "--crs", "EPSG:4326"])
    assert told.output == "2 grids (EPSG:4326) written to g.gpkg\n"
    assert len(list(open_vector(path.open("rb")))) == 2
    assert CliRunner().invoke(grids_group, ["export", str(tmp_path / "g.dwg")]).exit_code == 2
