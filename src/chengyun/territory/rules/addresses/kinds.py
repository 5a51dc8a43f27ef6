"""The five kinds of addresses, what may lie below what, and the whole from its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

Kind = Literal["division", "tract", "street", "door_plate", "poi"]

KINDS: Final[tuple[Kind, ...]] = ("division", "tract", "street", "door_plate", "poi")
LONGEST: Final = 300
# Below which kinds an address of a kind may stand; "" = directly in its division.
PARENTS: Final[dict[str, frozenset[str]]] = {
    "division": frozenset({"", "division"}),
    "tract": frozenset({"", "division", "tract"}),
    "street": frozenset({"", "division", "tract"}),
    "door_plate": frozenset({"tract", "street", "door_plate"}),
    "poi": frozenset({"", "division", "tract", "street", "door_plate", "poi"}),
}


def may_stand_below(kind: str, parent_kind: str) -> bool:
    """Return whether an address of a kind may have a parent of another ("" = none)."""
    return parent_kind in PARENTS[kind]


def composed(divisions: Sequence[str], parts: Sequence[str]) -> str:
    """Return the whole address, from large to small.

    divisions : names of the division and those above it, the largest first
    parts : names of tract, street, plate, building and place, the largest first
    returns : no name twice in a row; at most LONGEST characters, the smallest parts kept
    source : CJ/T 213, GB/T 30428.1 (order); "no name twice" ours
    """
    told: list[str] = []
    for name in (*divisions, *parts):
        if name and (not told or told[-1] != name):
            told.append(name)
    return "".join(told)[-LONGEST:]
