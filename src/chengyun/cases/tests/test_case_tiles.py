"""The layer of cases: what lies where, for whom, with which light, and when it is new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import mapbox_vector_tile
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengyun.administration.tests.builders import bearer, make_person
from chengyun.cases.models import Case
from chengyun.cases.queries.tiles import CaseTiles
from chengyun.cases.tests.builders import MONDAY_9, City, make_case, report
from chengyun.territory.rules.tiles import Tile, tile_at
from chengyun.territory.tests.builders import DISTRICT, middle

pytestmark = pytest.mark.django_db
LON, LAT = middle(0, 0)
SOON = MONDAY_9 + timedelta(minutes=2)


def address(z: int, lon: float = LON, lat: float = LAT) -> str:
    tile = tile_at(z, lon, lat)
    return f"/tiles/cases/{tile.z}/{tile.x}/{tile.y}.mvt"


def features(client: Client, z: int, words: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"{address(z)}?{words}" if words else address(z))
    if answer.status_code == 204:
        return []
    assert answer.status_code == 200, answer.content
    decoded = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})
    found: list[dict[str, Any]] = decoded["cases"]["features"]
    return found


@pytest.fixture
def leader(city: City) -> Client:
    return bearer(city.people["leader"])


def test_near_tiles_hold_the_open_cases_where_they_are(city: City, leader: Client) -> None:
    case = report(city, urgent=True)
    make_case(city, "closed")
    with time_machine.travel(SOON, tick=False):
        [found] = features(leader, 14)
    assert found["properties"] == {
        "id": case.pk,
        "number": case.number,
        "title": case.title,
        "state": "reported",
        "light": "green",
        "kind": "matter",
        "class_code": "06",
        "urgent": True,
    }
    tile = tile_at(14, LON, LAT)
    x = ((LON + 180) / 360 * 2**14 - tile.x) * 4096
    column, row = found["geometry"]["coordinates"]
    assert column == pytest.approx(x, abs=1)
    assert 0 <= row <= 4096
    north = tile_at(14, LON, LAT + 0.001)
    assert (north.y, north.x) == (tile.y, tile.x)
    Case.objects.filter(pk=case.pk).update(position=f"SRID=4490;POINT({LON} {LAT + 0.001})")
    [moved] = features(leader, 14)
    assert moved["geometry"]["coordinates"][1] < row


@pytest.mark.parametrize(
    ("minutes", "light"), [(2, "green"), (13, "yellow"), (15, "yellow"), (16, "red")]
)
def test_the_light_is_that_of_the_moment(
    city: City, leader: Client, minutes: int, light: str
) -> None:
    report(city)
    with time_machine.travel(MONDAY_9 + timedelta(minutes=minutes), tick=False):
        assert [one["properties"]["light"] for one in features(leader, 16)] == [light]


def test_far_tiles_hold_sums_by_light(city: City, leader: Client) -> None:
    for minutes in (0, 0, -5, -60):
        report(city, at=MONDAY_9 + timedelta(minutes=minutes))
    with time_machine.travel(MONDAY_9 + timedelta(minutes=8), tick=False):
        for z in (13, 10, 4, 0):
            [found] = features(leader, z)
            assert found["properties"] == {
                "count": 4,
                "red": 1,
                "yellow": 1,
                "green": 2,
                "none": 0,
            }


def test_every_case_lies_in_exactly_one_tile(city: City) -> None:
    case = report(city)
    tile = tile_at(15, LON, LAT)
    edge = tile.x / 2**15 * 360 - 180
    Case.objects.filter(pk=case.pk).update(position=f"SRID=4490;POINT({edge!r} {LAT})")
    actor = city.actor("leader")
    holding = [
        x
        for x in (tile.x - 1, tile.x, tile.x + 1)
        if CaseTiles().render(actor, Tile(15, x, tile.y))
    ]
    assert holding == [tile.x]


def test_only_what_lies_in_the_scope_is_drawn(city: City) -> None:
    make_case(city, "dispatched")
    seen = {
        name: len(features(bearer(city.people[name]), 14))
        for name in ("leader", "department", "cleaner", "collector", "outsider")
    }
    assert seen == {"leader": 1, "department": 1, "cleaner": 0, "collector": 1, "outsider": 0}
    assert features(bearer(city.people["outsider"]), 10) == []
    assert Client().get(address(14)).status_code == 401
    blind = bearer(make_person(permissions=["territory.read"], division_code=DISTRICT))
    assert blind.get(address(14)).status_code == 403


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("state=reported", 1),
        ("state=filed,dispatched", 1),
        ("state=closed", 0),
        ("source=collector", 2),
        ("source=media", 0),
        ("class=06", 2),
        ("kind=component", 0),
        (f"district={DISTRICT}", 2),
        ("district=990199", 0),
        ("reported_to=2000-01-01", 0),
        ("reported_from=2000-01-01", 2),
        ("urgent=true", 1),
    ],
)
def test_the_filters_of_the_list_narrow_the_tile(
    city: City, leader: Client, words: str, found: int
) -> None:
    report(city, urgent=True)
    make_case(city, "dispatched")
    assert len(features(leader, 14, words)) == found
    assert sum(one["properties"]["count"] for one in features(leader, 10, words)) == found


@pytest.mark.parametrize("words", ["state=nowhere", "colour=red", "queue=open", "district=x"])
def test_a_wrong_word_is_refused(leader: Client, words: str) -> None:
    answer = leader.get(f"{address(14)}?{words}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == words.partition("=")[0]


def test_each_filter_has_a_tag_of_its_own(city: City, leader: Client) -> None:
    report(city)
    with time_machine.travel(SOON, tick=False):
        tags = {
            leader.get(address(14) + more)["ETag"] for more in ("", "?urgent=true", "?kind=matter")
        }
    assert len(tags) == 3


@pytest.mark.parametrize("path", ["14/99999999/1", "23/0/0", "3/8/0", "0/0/1"])
def test_there_is_no_tile_outside_the_world(leader: Client, path: str) -> None:
    assert leader.get(f"/tiles/cases/{path}.mvt").status_code == 404


def test_a_tile_is_asked_for_once_until_a_case_changes(city: City, leader: Client) -> None:
    report(city)
    with time_machine.travel(SOON, tick=False):
        tag = leader.get(address(14))["ETag"]
        same = leader.get(address(14), headers={"if-none-match": tag})
        assert same.status_code == 304
        report(city, at=SOON)
        fresh = leader.get(address(14), headers={"if-none-match": tag})
        assert (fresh.status_code, fresh["ETag"] == tag) == (200, False)
    with time_machine.travel(SOON + timedelta(minutes=1), tick=False):
        later = leader.get(address(14), headers={"if-none-match": fresh["ETag"]})
        assert later.status_code == 200


def test_people_of_other_scope_have_other_tags(city: City) -> None:
    layer = CaseTiles()
    scopes = {layer.scope(city.actor(name)) for name in ("leader", "department", "cleaner")}
    assert len(scopes) == 3


def test_a_tile_takes_one_query_and_its_version_another(city: City) -> None:
    actor, layer = city.actor("leader"), CaseTiles()
    for _ in range(3):
        report(city)
    for z in (14, 10):
        with CaptureQueriesContext(connection) as taken:
            layer.version(actor)
            layer.render(actor, tile_at(z, LON, LAT))
        assert len(taken) == 2
