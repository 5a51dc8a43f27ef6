"""What happens in the city by the hour, the sky and the feast, in slots of five minutes."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.living.tables import rows
from chengyun.demo.rules.living.weather import Season, Sky
from chengyun.demo.rules.reports import MatterPattern, matter_patterns, season_factor

SLOT_S = 300
SLOTS_A_DAY = 86_400 // SLOT_S
HOT_SPOTS = 4
SQUARE = 0  # the hot spot where festivals are held
_HOT_SHARE = 0.3
_AT_THE_SQUARE = 0.85
_UNTRUE_SHARE = 0.06
_TWICE_SHARE = 0.06
_HOT_PLACES = frozenset({"market", "street", "cbd", "housing", "old"})
_PUBLIC = (("hotline", 0.62), ("public", 0.96), ("letter", 1.0))
_OFFICIAL = (("collector", 0.92), ("inspection", 0.96), ("video", 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something that happened, and who will tell of it.

    at : when it is noticed, UTC
    place : chooses among the places known for such matters, 0 to 1
    spot : hot spot near which it lies, None = elsewhere
    real : whether it is found on site
    twice : whether a second person tells of it
    returned : how often it has come back
    """

    key: str
    at: datetime
    pattern: MatterPattern
    place: float
    spot: int | None
    source: str
    urgent: bool
    real: bool
    twice: bool
    self_handled: bool
    returned: int = 0


def slot_of(at: datetime) -> int:
    """Return the number of the slot in which a moment lies."""
    return int(at.timestamp()) // SLOT_S


def matters_in_slot(slot: int, *, season: Season, per_day: float, zone: tzinfo) -> list[Matter]:
    """Return the matters that are noticed in a slot, by time.

    per_day : on an ordinary dry day
    """
    begin = datetime.fromtimestamp(slot * SLOT_S, UTC)
    local = begin.astimezone(zone)
    sky = season.sky(local)
    draw = scalar_draws(season.seed, "life", slot)
    weights = weights_at(local, sky)
    expected = per_day / SLOTS_A_DAY * sum(weights) / sum(_ordinary(local.month))
    chosen = draw.choices(matter_patterns(), weights, k=_poisson(expected, draw))
    found = [
        _matter(f"{slot}-{number}", begin, pattern, sky, draw)
        for number, pattern in enumerate(chosen)
    ]
    return sorted(found, key=lambda one: one.at)


def weights_at(local: datetime, sky: Sky) -> list[float]:
    """Return how much of each pattern comes up at a moment, compared with each other."""
    hours, feast = _rhythms(), _feast()
    found = []
    for pattern, usual in zip(matter_patterns(), _ordinary(local.month), strict=True):
        weight = usual * hours[pattern.rhythm][local.hour]
        weight *= pattern.rain**1.5 if sky.raining else 1.0
        found.append(weight * (feast.get(pattern.code, 1.0) if sky.festival else 1.0))
    return found


def comes_back(matter: Matter, draw: random.Random, *, poor: bool) -> Matter | None:
    """Return the same matter some hours later, as happens at hot spots and after poor work."""
    share = (0.45 if matter.spot is not None else 0.04) + (0.3 if poor else 0.0)
    if matter.returned > 2 or draw.random() > share:
        return None
    hours = draw.uniform(1.0, 7.0)
    return Matter(
        key=f"{matter.key}r",
        at=matter.at + timedelta(hours=hours),
        pattern=matter.pattern,
        place=matter.place,
        spot=matter.spot,
        source=_source(_PUBLIC, draw) if draw.random() < 0.5 else "collector",
        urgent=matter.urgent,
        real=True,
        twice=False,
        self_handled=False,
        returned=matter.returned + 1,
    )


def _matter(
    key: str, begin: datetime, pattern: MatterPattern, sky: Sky, draw: random.Random
) -> Matter:
    public = draw.random() < pattern.public_share
    return Matter(
        key=key,
        at=begin + timedelta(seconds=draw.uniform(0, SLOT_S)),
        pattern=pattern,
        place=draw.random(),
        spot=_spot(pattern, sky, draw),
        source=_source(_PUBLIC if public else _OFFICIAL, draw),
        urgent=draw.random() < pattern.urgent_share,
        real=not public or draw.random() >= _UNTRUE_SHARE,
        twice=draw.random() < _TWICE_SHARE,
        self_handled=draw.random() < pattern.self_share,
    )


def _spot(pattern: MatterPattern, sky: Sky, draw: random.Random) -> int | None:
    if sky.festival and pattern.code in _feast() and draw.random() < _AT_THE_SQUARE:
        return SQUARE
    if pattern.where in _HOT_PLACES and draw.random() < _HOT_SHARE:
        return draw.randrange(HOT_SPOTS)
    return None


def _source(table: tuple[tuple[str, float], ...], draw: random.Random) -> str:
    chance = draw.random()
    return next(name for name, limit in table if chance <= limit)


def _poisson(mean: float, draw: random.Random) -> int:
    """Return how many things happen where `mean` are expected (a normal draw for many)."""
    if mean > 60:
        return max(0, round(draw.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), draw.random(), 0
    while product > limit:
        product *= draw.random()
        count += 1
    return count


@cache
def _ordinary(month: int) -> tuple[float, ...]:
    return tuple(one.weight * season_factor(one.season, month) for one in matter_patterns())


@cache
def _rhythms() -> dict[str, tuple[float, ...]]:
    """Return the factor of each hour by rhythm; 1 on the average of a day."""
    found = {}
    for row in rows("rhythms.csv"):
        hours = [float(row[f"h{hour:02d}"]) for hour in range(24)]
        found[row["rhythm"]] = tuple(24 * one / sum(hours) for one in hours)
    return found


@cache
def _feast() -> dict[str, float]:
    return {row["code"]: float(row["factor"]) for row in rows("festival.csv")}
