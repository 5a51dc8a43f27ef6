"""Components over HTTP: lists with filters, one, nearest, in an area, figures, rights."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.components.models import Component
from chengyun.components.operations.change import retire_component
from chengyun.components.rules.access import COMMAND_LINE
from chengyun.components.tests.builders import COVER, LAMP, OTHER_COMMUNITY, City
from chengyun.territory.tests.builders import COMMUNITY, middle

URL = "/api/v1/components"


def codes(client: Client, **query: Any) -> list[str]:
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.content
    return [item["code"] for item in answer.json()["items"]]


def body(**given: Any) -> dict[str, Any]:
    lon, lat = middle(0, 0)
    return {"type": COVER, "location": {"lon": lon, "lat": lat}} | given


def post(client: Client, path: str, data: dict[str, Any], **headers: str) -> Any:
    return client.post(URL + path, data, content_type="application/json", headers=headers)


def test_a_component_is_registered_once_by_key(city: City) -> None:
    first = post(city.client, "", body(), **{"Idempotency-Key": "k1"})
    again = post(city.client, "", body(), **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Component.objects.count() == 1
    one = first.json()
    assert one["type"] == {
        "code": COVER,
        "zh": "雨水井盖",
        "en": one["type"]["en"],
        "geometry": "point",
    }
    assert one["state"] == {"code": "intact", "zh": "完好", "en": "Intact"}
    assert one["street"]["code"] == COMMUNITY[:9]


def test_pages_follow_each_other_and_filters_narrow(city: City) -> None:
    cover = city.component(owner_id=city.water.pk, name="滨江路雨水井盖").code
    lamp = city.component(type_code=LAMP, column=1, row=3, state="damaged").code
    far = city.component(column=2).code
    assert codes(city.client) == sorted([cover, lamp, far])
    first = city.client.get(URL, {"limit": 2}).json()
    rest = city.client.get(URL, {"limit": 2, "after": first["next"]}).json()
    assert [one["code"] for one in first["items"] + rest["items"]] == sorted([cover, lamp, far])
    assert rest["next"] is None
    lon, lat = middle(2, 0)
    assert codes(city.client, type=LAMP) == [lamp]
    assert codes(city.client, type="01") == sorted([cover, lamp, far])
    assert codes(city.client, state="damaged") == [lamp]
    assert codes(city.client, division=OTHER_COMMUNITY[:9]) == [lamp]
    assert codes(city.client, division=OTHER_COMMUNITY[:4]) == sorted([cover, lamp, far])
    assert codes(city.client, grid=f"{COMMUNITY}003") == [far]
    assert codes(city.client, owner=city.water.pk) == [cover]
    assert codes(city.client, owner=0) == sorted([lamp, far])
    assert codes(city.client, q="滨江") == [cover]
    assert codes(city.client, q=lamp[:14]) == [lamp]
    assert codes(city.client, q="%") == []
    bounds = f"{lon - 1e-4},{lat - 1e-4},{lon + 1e-4},{lat + 1e-4}"
    assert codes(city.client, bounds=bounds) == [far]


def test_retired_ones_are_left_out_unless_asked_for(city: City) -> None:
    one, two = city.component(), city.component()
    retire_component(actor=COMMAND_LINE, component_id=one.pk, reason="x")
    assert codes(city.client) == [two.code]
    assert codes(city.client, retired="yes") == [one.code]
    assert codes(city.client, retired="all") == [one.code, two.code]


def test_change_move_retire_and_history_over_http(city: City) -> None:
    one = city.component()
    path = f"{URL}/{one.pk}"
    changed = city.client.patch(
        path, {"state": "damaged", "version": 1}, content_type="application/json"
    )
    assert changed.json()["state"]["code"] == "damaged"
    stale = city.client.patch(path, {"note": "x", "version": 1}, content_type="application/json")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    empty = city.client.patch(path, {"name": None}, content_type="application/json")
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "name")
    lon, lat = middle(1, 0)
    moved = post(city.client, f"/{one.pk}/move", {"location": {"lon": lon, "lat": lat}})
    assert moved.json()["grid_code"] == f"{COMMUNITY}002"
    gone = post(city.client, f"/{one.pk}/retire", {"reason": "道路改造"})
    assert gone.json()["state"]["code"] == "removed"
    acts = [item["act"] for item in city.client.get(f"{path}/versions").json()["items"]]
    assert acts == ["retired", "moved", "changed", "registered"]
    page = city.client.get(f"{path}/versions", {"limit": 3}).json()
    last = city.client.get(f"{path}/versions", {"limit": 3, "after": page["next"]}).json()
    assert [item["version"] for item in last["items"]] == [1]


def test_the_nearest_come_first_with_their_distance(city: City) -> None:
    near, far = city.component(), city.component(column=1)
    city.component(column=2, row=3)
    lon, lat = map(str, middle(0, 0))
    answer = city.client.get(f"{URL}/nearest", {"lon": lon, "lat": lat}).json()["items"]
    assert [item["code"] for item in answer] == [near.code, far.code]
    assert [item["distance_m"] for item in answer] == [0.0, pytest.approx(96.5, abs=0.2)]
    wide: dict[str, str | int] = {
        "lon": lon,
        "lat": lat,
        "radius_m": 5000,
        "limit": 2,
        "type": COVER,
    }
    assert len(city.client.get(f"{URL}/nearest", wide).json()["items"]) == 2
    odd = city.client.get(f"{URL}/nearest?lon=120&lat=30&crs=EPSG:3857")
    assert odd.status_code == 422


def test_an_area_holds_what_lies_in_it(city: City) -> None:
    inside = city.component()
    city.component(column=2)
    west, south = middle(0, 0)
    ring = [[west - 1e-4, south - 1e-4], [west + 1e-4, south - 1e-4], [west, south + 1e-4]]
    area = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    found = post(city.client, "/in-area", {"area": area}).json()
    assert [item["code"] for item in found["items"]] == [inside.code]
    line = {"type": "LineString", "coordinates": ring}
    assert post(city.client, "/in-area", {"area": line}).status_code == 422


def test_a_scanned_code_finds_its_component(city: City) -> None:
    one = city.component()
    assert city.client.get(f"{URL}/by-code/{one.code}").json()["id"] == one.pk
    assert city.client.get(f"{URL}/by-code/33019901003999999").status_code == 404


def test_every_figure_names_the_list_behind_it(city: City) -> None:
    city.component(owner_id=city.water.pk)
    city.component(column=1)
    city.component(type_code=LAMP, row=2, state="lost")
    for by in ("type", "state", "owner", "maintainer", "district", "street", "community", "grid"):
        figures = city.client.get(f"{URL}/statistics", {"by": by}).json()
        assert figures["total"] == 3
        assert sum(item["count"] for item in figures["items"]) == 3
        for item in figures["items"]:
            assert len(codes(city.client, **item["filter"])) == item["count"], (by, item)
    by_type = city.client.get(f"{URL}/statistics", {"state": "intact"}).json()
    assert [(item["code"], item["count"]) for item in by_type["items"]] == [(COVER, 2)]


def test_readers_see_their_area_and_organisation_only(city: City) -> None:
    here, there = city.component(owner_id=city.water.pk), city.component(row=2)
    street = signed_in(
        make_person(permissions=["components.read"], division_code=OTHER_COMMUNITY[:9])
    )
    water = signed_in(make_person(permissions=["components.read"], scope_organisation=city.water))
    assert codes(street) == [there.code]
    assert codes(water) == [here.code]
    for client, hidden in ((street, here), (water, there)):
        assert client.get(f"{URL}/{hidden.pk}").status_code == 404
        assert client.get(f"{URL}/{hidden.pk}/versions").status_code == 404
        assert client.get(f"{URL}/by-code/{hidden.code}").status_code == 404
        assert client.get(f"{URL}/statistics").json()["total"] == 1
        lon, lat = map(str, middle(0, 1))
        near = client.get(f"{URL}/nearest?lon={lon}&lat={lat}&radius_m=5000").json()
        assert hidden.code not in [item["code"] for item in near["items"]]
        refused = client.patch(f"{URL}/{hidden.pk}", {"note": "x"}, content_type="application/json")
        assert refused.status_code == 403
    assert set(Component.objects.values_list("version", flat=True)) == {1}


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("get", "", {}),
        ("get", "/nearest?lon=120&lat=30", {}),
        ("get", "/statistics", {}),
        ("get", "/by-code/1", {}),
        ("get", "/1", {}),
        ("get", "/1/versions", {}),
        ("post", "", body()),
        (
            "post",
            "/in-area",
            {"area": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}},
        ),
        ("patch", "/1", {"note": "x"}),
        ("post", "/1/move", {"location": {"lon": 120, "lat": 30}}),
        ("post", "/1/retire", {"reason": "x"}),
    ],
)
@pytest.mark.django_db
def test_who_may_ask(method: str, path: str, data: dict[str, Any]) -> None:
    for client, status in ((Client(), 401), (signed_in(make_person()), 403)):
        ask = getattr(client, method)
        answer = ask(URL + path, data, content_type="application/json") if data else ask(URL + path)
        assert answer.status_code == status


@pytest.mark.parametrize(
    "query",
    [
        {"bounds": "1,2,3"},
        {"bounds": "3,2,1,4"},
        {"bounds": "nan,nan,nan,nan"},
        {"after": "nonsense"},
        {"retired": "maybe"},
        {"q": "\x00"},
        {"type": "x"},
        {"limit": 0},
    ],
)
def test_bad_filters_are_named(city: City, query: dict[str, Any]) -> None:
    answer = city.client.get(URL, query)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_is_not_there_is_told_in_the_language_asked_for(city: City) -> None:
    answers = [
        city.client.get(f"{URL}/999999", headers={"accept-language": language}).json()["detail"]
        for language in ("zh-CN", "en")
    ]
    assert answers == [
        "找不到部件 999999，或您无权查看。",
        "Component 999999 was not found, or lies outside your scope.",
    ]
