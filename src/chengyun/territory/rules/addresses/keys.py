"""Under which keys a name is found: pairs of characters, reading, initials."""

from __future__ import annotations

from dataclasses import dataclass

from chengyun.administration.rules.pinyin import pinyin_keys
from chengyun.territory.rules.addresses.numbers import plain

_LONGEST_INITIALS = 100
_FEWEST_PAIRS = 3


@dataclass(frozen=True, slots=True)
class NameKeys:
    """The keys of a name: "人民路" → 人民路 · renminlu · rml · {人民, 民路}."""

    name: str
    pinyin: str
    initials: str
    grams: tuple[str, ...]


def name_keys(name: str) -> NameKeys:
    """Return the keys under which a name is found."""
    bare = plain(name)
    pinyin, _, initials = pinyin_keys(bare).partition(" ")
    return NameKeys(bare, pinyin, initials[:_LONGEST_INITIALS], grams(bare))


def grams(text: str) -> tuple[str, ...]:
    """Return the pairs of neighbours, each once, in their order."""
    return tuple(dict.fromkeys(text[at : at + 2] for at in range(len(text) - 1)))


def grams_with_one_fault(text: str) -> list[list[str]]:
    """Return for each place where one character may be wrong the pairs that are left.

    A set that only repeats or widens another is left out; texts below four characters have none:
    one fault would leave nothing to find them by.
    """
    pairs = [text[at : at + 2] for at in range(len(text) - 1)]
    if len(pairs) < _FEWEST_PAIRS:
        return []
    sets = {
        frozenset(pair for at, pair in enumerate(pairs) if at not in {wrong - 1, wrong})
        for wrong in range(len(text))
    }
    return [sorted(one) for one in sorted(sets, key=sorted) if one]
