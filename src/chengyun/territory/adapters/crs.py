"""Coordinates of whole geometries from any stated system to EPSG:4490."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Transformer
from pyproj.exceptions import ProjError

from chengyun.kernel.coordinates import (
    BD_09,
    GCJ_02,
    STORAGE_CRS,
    WGS_84,
    CoordinateOutOfRange,
    UnknownCrs,
    crs_name,
    to_storage,
)

Points = npt.NDArray[Any]
Converter = Callable[[Points], Points]
_URN = re.compile(r"^urn:(?:ogc|x-ogc):def:crs:(EPSG|OGC):[0-9.]*:(\w+)$", re.IGNORECASE)
_OUTSIDE = (float("inf"), float("inf"))


def stated_name(text: str) -> str:
    """Return the plain name of a CRS as people and files write it; raise UnknownCrs."""
    urn = _URN.match(text.strip())
    if not urn:
        return crs_name(text)
    return crs_name(urn[2] if urn[1].upper() == "OGC" else f"EPSG:{urn[2]}")


@cache
def converter(crs: str) -> Converter:
    """Return what turns n x 2 coordinates (east, north) of `crs` into EPSG:4490 degrees.

    crs : as `stated_name` gives it. A point outside the system comes back as infinity.
    raises : UnknownCrs also where only a guess is possible
    """
    if crs in {STORAGE_CRS, WGS_84}:
        return lambda points: points
    if crs in {GCJ_02, BD_09}:
        return lambda points: np.array([_moved(x, y, crs) for x, y in points]).reshape(-1, 2)
    transformer = _transformer(crs)
    return lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))


def _moved(x: float, y: float, crs: str) -> tuple[float, float]:
    try:
        point = to_storage(float(x), float(y), crs)
    except CoordinateOutOfRange:
        return _OUTSIDE
    return point.lon, point.lat


def _transformer(crs: str) -> Transformer:
    for target in (STORAGE_CRS, WGS_84):
        try:
            return Transformer.from_crs(crs, target, always_xy=True, allow_ballpark=False)
        except ProjError:
            continue
    raise UnknownCrs(field="crs", crs=crs)
