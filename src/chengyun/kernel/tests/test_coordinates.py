from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chengyun.kernel.coordinates import (
    BD_09,
    GCJ_02,
    CoordinateOutOfRange,
    UnknownCrs,
    crs_name,
    distance_m,
    from_storage,
    is_in_mainland_china,
    point_mover,
    to_storage,
)

SHANGHAI = (121.47, 31.23)
DEGREES = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
IN_CHINA = st.tuples(st.floats(75, 134), st.floats(18.5, 53))


@pytest.mark.parametrize(
    ("given_crs", "name"),
    [
        ("EPSG:4490", "EPSG:4490"),
        ("cgcs2000", "EPSG:4490"),
        ("WGS 84", "EPSG:4326"),
        ("epsg:4326", "EPSG:4326"),
        ("gcj02", "GCJ-02"),
        ("BD-09", "BD-09"),
        ("EPSG:4549", "EPSG:4549"),
        ("epsg:03857", "EPSG:3857"),
    ],
)
def test_names(given_crs: str, name: str) -> None:
    assert crs_name(given_crs) == name


@pytest.mark.parametrize(
    "crs",
    [
        pytest.param("", id="empty"),
        pytest.param("Mars 2000", id="unknown name"),
        pytest.param("EPSG:999999", id="unknown number"),
        pytest.param("EPSG:x", id="no number"),
        pytest.param("EPSG:4214", id="Beijing 1954 needs the city's parameters"),
        pytest.param("EPSG:2437", id="Beijing 1954 zone"),
        pytest.param("EPSG:4610", id="Xian 1980"),
        pytest.param("EPSG:4978", id="geocentric"),
        pytest.param("EPSG:5773", id="height"),
    ],
)
def test_what_cannot_be_transformed_is_refused(crs: str) -> None:
    with pytest.raises(UnknownCrs):
        to_storage(*SHANGHAI, crs)
    with pytest.raises(UnknownCrs):
        from_storage(*SHANGHAI, crs)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326"])
def test_wgs_84_is_taken_as_cgcs_2000(crs: str) -> None:
    point = to_storage(*SHANGHAI, crs)
    assert (point.lon, point.lat, point.given_in) == (*SHANGHAI, crs)
    assert from_storage(*SHANGHAI, crs) == SHANGHAI


@pytest.mark.parametrize(
    ("crs", "lon", "lat"),
    [
        # Tian'anmen as its WGS 84 point appears in the two systems, to five places.
        (GCJ_02, 116.41024, 39.91640),
        (BD_09, 116.41663, 39.92270),
    ],
)
def test_known_shift(crs: str, lon: float, lat: float) -> None:
    shifted = from_storage(116.404, 39.915, crs)
    assert distance_m(shifted, (lon, lat)) < 2


@settings(max_examples=300, deadline=None)
@given(IN_CHINA, st.sampled_from([GCJ_02, BD_09]))
def test_there_and_back_within_a_centimetre(point: tuple[float, float], crs: str) -> None:
    assume(is_in_mainland_china(*point))
    shifted = from_storage(*point, crs)
    back = to_storage(*shifted, crs)
    assert distance_m(point, (back.lon, back.lat)) < 0.01
    assert 10 < distance_m(point, shifted) < 2_000


@pytest.mark.parametrize(
    "point",
    [
        pytest.param((114.17, 22.30), id="Hong Kong"),
        pytest.param((113.54, 22.19), id="Macau"),
        pytest.param((121.56, 25.03), id="Taipei"),
        pytest.param((103.82, 1.35), id="Singapore"),
        pytest.param((126.98, 37.57), id="Seoul"),
        pytest.param((105.85, 21.03), id="Hanoi"),
        pytest.param((-71.06, 42.36), id="Boston"),
    ],
)
@pytest.mark.parametrize("crs", [GCJ_02, BD_09])
def test_outside_the_mainland_nothing_is_shifted(point: tuple[float, float], crs: str) -> None:
    assert from_storage(*point, crs) == point
    back = to_storage(*point, crs)
    assert (back.lon, back.lat) == point


@pytest.mark.parametrize(
    "point",
    [
        pytest.param((114.06, 22.54), id="Shenzhen"),
        pytest.param((114.125, 22.545), id="Luohu"),
        pytest.param((113.553, 22.222), id="Gongbei"),
        pytest.param((113.525, 22.14), id="Hengqin"),
        pytest.param((118.09, 24.48), id="Xiamen"),
        pytest.param((124.39, 40.13), id="Dandong"),
        pytest.param((97.85, 24.01), id="Ruili"),
        pytest.param((110.35, 20.02), id="Haikou"),
        pytest.param((75.99, 39.47), id="Kashgar"),
        pytest.param((127.53, 50.24), id="Heihe"),
    ],
)
def test_border_cities_are_inside(point: tuple[float, float]) -> None:
    assert is_in_mainland_china(*point)


def test_a_projected_system() -> None:
    east, north = from_storage(*SHANGHAI, "EPSG:4549")
    assert 600_000 < east < 660_000
    assert 3_450_000 < north < 3_460_000
    back = point_mover("EPSG:4549")(east, north)
    assert distance_m(SHANGHAI, back) < 0.001


@pytest.mark.parametrize(
    ("x", "y", "crs"),
    [
        (200, 31, "EPSG:4490"),
        (31.23, 121.47, "GCJ-02"),
        (math.nan, 31, "EPSG:4326"),
        (121, math.inf, "BD-09"),
        (1e12, 1e12, "EPSG:4549"),
    ],
)
def test_out_of_range(x: float, y: float, crs: str) -> None:
    with pytest.raises(CoordinateOutOfRange):
        to_storage(x, y, crs)


@settings(max_examples=100, deadline=None)
@given(DEGREES, st.sampled_from(["EPSG:4490", "EPSG:4326", GCJ_02, BD_09]))
def test_any_degrees_give_finite_degrees(point: tuple[float, float], crs: str) -> None:
    back = to_storage(*point, crs)
    assert math.isfinite(back.lon)
    assert math.isfinite(back.lat)


def test_distance() -> None:
    assert distance_m((121.0, 31.0), (121.0, 31.0)) == 0
    assert distance_m((121.0, 31.0), (121.0, 32.0)) == pytest.approx(110_880, abs=20)
    assert distance_m((121.0, 31.0), (121.001, 31.0)) == pytest.approx(95.5, abs=0.1)
