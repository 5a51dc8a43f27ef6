"""Numbers of web map tiles and the ground they cover.

source : the usual scheme of "slippy" web maps in EPSG:3857; y counts from the north
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MAX_ZOOM = 22
EXTENT = 4096
_HALF = 20_037_508.342_789_244


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile; `find_tile` makes only tiles that exist."""

    z: int
    x: int
    y: int

    @property
    def side_m(self) -> float:
        """Return the side in EPSG:3857 [m of the projection]."""
        return 2 * _HALF / float(2**self.z)

    @property
    def west(self) -> float:
        """Return the left edge, EPSG:3857."""
        return self.x * self.side_m - _HALF

    @property
    def north(self) -> float:
        """Return the upper edge, EPSG:3857."""
        return _HALF - self.y * self.side_m

    @property
    def unit_m(self) -> float:
        """Return the side of one unit of the tile's inner grid (EXTENT of them per side)."""
        return self.side_m / EXTENT

    def envelope(self, margin: int = 0) -> tuple[float, float, float, float]:
        """Return west, south, east, north in EPSG:3857, wider by `margin` inner units."""
        more = margin * self.unit_m
        return (
            self.west - more,
            self.north - self.side_m - more,
            self.west + self.side_m + more,
            self.north + more,
        )


def find_tile(z: int, x: int, y: int) -> Tile | None:
    """Return the tile, or None where there is none with these numbers."""
    if not 0 <= z <= MAX_ZOOM:
        return None
    last = 2**z
    return Tile(z, x, y) if 0 <= x < last and 0 <= y < last else None


def tile_at(z: int, lon: float, lat: float) -> Tile:
    """Return the tile that holds a point, EPSG:4326 degrees, within the projection's range."""
    last = 2**z - 1
    x = (lon + 180) / 360 * 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    return Tile(z, min(max(int(x), 0), last), min(max(int(y), 0), last))
