"""What people write: descriptions of matters, opinions of acts, long or short."""

import random
from functools import cache

from chengyun.demo.rules.living.tables import rows

_SPOTS = ("人行道", "路边", "墙角", "楼下", "门口", "空地", "公交站旁")
_AGAIN = ("又出现，", "再次出现，", "前几天刚处理过，又有，")


def describe(
    code: str, address: str, hour: int, returned: int, draw: random.Random
) -> dict[str, str]:
    """Return title and description of a matter at an address."""
    title, text = draw.choice(_templates()[code])
    words = {
        "address": address,
        "spot": draw.choice(_SPOTS),
        "n": str(draw.choice((1, 2, 2, 3, 3, 4, 5, 6, 8))),
        "hour": str(hour if hour >= 20 else 22),
    }
    again = draw.choice(_AGAIN) if returned else ""
    return {"title": title.format_map(words), "description": again + text.format_map(words)}


def opinion(act: str, variant: str, *, short: bool, draw: random.Random) -> str:
    """Return what somebody writes of an act; `short` people write a word."""
    words = _short().get(act) if short else None
    return draw.choice(words or _opinions().get((act, variant)) or _opinions()["comment", ""])


def reasons(act: str) -> list[str]:
    """Return the reasons that go with an act."""
    return [variant for name, variant in _opinions() if name == act and variant]


@cache
def _templates() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows("descriptions.csv"):
        found.setdefault(row["code"], []).append((row["title"], row["text"]))
    return found


@cache
def _opinions() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows("opinions.csv"):
        found.setdefault((row["act"], row["variant"]), []).append(row["zh"])
    return found


@cache
def _short() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows("live_words.csv"):
        found.setdefault(row["act"], []).append(row["zh"])
    return found
