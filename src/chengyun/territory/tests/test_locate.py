"""Point → grid, community, street, district."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from chengyun.territory.faults import NoGridAtPoint
from chengyun.territory.queries.locate import PointInTime, find_place, find_places, get_place
from chengyun.territory.tests.builders import (
    COMMUNITY,
    SOUTH,
    STEP,
    WEST,
    make_grid,
    make_grids,
    middle,
)

NOW = datetime(2026, 7, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_a_point_has_a_grid_and_everything_above_it() -> None:
    grids = make_grids()
    lon, lat = middle(1, 1)
    place = get_place(lon=lon, lat=lat, at=NOW)
    assert place.grid_id == grids[4].pk
    assert place.grid_code == f"{COMMUNITY}005"
    assert place.area_class == "B"
    assert (place.community.code, place.community.zh) == (COMMUNITY, f"区划{COMMUNITY}")
    assert (place.street_code, place.district_code) == (COMMUNITY[:9], COMMUNITY[:6])
    assert place.district.en == f"Division {COMMUNITY[:6]}"


def test_a_point_on_a_shared_border_belongs_to_the_smallest_code() -> None:
    make_grid(f"{COMMUNITY}009", column=0)
    make_grid(f"{COMMUNITY}002", column=1)
    border = get_place(lon=WEST + STEP, lat=SOUTH + STEP / 2, at=NOW)
    assert border.grid_code == f"{COMMUNITY}002"
    [batch] = find_places([PointInTime(lon=WEST + STEP, lat=SOUTH + STEP / 2, at=NOW)])
    assert batch == border


def test_the_version_valid_at_the_moment_counts() -> None:
    change = datetime(2026, 3, 1, tzinfo=UTC)
    old = make_grid(f"{COMMUNITY}001", valid_to=change)
    new = make_grid(f"{COMMUNITY}001", valid_from=change, version=2)
    lon, lat = middle(0, 0)
    before = get_place(lon=lon, lat=lat, at=datetime(2026, 2, 28, tzinfo=UTC))
    assert before.grid_id == old.pk
    assert get_place(lon=lon, lat=lat, at=change).grid_id == new.pk
    assert find_place(lon=lon, lat=lat, at=datetime(1999, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("lon", "lat"), [(0.0, 0.0), (math.nan, 30.0), (math.inf, 30.0), (120.0, -math.inf), (1e300, 1)]
)
def test_a_point_outside_has_no_grid(lon: float, lat: float) -> None:
    make_grids()
    assert find_place(lon=lon, lat=lat, at=NOW) is None
    with pytest.raises(NoGridAtPoint):
        get_place(lon=lon, lat=lat, at=NOW)


def test_many_points_keep_their_order() -> None:
    make_grids(columns=3, rows=1)
    points = [PointInTime(lon=middle(c, 0)[0], lat=middle(c, 0)[1], at=NOW) for c in (2, 7, 0)]
    found = find_places(points)
    assert [place and place.grid_code for place in found] == [
        f"{COMMUNITY}003",
        None,
        f"{COMMUNITY}001",
    ]
    assert find_places([]) == []
