"""Divisions: import, tree, search."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

from chengyun.administration.models import AuditEntry
from chengyun.administration.rules.actor import Actor, Grant
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.kernel.errors import Fault
from chengyun.territory.adapters.division_csv import DivisionColumns
from chengyun.territory.commands import import_group
from chengyun.territory.models import Division, DivisionArea, UnitGrid
from chengyun.territory.operations.areas import rebuild_areas
from chengyun.territory.operations.divisions import import_divisions
from chengyun.territory.rules.division_codes import significant
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.tests.builders import COMMUNITY, make_grids

pytestmark = pytest.mark.django_db
URL = "/api/v1/territory/divisions"
SHARED = Path(__file__).resolve().parents[5] / "shared" / "data" / "divisions"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("31", "31"),
        ("310000", "31"),
        ("310100", "3101"),
        ("310101", "310101"),
        ("310101002", "310101002"),
        ("310101000", "310101"),
        ("310101002000", "310101002"),
        ("310101002001", "310101002001"),
        ("310000000000", "31"),
        (" 31 ", "31"),
        ("", None),
        ("3", None),
        ("31x", None),
        ("３１", None),
        ("000000", None),
        ("3101010020011", None),
    ],
)
def test_filling_zeros_are_dropped(code: str, expected: str | None) -> None:
    assert significant(code) == expected


def test_an_import_derives_levels_and_parents_and_may_run_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("code,name\n310000,上海市\n3101,市辖区\n310101,黄浦区\n")
    text = "code,name,x\n310101002,南京东路街道,1\n310101002001,云南中路居委会,2\n"
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(text.encode()))
    first = import_divisions(actor=COMMAND_LINE, path=tmp_path)
    assert (first.added, first.rejected, first.parentless) == (5, 0, [])
    community = Division.objects.get(code="310101002001")
    assert (community.level, community.parent_code, community.zh) == (
        "community",
        "310101002",
        "云南中路居委会",
    )
    again = import_divisions(actor=COMMAND_LINE, path=tmp_path)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 5)
    assert AuditEntry.objects.filter(act="divisions.imported").count() == 1
    (tmp_path / "a.csv").write_text("code,name,name_en\n310101,黄浦新区,Huangpu\n")
    renamed = import_divisions(actor=COMMAND_LINE, path=tmp_path / "a.csv")
    assert renamed.changed == 1
    assert Division.objects.get(code="310101").en == "Huangpu"


def test_bad_rows_are_named_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        'code,name\nabc,甲\n31,\n31,上海市\n310000,又一次\n"3101 \n', encoding="gb18030"
    )
    report = import_divisions(actor=COMMAND_LINE, path=path)
    assert [(fault.line, fault.reason) for fault in report.faults] == [
        (2, "code_invalid"),
        (3, "name_missing"),
        (5, "duplicate"),
        (6, "name_missing"),
    ]
    assert list(Division.objects.values_list("code", "zh")) == [("31", "上海市")]


def test_a_city_without_counties_keeps_its_streets(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("code,name\n44,广东省\n4419,东莞市\n441900,东莞市\n441900003,东城街道\n")
    assert import_divisions(actor=COMMAND_LINE, path=path).rejected == 0
    path.write_text("code,name\n440000,广东省\n442000,中山市\n442000001,石岐街道\n")
    assert import_divisions(actor=COMMAND_LINE, path=path).parentless == []
    parents = dict(Division.objects.values_list("code", "parent_code"))
    assert parents["441900"] == "4419"
    assert parents["441900003"] == "441900"
    assert parents["442000001"] == "4420"


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("区划代码,名称\n310101,黄浦区\n")
    columns = DivisionColumns(code="区划代码", zh="名称")
    report = import_divisions(actor=COMMAND_LINE, path=path, columns=columns)
    assert (report.added, report.parentless) == (1, ["310101"])


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("code,name\n31,上海市\n")
    assert import_divisions(actor=COMMAND_LINE, path=path, dry_run=True).added == 1
    assert not Division.objects.exists()
    told = CliRunner().invoke(import_group, ["divisions", str(path), "--json"])
    assert json.loads(told.output)["levels"] == {"province": 1}
    told = CliRunner().invoke(import_group, ["divisions", str(path), "--dry-run"])
    assert "1 unchanged" in told.output


def test_a_district_may_change_only_what_is_its_own(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("code,name\n310101002,南京东路街道\n310109010,提篮桥街道\n")
    grant = Grant(
        role_code="x", permissions=frozenset({"territory.manage"}), division_code="310101"
    )
    report = import_divisions(actor=Actor(person_id=None, name="x", grants=(grant,)), path=path)
    assert (report.added, [fault.reason for fault in report.faults]) == (1, ["outside_scope"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "column_missing"),
        (b"a,b\n1,2\n", "column_missing"),
        (b"\x1f\x8b\x08 broken", "file_not_readable"),
        (b"code,name\n\xff\xff,x\n", "file_not_readable"),
        (b"code,name\n31," + b"x" * 200_000 + b"\n", "file_not_readable"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    with pytest.raises(Fault) as caught:
        import_divisions(actor=COMMAND_LINE, path=path)
    assert caught.value.code == code
    with pytest.raises(Fault):
        import_divisions(actor=COMMAND_LINE, path=path.with_name("nothing"))
    assert not Division.objects.exists()


def test_the_same_grids_make_the_same_areas_however_they_lie_on_the_disk() -> None:
    grids = make_grids(columns=5, rows=3)
    rebuild_areas()
    before = list(DivisionArea.objects.order_by("code").values())
    for number, grid in enumerate(reversed(grids), start=1):
        # Written anew, a row moves to the end of its table; sums of thirds depend on the order.
        UnitGrid.objects.filter(code=grid.code).update(area_m2=10_000 + 0.1 * (number % 3))
    rebuild_areas()
    there = list(DivisionArea.objects.order_by("code").values())
    for grid in grids:
        UnitGrid.objects.filter(code=grid.code).update(valid_to=None)
    rebuild_areas()
    assert list(DivisionArea.objects.order_by("code").values()) == there
    assert [one["geometry"] for one in before] == [one["geometry"] for one in there]


def test_the_tree_and_the_search_over_http() -> None:
    make_grids(columns=1, rows=2)
    rebuild_areas()
    client = signed_in(make_person(permissions=["territory.read"]))
    [top] = client.get(URL, {"parent": ""}).json()["items"]
    assert (top["code"], top["level"], top["has_children"], top["grids"]) == (
        "33",
        "province",
        True,
        0,
    )
    [street] = client.get(URL, {"parent": COMMUNITY[:6]}).json()["items"]
    assert (street["code"], street["grids"]) == (COMMUNITY[:9], 2)
    assert len(client.get(URL).json()["items"]) == 5
    found = client.get(URL, {"q": "区划3301990010"}).json()["items"]
    assert [item["code"] for item in found] == [COMMUNITY]
    assert client.get(URL, {"q": "%"}).json()["items"] == []
    gridded = client.get(f"{URL}?with_grids=true&level=county").json()["items"]
    assert [item["code"] for item in gridded] == [COMMUNITY[:6]]
    page = client.get(URL, {"limit": 2}).json()
    assert client.get(URL, {"after": page["next"]}).json()["items"][0]["code"] == COMMUNITY[:6]
    one = client.get(f"{URL}/{COMMUNITY}").json()
    assert [above["level"] for above in one["ancestors"]] == [
        "province",
        "city",
        "county",
        "street",
    ]
    assert one["bounds"] == pytest.approx([120.0, 30.0, 120.001, 30.002])
    assert client.get(f"{URL}/330000").json()["bounds"] is None
    assert client.get(f"{URL}/999999").status_code == 404
    for query in ("limit=1e9", "parent=x", "q=%00", "after=!!"):
        assert client.get(f"{URL}?{query}").status_code == 422


@pytest.mark.parametrize("path", ["", "/33"])
def test_who_may_read(path: str) -> None:
    assert Client().get(URL + path).status_code == 401
    assert signed_in(make_person()).get(URL + path).status_code == 403


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data/divisions is not there")
def test_the_national_list() -> None:
    report = import_divisions(actor=COMMAND_LINE, path=SHARED)
    assert report.levels == {
        "province": 31,
        "city": 342,
        "county": 2978,
        "street": 41352,
        "community": 6509,
    }
    assert (report.rejected, report.parentless) == (0, [])
    assert Division.objects.get(code="310109").zh == "虹口区"
