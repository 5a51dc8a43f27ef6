"""Small towns that several tests look at, built once."""

from datetime import UTC, datetime
from functools import cache

from chengyun.demo.rules.sizes import SIZES, CitySize
from chengyun.demo.rules.town import Town, build_town

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
SMALL = CitySize(name="test", grids=1_000, months=2, cases=2_000, open_cases=120)


@cache
def tiny_town(seed: int = 1) -> Town:
    return build_town(SIZES["tiny"], seed)


@cache
def small_town(seed: int = 1) -> Town:
    return build_town(SMALL, seed)
