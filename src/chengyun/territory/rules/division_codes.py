"""Division codes: levels by length, parents by prefix.

Stored are the significant digits: 31, 3101, 310101, 310101002, 310101002001. Sources that fill up
with zeros (310000, 310101000000) mean the same.

source : GB/T 2260, GB/T 10114; three more digits for the community
"""

from __future__ import annotations

LEVELS = {2: "province", 4: "city", 6: "county", 9: "street", 12: "community"}
_PARENTS = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}
_FILLED = {6: (2, 4), 9: (2, 4, 6), 12: (2, 4, 6, 9)}


def significant(code: str) -> str | None:
    """Return the code without filling zeros, or None when it is no division code."""
    bare = code.strip()
    if not bare.isascii() or not bare.isdigit() or len(bare) not in LEVELS or bare[:2] == "00":
        return None
    for width in _FILLED.get(len(bare), ()):
        if not bare[width:].strip("0"):
            return bare[:width]
    return bare


def level_of(code: str) -> str:
    """Return the level of a significant code."""
    return LEVELS[len(code)]


def parent_of(code: str) -> str:
    """Return the code one level up, '' above a province."""
    return code[: _PARENTS[len(code)]]


def ancestors_of(code: str) -> list[str]:
    """Return the codes above, from the province down."""
    return [code[:width] for width in LEVELS if width < len(code)]
