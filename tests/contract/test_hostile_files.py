"""Files that want to do harm, at every door that takes files.

Each is answered with a clear fault (never a 500), within bounds, and nothing of it stays.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client, override_settings
from hostile_files import FILES, HEAD, is_clear, upload, zipped

from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.cases.models import Attachment, Case
from chengyun.components.models import Component
from chengyun.components.tests.builders import COVER, City, make_city
from chengyun.files.tests.test_photos import photo
from chengyun.intake.models import ImportRun
from chengyun.intake.operations.runs import perform_import
from chengyun.intake.queries.runs import quarantine_lines
from chengyun.territory.models import Address, UnitGrid
from chengyun.territory.tests.builders import middle

FIELDS = ("code", "type", "name", "initial_on")
COMPONENTS = {"name": "bad", "fields": {name: {"column": name} for name in FIELDS}}
ADDRESSES = {
    "name": "bad",
    "purpose": "addresses",
    "fields": {
        "code": {"column": "code"},
        "kind": {"constant": "poi"},
        "name": {"column": "name"},
        "division": {"constant": "330199"},
    },
}
CASES = {
    "name": "bad",
    "purpose": "cases",
    "fields": {
        "external_id": {"column": "code"},
        "reported_at": {"column": "initial_on"},
        "type": {"column": "type"},
    },
}
MANUAL = {
    "name": "bad",
    "purpose": "standards",
    "standard_set": "bad",
    "fields": {"type": {"column": "type"}, "limit": {"column": "code"}},
}


@pytest.fixture
def city(db: None, tmp_path: Path) -> Iterator[City]:
    with override_settings(STORAGE_URL=f"file://{tmp_path}/files"):
        yield make_city()


@pytest.fixture
def client(city: City) -> Client:
    permissions = [
        "case.import",
        "case.report",
        "standards.manage",
        "components.manage",
        "territory.manage",
    ]
    return signed_in(make_person(permissions=permissions))


def test_imports_refuse_them_at_once_or_end_with_a_fault(client: Client, tmp_path: Path) -> None:
    for content in FILES.values():
        check_imports(client, tmp_path, content)


def check_imports(client: Client, tmp_path: Path, content: bytes) -> None:
    for path, mapping in (
        ("/api/v1/imports", CASES),
        ("/api/v1/imports", MANUAL),
        ("/api/v1/components/imports", COMPONENTS),
        ("/api/v1/territory/addresses/imports", ADDRESSES),
    ):
        given = upload("m.yaml", json.dumps(mapping).encode())
        answer = client.post(path, {"file": upload("file", content), "mapping_file": given})
        if answer.status_code == 202:
            perform_import(run_id=UUID(answer.json()["id"]))
            run = ImportRun.objects.get()
            assert run.state == "failed" or (run.made, run.read) == (0, run.faulty)
            assert (run.fault or {"code": "no_row"})["code"] != "import_broken"
            run.delete()
        else:
            assert is_clear(answer), (path, answer.content)
    manual = {"file": upload("file", content), "mapping": json.dumps(MANUAL)}
    assert is_clear(client.post("/api/v1/standards/import", manual))
    assert not ImportRun.objects.exclude(kind="standards").exists()
    assert not Case.objects.exists()
    assert not Component.objects.exists()
    assert not Address.objects.exists()
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the library warns of a file's marks
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_grids_and_photos_refuse_them(client: Client, tmp_path: Path) -> None:
    for kind in FILES:
        check_grids_and_photos(client, tmp_path, kind)


def check_grids_and_photos(client: Client, tmp_path: Path, kind: str) -> None:
    content, grids = FILES[kind], UnitGrid.objects.count()
    form = {"file": upload("grids", content), "dry_run": "false", "crs": "EPSG:4490"}
    answer = client.post("/api/v1/territory/grids/import", form)
    assert is_clear(answer), answer.content
    sent = client.post("/api/v1/attachments", {"file": upload("a.jpg", content)})
    if kind.startswith("book"):  # a workbook is a document, and never opened here
        assert sent.status_code in {201, 415}
        Attachment.objects.all().delete()
        shutil.rmtree(tmp_path / "files", ignore_errors=True)
    else:
        assert is_clear(sent), sent.content
        assert [one for one in tmp_path.rglob("*") if one.is_file()] == []
    assert UnitGrid.objects.count() == grids
    assert not Attachment.objects.exists()


def test_what_hangs_behind_a_photo_is_gone(client: Client, tmp_path: Path) -> None:
    trailer = b"<script>alert(1)</script>" + zipped(a__html=b"x")
    answer = client.post("/api/v1/attachments", {"file": upload("a.jpg", photo() + trailer)})
    assert answer.status_code == 201
    (kept, small) = sorted(
        (one for one in tmp_path.rglob("*") if one.is_file()), key=lambda one: one.suffix
    )
    for one in (kept, small):
        assert b"script" not in one.read_bytes()
        assert b"PK\x03\x04" not in one.read_bytes()


def feature(number: int, geometry: Any, **properties: Any) -> dict[str, Any]:
    base = {"code": f"33019901003{number:06d}", "type": COVER, "name": "x", "initial_on": ""}
    return {"type": "Feature", "properties": base | properties, "geometry": geometry}


def point(lon: Any = None, lat: Any = None) -> dict[str, Any]:
    there = middle(0, 0)
    return {"type": "Point", "coordinates": [there[0] if lon is None else lon, lat or there[1]]}


def ring(*corners: tuple[float, float]) -> dict[str, Any]:
    lon, lat = middle(0, 0)
    shape = [[lon + x, lat + y] for x, y in (*corners, corners[0])]
    return {"type": "Polygon", "coordinates": [shape]}


GREEN = "04013"
CROSSED = ring((0, 0), (1e-4, 1e-4), (1e-4, 0), (0, 1e-4))
WORLD = {
    "type": "Polygon",
    "coordinates": [[[179.9, 30], [-179.9, 30], [-179.9, 30.1], [179.9, 30.1], [179.9, 30]]],
}
ROWS: list[tuple[dict[str, Any], str]] = [
    (feature(1, point(lon=1e999)), "coordinate_out_of_range"),
    (feature(2, point(lon=-1e300)), "coordinate_out_of_range"),
    (feature(3, {"type": "Point", "coordinates": ["a", None]}), "geometry_unusable"),
    (feature(4, {"type": "Point", "coordinates": []}), "geometry_unusable"),
    (feature(5, None), "geometry_unusable"),
    (feature(6, {"type": "Blob", "coordinates": [[[1]]]}), "geometry_unusable"),
    (feature(7, point(), initial_on="0001-01-01"), "value_unreadable"),
    (feature(8, point(), initial_on="9999-12-31"), "value_unreadable"),
    (feature(9, point(), initial_on="2026-02-30"), "value_unreadable"),
    (feature(10, point(), name="x" * 200_000), "invalid"),
    (feature(11, point(), code={"$gt": ""}), "invalid_code"),
    (feature(12, point(), type=[[[]]]), "component_type_unknown"),
    (feature(13, CROSSED, code="33019904013000013", type=GREEN), "geometry_unusable"),
    (feature(14, WORLD, code="33019904013000014", type=GREEN), "geometry_unusable"),
]


def collection(features: list[Any]) -> bytes:
    text = json.dumps({"type": "FeatureCollection", "features": features})
    return text.replace("Infinity", "1e999").encode()


def imported(client: Client, content: bytes) -> ImportRun:
    given = upload("m.yaml", json.dumps(COMPONENTS).encode())
    form = {"file": upload("a.geojson", content), "mapping_file": given}
    answer = client.post("/api/v1/components/imports", form)
    assert answer.status_code == 202, answer.content
    assert perform_import(run_id=UUID(answer.json()["id"]))
    return ImportRun.objects.get(pk=answer.json()["id"])


def test_each_absurd_row_is_told_and_the_good_one_is_made(client: Client) -> None:
    many = [[120 + n * 1e-9, 30.0] for n in range(60_000)]
    endless = {"type": "Polygon", "coordinates": [[*many, many[0]]]}
    wide = feature(15, endless, code="33019904013000015", type=GREEN)
    good = feature(99, point(), name="\u202e右到左\u0000=1+1")
    rows = [*(row for row, _ in ROWS), wide, good]
    run = imported(client, collection(rows))
    found = list(run.faults.order_by("row").values_list("fault__code", flat=True))
    assert found == [*(code for _, code in ROWS), "geometry_unusable"]
    assert (run.state, run.made) == ("done", 1)
    assert "\x00" not in Component.objects.get().name


def test_the_quarantine_of_formulas_is_harmless(client: Client) -> None:
    for start in ("=", "+", "-", "@", "\t", "\r"):
        run = imported(client, collection([feature(1, point(), type=f"{start}cmd|' /C calc'!A0")]))
        (_, line) = list(quarantine_lines(run.pk, run.columns))[:2]
        assert f"'{start}cmd" in line or start in "\t\r"  # outer blanks are not kept
        assert not line.startswith(start)
    assert not Component.objects.exists()


@pytest.mark.parametrize(
    "mapping",
    [
        b"[" * 5000,
        b"a: &a [1,1]\n"
        + b"".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)}]\n".encode()
            for n in range(24)
        ),
        b"!!python/object/apply:os.system ['true']",
        b"\x00\x01",
        b"\xff\xfe",
        b'{"name": "x", "fields": {"type": {"column": "type", "pattern": "("}}}',
    ],
)
def test_a_hostile_mapping_is_refused(client: Client, mapping: bytes) -> None:
    for path in ("/api/v1/imports", "/api/v1/components/imports"):
        form = {"file": upload("a.csv", HEAD), "mapping_file": upload("m.yaml", mapping)}
        answer = client.post(path, form)
        assert (answer.status_code, answer.json()["code"]) == (422, "mapping_invalid")
    assert not ImportRun.objects.exists()
