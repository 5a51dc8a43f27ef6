"""From the plane of the generated city to longitude and latitude (EPSG:4490).

The place on the globe is arbitrary: hills far from any big town, so that nobody takes the
generated city for a real one.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Proj

ORIGIN_LON, ORIGIN_LAT = 118.02, 30.34
_DECIMALS = 7

_plane = Proj(proj="tmerc", lon_0=ORIGIN_LON, lat_0=ORIGIN_LAT, ellps="GRS80", units="m")

Array = NDArray[np.float64]


def to_lonlat(x: Array, y: Array) -> tuple[Array, Array]:
    """Return longitudes and latitudes [degree, 7 decimals] of plane coordinates [m]."""
    lon, lat = _plane(x, y, inverse=True)
    return np.round(lon, _DECIMALS), np.round(lat, _DECIMALS)


def to_plane(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Return plane coordinates [m] of longitudes and latitudes [degree]."""
    x, y = _plane(lon, lat)
    return x, y


def geometries_to_lonlat(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return plane geometries in longitude and latitude."""

    def turn(points: Array) -> Array:
        return np.column_stack(to_lonlat(points[:, 0], points[:, 1]))

    turned: NDArray[np.object_] = shapely.transform(geometries, turn)
    return turned
