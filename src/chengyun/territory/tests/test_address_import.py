"""Imports of addresses: from large to small, known again, histories kept, bad rows reported."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from openpyxl import Workbook
from shapely.geometry import LineString
from shapely.geometry import mapping as geojson

from chengyun.administration.tests.builders import actor_for, make_person, signed_in
from chengyun.intake.models import ImportRow, ImportRun
from chengyun.intake.operations.local import import_file
from chengyun.intake.operations.runs import perform_import
from chengyun.intake.queries.shipped import mapping_from, shipped_mappings
from chengyun.intake.rules.mapping_faults import MappingInvalid
from chengyun.intake.tests.builders import in_batches_of
from chengyun.kernel.coordinates import from_storage
from chengyun.territory.address_commands import import_addresses_command
from chengyun.territory.models import Address, AddressChange, AddressName
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.tests.builders import COMMUNITY, DISTRICT, make_division, make_grids

pytestmark = pytest.mark.django_db
URL = "/api/v1/territory/addresses"
Record = dict[str, Any]
NAMES = ("code", "kind", "name", "parent", "street", "division", "note", "lon", "lat")
ROAD: Record = {"code": "S1", "kind": "street", "name": "人民路", "division": DISTRICT}
PLATE: Record = {"code": "P12", "kind": "门(楼)牌", "name": "12号", "parent": "S1"}
POI: Record = {"code": "Q1", "kind": "poi", "name": "人民公园", "parent": "P12", "note": "东门"}
WHOLE = "区划330199区划330199001区划330199001001人民路12号"


@pytest.fixture(autouse=True)
def ground() -> None:
    make_grids(columns=3, rows=3)


def plan(**changes: Any) -> Any:
    told = {"name": "test", "purpose": "addresses", "fields": {n: {"column": n} for n in NAMES}}
    return mapping_from(json.dumps(told | changes), kinds=("addresses",))


def table(folder: Path, *records: Record) -> Path:
    lines = [dict.fromkeys(NAMES, "") | {"lon": 120.0005, "lat": 30.0005} | one for one in records]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*NAMES, *sorted({k for r in records for k in r} - set(NAMES))])
    writer.writeheader()
    writer.writerows(lines)
    (folder / "in.csv").write_text(text.getvalue(), encoding="utf-8")
    return folder / "in.csv"


def run(path: Path, mapping: Any = None, **options: Any) -> ImportRun:
    given = {"actor": COMMAND_LINE, "mapping": mapping or plan(), "keeps_quarantine": True}
    return import_file(path=path, **given | options)


def counts(done: ImportRun) -> tuple[int, int, int, int]:
    return done.made, done.changed, done.skipped, done.faulty


def faults(done: ImportRun) -> list[tuple[int, str, str]]:
    rows = ImportRow.objects.filter(run=done).order_by("row")
    return [(one.row, one.fault["code"], one.fault["field"]) for one in rows]


def test_the_small_stand_below_the_large_in_whatever_order_they_come(tmp_path: Path) -> None:
    done = run(table(tmp_path, POI, PLATE, ROAD))
    assert counts(done) == (3, 0, 0, 0)
    wholes = dict(Address.objects.values_list("code", "full"))
    assert wholes == {"S1": "区划330199人民路", "P12": WHOLE, "Q1": f"{WHOLE}人民公园"}
    plate = Address.objects.get(code="P12")
    assert (plate.kind, plate.number, plate.number_value) == ("door_plate", "12", 12)
    assert plate.division_code == COMMUNITY
    names = set(AddressName.objects.values_list("name", "pinyin", "is_current"))
    assert names == {("人民路", "renminlu", True), ("人民公园", "renmingongyuan", True)}
    assert set(AddressChange.objects.values_list("act", "version")) == {("imported", 1)}
    assert AddressChange.objects.count() == 3


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    path = table(tmp_path, ROAD, PLATE, POI, {"kind": "poi", "name": "无码亭"})
    run(path)
    before = list(Address.objects.order_by("id").values())
    assert counts(run(path)) == (0, 0, 4, 0)
    assert list(Address.objects.order_by("id").values()) == before
    assert AddressName.objects.count() == 3


def test_a_row_changes_the_address_of_its_code_and_keeps_the_former_name(tmp_path: Path) -> None:
    run(table(tmp_path, ROAD, PLATE, POI))
    changed = [ROAD | {"name": "民主路"}, PLATE | {"name": "14号", "lon": 120.0015}]
    done = run(table(tmp_path, *changed, POI))
    assert counts(done) == (0, 2, 1, 0)
    park = Address.objects.get(code="Q1")
    assert park.full == WHOLE.replace("人民路12号", "民主路14号人民公园")
    former = AddressName.objects.filter(is_current=False).order_by("name")
    assert list(former.values_list("name", "number", "reason")) == [
        ("12号", "12", "in.csv"),
        ("人民路", "", "in.csv"),
    ]
    log = AddressChange.objects.get(address__code="P12", version=2)
    assert (log.act, log.reason) == ("imported", "in.csv")
    assert log.changes["name"] == ["12号", "14号"]
    assert log.changes["point"] == [[120.0005, 30.0005], [120.0015, 30.0005]]


def test_an_empty_cell_does_not_take_away_the_parent_or_the_division(tmp_path: Path) -> None:
    run(table(tmp_path, ROAD, PLATE))
    done = run(table(tmp_path, ROAD, PLATE | {"parent": "", "note": "新"}))
    assert counts(done) == (0, 1, 1, 0)
    plate = Address.objects.get(code="P12")
    assert plate.parent is not None
    assert (plate.parent.code, plate.note, plate.full) == ("S1", "新", WHOLE)


def test_every_bad_row_is_told_and_the_others_come_in(tmp_path: Path) -> None:
    bad = [
        PLATE | {"code": "B1", "name": "无号码"},
        PLATE | {"code": "B2", "name": "13号", "parent": "nobody"},
        PLATE | {"code": "B3", "name": "13号", "parent": "", "street": "不存在路"},
        {"code": "B4", "kind": "river", "name": "长江"},
        {"code": "B5", "kind": "poi", "name": "北极", "lon": 500, "lat": 30},
        {"code": "B6", "kind": "poi", "name": "远方", "lon": 121, "lat": 31},
        {"code": "B7", "kind": "poi", "name": "无位置", "lon": ""},
        {"code": "B8", "kind": "poi", "name": "某地", "division": "火星区"},
        {"code": "B9", "kind": "street", "name": "楼中路", "parent": "P12"},
        PLATE | {"code": "B10", "name": "１２号"},
        PLATE | {"name": "15号"},
        {"code": "é", "kind": "poi", "name": "编码"},
        {"code": "B13", "kind": "poi", "name": " "},
    ]
    done = run(table(tmp_path, ROAD, PLATE, *bad))
    assert counts(done) == (2, 0, 0, 13)
    assert faults(done) == [
        (3, "address_number_missing", "name"),
        (4, "address_parent_missing", "parent"),
        (5, "address_parent_missing", "parent"),
        (6, "value_unknown", "kind"),
        (7, "coordinate_out_of_range", "location"),
        (8, "invalid", "division"),
        (9, "address_without_place", "geometry"),
        (10, "address_division_unknown", "division"),
        (11, "address_parent_unfit", "parent"),
        (12, "address_twice", "name"),
        (13, "address_row_repeated", "code"),
        (14, "invalid", "code"),
        (15, "value_missing", "name"),
    ]
    assert set(Address.objects.values_list("code", flat=True)) == {"S1", "P12"}


def test_a_retired_address_stays_so(tmp_path: Path) -> None:
    path = table(tmp_path, ROAD)
    run(path)
    Address.objects.update(valid_to="2030-01-01")
    assert faults(run(path)) == [(1, "address_retired", "code")]


def test_a_trial_tells_the_same_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 1, "addresses")
    path = table(tmp_path, ROAD, PLATE, POI, PLATE | {"code": "B", "parent": "nobody"})
    done = run(path, dry_run=True)
    assert counts(done) == (3, 0, 0, 1)
    assert not Address.objects.exists()
    assert counts(run(path)) == (3, 0, 0, 1)


def test_parents_are_found_by_name_from_large_to_small(tmp_path: Path) -> None:
    run(table(tmp_path, ROAD, {"code": "S2", "kind": "street", "name": "解放路"}))
    plates = [{"kind": "door_plate", "name": f"{n}号", "street": "人民路"} for n in (2, 4, 2)]
    path = table(tmp_path, *plates)
    assert counts(run(path)) == (2, 0, 1, 0)
    assert set(Address.objects.filter(parent__code="S1").values_list("number", flat=True)) == {
        "2",
        "4",
    }
    assert counts(run(path)) == (0, 0, 3, 0)


def test_parents_that_rows_name_are_made_on_the_way_each_once(tmp_path: Path) -> None:
    make_division(DISTRICT)
    folder = tmp_path / "list.csv"
    folder.write_text(
        "编码,门牌号,小区,路名,区县,街道,社区,曾用门牌,备注,经度,纬度\n"
        f",8号,/,和平路,区划{DISTRICT},区划330199001,区划{COMMUNITY},6号,,120.0005,30.0005\n"
        f",9号,,和平路,区划{DISTRICT},区划330199001,区划{COMMUNITY},,,120.0006,30.0005\n"
        f",3号楼,幸福小区,,区划{DISTRICT},区划330199001,区划{COMMUNITY},,,120.0007,30.0005\n",
        encoding="utf-8",
    )
    mapping = shipped_mappings(("addresses",))["plates"]
    trial = run(folder, mapping, dry_run=True)
    assert (counts(trial), trial.outcome) == ((3, 0, 0, 0), {"parents_made": 2})
    assert not Address.objects.exists()
    done = run(folder, mapping)
    assert (counts(done), done.outcome) == ((3, 0, 0, 0), {"parents_made": 2})
    assert set(Address.objects.values_list("kind", "name", "division_code")) == {
        ("street", "和平路", DISTRICT),
        ("tract", "幸福小区", COMMUNITY),
        ("door_plate", "8号", COMMUNITY),
        ("door_plate", "9号", COMMUNITY),
        ("door_plate", "3号楼", COMMUNITY),
    }
    former = AddressName.objects.get(is_current=False)
    assert (former.number, former.parent_id) == ("6", Address.objects.get(kind="street").pk)
    assert counts(run(folder, mapping)) == (0, 0, 3, 0)
    assert Address.objects.count() == 5


def test_a_line_of_a_street_comes_in_from_another_system(tmp_path: Path) -> None:
    line = LineString([from_storage(lon, 30.0005, "GCJ-02") for lon in (120.0, 120.002)])
    feature = {"type": "Feature", "geometry": geojson(line), "properties": dict(ROAD)}
    path = tmp_path / "in.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    fields = {name: {"column": name} for name in ("code", "kind", "name", "division")}
    mapping = plan(fields=fields, crs="GCJ-02")
    assert counts(run(path, mapping)) == (1, 0, 0, 0)
    road = Address.objects.get(code="S1")
    assert road.geometry is not None
    assert road.geometry.coords[0] == pytest.approx((120.0, 30.0005), abs=1e-6)
    assert road.point.coords == pytest.approx((120.001, 30.0005), abs=1e-6)
    assert counts(run(path, mapping)) == (0, 0, 1, 0)


def test_a_workbook_comes_in(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(NAMES))
    sheet.append(["S1", "街巷", "人民路", "", "", int(DISTRICT), "", 120.0005, 30.0005])
    book.save(tmp_path / "in.xlsx")
    assert counts(run(tmp_path / "in.xlsx")) == (1, 0, 0, 0)
    assert Address.objects.get().division_code == DISTRICT


def test_rows_outside_ones_area_are_left_out(tmp_path: Path) -> None:
    make_division("330188")
    elsewhere = {"code": "E1", "kind": "poi", "name": "别处", "division": "330188"}
    path = table(tmp_path, ROAD, elsewhere)
    person = make_person(permissions=["territory.manage"], division_code=DISTRICT)
    done = run(path, actor=actor_for(person))
    assert (counts(done), faults(done)) == ((1, 0, 0, 1), [(2, "outside_scope", "division")])
    run(path)
    moved = table(tmp_path, elsewhere | {"division": DISTRICT, "name": "夺来"})
    assert faults(run(moved, actor=actor_for(person))) == [(1, "outside_scope", "code")]
    assert Address.objects.get(code="E1").name == "别处"


@pytest.mark.parametrize("lacking", ["kind", "name", "lat"])
def test_a_mapping_without_what_is_needed_is_refused(lacking: str) -> None:
    fields = {name: {"column": name} for name in NAMES if name != lacking}
    with pytest.raises(MappingInvalid) as caught:
        plan(fields=fields)
    assert caught.value.field == f"fields.{lacking}"


def test_the_door_takes_a_file_and_tells_of_the_run(tmp_path: Path) -> None:
    person = make_person(permissions=["territory.read", "territory.manage"])
    client = signed_in(person)
    listed = client.get(f"{URL}/imports/mappings").json()["items"]
    assert [one["code"] for one in listed] == ["chengyun", "plates"]
    text = "编码,门牌号,小区,路名,区县,街道,社区,曾用门牌,备注,经度,纬度\n"
    text += ",8号,,和平路,,,,,,120.0005,30.0005\n,路,,和平路,,,,,,120.0005,30.0005\n"
    file = io.BytesIO(text.encode())
    file.name = "门牌.csv"
    answer = client.post(f"{URL}/imports", {"mapping": "plates", "file": file})
    assert answer.status_code == 202, answer.content
    made = ImportRun.objects.get(pk=answer.json()["id"])
    perform_import(run_id=made.pk)
    told = client.get(f"{URL}/imports/{made.pk}").json()
    assert (told["state"], told["made"], told["faulty"], told["parents_made"]) == ("done", 1, 1, 1)
    bad = client.get(f"{URL}/imports/{made.pk}/faults").json()["items"]
    assert [(one["row"], one["code"]) for one in bad] == [(2, "address_number_missing")]
    found = client.get(f"{URL}/search", {"q": "hepinglu8"}).json()["items"]
    assert found[0]["full"].endswith("和平路8号")


def test_who_may_not_manage_may_not_import() -> None:
    client: Client = signed_in(make_person(permissions=["territory.read"]))
    file = io.BytesIO(b"x")
    file.name = "x.csv"
    answer = client.post(f"{URL}/imports", {"mapping": "plates", "file": file})
    assert answer.status_code == 403
    assert not ImportRun.objects.exists()


def test_the_command_imports_and_keeps_the_bad_rows(tmp_path: Path) -> None:
    path = table(tmp_path, ROAD, PLATE | {"name": "无"})
    (tmp_path / "map.json").write_text(plan().model_dump_json())
    arguments = [str(path), "--mapping", str(tmp_path / "map.json"), "--json"]
    arguments += ["--quarantine", str(tmp_path / "bad.csv")]
    told = CliRunner().invoke(import_addresses_command, arguments)
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["made"] == 1
    assert "address_number_missing" in (tmp_path / "bad.csv").read_text(encoding="utf-8")
