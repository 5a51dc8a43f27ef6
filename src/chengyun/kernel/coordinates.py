"""Coordinates in and out of the systems that are in use in Chinese cities.

Stored are CGCS2000 longitude and latitude (EPSG:4490); WGS 84 equals it at component accuracy.
GCJ-02 and BD-09, which domestic map services give, are shifted by 100 to 700 m inside mainland
China and not at all outside it. Other systems go through PROJ where it knows a transformation;
local plane systems and the old datums need the city's own, which is never guessed.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import shapely
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from chengyun.kernel.errors import Fault

STORAGE_CRS = "EPSG:4490"
WGS_84 = "EPSG:4326"
GCJ_02 = "GCJ-02"
BD_09 = "BD-09"
API_SYSTEMS = (STORAGE_CRS, WGS_84, GCJ_02, BD_09)

Pair = tuple[float, float]


class UnknownCrs(Fault):
    """A coordinate reference system is not known, or no transformation from it is."""

    code = "unknown_crs"
    zh = "不认识坐标系“{crs}”，或没有公开的转换参数。地方坐标系和旧坐标系须用本市的转换参数先转换。"
    en = (
        "“{crs}” is no known coordinate system, or no transformation from it is published. "
        "Convert local and old systems with the city's own parameters first."
    )


class CoordinateOutOfRange(Fault):
    """A coordinate lies outside its system."""

    code = "coordinate_out_of_range"
    zh = "坐标（{x}，{y}）超出坐标系 {crs} 的范围。请检查坐标系和经纬度次序。"
    en = "({x}, {y}) lies outside {crs}. Check the system and the order: longitude, then latitude."


@dataclass(frozen=True, slots=True)
class Position:
    """A point in EPSG:4490 [degrees], with the system in which it was given."""

    lon: float
    lat: float
    given_in: str = STORAGE_CRS


def crs_name(crs: str) -> str:
    """Return the one spelling of a system's name: an API system, or "EPSG:n".

    raises : UnknownCrs
    """
    found = _ALIASES.get(_squeezed(crs))
    if found:
        return found
    authority, _, number = crs.strip().upper().partition(":")
    if authority != "EPSG" or not number.isdigit():
        raise UnknownCrs(field="crs", crs=crs)
    _transformer(f"EPSG:{int(number)}")
    return f"EPSG:{int(number)}"


def to_storage(x: float, y: float, crs: str) -> Position:
    """Return the point as stored (EPSG:4490).

    x, y : longitude and latitude [degrees], or easting and northing in the system's unit
    raises : UnknownCrs, CoordinateOutOfRange
    """
    name = crs_name(crs)
    if name not in API_SYSTEMS:
        lon, lat = _projected(_transformer(name), x, y, name)
        return Position(lon, lat, name)
    _check_degrees(x, y, name)
    lon, lat = _TO_WGS.get(name, _same)(x, y)
    return Position(lon, lat, name)


def from_storage(lon: float, lat: float, crs: str) -> Pair:
    """Return a stored point (EPSG:4490 degrees) in another system, x (or longitude) first.

    raises : UnknownCrs, CoordinateOutOfRange
    """
    name = crs_name(crs)
    _check_degrees(lon, lat, STORAGE_CRS)
    if name in API_SYSTEMS:
        return _FROM_WGS.get(name, _same)(lon, lat)
    return _projected(_transformer(name, inverse=True), lon, lat, name)


def point_mover(crs: str) -> Callable[[float, float], Pair]:
    """Return a function from points of `crs` to stored ones, for whole geometries.

    raises : UnknownCrs; the function raises CoordinateOutOfRange
    """
    name = crs_name(crs)

    def move(x: float, y: float) -> Pair:
        point = to_storage(x, y, name)
        return point.lon, point.lat

    return move


def distance_m(first: Pair, second: Pair) -> float:
    """Return the distance [m] of two points (lon, lat) on the CGCS2000 ellipsoid."""
    _, _, metres = _GEOD.inv(first[0], first[1], second[0], second[1])
    return float(metres)


def is_in_mainland_china(lon: float, lat: float) -> bool:
    """Whether a point lies where domestic map services shift coordinates.

    source : an outline of ours, some kilometres generous at land borders; Hong Kong, Macau and
        Taiwan lie outside
    """
    return bool(shapely.contains_xy(_mainland(), lon, lat))


_LON_MAX, _LAT_MAX, _PLANE_AXES = 180, 90, 2
_GEOD = Geod(a=6378137, rf=298.257222101)
_ALIASES = {
    "EPSG4490": STORAGE_CRS,
    "CGCS2000": STORAGE_CRS,
    "EPSG4326": WGS_84,
    "WGS84": WGS_84,
    "CRS84": WGS_84,
    "OGCCRS84": WGS_84,
    "GCJ02": GCJ_02,
    "BD09": BD_09,
    "BD09LL": BD_09,
}
# Cities need their own parameters for these; the published ones are for oil fields at sea.
_GUESSES = ("Beijing 1954", "Xian 1980", "New Beijing")


def _squeezed(crs: str) -> str:
    return "".join(sign for sign in crs.upper() if sign.isalnum())


def _check_degrees(lon: float, lat: float, name: str) -> None:
    if not (abs(lon) <= _LON_MAX and abs(lat) <= _LAT_MAX):  # also catches NaN
        raise CoordinateOutOfRange(field="location", x=lon, y=lat, crs=name)


def _same(lon: float, lat: float) -> Pair:
    return lon, lat


def _projected(transformer: Transformer, x: float, y: float, name: str) -> Pair:
    moved_x, moved_y = transformer.transform(x, y)
    if not (math.isfinite(moved_x) and math.isfinite(moved_y)):
        raise CoordinateOutOfRange(field="location", x=x, y=y, crs=name)
    return float(moved_x), float(moved_y)


@cache
def _transformer(name: str, *, inverse: bool = False) -> Transformer:
    try:
        system = CRS.from_user_input(name)
    except CRSError:
        raise UnknownCrs(field="crs", crs=name) from None
    plain = (system.is_geographic or system.is_projected) and len(system.axis_info) == _PLANE_AXES
    datum = system.datum.name if system.datum else ""
    if not plain or any(guess in datum for guess in _GUESSES):
        raise UnknownCrs(field="crs", crs=name)
    for degrees in (STORAGE_CRS, WGS_84):
        ends = (degrees, name) if inverse else (name, degrees)
        try:
            return Transformer.from_crs(*ends, always_xy=True, allow_ballpark=False)
        except ProjError:
            continue
    raise UnknownCrs(field="crs", crs=name)


@cache
def _mainland() -> BaseGeometry:
    text = files("chengyun.kernel").joinpath("data/mainland_china.csv").read_text("utf-8")
    rings: dict[str, list[Pair]] = {}
    for row in csv.DictReader(text.splitlines()):
        rings.setdefault(row["ring"], []).append((float(row["lon"]), float(row["lat"])))
    outline, *left_out = rings.values()
    land: BaseGeometry = shapely.Polygon(outline)
    for ring in left_out:
        land = shapely.difference(land, shapely.Polygon(ring))
    shapely.prepare(land)
    return land


# GCJ-02: a shift by two series around 105° E, 35° N on the Krasovsky ellipsoid. The coefficients
# are widely published; no authority has confirmed them, services agree to some metres.
_KRASOVSKY_A = 6_378_245.0
_KRASOVSKY_E2 = 0.006_693_421_622_965_943
_EAST, _NORTH = 105.0, 35.0
_PRECISION_DEG = 1e-9
_MOST_ROUNDS = 20


def _waves(value: float, terms: tuple[tuple[float, float], ...]) -> float:
    return sum(size * math.sin(value * math.pi * pace) for size, pace in terms) * 2 / 3


def _shift(lon: float, lat: float) -> Pair:
    """Return the GCJ-02 shift [degrees] at a WGS 84 point."""
    x, y = lon - _EAST, lat - _NORTH
    root = math.sqrt(abs(x))
    ripple = _waves(x, ((20, 6), (20, 2)))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += _waves(y, ((20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30)))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += _waves(x, ((20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30)))
    flat = 1 - _KRASOVSKY_E2 * math.sin(math.radians(lat)) ** 2
    meridian = _KRASOVSKY_A * (1 - _KRASOVSKY_E2) / (flat * math.sqrt(flat))
    parallel = _KRASOVSKY_A / math.sqrt(flat) * math.cos(math.radians(lat))
    return math.degrees(east / parallel), math.degrees(north / meridian)


def _shifted(lon: float, lat: float) -> Pair:
    east, north = _shift(lon, lat)
    return lon + east, lat + north


def _wgs_to_gcj(lon: float, lat: float) -> Pair:
    return _shifted(lon, lat) if is_in_mainland_china(lon, lat) else (lon, lat)


def _gcj_to_wgs(lon: float, lat: float) -> Pair:
    found = _inverse(_shifted, lon, lat)
    return found if is_in_mainland_china(*found) else (lon, lat)


# BD-09: GCJ-02 turned and stretched a little around the origin, then moved.
_BD_EAST, _BD_NORTH = 0.0065, 0.006
_BD_PACE = math.pi * 3000 / 180


def _bd_turned(lon: float, lat: float) -> Pair:
    radius = math.hypot(lon, lat) + 2e-5 * math.sin(lat * _BD_PACE)
    angle = math.atan2(lat, lon) + 3e-6 * math.cos(lon * _BD_PACE)
    return radius * math.cos(angle) + _BD_EAST, radius * math.sin(angle) + _BD_NORTH


def _wgs_to_bd(lon: float, lat: float) -> Pair:
    return _bd_turned(*_shifted(lon, lat)) if is_in_mainland_china(lon, lat) else (lon, lat)


def _bd_to_wgs(lon: float, lat: float) -> Pair:
    found = _inverse(_shifted, *_inverse(_bd_turned, lon, lat))
    return found if is_in_mainland_china(*found) else (lon, lat)


def _inverse(forward: Callable[[float, float], Pair], lon: float, lat: float) -> Pair:
    """Return the point that `forward` moves to (lon, lat), by repeated correction."""
    guess_lon, guess_lat = lon, lat
    for _ in range(_MOST_ROUNDS):
        moved_lon, moved_lat = forward(guess_lon, guess_lat)
        off_lon, off_lat = moved_lon - lon, moved_lat - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if abs(off_lon) < _PRECISION_DEG and abs(off_lat) < _PRECISION_DEG:
            break
    return guess_lon, guess_lat


_TO_WGS: dict[str, Callable[[float, float], Pair]] = {GCJ_02: _gcj_to_wgs, BD_09: _bd_to_wgs}
_FROM_WGS: dict[str, Callable[[float, float], Pair]] = {GCJ_02: _wgs_to_gcj, BD_09: _wgs_to_bd}
