"""Imports of components: every format, dry run, quarantine, idempotent by code, resumable."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
from django.test import override_settings
from openpyxl import Workbook
from shapely import to_wkb
from shapely.geometry import Point, shape

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import actor_for, make_person
from chengyun.components.models import (
    CodeCounter,
    Component,
    ComponentVersion,
)
from chengyun.components.operations.change import retire_component
from chengyun.components.rules.access import COMMAND_LINE
from chengyun.components.tests.builders import COVER, LAMP, OTHER_COMMUNITY, City
from chengyun.files.queries import file_store
from chengyun.intake.models import ImportRow, ImportRun
from chengyun.intake.operations.local import import_file
from chengyun.intake.operations.runs import perform_import
from chengyun.intake.queries.runs import quarantine_lines
from chengyun.intake.queries.shipped import mapping_from
from chengyun.intake.rules.mapping import Mapping
from chengyun.intake.rules.mapping_faults import ColumnMissing, MappingInvalid
from chengyun.intake.rules.source import TableUnreadable
from chengyun.intake.tests.builders import in_batches_of
from chengyun.journal.models import Event
from chengyun.kernel.coordinates import from_storage
from chengyun.kernel.errors import Fault
from chengyun.territory.tests.builders import COMMUNITY, middle

CODE = "33019901003{:06d}"
PLAIN: dict[str, Any] = {
    "name": "test",
    "fields": {
        "code": {"column": "code"},
        "type": {"column": "type"},
        "name": {"column": "name"},
        "state": {"column": "state", "default": "intact"},
        "owner": {"column": "owner"},
        "lon": {"column": "lon"},
        "lat": {"column": "lat"},
    },
}
SHAPES: dict[str, Any] = {
    "name": "shapes",
    "fields": {name: {"column": name} for name in ("code", "type", "name")},
}
Record = dict[str, Any]


def mapping(**changes: Any) -> Mapping:
    return mapping_from(json.dumps(PLAIN | changes), kinds=("components",))


def record(number: int, *, column: int = 0, row: int = 0, **given: Any) -> Record:
    lon, lat = middle(column, row)
    base = {"code": CODE.format(number), "type": COVER, "name": f"井盖{number}", "state": ""}
    return base | {"owner": "", "lon": lon, "lat": lat} | given


def csv_file(folder: Path, records: list[Record], *, encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]))
    writer.writeheader()
    writer.writerows(records)
    path = folder / "in.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def xlsx_file(folder: Path, records: list[Record]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(records[0]))
    for one in records:
        sheet.append(list(one.values()))
    book.save(folder / "in.xlsx")
    return folder / "in.xlsx"


def features(records: list[Record]) -> list[Record]:
    return [
        {
            "type": "Feature",
            "properties": {key: one[key] for key in ("code", "type", "name")},
            "geometry": {"type": "Point", "coordinates": [one["lon"], one["lat"]]},
        }
        for one in records
    ]


def geojson_file(folder: Path, records: list[Record]) -> Path:
    path = folder / "in.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features(records)}))
    return path


def lines_file(folder: Path, records: list[Record]) -> Path:
    path = folder / "in.geojsonl"
    path.write_text("\n".join(json.dumps(one) for one in features(records)))
    return path


def shape_file(folder: Path, records: list[Record], *, encoding: str = "gbk") -> Path:
    names = ("code", "type", "name")
    pyogrio.raw.write(
        folder / "part.shp",
        geometry=to_wkb([Point(one["lon"], one["lat"]) for one in records]),
        field_data=[np.array([one[name] for one in records], dtype=object) for name in names],
        fields=list(names),
        geometry_type="Point",
        crs="EPSG:4326",
        driver="ESRI Shapefile",
        encoding=encoding,
    )
    (folder / "part.cpg").write_text("936")
    path = folder / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for ending in ("shp", "shx", "dbf", "cpg", "prj"):
            archive.write(folder / f"part.{ending}", f"covers/部件.{ending}")
    return path


def geopackage_file(folder: Path, records: list[Record]) -> Path:
    path = folder / "in.gpkg"
    with sqlite3.connect(path) as file:
        file.executescript(
            """
            CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT,
                organization_coordsys_id INTEGER);
            INSERT INTO gpkg_spatial_ref_sys VALUES (4490, 'EPSG', 4490);
            CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
            INSERT INTO gpkg_contents VALUES ('covers', 'features');
            CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
            INSERT INTO gpkg_geometry_columns VALUES ('covers', 'geom', 4490);
            CREATE TABLE covers (fid INTEGER PRIMARY KEY, geom BLOB, code TEXT, type TEXT,
                name TEXT);
            """
        )
        for one in records:
            blob = b"GP\x00\x01" + struct.pack("<i", 4490) + to_wkb(Point(one["lon"], one["lat"]))
            file.execute(
                "INSERT INTO covers (geom, code, type, name) VALUES (?, ?, ?, ?)",
                [blob, one["code"], one["type"], one["name"]],
            )
    file.close()
    return path


def run(path: Path, given: Mapping | None = None, **more: Any) -> ImportRun:
    return import_file(
        actor=more.pop("actor", COMMAND_LINE), path=path, mapping=given or mapping(), **more
    )


def counts(done: ImportRun) -> tuple[int, int, int, int, int]:
    return done.read, done.made, done.changed, done.skipped, done.faulty


def faults(done: ImportRun) -> list[tuple[int, str]]:
    rows = ImportRow.objects.filter(run=done).order_by("row")
    return [(one.row, one.fault["code"]) for one in rows]


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[None]:
    with override_settings(STORAGE_URL=f"file://{tmp_path}/files"):
        yield


@pytest.mark.parametrize(
    ("write", "given"),
    [
        (csv_file, PLAIN),
        (xlsx_file, PLAIN),
        (geojson_file, SHAPES),
        (lines_file, SHAPES),
        (shape_file, SHAPES),
        (geopackage_file, SHAPES),
    ],
)
def test_every_format_makes_the_same_components(
    city: City, tmp_path: Path, write: Callable[[Path, list[Record]], Path], given: Record
) -> None:
    records = [record(1), record(2, column=2, row=1), record(9, column=1, row=0)]
    done = run(write(tmp_path, records), mapping_from(json.dumps(given), kinds=("components",)))
    assert (done.state, counts(done)) == ("done", (3, 3, 0, 0, 0))
    made = Component.objects.order_by("code")
    assert [(one.code, one.name) for one in made] == [
        (one["code"], one["name"]) for one in sorted(records, key=lambda one: str(one["code"]))
    ]
    assert [one.grid_code[-3:] for one in made] == ["001", "006", "002"]
    assert [one.position.x for one in made] == pytest.approx([120.0005, 120.0025, 120.0015])
    versions = ComponentVersion.objects.values_list("act", "version", "reason")
    assert list(versions) == [("imported", 1, done.source_name)] * 3
    assert CodeCounter.objects.get(prefix="33019901003").last == 9
    assert Event.objects.get(kind="component.imported").payload["made"] == 3
    assert AuditEntry.objects.filter(act="components.import_finished").count() == 1


def test_the_same_file_again_changes_nothing(city: City, tmp_path: Path) -> None:
    path = csv_file(tmp_path, [record(1), record(2, owner="water1")])
    run(path)
    again = run(path)
    assert counts(again) == (2, 0, 0, 2, 0)
    assert Component.objects.count() == ComponentVersion.objects.count() == 2
    assert Component.objects.get(code=CODE.format(2)).owner_id == city.water.pk


def test_what_differs_is_changed_and_told_and_the_rest_stays(city: City, tmp_path: Path) -> None:
    run(csv_file(tmp_path, [record(1), record(2), record(3)]))
    Component.objects.update(note="kept", address="滨江路")
    changed = [record(1, state="破损"), record(2, column=1, owner="排水公司"), record(3)]
    done = run(csv_file(tmp_path, changed))
    assert counts(done) == (3, 0, 2, 1, 0)
    first, second, third = Component.objects.order_by("code")
    assert (first.state, first.version, first.note) == ("damaged", 2, "kept")
    assert (second.owner_id, second.grid_code[-3:], second.address) == (
        city.water.pk,
        "002",
        "滨江路",
    )
    assert third.version == 1
    told = ComponentVersion.objects.get(component=second, version=2).changes
    assert told == {
        "owner_id": [None, city.water.pk],
        "position": [list(middle(0, 0)), list(middle(1, 0))],
        "grid_code": [f"{COMMUNITY}001", f"{COMMUNITY}002"],
    }


def test_a_mapping_may_leave_alone_what_is_here(city: City, tmp_path: Path) -> None:
    run(csv_file(tmp_path, [record(1)]))
    done = run(csv_file(tmp_path, [record(1, state="lost"), record(2)]), mapping(known="skip"))
    assert counts(done) == (2, 1, 0, 1, 0)
    assert Component.objects.get(code=CODE.format(1)).state == "intact"


def test_every_bad_row_is_told_and_the_good_ones_are_made(city: City, tmp_path: Path) -> None:
    gone = city.component(code=CODE.format(50))
    retire_component(actor=COMMAND_LINE, component_id=gone.pk, reason="x")
    records = [
        record(1),
        record(2, state="molten"),
        record(3, owner="nobody"),
        record(4, type="99999"),
        record(5, lon="east"),
        record(6, lon=""),
        record(7, lon=10, lat=10),
        record(8, code="33018801003000008"),
        record(9, code="33019901037000009"),
        record(1),
        record(11, code=""),
        record(50),
        record(13, name="x" * 101),
        record(14, code="123"),
        record(15, lon=500),
    ]
    done = run(csv_file(tmp_path, records))
    assert counts(done) == (15, 1, 0, 0, 14)
    assert faults(done) == [
        (2, "dictionary_value_unknown"),
        (3, "organisation_unknown"),
        (4, "component_type_unknown"),
        (5, "value_unreadable"),
        (6, "geometry_unusable"),
        (7, "no_grid_at_point"),
        (8, "component_code_mismatch"),
        (9, "component_code_mismatch"),
        (10, "row_repeated"),
        (11, "value_missing"),
        (12, "component_retired"),
        (13, "invalid"),
        (14, "invalid_code"),
        (15, "coordinate_out_of_range"),
    ]
    assert Component.objects.filter(retired_at=None).count() == 1
    assert done.faults_by_code["component_code_mismatch"] == 2


def test_rows_that_repeat_the_cells_of_others_are_checked_like_them(
    city: City, tmp_path: Path
) -> None:
    """What is read once for many rows must not let a bad one through."""
    rows = [
        record(1, owner="water1"),
        record(2, owner="water1"),
        record(3, type=LAMP, owner="water1"),  # another type, the beginning of the same code
        record(4, code=CODE.format(4)[:-1] + "x"),
        record(5, code=CODE.format(5) + "1"),
        record(6, owner="nobody"),
        record(7, type=""),
        record(8, type="", code="33019901037000008", name=""),
        record(9, name="a\\b\tc"),
    ]
    done = run(csv_file(tmp_path, rows))
    assert faults(done) == [
        (3, "component_code_mismatch"),
        (4, "invalid_code"),
        (5, "invalid_code"),
        (6, "organisation_unknown"),
    ]
    made = list(Component.objects.order_by("code").values_list("code", "type__code", "owner__code"))
    assert made == [
        (CODE.format(1), COVER, "water1"),
        (CODE.format(2), COVER, "water1"),
        (CODE.format(7), COVER, None),
        (CODE.format(9), COVER, None),
        ("33019901037000008", LAMP, None),
    ]
    assert Component.objects.get(code=CODE.format(9)).name == "a\\b\tc"


def test_quarantine_can_be_mended_and_imported(city: City, tmp_path: Path) -> None:
    done = run(csv_file(tmp_path, [record(1), record(2, state="molten", name="=1+1")]))
    text = "".join(quarantine_lines(done.pk, done.columns))
    assert "'=1+1" in text
    mended = tmp_path / "mended.csv"
    mended.write_text(text.replace("molten", "lost"))
    again = run(mended)
    assert counts(again) == (1, 1, 0, 0, 0)
    assert Component.objects.get(code=CODE.format(2)).name == "=1+1"


def test_quarantine_of_shapes_keeps_them(city: City, tmp_path: Path) -> None:
    given = mapping_from(json.dumps(SHAPES), kinds=("components",))
    done = run(geojson_file(tmp_path, [record(1, type="99999")]), given)
    mended = tmp_path / "mended.csv"
    mended.write_text("".join(quarantine_lines(done.pk, done.columns)).replace("99999", COVER))
    assert counts(run(mended, given)) == (1, 1, 0, 0, 0)
    assert Component.objects.get().grid_code == f"{COMMUNITY}001"


def test_a_dry_run_tells_all_and_keeps_nothing(city: City, tmp_path: Path) -> None:
    path = csv_file(tmp_path, [record(1), record(2, state="molten"), record(3, lon=1)])
    done = run(path, dry_run=True)
    assert (counts(done), [row for row, _ in faults(done)]) == ((3, 1, 0, 0, 2), [2, 3])
    assert Component.objects.count() == ComponentVersion.objects.count() == 0
    assert CodeCounter.objects.count() == 0
    assert not Event.objects.filter(kind="component.imported").exists()
    assert counts(run(path)) == (3, 1, 0, 0, 2)


def test_codes_are_made_from_west_to_east_and_the_place_makes_them_known(
    city: City, tmp_path: Path
) -> None:
    city.component(code=CODE.format(7), column=2, row=1)
    records = [record(0, column=column, code="") for column in (2, 0, 1, 1)]
    done = run(csv_file(tmp_path, records), mapping(make_codes=True))
    assert counts(done) == (4, 3, 0, 1, 0)
    codes = {one.grid_code[-3:]: one.code[-6:] for one in Component.objects.all()}
    assert codes == {"006": "000007", "001": "000008", "002": "000009", "003": "000010"}
    again = run(csv_file(tmp_path, records), mapping(make_codes=True))
    assert (again.made, Component.objects.count()) == (0, 4)


def test_map_service_positions_are_converted(city: City, tmp_path: Path) -> None:
    lon, lat = from_storage(*middle(2, 1), "GCJ-02")
    done = run(csv_file(tmp_path, [record(1, lon=lon, lat=lat)]), mapping(crs="GCJ-02"))
    assert counts(done) == (1, 1, 0, 0, 0)
    one = Component.objects.get()
    assert (one.grid_code, one.position_source) == (f"{COMMUNITY}006", "GCJ-02")


def test_what_is_not_the_importers_is_left_out(city: City, tmp_path: Path) -> None:
    person = make_person(permissions=["components.manage"], division_code=OTHER_COMMUNITY[:9])
    theirs = city.component(code=CODE.format(2))
    records = [record(1), record(2, row=2), record(3, row=3)]
    done = run(csv_file(tmp_path, records), actor=actor_for(person))
    assert (counts(done), faults(done)) == (
        (3, 1, 0, 0, 2),
        [(1, "outside_scope"), (2, "outside_scope")],
    )
    theirs.refresh_from_db()
    assert theirs.version == 1


def test_a_run_goes_on_where_it_stopped(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 2, "components")
    path = csv_file(tmp_path, [record(number) for number in range(1, 6)])
    begun = ImportRun.objects.create(
        kind="components",
        source_name="in.csv",
        storage_key="imports/a",
        mapping=mapping().model_dump(mode="json"),
        by=city.keeper,
    )
    file_store().put("imports/a", io.BytesIO(path.read_bytes()))
    assert not perform_import(run_id=begun.pk, stopping=lambda: True)
    begun.refresh_from_db()
    assert (begun.state, begun.next_row, Component.objects.count()) == ("running", 2, 2)
    assert perform_import(run_id=begun.pk)
    begun.refresh_from_db()
    assert (begun.state, counts(begun)) == ("done", (5, 5, 0, 0, 0))
    assert list(file_store().files("imports")) == []


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", TableUnreadable),
        (b"a,b\n1,2\n", ColumnMissing),
        (b"\xff\xfe\x00", TableUnreadable),
        (b"{}", TableUnreadable),
        (b'{"features": [', TableUnreadable),
        (b"PK\x03\x04broken", TableUnreadable),
        (b"SQLite format 3\x00broken", TableUnreadable),
    ],
)
def test_a_file_that_is_none_is_refused_whole(
    city: City, tmp_path: Path, content: bytes, fault: type[Fault]
) -> None:
    path = tmp_path / "in"
    path.write_bytes(content)
    with pytest.raises(fault):
        run(path)
    assert not ImportRun.objects.exists()
    assert Component.objects.count() == 0


def test_a_shapefile_that_lies_about_itself_is_refused(city: City, tmp_path: Path) -> None:
    path = shape_file(tmp_path, [record(1)])
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(broken, "w") as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename.endswith(".dbf"):
                data = data[:8] + struct.pack("<H", 60_000) + data[10:]
            target.writestr(member.filename, data[:60] if "shp" in member.filename else data)
    with pytest.raises(TableUnreadable):
        run(broken, mapping_from(json.dumps(SHAPES), kinds=("components",)))
    assert Component.objects.count() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"fields": {"name": {"column": "x"}}},
        {"fields": {"type": {"column": "x"}}},
        {"fields": PLAIN["fields"] | {"colour": {"column": "x"}}},
        {"fields": PLAIN["fields"] | {"name": {"column": "x", "aliases": "none"}}},
        {"fields": PLAIN["fields"] | {"name": {"pattern": "("}}},
        {"crs": "EPSG:2401"},
        {"purpose": "cases"},
        {"unknown": 1},
    ],
)
def test_a_mistake_in_a_mapping_names_its_place(changes: Record) -> None:
    with pytest.raises(MappingInvalid):
        mapping(**changes)


def test_lines_and_areas_come_in_with_their_shape(city: City, tmp_path: Path) -> None:
    lon, lat = middle(0, 0)
    ring = [[lon, lat], [lon + 1e-4, lat], [lon + 1e-4, lat + 1e-4], [lon, lat]]
    one: dict[str, Any] = {
        "type": "Feature",
        "properties": {"code": "33019904013000001", "type": "04013", "name": "绿地"},
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
    }
    bow: list[list[float]] = [[0, 0], [1e-4, 1e-4], [1e-4, 0], [0, 1e-4], [0, 0]]
    crossed = [[[lon + x, lat + y] for x, y in bow]]
    two = {
        **one,
        "properties": {**one["properties"], "code": "33019904013000002"},
        "geometry": {"type": "Polygon", "coordinates": crossed},
    }
    path = tmp_path / "in.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [one, two, 7]}))
    done = run(path, mapping_from(json.dumps(SHAPES), kinds=("components",)))
    assert (counts(done), faults(done)) == (
        (3, 1, 0, 0, 2),
        [(2, "geometry_unusable"), (3, "value_missing")],
    )
    made = Component.objects.get()
    assert made.shape is not None
    assert shape(json.loads(made.shape.geojson)).area == pytest.approx(5e-9, rel=1e-3)
    assert run(path, mapping_from(json.dumps(SHAPES), kinds=("components",))).changed == 0
