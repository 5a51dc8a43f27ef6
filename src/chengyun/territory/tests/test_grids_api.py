"""Unit grids over HTTP: list, one, where a point lies, import."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from shapely.geometry import box, mapping

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.journal.models import Event
from chengyun.kernel.coordinates import from_storage
from chengyun.territory.models import UnitGrid
from chengyun.territory.operations.seed import seed_reference_data
from chengyun.territory.tests.builders import (
    COMMUNITY,
    LONG_AGO,
    make_divisions,
    make_grid,
    make_grids,
    middle,
)

URL = "/api/v1/territory/grids"
pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in(make_person(permissions=["territory.read"]))


def manager(division_code: str = "") -> Client:
    permissions = ["territory.read", "territory.manage"]
    return signed_in(make_person(permissions=permissions, division_code=division_code))


def upload(client: Client, content: bytes | str, **form: Any) -> Any:
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("g.geojson", data, "application/geo+json")
    return client.post(f"{URL}/import", {"file": file, **form})


def collection(*numbers: int) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"{COMMUNITY}{number:03}"},
            "geometry": mapping(box(120 + number * 0.001, 30, 120.001 + number * 0.001, 30.001)),
        }
        for number in numbers
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_the_list_is_paged_and_filtered(client: Client) -> None:
    make_grids(columns=3, rows=2)
    make_grid("330198001001001", column=90)
    first = client.get(f"{URL}?limit=4&division={COMMUNITY[:6]}").json()
    rest = client.get(URL, {"limit": 4, "division": COMMUNITY[:6], "after": first["next"]}).json()
    codes = [item["code"] for item in first["items"] + rest["items"]]
    assert codes == [f"{COMMUNITY}{n:03}" for n in range(1, 7)]
    assert rest["next"] is None
    one = first["items"][0]
    assert (one["lon"], one["lat"]) == pytest.approx((120.0005, 30.0005))
    assert one["street"] == {
        "code": COMMUNITY[:9],
        "zh": f"区划{COMMUNITY[:9]}",
        "en": f"Division {COMMUNITY[:9]}",
    }
    assert one["geometry"] is None
    inside = client.get(f"{URL}?bounds=120.0001,30.0001,120.0002,30.0002&geometry=1").json()
    assert [item["geometry"]["type"] for item in inside["items"]] == ["MultiPolygon"]
    assert client.get(URL, {"q": "3301980"}).json()["items"][0]["code"] == "330198001001001"
    assert client.get(URL, {"at": "1999-01-01T00:00:00Z"}).json()["items"] == []


def test_one_grid_with_its_versions(client: Client) -> None:
    from chengyun.kernel.clock import now

    make_grid(f"{COMMUNITY}001", valid_to=now())
    retired = client.get(f"{URL}/{COMMUNITY}001").json()
    assert retired["valid_to"] is not None
    assert [version["version"] for version in retired["versions"]] == [1]
    assert client.get(f"{URL}/999").json()["code"] == "not_found"


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09", "EPSG:4549"])
def test_where_a_point_lies(client: Client, crs: str) -> None:
    grids = make_grids()
    x, y = from_storage(*middle(1, 1), crs)
    found = client.get(f"{URL}/at", {"lon": str(x), "lat": str(y), "crs": crs}).json()
    assert found["grid"] == {"id": grids[4].pk, "code": f"{COMMUNITY}005", "area_class": "B"}
    assert found["district"]["zh"] == f"区划{COMMUNITY[:6]}"
    assert (found["lon"], found["lat"]) == pytest.approx(middle(1, 1), abs=1e-6)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("lon=0&lat=0", "no_grid_at_point"),
        ("lon=nan&lat=0", "coordinate_out_of_range"),
        ("lon=1e400&lat=0", "coordinate_out_of_range"),
        ("lon=-1e400&lat=0&crs=EPSG:3857", "coordinate_out_of_range"),
        ("lon=120&lat=91", "coordinate_out_of_range"),
        ("lon=120&lat=30&crs=EPSG:1", "unknown_crs"),
        ("lon=120&lat=30&crs=a%00b", None),
        ("lon=120", None),
        ("lon=120&lat=30&at=yesterday", None),
        ("lon=120&lat=30&at=0001-01-01T00:00:00Z", None),
        ("lon=120&lat=30&at=2026-01-01", None),
    ],
)
def test_points_that_cannot_be_found(client: Client, query: str, code: str | None) -> None:
    answer = client.get(f"{URL}/at?{query}")
    assert answer.status_code == 422
    assert code is None or answer.json()["code"] == code


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "division=x",
        "bounds=1,2,3",
        "bounds=nan,1,2,3",
        "bounds=9,1,2,3",
        "after=x",
        "q=a",
    ],
)
def test_bad_filters_are_refused(client: Client, query: str) -> None:
    assert client.get(f"{URL}?{query}").status_code == 422


def test_an_upload_is_checked_and_written() -> None:
    seed_reference_data()
    make_divisions()
    client = manager()
    dry = upload(client, collection(1, 2), dry_run="true").json()
    assert (dry["added"], dry["written"]) == (2, False)
    assert not UnitGrid.objects.exists()
    packed = upload(client, gzip.compress(collection(1, 2).encode()), crs="CGCS2000")
    assert (packed.status_code, packed.json()["written"]) == (200, True)
    assert UnitGrid.objects.count() == 2
    assert AuditEntry.objects.filter(act="grids.imported").count() == 1
    assert Event.objects.filter(kind="territory.grids_changed").count() == 1
    overlapping = collection(3).replace("120.004", "120.0025").replace("120.003", "120.0025")
    refused = upload(
        client, collection(3).replace("120.004", "120.0045").replace("001003", "00100")
    )
    assert refused.json()["faults"][0]["reason"] == "code_not_by_scheme"
    assert "编码" in refused.json()["faults"][0]["zh"]
    assert upload(client, overlapping).json()["written"] is False
    assert UnitGrid.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "form", "code"),
    [
        (b"", {}, "geojson_invalid"),
        (b"{}", {}, "geojson_invalid"),
        (b"PK\x03\x04", {}, None),
        (b'{"features": [' + b"[" * 9000, {}, "geojson_invalid"),
        (gzip.compress(b'{"features": [' + b" " * 300_000_000, 9), {}, "file_too_large"),
        (collection(1), {"crs": "EPSG:999999"}, "unknown_crs"),
        (collection(1), {"crs": "x y"}, None),
        (collection(1), {"standard": "ISO 1"}, "unknown_code_scheme"),
        (collection(1), {"valid_from": "9999-12-31T00:00:00Z"}, None),
        (collection(1), {"code_property": ""}, None),
    ],
)
def test_broken_uploads_are_named(content: bytes | str, form: dict[str, str], code: str) -> None:
    seed_reference_data()
    make_divisions()
    answer = upload(manager(), content, **form)
    assert answer.status_code in {400, 413, 422}
    assert code is None or answer.json()["code"] == code
    assert not UnitGrid.objects.exists()


def test_a_request_without_a_file_or_with_json_is_refused() -> None:
    client = manager()
    assert client.post(f"{URL}/import", {"crs": "EPSG:4490"}).status_code == 422
    assert client.post(f"{URL}/import", {"a": 1}, "application/json").status_code in {400, 415, 422}


def test_another_district_may_not_be_written() -> None:
    seed_reference_data()
    make_divisions()
    report = upload(manager("330198"), collection(1)).json()
    assert [fault["reason"] for fault in report["faults"]] == ["outside_scope"]
    assert not UnitGrid.objects.exists()


def test_who_may_read_and_import(client: Client) -> None:
    make_grids(columns=1, rows=1)
    stranger = signed_in(make_person())
    for path in ("", f"/{COMMUNITY}001", "/at?lon=120.0005&lat=30.0005"):
        assert Client().get(URL + path).status_code == 401
        assert stranger.get(URL + path).status_code == 403
        assert client.get(URL + path).status_code == 200
    assert upload(Client(), collection(5)).status_code == 401
    assert upload(client, collection(5)).status_code == 403
    assert UnitGrid.objects.filter(valid_from=LONG_AGO).count() == 1
