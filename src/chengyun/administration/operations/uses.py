"""What upper contexts say is still in use, asked before something is switched off.

An upper context registers a question here when it is loaded; administration knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chengyun.administration.rules.faults import StillInUse

Noun = Literal["organisation", "person"]


@dataclass(frozen=True, kw_only=True)
class Use:
    """A question, how many things of this kind the organisation or person still holds."""

    noun: Noun
    zh: str
    en: str
    count: Callable[[int], int]


_uses: dict[tuple[Noun, str], Use] = {}


def register_use(use: Use) -> None:
    """Ask this question before an organisation or person is switched off."""
    _uses[use.noun, use.en] = use


def refuse_if_used(noun: Noun, thing_id: int) -> None:
    """Raise StillInUse when an answer is not zero."""
    for use in list(_uses.values()):
        number = use.count(thing_id) if use.noun == noun else 0
        if number:
            raise StillInUse(reason_zh=f"{number} {use.zh}", reason_en=f"{number} {use.en}")
