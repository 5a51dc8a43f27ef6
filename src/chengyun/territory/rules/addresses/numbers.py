"""Door numbers: one form for the many ways in which they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from chengyun.kernel.text import normal

_STEMS: Final = "甲乙丙丁戊"
_BEFORE: Final = f"{_STEMS}附临新特"
_NUMERALS: Final = "零〇一二三四五六七八九"
_UNITS: Final = {
    "号": "",
    "号楼": "楼",
    "幢": "楼",
    "栋": "楼",
    "座": "楼",
    "弄": "弄",
    "号院": "院",
}
_UNIT = r"(?P<unit>号楼|号院|号|弄|幢|栋|座)"
_AHEAD = _UNIT.replace("unit", "ahead")
_NUMBER = re.compile(
    rf"(?P<before>[{_BEFORE}])?第?"
    rf"(?:(?P<digits>[0-9]{{1,6}})|(?P<words>[{_NUMERALS}十百]{{1,6}})(?={_AHEAD}))"
    rf"(?P<more>(?:[-之][0-9]{{1,4}})*)(?P<letter>[a-z](?![a-z]))?{_UNIT}?(?P<after>[{_STEMS}])?"
)
_INSIDE = re.compile(r"(?:[0-9]+单元)?(?:[0-9]+[层楼])?(?:[0-9]+[室户])?")
_DASHES = re.compile(r"[‐-―−~]")
_NOISE = re.compile(r"[\s,，。;；:：()（）\[\]【】·•\"'“”‘’!！?？#*_、]+")
_LARGEST: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A number in a text: its one form, and where it stands."""

    number: str
    start: int
    end: int


def plain(text: str) -> str:
    """Return the text as addresses are compared: narrow signs, one dash, no blanks."""
    return _NOISE.sub("", _DASHES.sub("-", normal(text)))


def normal_number(text: str) -> str:
    """Return the one form of a door number, "" when it is none.

    "１２号" → "12", "12之1号" → "12-1", "甲12号" → "甲12", "十二号" → "12", "3号楼" → "3楼"
    """
    found = _NUMBER.fullmatch(plain(text))
    return _form(found) if found else ""


def number_value(number: str) -> int | None:
    """Return the number by which plates are ordered along a street, None without digits."""
    digits = re.search(r"[0-9]+", number)
    return min(int(digits.group()), _LARGEST) if digits else None


def find_numbers(text: str) -> tuple[tuple[FoundNumber, ...], str]:
    """Return the numbers that follow a name in a plain text, and what comes after them.

    A number without a unit counts only at the end: "798艺术区" is a name, "人民路798" is not.
    """
    start = 1
    while found := _NUMBER.search(text, start):
        if found.start() >= 1 and (found["unit"] or found.end() == len(text)):
            return _run(text, found)
        start = found.end()
    return (), ""


def _run(text: str, first: re.Match[str]) -> tuple[tuple[FoundNumber, ...], str]:
    numbers = [_found(first)]
    end = first.end()
    while (more := _NUMBER.match(text, end)) and more["unit"]:
        numbers.append(_found(more))
        end = more.end()
    inside = _INSIDE.match(text, end)
    return tuple(numbers), text[inside.end() if inside else end :]


def _found(match: re.Match[str]) -> FoundNumber:
    return FoundNumber(_form(match), match.start(), match.end())


def _form(match: re.Match[str]) -> str:
    digits = match["digits"] or str(_counted(match["words"]))
    more = match["more"].replace("之", "-")
    letter = (match["letter"] or "").upper()
    stems = (match["before"] or "", match["after"] or "")
    unit = _UNITS[match["unit"] or "号"]
    return f"{stems[0]}{digits.lstrip('0') or '0'}{more}{letter}{stems[1]}{unit}"[:20]


def _counted(words: str) -> int:
    """Return what Chinese numerals up to 999 say; a row of digits is read digit by digit."""
    if not set(words) & {"十", "百"}:
        return int("".join(str(_digit(sign)) for sign in words))
    total = digit = 0
    for sign in words:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = _digit(sign)
    return total + digit


def _digit(sign: str) -> int:
    return max(0, _NUMERALS.index(sign) - 1)
