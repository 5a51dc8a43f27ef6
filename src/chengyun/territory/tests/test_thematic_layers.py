"""Layers that administrators add: who sees them, files and services, what is refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chengyun.administration.models import AuditEntry
from chengyun.administration.operations import change_setting
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.builders import (
    make_organisation,
    make_person,
    make_role,
    signed_in,
)
from chengyun.territory.adapters import outside
from chengyun.territory.models import LayerChoice, ThematicFeature, ThematicLayer
from chengyun.territory.rules.thematic import AttributeTable, plain_attributes
from chengyun.territory.rules.tiles import tile_at

pytestmark = pytest.mark.django_db
URL = "/api/v1/territory/thematic-layers"
BODY = {"code": "wells", "zh": "水井", "source": "file"}
XYZ = {
    "code": "air",
    "zh": "航片",
    "source": "xyz",
    "service": {"url": "https://tiles.example/{z}/{x}/{y}.png?k={key}", "max_zoom": 17},
}
PNG = b"\x89PNG\r\n\x1a\n"


def point(lon: float = 120.0005, lat: float = 30.0005, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.fixture
def manager() -> Client:
    return signed_in(make_person(permissions=["territory.read", "territory.manage"]))


@pytest.fixture
def reader() -> Client:
    return signed_in(make_person(permissions=["territory.read"]))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[httpx.Request]]:
    """A service outside at 93.184.216.34; returns what it was asked."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        path = request.url.path
        if path.endswith(".json"):
            return httpx.Response(200, stream=_Body(collection(point(depth=3))))
        if path.endswith(".html"):
            return httpx.Response(200, headers={"content-type": "text/html"}, stream=_Body(b"<p>"))
        if path.startswith("/away"):
            return httpx.Response(302, headers={"location": "http://127.0.0.1/"})
        return httpx.Response(200, headers={"content-type": "image/png"}, stream=_Body(PNG))

    made = httpx.Client(transport=httpx.MockTransport(answer))
    monkeypatch.setattr(outside, "client", lambda: made)
    monkeypatch.setattr(outside, "looked_up", resolver("93.184.216.34"))
    yield asked
    made.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


def resolver(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda host, port: list(addresses)


@pytest.fixture
def shell(tmp_path: Path, settings: Any) -> Callable[[], str]:
    """The policy of the console's page."""
    (tmp_path / "index.html").write_text("<title>城运</title>", encoding="utf-8")
    settings.WEB_DIST = tmp_path
    return lambda: str(Client().get("/")["Content-Security-Policy"])


def add(client: Client, body: dict[str, Any], **more: Any) -> Any:
    return client.post(URL, {**body, **more}, content_type="application/json")


def change(client: Client, code: str, **body: Any) -> Any:
    return client.put(f"{URL}/{code}", {"zh": "水井", **body}, content_type="application/json")


def fill(client: Client, content: bytes, name: str = "a.geojson", **more: str) -> Any:
    return client.post(f"{URL}/wells/file", {"file": SimpleUploadedFile(name, content), **more})


def test_a_layer_of_a_file_is_drawn_and_asked(manager: Client, reader: Client) -> None:
    assert add(manager, BODY, group_zh="地下", style={"label": "name"}).status_code == 201
    told = fill(manager, collection(point(name="甲", depth=12.5), point(120.001, depth=3))).json()
    assert (told["features"], told["rejected"], told["crs"]) == (2, 0, "EPSG:4326")
    assert told["attributes"] == [
        {"name": "name", "kind": "text", "least": None, "most": None},
        {"name": "depth", "kind": "number", "least": 3.0, "most": 12.5},
    ]
    [mine] = reader.get(URL).json()
    assert (mine["on"], mine["kind"], mine["source_layer"]) == (False, "vector", "thematic")
    assert mine["bounds"] == [120.0005, 30.0005, 120.001, 30.0005]
    tile = tile_at(14, 120.0005, 30.0005)
    address = mine["url"].format(z=tile.z, x=tile.x, y=tile.y)
    drawn = reader.get(address)
    assert drawn.status_code == 200
    assert "甲".encode() in drawn.content
    assert reader.get(address, headers={"If-None-Match": drawn["ETag"]}).status_code == 304
    feature = ThematicFeature.objects.order_by("id")[0]
    asked = reader.get(f"{URL}/wells/features/{feature.pk}").json()
    assert asked["attributes"] == {"name": "甲", "depth": 12.5}
    assert AuditEntry.objects.filter(act="layer.filled").count() == 1


def test_a_choice_is_remembered_for_the_person(manager: Client, reader: Client) -> None:
    add(manager, BODY, shown=True)
    path = f"{URL}/wells/choice"
    assert reader.put(path, {"shown": False}, content_type="application/json").status_code == 204
    assert [one["on"] for one in reader.get(URL).json()] == [False]
    assert [one["on"] for one in manager.get(URL).json()] == [True]
    assert LayerChoice.objects.count() == 1


def test_who_sees_a_layer(manager: Client) -> None:
    bureau = make_organisation()
    office = make_organisation(parent=bureau)
    role = make_role(code="surveyor", permissions=["territory.read"])
    add(manager, BODY)
    fill(manager, collection(point()))
    inside = signed_in(make_person(role="surveyor", organisation=office))
    of_role = signed_in(make_person(role="surveyor"))
    neither = signed_in(make_person(permissions=["territory.read"], organisation=office))
    change(manager, "wells", role_codes=[role.code], organisation_ids=[bureau.pk])
    feature = ThematicFeature.objects.get().pk
    for client, seen in ((inside, True), (of_role, False), (neither, False), (manager, True)):
        assert len(client.get(URL).json()) == int(seen)
        answers = [
            client.get(f"{URL}/wells/features/{feature}"),
            client.get("/tiles/thematic/0/0/0.mvt?layer=wells"),
        ]
        assert [one.status_code < 300 for one in answers] == [seen, seen]
    path = f"{URL}/wells/choice"
    refused = of_role.put(path, {"shown": True}, content_type="application/json")
    assert (refused.status_code, LayerChoice.objects.count()) == (404, 0)
    change(manager, "wells", active=False)
    assert inside.get(URL).json() == []
    assert inside.get(f"{URL}/wells/features/{feature}").status_code == 404


def test_wrong_features_are_refused_or_left_out(manager: Client) -> None:
    add(manager, BODY)
    fill(manager, collection(point(name="old")))
    bad = collection(point(), point(500, 30), {"type": "Feature", "geometry": None})
    refused = fill(manager, bad)
    assert (refused.status_code, refused.json()["code"]) == (422, "layer_features_wrong")
    assert "out_of_range" in refused.json()["detail"]
    assert ThematicFeature.objects.get().attributes == {"name": "old"}
    told = fill(manager, bad, skip_wrong="true").json()
    assert (told["features"], told["rejected"]) == (1, 2)


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"no shapefile")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.geojson", "geojson_invalid"),
        (b"\xff\xd8\xff picture", "a.geojson", "file_not_readable"),
        (_bomb(), "a.zip", "file_not_readable"),
        (
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><kml>&b;</kml>',
            "a.kml",
            "file_not_readable",
        ),
        (collection(), "a.geojson", "layer_empty"),
        (collection(point(), point(), point()), "a.geojson", "too_many_features"),
        (b'{"type":"FeatureCollection","features":[' + b"[" * 100_000, "a", "geojson_invalid"),
    ],
)
def test_bad_files_change_nothing(
    manager: Client, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, code: str
) -> None:
    add(manager, BODY)
    fill(manager, collection(point(name="old")))
    limits = {"territory.layer_features_max": 2}
    monkeypatch.setattr(
        "chengyun.territory.operations.thematic_layers.setting", lambda key: limits[key]
    )
    answer = fill(manager, content, name)
    assert answer.json()["code"] == code
    assert ThematicFeature.objects.get().attributes == {"name": "old"}
    assert ThematicLayer.objects.get().features == 1


def test_a_service_with_a_key_is_relayed_and_the_key_stays(
    manager: Client, reader: Client, service: list[httpx.Request], shell: Callable[[], str]
) -> None:
    made = add(manager, XYZ, key="s3cret").json()
    assert (made["has_key"], made["relayed"]) == (True, True)
    listed = [client.get(path).content for client, path in ((reader, URL), (manager, f"{URL}/all"))]
    assert not any(b"s3cret" in text for text in listed)
    assert b"tiles.example" not in listed[0]
    [mine] = reader.get(URL).json()
    tile = reader.get(mine["url"].format(z=1, x=0, y=1))
    assert (tile.status_code, tile.content, tile["Content-Type"]) == (200, PNG, "image/png")
    [asked] = service
    assert str(asked.url) == "https://93.184.216.34/1/0/1.png?k=s3cret"
    assert asked.headers["host"] == "tiles.example"
    assert "tiles.example" not in shell()
    assert change(manager, "air", service=XYZ["service"]).json()["has_key"] is True
    assert change(manager, "air", service=XYZ["service"], key="").json()["has_key"] is False


def test_an_open_service_is_asked_by_browsers_and_named_in_the_policy(
    manager: Client, reader: Client, service: list[httpx.Request], shell: Callable[[], str]
) -> None:
    service_of = {"url": "https://tiles.example/{z}/{x}/{y}.png"}
    add(manager, {**XYZ, "service": service_of})
    assert reader.get(URL).json()[0]["url"] == service_of["url"]
    assert reader.get(f"{URL}/air/tiles/0/0/0").status_code == 404
    assert "https://tiles.example;" in shell()
    change(manager, "air", service=service_of, active=False)
    assert "tiles.example" not in shell()


def test_a_geojson_address_is_fetched(manager: Client, service: list[httpx.Request]) -> None:
    layer = {"code": "live", "zh": "实时", "source": "geojson"}
    add(manager, layer, service={"url": "https://data.example/a.json"})
    told = manager.post(f"{URL}/live/refresh", {}, content_type="application/json").json()
    assert (told["features"], service[0].headers["host"]) == (1, "data.example")
    for url, reason in (
        ("https://data.example/a.html", "geojson_invalid"),
        ("https://data.example/away", "service_not_answering"),
    ):
        change(manager, "live", service={"url": url})
        answer = manager.post(f"{URL}/live/refresh", {}, content_type="application/json")
        assert answer.json()["code"] == reason
        assert ThematicFeature.objects.count() == 1


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1"])
def test_private_addresses_are_closed_unless_allowed(
    manager: Client,
    service: list[httpx.Request],
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    monkeypatch.setattr(outside, "looked_up", resolver("93.184.216.34", address))
    add(manager, XYZ, key="k")
    refused = manager.get(f"{URL}/air/tiles/0/0/0")
    assert (refused.json()["code"], service) == ("private_address", [])
    change_setting(actor=SYSTEM, key="territory.private_services", value=True, reason="test")
    assert manager.get(f"{URL}/air/tiles/0/0/0").status_code == 200


def test_a_service_that_gives_no_picture_is_refused(
    manager: Client, service: list[httpx.Request]
) -> None:
    add(manager, XYZ, service={"url": "https://tiles.example/a.html"}, key="k")
    answer = manager.get(f"{URL}/air/tiles/0/0/0")
    assert (answer.status_code, answer.json()["code"]) == (502, "service_not_answering")


@pytest.mark.parametrize(
    "body",
    [
        {"service": {"url": ""}},
        {"service": {"url": "ftp://a.example/"}},
        {"service": {"url": "https://user:word@a.example/"}},
        {"service": {"url": "https://"}},
        {"service": {"url": "https://a.example:0/"}},
        {"service": {"url": "https://{key}.example/"}},
        {"service": {"url": "https://a.example/ b"}},
        {"service": {"url": "https://a.example:99999/"}},
        {"code": "A B"},
        {"zh": ""},
        {"source": "wfs"},
        {"style": {"colour": "red"}},
        {"style": {"opacity": 2}},
        {"style": {"graduated": {"attribute": "a", "steps": []}}},
        {"role_codes": ["nobody"]},
        {"organisation_ids": [2**60]},
        {"extra": 1},
    ],
)
def test_bad_bodies_are_refused(manager: Client, body: dict[str, Any]) -> None:
    assert add(manager, XYZ, **body).status_code == 422
    assert not ThematicLayer.objects.exists()


def test_order_removal_and_rights(manager: Client, reader: Client) -> None:
    add(manager, BODY)
    add(manager, XYZ)
    again = add(manager, BODY)
    assert (again.status_code, again.json()["code"]) == (409, "layer_code_used")
    order = {"codes": ["air", "wells"]}
    assert manager.put(f"{URL}/order", order, content_type="application/json").status_code == 204
    assert [one["code"] for one in reader.get(URL).json()] == ["air", "wells"]
    other = signed_in(
        make_person(permissions=["territory.read", "territory.manage"], division_code="3301")
    )
    for client in (reader, other):
        assert add(client, {**BODY, "code": "x"}).status_code == 403
        assert change(client, "wells").status_code == 403
        assert fill(client, collection(point())).status_code == 403
        assert client.get(f"{URL}/all").status_code == 403
        assert client.delete(f"{URL}/wells").status_code == 403
    assert fill(manager, collection(point())).status_code == 200
    assert manager.delete(f"{URL}/wells").status_code == 204
    assert (ThematicLayer.objects.count(), ThematicFeature.objects.count()) == (1, 0)
    assert manager.delete(f"{URL}/wells").status_code == 404


def test_attributes_are_kept_plain() -> None:
    given = {"a": 1, "b": "x\x00 ", "c": None, "d": {"e": 1}, "f": float("inf"), "g": True, "h": ""}
    assert plain_attributes(given) == {"a": 1, "b": "x", "g": True}
    assert len(plain_attributes({f"n{i}": i for i in range(99)})) == 60
    table = AttributeTable()
    table.add({"a": 1, "b": 2})
    table.add({"a": "x", "b": -1})
    assert table.rows() == [
        {"name": "a", "kind": "text", "least": None, "most": None},
        {"name": "b", "kind": "number", "least": -1, "most": 2},
    ]
