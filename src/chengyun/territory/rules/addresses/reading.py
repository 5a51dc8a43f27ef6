"""Reading what somebody typed for an address: names, numbers, crossings, words of nearness."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from chengyun.territory.rules.addresses.numbers import find_numbers, plain

LONGEST: Final = 60
_SHORTEST: Final = 2
_ROAD: Final = r"(?:大道|大街|胡同|公路|路|街|道|巷|弄|里)"
_AT_CROSSING: Final = r"(?:的)?(?:交叉路?口|交叉处|交汇处|交汇口|相交处|交界处|十字路口|路口|口)"
_CROSSINGS: Final = (
    re.compile(rf"(?P<one>.+?)(?:与|和|跟|/|-)(?P<other>.+?){_AT_CROSSING}"),
    re.compile(rf"(?P<one>.+?{_ROAD})(?:与|和|跟|近|靠近|/)(?P<other>.+?{_ROAD})"),
    re.compile(rf"(?P<one>.+?{_ROAD})(?P<other>.+?){_AT_CROSSING}"),
)
_NEAR_BEFORE = re.compile(r"^(?:位于|在|就在|靠近|临近|邻近|近)(?=..)")
_NEAR_AFTER = re.compile(
    r"(?:[以向往][东南西北]{1,2})?(?:约?[0-9]{1,4}米)?"
    r"(?:正对面|斜对面|对面|旁边|旁|附近|门口|门前|周边|一带|隔壁|楼下|后面|前面|背后|路口"
    r"|[东南西北]{1,2}[侧边面]|处|内)(?:约?[0-9]{1,4}米)?$"
)
_FAR_AFTER = re.compile(r"(?:[以向往]?[东南西北]{1,2})约?[0-9]{1,4}米(?:处|左右)?$")
_LATIN = re.compile(r"(?P<letters>[a-z]+)(?P<rest>[0-9].*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a text asks for.

    name : street, tract, place, with the divisions before it; "" when nothing is left
    numbers : door number and what lies below it, in their one form
    tail : what follows the number: the place in the building
    crossing : the two streets of a crossing
    relation : the word of nearness that was taken off
    latin : whether the name is typed in letters (pinyin or initials)
    """

    name: str
    numbers: tuple[str, ...] = ()
    tail: str = ""
    crossing: tuple[str, str] | None = None
    relation: str = ""
    latin: bool = False


def read(text: str) -> Asked:
    """Return what a typed text asks for. Never fails: what is not understood is a name."""
    bare = plain(text)[:LONGEST]
    if letters := _LATIN.fullmatch(bare):
        numbers, _ = find_numbers(f"x{letters['rest'] or ''}")
        return Asked(
            name=letters["letters"], numbers=tuple(one.number for one in numbers), latin=True
        )
    bare = _NEAR_BEFORE.sub("", bare)
    crossing = _crossing(bare)
    if crossing:
        return Asked(name="".join(crossing), crossing=crossing)
    bare, relation = _without_relation(bare)
    numbers, tail = find_numbers(bare)
    name = bare[: numbers[0].start] if numbers else bare
    return Asked(
        name=name,
        numbers=tuple(one.number for one in numbers),
        tail=tail,
        relation=relation,
    )


def substrings(name: str, *, longest: int = 16) -> list[str]:
    """Return every part of a name of two characters and more: any may be a street's name."""
    return sorted(
        {
            name[start:end]
            for start in range(len(name) - 1)
            for end in range(start + 2, min(len(name), start + longest) + 1)
        }
    )


def _crossing(text: str) -> tuple[str, str] | None:
    for form in _CROSSINGS:
        found = form.fullmatch(text)
        if found and not re.search("[0-9]", found["other"]):
            return found["one"], _road_again(found)
    return None


def _road_again(found: re.Match[str]) -> str:
    """Return the second street; "解放路口" is the crossing at 解放路, so its 路 is given back."""
    other, taken = found["other"], found.string[found.end("other") :]
    bare = not re.search(rf"{_ROAD}$", other)
    return f"{other}路" if bare and taken.startswith("路口") else other


def _without_relation(text: str) -> tuple[str, str]:
    for form in (_FAR_AFTER, _NEAR_AFTER):
        found = form.search(text)
        if found and found.group() and found.start() >= _SHORTEST:
            return text[: found.start()], found.group()
    return text, ""
