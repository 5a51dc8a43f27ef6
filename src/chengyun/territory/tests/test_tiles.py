"""Vector tiles."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from django.test import Client
from shapely.geometry import LineString, Point, box
from shapely.geometry import Polygon as ShapelyPolygon

from chengyun.administration.rules.actor import Actor
from chengyun.administration.tests.builders import bearer, make_person, signed_in
from chengyun.territory.adapters.tile_store import TileStore
from chengyun.territory.api import tiles as view
from chengyun.territory.models import UnitGrid
from chengyun.territory.operations import bulk
from chengyun.territory.operations.areas import rebuild_areas
from chengyun.territory.operations.layers import raise_version
from chengyun.territory.queries import tiles
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.rules.tiles import Tile, find_tile
from chengyun.territory.tests.builders import COMMUNITY, make_grid, make_grids

pytestmark = pytest.mark.django_db
# The tiles that hold the chessboard's corner (120.0 E, 30.0 N).
Z14, Z12, Z9 = (14, 13653, 6759), (12, 3413, 1689), (9, 426, 211)


@pytest.fixture(autouse=True)
def fresh_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TileStore]:
    store = TileStore(folder=tmp_path / "tiles", limit_bytes=10_000_000)
    monkeypatch.setattr(view, "store", lambda: store)
    return store  # type: ignore[return-value]


@pytest.fixture
def client() -> Client:
    return signed_in(make_person(permissions=["territory.read"]))


def address(layer: str, tile: tuple[int, int, int]) -> str:
    return f"/tiles/{layer}/{tile[0]}/{tile[1]}/{tile[2]}.mvt"


def read(client: Client, layer: str, tile: tuple[int, int, int]) -> dict[str, Any]:
    answer = client.get(address(layer, tile))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
    decoded: dict[str, Any] = mapbox_vector_tile.decode(
        answer.content, default_options={"y_coord_down": True}
    )
    return decoded


def surveyed(ring: list[list[int]]) -> int:
    """Return twice the area by the surveyor's formula: positive for an outer ring, y down."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


@pytest.mark.parametrize("east", [120.0016, 120.1])
def test_buildings_wind_as_the_format_wants_clipped_or_not(client: Client, east: float) -> None:
    ring = [(120.001, 30.001), (120.001, 30.0016), (east, 30.0016), (east, 30.001)]
    for shape in (ShapelyPolygon(ring), ShapelyPolygon(ring[::-1])):
        bulk.copy_features("buildings", [bulk.FeatureRow(geometry=shape, min_zoom=0)])
    for feature in read(client, "map", Z14)["buildings"]["features"]:
        assert surveyed(feature["geometry"]["coordinates"][0]) > 0


def test_near_tiles_hold_cells_and_far_tiles_their_divisions(client: Client) -> None:
    make_grids(columns=3, rows=2)
    rebuild_areas()
    near = read(client, "grids", Z14)
    cells = near["grids"]["features"]
    assert sorted(f["properties"]["code"] for f in cells) == [
        f"{COMMUNITY}{n:03}" for n in range(1, 7)
    ]
    assert cells[0]["properties"]["community"] == COMMUNITY
    assert set(near) == {"grids"}
    far = read(client, "grids", Z12)
    assert [f["properties"]["zh"] for f in far["area_names"]["features"]] == [
        f"区划{COMMUNITY[:9]}"
    ]
    assert "grids" not in far
    assert {f["properties"]["level"] for f in far["areas"]["features"]} == {
        "county",
        "street",
        "community",
    }
    farther = read(client, "grids", Z9)["areas"]["features"]
    assert sorted(f["properties"]["level"] for f in farther) == ["county", "street"]


def test_cells_lie_where_they_are_and_wind_as_the_format_wants(client: Client) -> None:
    make_grid(f"{COMMUNITY}001")
    [cell] = read(client, "grids", Z14)["grids"]["features"]
    ring = cell["geometry"]["coordinates"][0]
    tile = Tile(*Z14)
    grid = UnitGrid.objects.get()
    west, south, east, north = grid.geometry_web.extent
    expected = [(west - tile.west) / tile.unit_m, (tile.north - north) / tile.unit_m]
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    assert [min(xs), min(ys)] == pytest.approx(expected, abs=1)
    assert max(xs) - min(xs) == pytest.approx((east - west) / tile.unit_m, abs=1)
    assert max(ys) - min(ys) == pytest.approx((north - south) / tile.unit_m, abs=1)
    assert surveyed(ring) > 0


def test_a_grid_that_has_ended_is_not_drawn(client: Client) -> None:
    from chengyun.kernel.clock import now

    make_grid(f"{COMMUNITY}001", valid_to=now())
    assert client.get(address("grids", Z14)).status_code == 204


def test_the_map_holds_a_layer_for_each_of_its_layers(client: Client) -> None:
    house = box(120.001, 30.001, 120.0016, 30.0016)
    attributes = {"min_height_m": 3, "bridge": "viaduct", "colour": "#97D700"}
    bulk.copy_features(
        "buildings",
        [bulk.FeatureRow(geometry=house, kind="building", height_m=30, attributes=attributes)],
    )
    crossing = LineString([(119.9, 30.0015), (120.1, 30.0015)])
    bulk.copy_features("roads", [bulk.FeatureRow(geometry=crossing, kind="primary", zh="中山路")])
    poi = bulk.FeatureRow(geometry=Point(120.001, 30.001), kind="toilets", zh="公厕")
    bulk.copy_features("pois", [poi])
    near = read(client, "map", Z14)
    assert set(near) == {"buildings", "roads"}
    assert near["buildings"]["features"][0]["properties"] == {
        "kind": "building",
        "height_m": 30.0,
        "min_height_m": 3.0,
        "colour": "#97D700",
        "min_zoom": 13,
    }
    road = near["roads"]["features"][0]
    assert road["properties"]["zh"] == "中山路"
    assert max(point[0] for point in road["geometry"]["coordinates"]) == 4096 + 64
    assert set(read(client, "map", Z9)) == {"roads"}
    deep = read(client, "map", (16, 54613, 27038))
    assert deep["pois"]["features"][0]["properties"]["min_zoom"] == 17


def test_a_shape_too_small_to_see_is_left_out(client: Client) -> None:
    sliver = ShapelyPolygon([(120.001, 30.001), (120.0010001, 30.001), (120.001, 30.0010001)])
    bulk.copy_features("water", [bulk.FeatureRow(geometry=sliver, kind="lake", min_zoom=0)])
    assert client.get(address("map", Z9)).status_code == 204


def test_a_client_that_has_the_tile_is_told_so_until_the_data_changes(client: Client) -> None:
    make_grid(f"{COMMUNITY}001")
    raise_version("grids")
    first = client.get(address("grids", Z14))
    assert first["Cache-Control"] == "private, no-cache"
    again = client.get(address("grids", Z14), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    weak = client.get(address("grids", Z14), headers={"If-None-Match": f'"x", W/{first["ETag"]}'})
    assert weak.status_code == 304
    make_grid(f"{COMMUNITY}002", column=1)
    raise_version("grids")
    changed = client.get(address("grids", Z14), headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert len(changed.content) > len(first.content)


def test_rendered_tiles_are_kept_and_old_versions_dropped(
    client: Client, fresh_store: TileStore, django_assert_num_queries: Any
) -> None:
    make_grid(f"{COMMUNITY}001")
    raise_version("grids")
    content = client.get(address("grids", Z14)).content
    files = list(fresh_store.folder.rglob("*.mvt"))
    assert [file.read_bytes() for file in files] == [content]
    UnitGrid.objects.all().delete()
    assert client.get(address("grids", Z14)).content == content
    raise_version("grids")
    assert client.get(address("grids", Z14)).status_code == 204
    assert not files[0].exists()


def test_the_store_stays_within_its_bound(tmp_path: Path) -> None:
    store = TileStore(folder=tmp_path / "s", limit_bytes=1000)
    for x in range(20):
        store.keep("map", "1", Tile(10, x, 0), b"x" * 100)
    assert store.sweep() == 11
    assert len(list(store.folder.rglob("*.mvt"))) == 9
    none = TileStore(folder=tmp_path / "n", limit_bytes=0)
    none.keep("map", "1", Tile(1, 0, 0), b"x")
    assert none.find("map", "1", Tile(1, 0, 0)) is None
    assert not none.folder.exists()
    lost = TileStore(folder=Path("/proc/nowhere"), limit_bytes=10)
    lost.keep("map", "1", Tile(1, 0, 0), b"x")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/tiles/map/23/0/0.mvt", "no_such_tile"),
        ("/tiles/map/3/8/0.mvt", "no_such_tile"),
        ("/tiles/map/3/0/8.mvt", "no_such_tile"),
        (f"/tiles/map/{'9' * 40}/0/0.mvt", "no_such_tile"),
        ("/tiles/unknown/3/0/0.mvt", "unknown_tile_layer"),
        ("/tiles/map/-1/0/0.mvt", None),
        ("/tiles/map/3/0/0.png", None),
        ("/tiles/map/x/0/0.mvt", None),
    ],
)
def test_tiles_that_do_not_exist(client: Client, path: str, code: str | None) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert code is None or answer.json()["code"] == code


@pytest.mark.parametrize("layer", ["map", "grids"])
def test_who_may_read_tiles(layer: str) -> None:
    path = address(layer, Z14)
    anonymous = Client().get(path)
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "sign_in_required")
    assert signed_in(make_person()).get(path).status_code == 403
    person = make_person(permissions=["territory.read"], division_code="11")
    assert bearer(person).get(path).status_code == 204
    assert signed_in(person).post(path).status_code == 405
    assert Client().get(path, headers={"Authorization": "Bearer no"}).status_code == 401


class _Dots:
    permission = "case.read"
    cacheable = False

    def version(self, actor: Actor) -> str:
        return "7"

    def scope(self, actor: Actor) -> str:
        return actor.name

    def render(self, actor: Actor, tile: Tile) -> bytes:
        return actor.name.encode()


def test_an_upper_context_adds_a_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "_providers", dict(tiles._providers))
    tiles.register_layer("dots", _Dots())
    tiles.register_layer("dots", _Dots())
    first, second = (make_person(permissions=["case.read"]) for _ in range(2))
    answers = [signed_in(person).get("/tiles/dots/0/0/0.mvt") for person in (first, second)]
    assert [answer.content.decode() for answer in answers] == [first.name, second.name]
    assert answers[0]["ETag"] != answers[1]["ETag"]
    assert (
        signed_in(make_person(permissions=["territory.read"]))
        .get("/tiles/dots/0/0/0.mvt")
        .status_code
        == 403
    )
    with pytest.raises(ValueError, match="has a provider"):
        tiles.register_layer("map", _Dots())
    with pytest.raises(ValueError, match="cannot be"):
        tiles.register_layer("../x", _Dots())


@pytest.mark.parametrize("layer", ["map", "grids"])
@pytest.mark.parametrize("z", range(23))
def test_every_zoom_renders(layer: str, z: int) -> None:
    make_grids(columns=2, rows=2)
    rebuild_areas()
    shape = box(119.99, 29.99, 120.01, 30.01)
    for name in ("water", "landuse", "buildings"):
        bulk.copy_features(name, [bulk.FeatureRow(geometry=shape, min_zoom=0)])
    x = int((120.0005 + 180) / 360 * 2**z)
    y = Tile(z, x, 0)
    row = int((y.north - UnitGrid.objects.earliest("code").geometry_web.centroid.y) / y.side_m)
    tile = find_tile(z, x, row)
    assert tile is not None
    rendered = tiles.get_layer(layer).render(COMMAND_LINE, tile)
    assert rendered or (layer == "map" and z < 6)
