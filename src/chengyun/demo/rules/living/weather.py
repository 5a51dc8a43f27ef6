"""The sky and the feast: rain in spells, and a festival around a square now and then."""

from dataclasses import dataclass
from datetime import date, datetime

from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.reports import rains_on

FESTIVAL_FROM, FESTIVAL_TO = 16, 22
_FESTIVAL_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """How it is at a moment. `weather`: seed, rain or dry; `festival`: None = by the seed."""

    raining: bool
    festival: bool

    @property
    def zh(self) -> str:
        """What to say of it in Chinese."""
        return ("雨" if self.raining else "晴") + ("·节庆" if self.festival else "")

    @property
    def en(self) -> str:
        """What to say of it in English."""
        return ("rain" if self.raining else "dry") + (", festival" if self.festival else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """What the seed decides, or whoever starts the life.

    weather : seed, rain or dry
    festival : held every evening; else now and then
    """

    seed: int
    weather: str = "seed"
    festival: bool = False

    def sky(self, local: datetime) -> Sky:
        """Return how it is at a moment of the city's time."""
        return Sky(raining=self._rains(local), festival=self._celebrates(local))

    def _rains(self, local: datetime) -> bool:
        if self.weather != "seed":
            return self.weather == "rain"
        begin, end = rain_hours(self.seed, local.date())
        return begin <= local.hour + local.minute / 60 < end

    def _celebrates(self, local: datetime) -> bool:
        held = self.festival or is_festival(self.seed, local.date())
        return held and FESTIVAL_FROM <= local.hour < FESTIVAL_TO


def rain_hours(seed: int, day: date) -> tuple[float, float]:
    """Return from when to when it rains on a day [hours since midnight]; (0, 0) = it is dry."""
    if not rains_on(seed, day):
        return 0.0, 0.0
    draw = scalar_draws(seed, "spell", day.toordinal())
    begin = draw.uniform(0, 20)
    return begin, min(24.0, begin + draw.uniform(2, 9))


def is_festival(seed: int, day: date) -> bool:
    """Tell whether a festival is held on a day."""
    return scalar_draws(seed, "festival", day.toordinal()).random() < _FESTIVAL_SHARE
