"""How large blocks are to be."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """The area wanted [m²] and its bounds as multiples of it.

    small : what is smaller is joined where no strong line parts it, up to `full`
    roomy : what is larger is cut where a straight cut leaves no sliver
    thinnest : width, as a multiple of the side, below which a strip never stands alone
    """

    target_m2: float = 10_000.0
    least: float = 0.3
    small: float = 0.6
    full: float = 1.5
    roomy: float = 1.6
    most: float = 2.0
    thinnest: float = 0.2

    @property
    def side_m(self) -> float:
        """The side of a square of the wanted area."""
        return math.sqrt(self.target_m2)

    @property
    def least_m2(self) -> float:
        """The smallest area that may stand alone."""
        return self.least * self.target_m2

    @property
    def roomy_m2(self) -> float:
        """The largest area that is not cut."""
        return self.roomy * self.target_m2

    @property
    def most_m2(self) -> float:
        """The largest area that may stay when every cut would leave a sliver."""
        return self.most * self.target_m2

    def is_sliver(self, area_m2: float, around_m: float) -> bool:
        """Whether an area with this outline is too small or too thin to stand alone."""
        return area_m2 < self.least_m2 or width_of(area_m2, around_m) < self.thinnest * self.side_m


def width_of(area_m2: float, around_m: float) -> float:
    """Return the width of the rectangle with this area and outline [m]; cutting it keeps that."""
    half = around_m / 2
    return (half - math.sqrt(max(0.0, half * half - 4 * area_m2))) / 2
