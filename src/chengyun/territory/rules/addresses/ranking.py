"""How well a name fits what was typed."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

Match = Literal[
    "exact",
    "old_name",
    "begins",
    "contains",
    "pinyin",
    "initials",
    "typo",
    "number",
    "interpolated",
    "street",
    "crossing",
]
LEAST: Final = 0.5
_OLD: Final = 0.97
_ELSEWHERE: Final = 0.6
_LONGER: Final = 0.012  # taken off for each character that the name has more
_FAR_KM: Final = 20.0
_FAR_COST: Final = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a name is held against.

    rest : the typed name without the divisions before it
    pinyin : its reading; `latin` tells that it was typed so
    divisions : codes of the divisions that were typed; any of them fits
    """

    rest: str
    pinyin: str
    latin: bool = False
    divisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name that may fit."""

    name: str
    pinyin: str
    initials: str
    division_code: str
    full: str
    is_current: bool


def fit(question: Question, name: Name) -> tuple[float, Match]:
    """Return how well a name fits (0–1), and by what."""
    score, match = _by_letters(question, name) if question.latin else _by_signs(question, name)
    if not name.is_current:
        score *= _OLD
        match = "old_name" if match == "exact" else match
    if question.divisions and not name.division_code.startswith(question.divisions):
        score *= _ELSEWHERE
    return round(max(score, 0.0), 4), match


def farness(distance_m: float) -> float:
    """Return what is taken off the score of an address at a distance from where one looks."""
    return min(distance_m / 1000 / _FAR_KM, 1.0) * _FAR_COST


def _by_letters(question: Question, name: Name) -> tuple[float, Match]:
    asked = question.rest
    if asked == name.name:
        return 1.0, "exact"
    if asked == name.pinyin:
        return 0.92, "pinyin"
    if asked == name.initials:
        return 0.85, "initials"
    longer = _LONGER * (len(name.name) - 1)
    if name.pinyin.startswith(asked):
        return 0.8 - longer, "pinyin"
    if name.initials.startswith(asked):
        return 0.7 - longer, "initials"
    return 0.75 * SequenceMatcher(None, asked, name.pinyin).ratio() - longer, "typo"


def _by_signs(question: Question, name: Name) -> tuple[float, Match]:
    asked, known = question.rest, name.name
    if asked == known:
        return 1.0, "exact"
    longer = _LONGER * abs(len(known) - len(asked))
    if known.startswith(asked):
        return 0.92 - longer, "begins"
    if asked in known:
        return 0.84 - longer, "contains"
    if known in asked:
        return _within(asked, name)
    if question.pinyin and question.pinyin == name.pinyin:
        return 0.85, "pinyin"
    ratio = SequenceMatcher(None, asked, known).ratio()
    sounds = SequenceMatcher(None, question.pinyin, name.pinyin).ratio()
    return 0.78 * (0.6 * ratio + 0.4 * sounds), "typo"


def _in_order(signs: str, text: str) -> bool:
    """Return whether signs stand in a text in their order: 江北区 in 临江市江北区和平街道."""
    rest = iter(text)
    return all(sign in rest for sign in signs)


def _within(asked: str, name: Name) -> tuple[float, Match]:
    """Rate a name that stands in the text: what else was typed must be in the whole address."""
    others = asked.replace(name.name, "", 1)
    if _in_order(others, name.full):
        return 0.98, "exact"
    known = sum(sign in name.full for sign in others) / max(len(others), 1)
    share = len(name.name) / len(asked)
    return 0.5 + 0.2 * share + 0.28 * known, "contains"
