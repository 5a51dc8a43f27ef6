"""Grids from Shapefile, GeoPackage, KML: read, mapped, refused when hostile; every fault placed."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.files.uploadedfile import SimpleUploadedFile
from shapely.geometry import box, mapping
from shapely.geometry.base import BaseGeometry

from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.kernel.coordinates import from_storage
from chengyun.kernel.errors import Fault
from chengyun.territory.adapters.geojson import Limits
from chengyun.territory.adapters.vector_files import open_vector
from chengyun.territory.faults import CrsNotStated, FileNotReadable, FileTooLarge, LayerNotClear
from chengyun.territory.models import Division, UnitGrid
from chengyun.territory.operations.grid_import import (
    GridImportOptions,
    GridProperties,
    import_grids,
)
from chengyun.territory.operations.grid_report import GridReport
from chengyun.territory.operations.seed import seed_reference_data
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.tests.builders import COMMUNITY, make_divisions

OTHER = "330199001002"
CODES = [f"{COMMUNITY}001", f"{COMMUNITY}002"]
SQUARES: list[BaseGeometry] = [box(120, 30, 120.001, 30.001), box(120.001, 30, 120.002, 30.001)]


@pytest.fixture
def reference_data(db: None) -> None:
    seed_reference_data()
    make_divisions()
    make_divisions(OTHER)


def written(
    folder: Path,
    name: str,
    *,
    crs: str = "EPSG:4490",
    shapes: list[BaseGeometry] | None = None,
    texts: tuple[str, str] = ("住宅", "商业"),
    **options: Any,
) -> Path:
    path = folder / name
    pyogrio.raw.write(
        path,
        geometry=np.array(shapely.to_wkb(shapes or SQUARES), dtype=object),
        field_data=[np.array(CODES, dtype=object), np.array(texts, dtype=object)],
        fields=["BGID", "USE"],
        geometry_type="Polygon",
        crs=crs,
        **options,
    )
    return path


def zipped(folder: Path, *suffixes: str, name: str = "grids") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for suffix in suffixes:
            archive.write(folder / f"{name}{suffix}", f"网格/{name}{suffix}")
    return packed.getvalue()


def run(content: bytes, *, layer: str = "", encoding: str = "", **options: Any) -> GridReport:
    options.setdefault("properties", GridProperties(code="BGID", land_use="USE"))
    return import_grids(
        actor=COMMAND_LINE,
        file=open_vector(io.BytesIO(content), layer=layer, encoding=encoding),
        name="grids",
        options=GridImportOptions(**options),
    )


def assert_two_grids(report: GridReport) -> None:
    assert (report.added, report.faults, report.written) == (2, [], True)
    found = UnitGrid.objects.order_by("code")
    assert [(grid.code, grid.land_use) for grid in found] == list(
        zip(CODES, ("住宅", "商业"), strict=True)
    )
    assert found[0].geometry.extent == pytest.approx((120, 30, 120.001, 30.001), abs=1e-6)


@pytest.mark.usefixtures("reference_data")
@pytest.mark.parametrize(
    ("encoding", "parts"),
    [
        ("UTF-8", (".shp", ".shx", ".dbf", ".prj", ".cpg")),
        ("UTF-8", (".shp", ".shx", ".dbf", ".prj")),
        ("GB18030", (".shp", ".shx", ".dbf", ".prj")),
    ],
)
def test_a_zipped_shapefile_in_any_encoding(
    tmp_path: Path, encoding: str, parts: tuple[str, ...]
) -> None:
    written(tmp_path, "grids.shp", encoding=encoding)
    report = run(zipped(tmp_path, *parts))
    assert report.crs == "EPSG:4490"
    assert_two_grids(report)


@pytest.mark.usefixtures("reference_data")
def test_a_geopackage_in_a_plane_system(tmp_path: Path) -> None:
    def moved(points: Any) -> Any:
        return np.array([from_storage(x, y, "EPSG:4549") for x, y in points])

    plane = [shapely.transform(square, moved) for square in SQUARES]
    path = written(tmp_path, "grids.gpkg", crs="EPSG:4549", shapes=plane)
    report = run(path.read_bytes())
    assert report.crs == "EPSG:4549"
    assert_two_grids(report)


@pytest.mark.usefixtures("reference_data")
def test_kml_and_kmz(tmp_path: Path) -> None:
    path = written(tmp_path, "grids.kml", crs="EPSG:4326", driver="LIBKML")
    assert_two_grids(run(path.read_bytes()))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(path, "doc.kml")
    assert run(packed.getvalue()).unchanged == 2


@pytest.mark.usefixtures("reference_data")
def test_nobody_guesses_a_coordinate_system(tmp_path: Path) -> None:
    written(tmp_path, "grids.shp")
    bare = zipped(tmp_path, ".shp", ".shx", ".dbf")
    with pytest.raises(CrsNotStated):
        run(bare)
    assert not UnitGrid.objects.exists()
    assert run(bare, crs="EPSG:4490").added == 2


@pytest.mark.usefixtures("reference_data")
def test_several_layers_need_a_name(tmp_path: Path) -> None:
    path = written(tmp_path, "g.gpkg", layer="grids")
    written(tmp_path, "g.gpkg", layer="parks", append=True)
    content = path.read_bytes()
    with pytest.raises(LayerNotClear):
        run(content)
    assert run(content, layer="grids").added == 2


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and no archive",
        b"SQLite format 3\x00 and no database",
        b"<?xml version='1.0'?><kml",
        b"<?xml version='1.0'?><!DOCTYPE k [<!ENTITY a 'b'>]><kml>&a;</kml>",
        b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>",
    ],
)
def test_broken_and_hostile_files_are_faults(content: bytes) -> None:
    with pytest.raises(Fault):
        list(open_vector(io.BytesIO(content)))


def test_archives_are_unpacked_within_bounds(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../g.shp", b"\0" * 3_000_000)
    with pytest.raises(FileTooLarge):
        list(open_vector(io.BytesIO(packed.getvalue()), limits=Limits(unpacked_bytes=1_000_000)))
    with pytest.raises(FileNotReadable):
        list(open_vector(io.BytesIO(packed.getvalue())))
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(201):
            archive.writestr(f"{number}.txt", b"")
    with pytest.raises(FileNotReadable):
        list(open_vector(io.BytesIO(many.getvalue())))
    written(tmp_path, "a.shp")
    written(tmp_path, "b.shp")
    both = io.BytesIO()
    with zipfile.ZipFile(both, "w") as archive:
        for name in ("a.shp", "b.shp"):
            archive.write(tmp_path / name, name)
    with pytest.raises(LayerNotClear):
        list(open_vector(io.BytesIO(both.getvalue())))


def test_what_a_geojson_says_of_kml_is_no_kml() -> None:
    content = collection(feature(CODES[0], SQUARES[0], note="<kml>"))
    [read] = open_vector(io.BytesIO(content))
    assert read["properties"]["note"] == "<kml>"


def feature(code: str, shape: BaseGeometry, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": mapping(shape),
    }


def collection(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.mark.usefixtures("reference_data")
def test_codes_and_places_must_agree_and_sizes_are_looked_at() -> None:
    border = MultiPolygon(Polygon.from_bbox((121, 30, 121.01, 30.01)), srid=4490)
    Division.objects.filter(code=OTHER).update(geometry=border)
    report = run(
        collection(
            feature(CODES[0], SQUARES[0], community_code=OTHER),
            feature(CODES[1], box(121.001, 30.001, 121.002, 30.002)),
            feature(f"{COMMUNITY}003", box(120.5, 30, 120.5001, 30.0001)),
            feature(f"{COMMUNITY}004", box(120.6, 30, 120.61, 30.01)),
        ),
        properties=GridProperties(),
    )
    assert [(fault.index, fault.reason) for fault in report.faults] == [
        (0, "code_of_other_community"),
        (0, "outside_division"),
        (1, "in_other_division"),
    ]
    assert [(one.index, one.reason) for one in report.warnings] == [
        (2, "area_small"),
        (3, "area_large"),
    ]
    assert not UnitGrid.objects.exists()


@pytest.mark.usefixtures("reference_data")
def test_the_report_over_http_shows_each_fault_on_the_map() -> None:
    client = signed_in(make_person(permissions=["territory.read", "territory.manage"]))
    bow_tie = Polygon(((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)))
    crossed = {**feature(f"{COMMUNITY}009", SQUARES[0]), "geometry": json.loads(bow_tie.json)}
    content = collection(
        feature(CODES[0], SQUARES[0]),
        feature(CODES[1], box(120.0005, 30, 120.0015, 30.001)),
        crossed,
    )
    file = SimpleUploadedFile("g.geojson", content)
    told = client.post("/api/v1/territory/grids/import", {"file": file, "dry_run": "true"}).json()
    crossing, overlap = sorted(told["faults"], key=lambda fault: fault["reason"])
    assert (crossing["reason"], crossing["lon"], crossing["lat"]) == ("invalid_geometry", 0.5, 0.5)
    assert shapely.from_geojson(json.dumps(overlap["geometry"])).bounds == pytest.approx(
        (120.0005, 30, 120.001, 30.001)
    )
    assert (told["written"], UnitGrid.objects.count()) == (False, 0)
