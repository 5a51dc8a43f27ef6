"""Whether a series of measurements rises: pure reckoning."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from statistics import median
from typing import Final

WARM_UP: Final = 1 / 3
HOUR_S: Final = 3_600.0

Series = Sequence[tuple[float, float]]  # (moment [s], value)


def after_warm_up(series: Series) -> Series:
    """Return the measurements after the first third of the time."""
    if not series:
        return series
    begin, end = series[0][0], series[-1][0]
    return [one for one in series if one[0] >= begin + (end - begin) * WARM_UP]


def slope_per_hour(series: Series) -> float:
    """Return how much the value rises in an hour: the median slope of all pairs (Theil-Sen).

    A single outlier does not move it; 0 for less than two measurements.
    """
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(series, 2) if b[0] > a[0]]
    return median(slopes) * HOUR_S if slopes else 0.0


def rise(series: Series) -> float:
    """Return how much the value rises over the whole series, by its slope."""
    if not series:
        return 0.0
    return slope_per_hour(series) * (series[-1][0] - series[0][0]) / HOUR_S


def is_flat(series: Series, *, allowed_per_hour: float, allowed: float) -> bool:
    """Tell whether a series rises no more than allowed.

    allowed : rise that says nothing, however short the series
    """
    if not series:
        return False
    hours = (series[-1][0] - series[0][0]) / HOUR_S
    return rise(series) <= allowed + allowed_per_hour * hours
