"""How people are: fast, steady, slow, careless. Everybody keeps his temper for a whole seed."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.living.tables import rows

OFFICE = frozenset({"hotline_operator", "acceptor", "shift_leader", "dispatcher"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """A way to work.

    share : of all people
    tempo : factor on the time that anything takes
    sets_aside : share of cases left lying until their light turns
    skips : share of works that are only said to be done
    short : share of opinions of a word or two
    errs : share of wrong departments
    lenient : share of poor works that are let pass
    twice : share of acts that are sent twice
    """

    name: str
    zh: str
    en: str
    share: float
    tempo: float
    sets_aside: float
    skips: float
    short: float
    errs: float
    lenient: float
    twice: float


@cache
def tempers() -> tuple[Temper, ...]:
    """Return every temper."""
    return tuple(
        Temper(
            name=row["temper"],
            zh=row["zh"],
            en=row["en"],
            share=float(row["share"]),
            tempo=float(row["tempo"]),
            sets_aside=float(row["sets_aside"]),
            skips=float(row["skips"]),
            short=float(row["short"]),
            errs=float(row["errs"]),
            lenient=float(row["lenient"]),
            twice=float(row["twice"]),
        )
        for row in rows("tempers.csv")
    )


def temper_of(seed: int, username: str) -> Temper:
    """Return the temper of a person."""
    draw = scalar_draws(seed, "temper", username)
    return draw.choices(tempers(), [one.share for one in tempers()])[0]


def sets_aside(seed: int, username: str, temper: Temper, case_id: int, light: str) -> bool:
    """Tell whether somebody leaves a case lying for now: until yellow, or until red.

    light : none, green, yellow or red, as the case's running clock stands
    """
    chance = scalar_draws(seed, "aside", username, case_id).random()
    if chance >= temper.sets_aside:
        return False
    until_red = chance >= temper.sets_aside / 2
    return light in ({"green", "yellow"} if until_red else {"green"})


@cache
def _shifts() -> dict[str, tuple[float, ...]]:
    return {
        row["role"]: tuple(float(row[f"h{hour:02d}"]) for hour in range(24))
        for row in rows("shifts.csv")
    }


def share_on_duty(role: str, hour: int) -> float:
    """Return which share of a role's people works in an hour of the day."""
    name = "office" if role in OFFICE else role
    return _shifts().get(name, _shifts()["office"])[hour]


def is_on_duty(seed: int, username: str, role: str, local: datetime) -> bool:
    """Tell whether a person works at a moment of the city's time."""
    chance = scalar_draws(seed, "shift", username, local.date().toordinal()).random()
    return chance < share_on_duty(role, local.hour)
