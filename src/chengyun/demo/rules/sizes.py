"""How big a generated city is."""

import math
from dataclasses import dataclass

GRID_AREA_M2 = 10_000
_ASPECT = 1.25
_LEFT_TO_FIELDS = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class CitySize:
    """What is asked of the generator; every other figure follows from these.

    grids : unit grids aimed at, of about 10 000 m² each
    months : how far back the case history reaches
    cases : past cases aimed at
    open_cases : cases under way at the anchor of time
    """

    name: str
    grids: int
    months: int
    cases: int
    open_cases: int

    @property
    def width_m(self) -> float:
        """West to east extent of the city in the plan [m]."""
        area_m2 = self.grids * GRID_AREA_M2 * (1 + _LEFT_TO_FIELDS)
        return math.sqrt(area_m2 * _ASPECT)

    @property
    def height_m(self) -> float:
        """South to north extent of the city in the plan [m]."""
        return self.width_m / _ASPECT

    @property
    def map_zoom(self) -> int:
        """Zoom at which most of the city fits a console's map."""
        return 13 - max(0, round(math.log2(self.scale)))

    @property
    def scale(self) -> float:
        """Linear size compared with the small city."""
        return math.sqrt(self.grids / SIZES["small"].grids)


SIZES = {
    size.name: size
    for size in (
        CitySize(name="tiny", grids=300, months=1, cases=400, open_cases=120),
        CitySize(name="small", grids=2_000, months=6, cases=12_000, open_cases=300),
        CitySize(name="medium", grids=15_000, months=12, cases=150_000, open_cases=1_500),
        CitySize(name="large", grids=100_000, months=36, cases=1_000_000, open_cases=6_000),
    )
}
