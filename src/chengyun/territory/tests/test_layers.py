"""What the base map holds, and outside base maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.test import Client
from shapely.geometry import box

from chengyun.administration.operations import change_setting
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.territory.adapters import base_maps
from chengyun.territory.operations.bulk import FeatureRow, copy_features, describe_layer
from chengyun.territory.operations.layers import raise_version

URL = "/api/v1/territory"
OPEN = {
    "code": "osm",
    "zh": "开放街图",
    "kind": "xyz",
    "url": "https://{s}.tile.example/{z}/{x}/{y}.png",
}
KEYED = {
    "code": "tdt",
    "zh": "天地图",
    "kind": "wmts",
    "url": "https://t0.example/vec_w/wmts?tk={key}",
    "layer": "vec",
    "matrix_set": "w",
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in(make_person(permissions=["territory.read"]))


def test_layers_come_in_drawing_order_with_attribution_and_bounds(client: Client) -> None:
    for layer in ("roads", "water"):
        copy_features(layer, [FeatureRow(geometry=box(120, 30, 121, 31))])
        describe_layer(layer, attribution="© OpenStreetMap contributors")
    raise_version("map")
    layers = client.get(f"{URL}/layers").json()
    assert [layer["name"] for layer in layers] == ["water", "roads"]
    assert layers[0]["bounds"] == [120, 30, 121, 31]
    told = client.get(f"{URL}/map").json()
    assert told["attribution"] == ["© OpenStreetMap contributors"]
    assert told["versions"] == {"map": 1}
    assert told["bounds"] == [120, 30, 121, 31]
    assert told["centre"] == [121.4737, 31.2304]


def test_an_empty_map_is_described_too(client: Client) -> None:
    told = client.get(f"{URL}/map").json()
    assert (told["layers"], told["bounds"], told["versions"]) == ([], None, {})


def test_a_base_map_with_a_key_is_relayed_and_the_key_stays_inside(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_setting(actor=SYSTEM, key="node.base_maps", value=[OPEN, KEYED])
    change_setting(actor=SYSTEM, key="node.base_map_keys", value={"tdt": "s3 cret"})
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=b"PNG", headers={"Content-Type": "image/png"})

    _outside(monkeypatch, answer)
    shown = {one["code"]: one for one in client.get(f"{URL}/base-maps").json()}
    assert shown["osm"]["url"] == OPEN["url"]
    assert shown["tdt"]["url"] == "/api/v1/territory/base-maps/tdt/{z}/{x}/{y}"
    assert shown["tdt"]["relayed"] is True
    assert "cret" not in client.get(f"{URL}/map").content.decode()
    tile = client.get(f"{URL}/base-maps/tdt/3/2/1")
    assert (tile.status_code, tile.content, tile["Content-Type"]) == (200, b"PNG", "image/png")
    [address] = asked
    assert address == (
        "https://t0.example/vec_w/wmts?tk=s3%20cret&service=WMTS&request=GetTile&version=1.0.0"
        "&format=image%2Fpng&layer=vec&style=default&tilematrixset=w"
        "&tilematrix=3&tilecol=2&tilerow=1"
    )
    for path in ("osm/3/2/1", "none/3/2/1", "tdt/3/9/1", "tdt/99/0/0"):
        assert client.get(f"{URL}/base-maps/{path}").status_code == 404
    for path in ("tdt/x/0/0", "tdt/-1/0/0"):
        assert client.get(f"{URL}/base-maps/{path}").status_code in {404, 422}


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(500),
        httpx.Response(302, headers={"Location": "http://127.0.0.1/"}),
        httpx.Response(200, content=b"<html>", headers={"Content-Type": "text/html"}),
        httpx.Response(200, content=b"<svg>", headers={"Content-Type": "image/svg+xml"}),
        httpx.Response(200, content=b"x" * 3_000_000, headers={"Content-Type": "image/png"}),
        httpx.ConnectError("no"),
    ],
)
def test_an_outside_failure_is_said(
    client: Client, monkeypatch: pytest.MonkeyPatch, response: Any
) -> None:
    change_setting(actor=SYSTEM, key="node.base_maps", value=[KEYED])

    def answer(_request: httpx.Request) -> httpx.Response:
        if isinstance(response, Exception):
            raise response
        assert isinstance(response, httpx.Response)
        return response

    _outside(monkeypatch, answer)
    told = client.get(f"{URL}/base-maps/tdt/3/2/1")
    assert (told.status_code, told.json()["code"]) == (502, "base_map_unavailable")


@pytest.mark.parametrize(
    ("base_map", "template"),
    [
        (OPEN, OPEN["url"]),
        (
            {
                "kind": "wmts",
                "url": "https://x/{Layer}/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}",
                "layer": "img",
                "style": "a b",
                "matrix_set": "c",
            },
            "https://x/img/a%20b/c/{z}/{y}/{x}",
        ),
    ],
)
def test_templates(base_map: dict[str, str], template: str) -> None:
    assert base_maps.tile_template(base_map) == template


@pytest.mark.parametrize("path", ["layers", "map", "base-maps", "base-maps/tdt/3/2/1"])
def test_who_may_read(path: str) -> None:
    assert Client().get(f"{URL}/{path}").status_code == 401
    assert signed_in(make_person()).get(f"{URL}/{path}").status_code == 403


def _outside(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    client = httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=False)
    monkeypatch.setattr(base_maps, "client", lambda: client)
