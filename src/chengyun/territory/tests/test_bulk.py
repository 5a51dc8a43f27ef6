"""Writing much territory at once."""

from __future__ import annotations

import pytest
from shapely.geometry import LineString, Point, box

from chengyun.administration.tests.builders import make_person
from chengyun.territory.models import Division, DivisionArea, LayerVersion, MapFeature, MapLayer
from chengyun.territory.operations import bulk
from chengyun.territory.queries.duties import collectors_of
from chengyun.territory.queries.locate import get_place
from chengyun.territory.tests.builders import COMMUNITY, LONG_AGO

pytestmark = pytest.mark.django_db


def test_a_city_is_written_by_copy() -> None:
    person = make_person()
    codes = [COMMUNITY[:width] for width in (2, 4, 6, 9, 12)]
    bulk.copy_divisions(bulk.DivisionRow(code=code, zh=f"名{code}") for code in codes)
    written = bulk.copy_grids(
        bulk.GridRow(
            code=f"{COMMUNITY}{number + 1:03}",
            community_code=COMMUNITY,
            geometry=box(120 + number * 0.001, 30, 120.001 + number * 0.001, 30.001),
            valid_from=LONG_AGO,
            area_class="A",
        )
        for number in range(3)
    )
    assert written == 3
    grid = f"{COMMUNITY}002"
    bulk.copy_duties([bulk.DutyRow(grid_code=grid, person_id=person.pk, valid_from=LONG_AGO)])
    bulk.finish_bulk()
    place = get_place(lon=120.0015, lat=30.0005, at=LONG_AGO)
    assert (place.grid_code, place.street.zh, place.area_class) == (grid, "名330199001", "A")
    assert [h.person_id for h in collectors_of(grid, LONG_AGO)] == [person.pk]
    assert Division.objects.get(code=COMMUNITY).parent_code == COMMUNITY[:9]
    areas = {area.code: area for area in DivisionArea.objects.all()}
    assert set(areas) == {COMMUNITY, COMMUNITY[:9], COMMUNITY[:6]}
    assert areas[COMMUNITY].grids == 3
    assert areas[COMMUNITY].geometry.num_geom == 1
    assert areas[COMMUNITY].geometry.extent == pytest.approx((120, 30, 120.003, 30.001))
    assert areas[COMMUNITY[:6]].area_m2 == pytest.approx(3 * 96.4 * 110.9, rel=0.01)
    assert LayerVersion.objects.get(layer="grids").version == 1


def test_features_are_written_with_the_zoom_of_their_kind() -> None:
    big, small = box(120, 30, 120.002, 30.002), box(120, 30, 120.0001, 30.0001)
    bulk.copy_features(
        "buildings",
        [
            bulk.FeatureRow(geometry=big, kind="building", height_m=30.0, zh="大楼"),
            bulk.FeatureRow(geometry=small, kind="building"),
        ],
    )
    road = LineString([(120, 30), (120.01, 30)])
    bulk.copy_features("roads", [bulk.FeatureRow(geometry=road, kind="primary", zh="中山路")])
    pois = [bulk.FeatureRow(geometry=Point(120, 30), kind="bank", min_zoom=3)]
    bulk.copy_features("pois", pois)
    bulk.describe_layer("roads", attribution="生成的数据")
    zooms = dict(MapFeature.objects.order_by("id").values_list("id", "min_zoom")).values()
    assert list(zooms) == [13, 16, 9, 3]
    layer = MapLayer.objects.get(name="roads")
    assert (layer.features, layer.zh, layer.east) == (1, "道路", 120.01)
