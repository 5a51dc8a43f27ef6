"""Exports of addresses: what one may see, as pieces, and it comes in again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner
from django.http import StreamingHttpResponse

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.intake.operations.local import import_file
from chengyun.intake.queries.shipped import shipped_mappings
from chengyun.territory.address_commands import export_addresses_command
from chengyun.territory.models import Address, AddressChange, AddressName
from chengyun.territory.operations.addresses import (
    AddressInput,
    register_address,
    rename_address,
    retire_address,
)
from chengyun.territory.queries import address_export
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.tests.builders import DISTRICT, make_division, make_grids

pytestmark = pytest.mark.django_db
URL = "/api/v1/territory/addresses/export"
LINE = [[120.0, 30.0005], [120.0029, 30.0005]]


@pytest.fixture(autouse=True)
def ground(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_export, "PAGE", 2)
    make_grids(columns=3, rows=3)
    make_division("330188")
    road = make("street", "人民路", LINE, division_code=DISTRICT, code="S1")
    plate = make("door_plate", "12号", [120.0005, 30.0006], parent_id=road)
    make("poi", "=1+1", [120.0006, 30.0006], parent_id=plate, note="@东门")
    make("poi", "别处", [120.0007, 30.0006], division_code="330188")
    gone = make("poi", "拆了", [120.0007, 30.0006])
    retire_address(actor=COMMAND_LINE, address_id=gone, reason="拆除")
    rename_address(actor=COMMAND_LINE, address_id=road, name="民主路", reason="更名")


def make(kind: str, name: str, place: Any, **more: Any) -> int:
    shape = "LineString" if isinstance(place[0], list) else "Point"
    geometry = {"type": shape, "coordinates": place}
    given = AddressInput(kind=kind, name=name, geometry=geometry, **more)
    return register_address(actor=COMMAND_LINE, given=given)


def fetched(division_code: str = "", **query: str) -> str:
    person = make_person(permissions=["territory.read"], division_code=division_code)
    answer = cast("StreamingHttpResponse", signed_in(person).get(URL, query))
    assert answer.status_code == 200
    return b"".join(cast("Any", answer)).decode("utf-8-sig")


def rows_of(text: str) -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in csv.DictReader(io.StringIO(text))}


def test_a_table_tells_the_parts_and_the_former_names() -> None:
    rows = rows_of(fetched())
    assert list(rows) == ["别处", "民主路", "12号", "'=1+1"]
    road, park = rows["民主路"], rows["'=1+1"]
    assert (road["code"], road["kind"], road["former_names"]) == ("S1", "street", "人民路")
    told = {name: park[name] for name in ("parent", "tract", "street", "plate", "note", "lon")}
    assert told == {
        "parent": "",
        "tract": "",
        "street": "民主路",
        "plate": "12号",
        "note": "'@东门",
        "lon": "120.0006",
    }
    assert rows["12号"]["parent"] == "S1"
    audit = AuditEntry.objects.get(act="addresses.exported")
    assert audit.detail == {"form": "csv", "in_force": True}


def test_one_gets_what_one_may_see_and_asks_for() -> None:
    assert list(rows_of(fetched(division_code="330188"))) == ["别处"]
    assert list(rows_of(fetched(kind="poi", division=DISTRICT))) == ["'=1+1"]
    assert list(rows_of(fetched(state="retired"))) == ["拆了"]


def test_without_the_permission_nothing_is_sent() -> None:
    answer = signed_in(make_person(permissions=["case.read"])).get(URL)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not AuditEntry.objects.filter(act="addresses.exported").exists()


def test_geojson_holds_the_line_of_a_street() -> None:
    features = json.loads(fetched(format="geojson"))["features"]
    found = {one["properties"]["name"]: one for one in features}
    assert list(found) == ["别处", "民主路", "12号", "=1+1"]
    assert found["民主路"]["geometry"] == {"type": "LineString", "coordinates": LINE}
    assert found["12号"]["geometry"] == {"type": "Point", "coordinates": [120.0005, 30.0006]}
    assert json.loads(fetched(format="geojson", kind="tract"))["features"] == []


@pytest.mark.parametrize("form", ["csv", "geojson"])
def test_what_was_exported_comes_in_again(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"out.{form}"
    told = CliRunner().invoke(export_addresses_command, [str(path)])
    assert told.exit_code == 0, told.output
    mapping = shipped_mappings(("addresses",))["chengyun"]
    options: dict[str, Any] = {"actor": COMMAND_LINE, "path": path, "mapping": mapping}
    again = import_file(**options)
    assert (again.made, again.changed, again.skipped, again.faulty) == (0, 0, 4, 0)
    columns = ["code", "kind", "name", "full", "number", "division_code", "point"]
    columns += ["geometry"] if form == "geojson" else []  # a table holds points alone
    before = list(Address.objects.filter(valid_to=None).order_by("full").values(*columns))
    names = ("name", "number", "is_current", "pinyin")
    former = sorted(AddressName.objects.exclude(name="拆了").values_list(*names))
    AddressName.objects.all().delete()
    AddressChange.objects.all().delete()
    Address.objects.update(parent=None, kind="poi")
    Address.objects.all().delete()
    fresh = import_file(**options)
    assert (fresh.made, fresh.faulty) == (4, 0)
    assert list(Address.objects.order_by("full").values(*columns)) == before
    assert sorted(AddressName.objects.values_list(*names)) == former


def test_a_name_of_another_ending_is_refused(tmp_path: Path) -> None:
    told = CliRunner().invoke(export_addresses_command, [str(tmp_path / "out.xlsx")])
    assert told.exit_code == 2
    assert list(tmp_path.iterdir()) == []
