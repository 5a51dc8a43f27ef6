"""Words for where a point lies beside a known address."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

AT_M: Final = 8.0
BESIDE_M: Final = 40.0
NEAR_M: Final = 150.0
_DIRECTIONS: Final = (
    ("北", "north"),
    ("东北", "northeast"),
    ("东", "east"),
    ("东南", "southeast"),
    ("南", "south"),
    ("西南", "southwest"),
    ("西", "west"),
    ("西北", "northwest"),
)
_METRES_A_DEGREE: Final = 111_320.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """How a point lies beside an address: distance [m], bearing [degrees from north], words."""

    distance_m: float
    bearing: float
    direction_zh: str
    direction_en: str


def nearness(*, of: tuple[float, float], to: tuple[float, float]) -> Nearness:
    """Return how the point `of` lies as seen from `to`; both lon, lat [degrees].

    Flat reckoning: right to 0.5 % within some kilometres below 70° of latitude.
    """
    east = (of[0] - to[0]) * _METRES_A_DEGREE * math.cos(math.radians(to[1]))
    north = (of[1] - to[1]) * _METRES_A_DEGREE
    bearing = math.degrees(math.atan2(east, north)) % 360
    zh, en = _DIRECTIONS[round(bearing / 45) % 8]
    return Nearness(
        distance_m=round(math.hypot(east, north), 1),
        bearing=round(bearing, 1) % 360,
        direction_zh=zh,
        direction_en=en,
    )


def worded(name: str, near: Nearness) -> tuple[str, str]:
    """Return the words for a point near a named address, in Chinese and English.

    source : ours; up to 8 m the address itself, to 40 m "…旁", to 150 m "近…", beyond with
        direction and distance, rounded to 10 m
    """
    if near.distance_m <= AT_M:
        return name, name
    if near.distance_m <= BESIDE_M:
        return f"{name}旁", f"beside {name}"
    if near.distance_m <= NEAR_M:
        return f"近{name}", f"near {name}"
    metres = round(near.distance_m / 10) * 10
    return (
        f"{name}{near.direction_zh}约{metres}米",
        f"about {metres} m {near.direction_en} of {name}",
    )
