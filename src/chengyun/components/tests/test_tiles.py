"""The layer of components: points near, sums far, narrowed by filters and by scope."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import pytest
from django.test import Client
from shapely.geometry import LineString

from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.components.operations.change import retire_component
from chengyun.components.rules.access import COMMAND_LINE
from chengyun.components.tests.builders import FENCE, LAMP, OTHER_COMMUNITY, City
from chengyun.territory.operations.areas import rebuild_areas
from chengyun.territory.rules.tiles import tile_at
from chengyun.territory.tests.builders import middle


def url(z: int, query: str = "") -> str:
    tile = tile_at(z, *middle(1, 1))
    return f"/tiles/components/{z}/{tile.x}/{tile.y}.mvt{query}"


def layers(client: Client, z: int, query: str = "") -> dict[str, Any]:
    answer = client.get(url(z, query))
    assert answer.status_code in {200, 204}, answer.content
    return dict(mapbox_vector_tile.decode(answer.content)) if answer.content else {}


def features(client: Client, z: int, query: str = "") -> list[dict[str, Any]]:
    found = layers(client, z, query).get("components", {"features": []})
    return [one["properties"] for one in found["features"]]


def test_near_tiles_hold_the_components_and_their_shapes(city: City) -> None:
    cover = city.component(column=1, row=1, state="damaged")
    fence = city.component(type_code=FENCE, geometry=LineString([middle(1, 1), middle(1, 0)]))
    found = layers(city.client, 15)
    points = {
        one["properties"]["code"]: one["properties"] for one in found["components"]["features"]
    }
    assert set(points) == {cover.code, fence.code}
    assert (points[cover.code]["type"], points[cover.code]["state"]) == ("01003", "damaged")
    assert (points[cover.code]["drawn"], points[fence.code]["drawn"]) == (False, True)
    shapes = found["component_shapes"]["features"]
    assert [(one["properties"]["code"], one["geometry"]["type"]) for one in shapes] == [
        (fence.code, "LineString")
    ]


def test_far_tiles_hold_sums_by_cell_and_by_division(city: City) -> None:
    for column in range(3):
        city.component(column=column)
    city.component(row=2, state="lost")
    rebuild_areas()
    near = features(city.client, 13)
    assert (sum(one["count"] for one in near), sum(one["unsound"] for one in near)) == (4, 1)
    streets = features(city.client, 11)
    assert sorted((one["division"], one["count"], one["unsound"]) for one in streets) == [
        ("330199001", 3, 0),
        ("330199002", 1, 1),
    ]
    assert [(one["division"], one["count"]) for one in features(city.client, 8)] == [("330199", 4)]


def test_tiles_are_narrowed_by_filters_and_by_scope(city: City) -> None:
    lamp, cover = city.component(type_code=LAMP, column=1, row=1), city.component(row=2)
    gone = city.component(column=2, row=1)
    retire_component(actor=COMMAND_LINE, component_id=gone.pk, reason="x")
    assert [one["code"] for one in features(city.client, 15, f"?type={LAMP}")] == [lamp.code]
    assert [one["code"] for one in features(city.client, 15, "?retired=yes")] == [gone.code]
    assert features(city.client, 15, "?owner=1") == []
    street = signed_in(
        make_person(permissions=["components.read"], division_code=OTHER_COMMUNITY[:9])
    )
    assert [one["code"] for one in features(street, 15)] == [cover.code]
    for query in ("?bounds=1,2,3,4", "?owner=x", "?retired=maybe", "?nonsense=1"):
        assert city.client.get(url(15, query)).status_code == 422, query


def test_an_unchanged_tile_is_not_sent_again(city: City) -> None:
    one = city.component()
    first = city.client.get(url(15))
    again = city.client.get(url(15), headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 304
    retire_component(actor=COMMAND_LINE, component_id=one.pk, reason="x")
    later = city.client.get(url(15), headers={"if-none-match": first.headers["ETag"]})
    assert later.status_code == 204


@pytest.mark.django_db
def test_who_may_see_the_layer() -> None:
    assert Client().get(url(15)).status_code == 401
    assert signed_in(make_person()).get(url(15)).status_code == 403
