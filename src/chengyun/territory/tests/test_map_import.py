"""Importing the base map."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chengyun.kernel.coordinates import UnknownCrs, from_storage
from chengyun.kernel.errors import Fault, Forbidden
from chengyun.territory.adapters.geojson import MIB, Limits, open_features
from chengyun.territory.commands import import_group
from chengyun.territory.faults import FileTooLarge, GeoJsonInvalid, NoLayersFound
from chengyun.territory.models import LayerVersion, MapFeature, MapLayer
from chengyun.territory.operations.map_import import import_map
from chengyun.territory.rules.scope import COMMAND_LINE

pytestmark = pytest.mark.django_db
SHARED = Path(__file__).resolve().parents[5] / "shared" / "data" / "shanghai_osm"


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def square(west: float, south: float, size: float = 0.001) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


def write(folder: Path, name: str, features: list[Any], **members: Any) -> Path:
    text = json.dumps({"type": "FeatureCollection", **members, "features": features})
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def run(folder: Path, **options: Any) -> Any:
    return import_map(actor=COMMAND_LINE, folder=folder, **options)


def test_layers_are_read_plain_and_gzipped_and_replaced_as_a_whole(tmp_path: Path) -> None:
    tower = feature(square(120, 30), kind="building", height=88, name="大厦", id=7)
    write(tmp_path, "buildings.geojson.gz", [tower], attribution="© OpenStreetMap contributors")
    road = {"type": "LineString", "coordinates": [[120, 30], [120.1, 30]]}
    details = {"kind": "major_road", "kind_detail": "primary", "name": "Main Street"}
    write(tmp_path, "roads.geojson", [feature(road, **details)])
    (tmp_path / "notes.txt").write_text("x")
    write(tmp_path, "mystery.geojson", [])
    report = run(tmp_path)
    assert report.skipped == ["mystery.geojson"]
    building = MapFeature.objects.get(layer="buildings")
    assert (building.zh, building.height_m, building.external_id) == ("大厦", 88.0, "7")
    primary = MapFeature.objects.get(layer="roads")
    assert (primary.kind, primary.en, primary.zh, primary.min_zoom) == (
        "primary",
        "Main Street",
        "",
        9,
    )
    assert MapLayer.objects.get(name="buildings").attribution == "© OpenStreetMap contributors"
    before = LayerVersion.objects.get(layer="map").version
    write(tmp_path, "buildings.geojson.gz", [feature(square(121, 31), kind="building")])
    run(tmp_path)
    assert MapFeature.objects.get(layer="buildings").height_m is None
    assert LayerVersion.objects.get(layer="map").version == before + 2


def test_pieces_cut_at_tile_borders_become_one(tmp_path: Path) -> None:
    pieces = [feature(square(120 + n * 0.001, 30), kind="water", id=5) for n in range(2)]
    write(tmp_path, "water.geojson", pieces)
    [report] = run(tmp_path).layers
    assert (report.features, report.joined) == (1, 1)
    lake = MapFeature.objects.get()
    assert lake.kind == "lake"
    assert lake.geometry.extent == pytest.approx((120, 30, 120.002, 30.001))


def test_faults_are_counted_named_and_left_out(tmp_path: Path) -> None:
    far = {"type": "Point", "coordinates": [500, 10]}
    features: list[Any] = [
        feature(BOW_TIE, kind="park"),
        feature(far, kind="park", id="far"),
        feature(None),
        "nonsense",
        feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}),
        feature({"type": "Polygon", "coordinates": []}),
        feature({"type": "LineString", "coordinates": [[-179, 0], [179, 0]]}),
        {"type": "Feature", "properties": [1], "geometry": square(1, 1)},
        feature(square(2, 2), kind="a\x00b\ud800", name="\x00", note={"deep": [1]}, big=10**40),
    ]
    write(tmp_path, "landuse.geojson", features)
    [report] = run(tmp_path).layers
    assert (report.features, report.repaired, report.rejected) == (3, 1, 6)
    assert [(fault.index, fault.reason) for fault in report.faults] == [
        (1, "out_of_range"),
        (2, "geometry_missing"),
        (3, "geometry_missing"),
        (4, "geometry_malformed"),
        (5, "geometry_empty"),
        (6, "antimeridian"),
    ]
    assert report.faults[0].id == "far"
    assert all(shape.geometry.valid for shape in MapFeature.objects.all())


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09", "EPSG:4549", "EPSG:3857"])
def test_any_stated_crs_lands_at_the_same_place(tmp_path: Path, crs: str) -> None:
    x, y = from_storage(120.5, 30.5, crs)
    write(
        tmp_path, "pois.geojson", [feature({"type": "Point", "coordinates": [x, y]}, kind="bank")]
    )
    run(tmp_path, crs=crs)
    point = MapFeature.objects.get().geometry
    assert (point.x, point.y) == pytest.approx((120.5, 30.5), abs=1e-6)


def test_the_crs_that_a_file_states_counts(tmp_path: Path) -> None:
    stated = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    point = {"type": "Point", "coordinates": [111319.49, 0]}
    write(tmp_path, "pois.geojson", [feature(point)], crs=stated)
    [report] = run(tmp_path).layers
    assert report.crs == "EPSG:3857"
    assert MapFeature.objects.get().geometry.x == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("crs", ["EPSG:4214", "EPSG:999999", "nonsense", "EPSG:4549; DROP", ""])
def test_an_unknown_or_guessed_crs_is_refused(tmp_path: Path, crs: str) -> None:
    write(tmp_path, "pois.geojson", [feature({"type": "Point", "coordinates": [1, 1]})])
    if not crs:
        assert run(tmp_path, crs=crs).layers[0].crs == "EPSG:4326"
        return
    with pytest.raises(UnknownCrs):
        run(tmp_path, crs=crs)
    assert not MapFeature.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"type": "Feature"}',
        b'{"features": 5}',
        b'{"features": [1 2]}',
        b'{"features": [{"a": NaN}]}',
        b'{"features": [{"a": 1}',
        b'{"features": [' + b"[" * 5000,
        b'{"features": [' + b'{"a":' * 5000,
        b"\xff\xfe\x00",
        b"\x1f\x8b broken",
        gzip.compress(b'{"features": []}', mtime=0)[:-9],
    ],
)
def test_a_broken_file_is_named_and_changes_nothing(tmp_path: Path, text: bytes) -> None:
    write(tmp_path, "pois.geojson", [feature({"type": "Point", "coordinates": [1, 1]})])
    run(tmp_path)
    (tmp_path / "pois.geojson").write_bytes(text)
    with pytest.raises(Fault) as caught:
        run(tmp_path)
    assert caught.value.code in {"geojson_invalid", "file_not_readable"}
    assert MapFeature.objects.count() == 1


def test_a_decompression_bomb_and_a_giant_feature_are_bounded(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.geojson.gz"
    bomb.write_bytes(gzip.compress(b'{"features": [' + b" " * 5 * MIB))
    with pytest.raises(FileTooLarge):
        list(open_features(bomb, Limits(unpacked_bytes=MIB)))
    giant = tmp_path / "giant.geojson"
    giant.write_bytes(b'{"features": ["' + b"x" * 3 * MIB)
    with pytest.raises(GeoJsonInvalid):
        list(open_features(giant, Limits(feature_bytes=MIB)))


def test_small_chunks_and_numbers_at_their_ends(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("chengyun.territory.adapters.geojson._CHUNK", 3)
    path = tmp_path / "x.json"
    path.write_text('\ufeff{"bbox": 1234567, "features": [ {"a": [1,2]} , 12345678 ], "z": -1.5}')
    file = open_features(path)
    assert list(file) == [{"a": [1, 2]}, 12345678]
    assert file.members == {"bbox": 1234567, "z": -1.5}


def test_a_dry_run_reports_and_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, "pois.geojson", [feature({"type": "Point", "coordinates": [1, 1]})])
    report = run(tmp_path, dry_run=True)
    assert report.layers[0].features == 1
    assert not MapFeature.objects.exists()
    assert not MapLayer.objects.exists()


def test_an_empty_folder_says_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(NoLayersFound, match="water, landuse"):
        run(tmp_path)


def test_only_who_manages_the_whole_territory_may(tmp_path: Path) -> None:
    from chengyun.administration.rules.actor import Actor, Grant

    grant = Grant(role_code="x", permissions=frozenset({"territory.manage"}), division_code="33")
    write(tmp_path, "pois.geojson", [])
    with pytest.raises(Forbidden):
        import_map(actor=Actor(person_id=1, name="x", grants=(grant,)), folder=tmp_path)


def test_the_command_prints_a_report(tmp_path: Path) -> None:
    write(tmp_path, "pois.geojson", [feature(None), feature(square(1, 1))])
    told = CliRunner().invoke(import_group, ["map", str(tmp_path)])
    assert told.exit_code == 0
    assert "pois" in told.output
    assert "feature 0 : geometry_missing" in told.output
    as_json = CliRunner().invoke(import_group, ["map", str(tmp_path), "--dry-run", "--json"])
    assert json.loads(as_json.output)["layers"][0]["rejected"] == 1


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data/shanghai_osm is not there")
def test_the_real_map_of_central_shanghai() -> None:
    report = run(SHARED)
    counts = {layer.layer: layer.features + layer.joined for layer in report.layers}
    assert counts == {
        "boundaries": 3,
        "buildings": 1855,
        "landuse": 234,
        "places": 6,
        "pois": 493,
        "roads": 1094,
        "transit": 18,
        "water": 44,
    }
    assert sum(layer.rejected for layer in report.layers) == 0
    assert all("OpenStreetMap" in layer.attribution for layer in MapLayer.objects.all())
    assert MapFeature.objects.filter(layer="buildings", height_m__gt=300).exists()
