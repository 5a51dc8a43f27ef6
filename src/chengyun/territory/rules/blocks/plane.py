"""A local plane in metres around a point, and back to degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

DEGREE_DIGITS = 8  # 1 mm on the ground
Shape = TypeVar("Shape", bound=BaseGeometry)
_Points = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalPlane:
    """East and north [m] of a point in EPSG:4490; true to a percent within 50 km.

    Every step is an affine one, so what touches in degrees touches here.
    """

    lon: float
    lat: float

    @property
    def _scale(self) -> _Points:
        turn = math.radians(self.lat)
        north = 111_132.954 - 559.822 * math.cos(2 * turn) + 1.175 * math.cos(4 * turn)
        east = 111_412.84 * math.cos(turn) - 93.5 * math.cos(3 * turn)
        return np.array([east, north])

    def to_metres(self, shape: Shape) -> Shape:
        """Return the shape in metres, east and north of the point."""
        origin, scale = np.array([self.lon, self.lat]), self._scale
        return shapely.transform(shape, lambda points: (points - origin) * scale)

    def to_degrees(self, shape: Shape) -> Shape:
        """Return the shape in degrees, rounded to a millimetre: equal points stay equal.

        Points that rounding makes one stand once.
        """
        origin, scale = np.array([self.lon, self.lat]), self._scale

        def back(points: _Points) -> _Points:
            moved: _Points = np.round(points / scale + origin, DEGREE_DIGITS)
            return moved

        rounded: Shape = shapely.remove_repeated_points(shapely.transform(shape, back))
        return rounded
