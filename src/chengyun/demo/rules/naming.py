"""Names that sound like a Chinese city's, in Chinese and English."""

import csv
import random
from collections.abc import Sequence
from functools import cache
from importlib import resources

from pypinyin import lazy_pinyin

_SUFFIXES = (
    ("东路", "East Road"),
    ("西路", "West Road"),
    ("南路", "South Road"),
    ("北路", "North Road"),
    ("大道", "Avenue"),
    ("路", "Road"),
    ("街", "Street"),
    ("巷", "Lane"),
    ("弄", "Alley"),
    ("坊", "Lane"),
    ("街道", "Subdistrict"),
    ("镇", "Town"),
    ("社区", "Community"),
    ("村", "Village"),
    ("区", "District"),
    ("小学", "Primary School"),
    ("中学", "Middle School"),
    ("公园", "Park"),
    ("大桥", "Bridge"),
    ("河", "River"),
    ("港", "Creek"),
    ("湖", "Lake"),
    ("塘", "Pond"),
)


@cache
def _pool(kind: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    names: list[str] = []
    weights: list[float] = []
    text = resources.files("chengyun.demo").joinpath("data/names.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["kind"] == kind:
            names.append(row["zh"])
            weights.append(float(row["weight"]))
    return tuple(names), tuple(weights)


def names_of(kind: str) -> tuple[str, ...]:
    """Return the stock of names of a kind, in the order of the data file."""
    return _pool(kind)[0]


def draw_name(kind: str, draw: random.Random) -> str:
    """Draw one name of a kind by its weight."""
    names, weights = _pool(kind)
    return draw.choices(names, weights)[0]


@cache
def romanised(zh: str) -> str:
    """Return the pinyin of a name as one capitalised word."""
    return "".join(lazy_pinyin(zh)).capitalize()


@cache
def english(zh: str) -> str:
    """Return an English form of a toponym: pinyin and a translated generic part."""
    for suffix, word in sorted(_SUFFIXES, key=lambda pair: -len(pair[0])):
        if zh.endswith(suffix) and len(zh) > len(suffix):
            return f"{romanised(zh[: -len(suffix)])} {word}"
    return romanised(zh)


class NameSupply:
    """Hands out names of a stock without repeating one, composing new ones when it runs dry."""

    def __init__(self, kind: str, draw: random.Random, extra: Sequence[str] = ()) -> None:
        self._draw = draw
        self._waiting = [*names_of(kind), *extra]
        draw.shuffle(self._waiting)
        self._heads = sorted({name[0] for name in self._waiting})
        self._tails = sorted({name[-1] for name in self._waiting})
        self._used = set(self._waiting)

    def take(self, preferred: str | None = None) -> str:
        """Return the next unused name, the preferred one if it is still there."""
        if preferred is not None and preferred in self._waiting:
            self._waiting.remove(preferred)
            return preferred
        if self._waiting:
            return self._waiting.pop()
        while True:
            parts = [self._draw.choice(self._heads), self._draw.choice(self._tails)]
            if len(self._used) > len(self._heads) * len(self._tails) // 2:
                parts.insert(1, self._draw.choice(self._heads))
            name = "".join(parts)
            if name not in self._used and len(set(parts)) == len(parts):
                self._used.add(name)
                return name


def person_name(draw: random.Random) -> tuple[str, bool]:
    """Return a full name and whether it is a woman's."""
    woman = draw.random() < 0.46
    given = draw_name("given_female" if woman else "given_male", draw)
    return draw_name("surname", draw) + given, woman
