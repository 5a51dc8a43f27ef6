"""What upper contexts say still lies in unit grids, told to whoever ends one.

An upper context registers a question here when it is loaded; the territory knows none of them.
The answer hinders nothing: what lies in a grid stays with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependent:
    """How many things of a kind lie in the grids."""

    kind: str
    zh: str
    en: str
    count: int


Counter = Callable[[Sequence[str]], int]
_counters: dict[str, tuple[str, str, Counter]] = {}


def register_dependent(kind: str, *, zh: str, en: str, count: Counter) -> None:
    """Ask this question, with the codes of the grids, before grids end."""
    _counters[kind] = (zh, en, count)


def dependents_of(codes: Sequence[str]) -> list[Dependent]:
    """Return every answer that is not zero."""
    counted = [(kind, zh, en, count(codes)) for kind, (zh, en, count) in _counters.items()]
    return [
        Dependent(kind=kind, zh=zh, en=en, count=count) for kind, zh, en, count in counted if count
    ]
