"""Which cases are under way at the anchor of time, so that every desk has work in every light."""

import csv
import random
from dataclasses import dataclass
from functools import cache
from importlib import resources

_SHARES = {"green": (0.05, 0.7), "yellow": (0.83, 0.96), "red": (1.04, 2.2)}
_LIGHTS = ("green", "yellow", "red", "green", "green", "green", "red", "green", "yellow", "green")
_PLANNED_SHARE = 0.78


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A case that is to stand at a target with part of its running clock used.

    stage : the clock that runs there
    used : share of the limit used at the anchor of time; over 1 is overdue
    source : "" = whatever the report has
    """

    target: str
    stage: str
    used: float
    source: str


def plan_under_way(count: int, draw: random.Random) -> list[UnderWay]:
    """Return the cases to be set up beside those that the past leaves open.

    count : open cases aimed at in all
    """
    rows = _rows()
    total = sum(weight for _, weight, _, _ in rows)
    planned: list[UnderWay] = []
    for target, weight, stage, source in rows:
        number = max(3, round(count * _PLANNED_SHARE * weight / total))
        for k in range(number):
            low, high = _SHARES[_LIGHTS[k % len(_LIGHTS)]]
            planned.append(
                UnderWay(target=target, stage=stage, used=draw.uniform(low, high), source=source)
            )
    return planned


@cache
def _rows() -> tuple[tuple[str, float, str, str], ...]:
    text = resources.files("chengyun.demo").joinpath("data/open_cases.csv").read_text("utf-8")
    return tuple(
        (row["target"], float(row["weight"]), row["stage"], row["source"])
        for row in csv.DictReader(text.splitlines())
    )
