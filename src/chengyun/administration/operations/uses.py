"""What upper contexts say is still in use, asked before something is switched off.

An upper context registers a question here when it is loaded; administration knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chengyun.administration.rules.faults import StillInUse

Noun = Literal["organisation", "person", "dictionary_item"]
Thing = int | str


@dataclass(frozen=True, kw_only=True)
class Use:
    """A question, how many things of this kind the organisation, person or item still holds.

    zh, en : what is counted, and what to do with it; the number is put before
    count : takes an id; of a dictionary item `<dictionary>/<code>`
    """

    noun: Noun
    zh: str
    en: str
    count: Callable[[Thing], int]


_uses: dict[tuple[Noun, str], Use] = {}


def register_use(use: Use) -> None:
    """Ask this question before such a thing is switched off."""
    _uses[use.noun, use.en] = use


def refuse_if_used(noun: Noun, thing: Thing) -> None:
    """Raise StillInUse, naming every answer that is not zero."""
    counted = [(use, use.count(thing)) for use in list(_uses.values()) if use.noun == noun]
    found = [(use, number) for use, number in counted if number]
    if found:
        raise StillInUse(
            reason_zh="；".join(f"{number} {use.zh}" for use, number in found) + "。",
            reason_en="; ".join(f"{number} {use.en}" for use, number in found) + ".",
        )
