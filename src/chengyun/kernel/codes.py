"""Codes as data: a scheme is a list of named parts with widths, of a standard, valid in time.

No width stands in code: three families of standards are alive at once, and cities add their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from chengyun.kernel.errors import Fault

DIGITS = "digits"
ALPHANUMERIC = "alphanumeric"


class UnknownCodeScheme(Fault):
    """No code scheme is known for the subject, the standard or the day."""

    code = "unknown_code_scheme"
    zh = "没有适用于“{subject}”的编码规则（{standard}）。"
    en = "No code scheme is known for “{subject}” ({standard})."


class InvalidCodeScheme(Fault):
    """A code scheme's parts are not acceptable."""

    code = "invalid_code_scheme"
    zh = "编码规则“{standard}”有误：各段须有不同的名称和大于 0 的位数。"
    en = "The code scheme “{standard}” is not valid: parts have different names and widths above 0."


class InvalidCode(Fault):
    """A code does not fit its scheme."""

    code = "invalid_code"
    zh = "编码“{value}”不符合 {standard}：应为 {length} 位（{shape_zh}）。"
    en = "The code “{value}” does not fit {standard}: {length} characters are needed ({shape})."


class InvalidCodePart(Fault):
    """A part of a code is missing, too long, or of other characters than its scheme allows."""

    code = "invalid_code_part"
    zh = "编码的“{part}”段“{value}”应为 {width} 位。"
    en = "The part “{part}” of the code has {width} characters; “{value}” does not fit."


@dataclass(frozen=True, kw_only=True, slots=True)
class CodePart:
    """One part of a code."""

    name: str
    width: int
    charset: str = DIGITS
    zh: str = ""

    @property
    def pattern(self) -> str:
        """What this part can be, as a regular expression."""
        return f"[{'0-9' if self.charset == DIGITS else '0-9A-Za-z'}]{{{self.width}}}"

    def accepts(self, text: str) -> bool:
        """Whether `text` can be this part."""
        return re.fullmatch(self.pattern, text) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeScheme:
    """How the codes of a subject are built by a standard.

    valid_from, valid_to : first and last day, None = open
    predecessor : the standard whose scheme this one follows
    """

    subject: str
    standard: str
    parts: tuple[CodePart, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    predecessor: str = ""
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = {part.name for part in self.parts}
        if not self.parts or len(names) < len(self.parts) or min(p.width for p in self.parts) < 1:
            raise InvalidCodeScheme(field="parts", standard=self.standard)
        # Millions of codes are read at once: one pattern instead of a look at each part.
        pattern = re.compile("".join(f"({part.pattern})" for part in self.parts))
        object.__setattr__(self, "_pattern", pattern)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Build the scheme from a stored row; `parts` is a list of {name, width, charset?, zh?}.

        raises : InvalidCodeScheme
        """
        return cls(
            subject=row["subject"],
            standard=row["standard"],
            parts=tuple(CodePart(**part) for part in row["parts"]),
            valid_from=row.get("valid_from"),
            valid_to=row.get("valid_to"),
            predecessor=row.get("predecessor") or "",
        )

    @property
    def length(self) -> int:
        """Number of characters."""
        return sum(part.width for part in self.parts)

    @property
    def shape(self) -> str:
        """The widths in words: "6 district + 3 street"."""
        return " + ".join(f"{part.width} {part.name}" for part in self.parts)

    def valid_on(self, day: date) -> bool:
        """Whether the scheme is in force on `day`."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    def fits(self, code: str) -> bool:
        """Whether `code` has the scheme's shape."""
        return self._pattern.fullmatch(code) is not None

    def parse(self, code: str) -> dict[str, str]:
        """Return the code's parts by name.

        raises : InvalidCode
        """
        found = self._pattern.fullmatch(code)
        if found is None:
            raise self._refusal(code)
        return {part.name: text for part, text in zip(self.parts, found.groups(), strict=True)}

    def check(self, code: str) -> str:
        """Return the code without surrounding blanks, when it fits.

        raises : InvalidCode
        """
        bare = code.strip()
        if not self.fits(bare):
            raise self._refusal(code)
        return bare

    def compose(self, values: Mapping[str, str | int]) -> str:
        """Return the code of the parts; numbers are filled with zeros on the left.

        raises : InvalidCodePart
        """
        return "".join(_filled(part, values.get(part.name)) for part in self.parts)

    def prefix(self, code: str, upto: str) -> str:
        """Return the beginning of a code through the part named `upto`.

        raises : InvalidCode
        """
        parsed = self.parse(code)
        names = list(parsed)
        if upto not in parsed:
            raise InvalidCodePart(field=upto, part=upto, value="", width=0)
        return "".join(parsed[name] for name in names[: names.index(upto) + 1])

    def _refusal(self, code: str) -> InvalidCode:
        zh = " + ".join(f"{part.width} 位{part.zh or part.name}" for part in self.parts)
        return InvalidCode(
            field="code",
            value=code,
            standard=self.standard,
            length=self.length,
            shape=self.shape,
            shape_zh=zh,
        )


def _filled(part: CodePart, value: str | int | None) -> str:
    text = "" if value is None else str(value)
    filled = text.zfill(part.width) if isinstance(value, int) else text
    if not part.accepts(filled):
        raise InvalidCodePart(field=part.name, part=part.name, value=text, width=part.width)
    return filled


def scheme_on(schemes: Iterable[CodeScheme], subject: str, day: date) -> CodeScheme:
    """Return the scheme of a subject in force on a day; of several the one that began last.

    raises : UnknownCodeScheme
    """
    found = [scheme for scheme in schemes if scheme.subject == subject and scheme.valid_on(day)]
    if not found:
        raise UnknownCodeScheme(field="subject", subject=subject, standard=day.isoformat())
    return max(found, key=lambda scheme: scheme.valid_from or date.min)


def schemes_that_fit(schemes: Iterable[CodeScheme], subject: str, code: str) -> list[CodeScheme]:
    """Return the subject's schemes that a code fits, newest first; two may look alike."""
    found = [scheme for scheme in schemes if scheme.subject == subject and scheme.fits(code)]
    return sorted(found, key=lambda scheme: scheme.valid_from or date.min, reverse=True)


def predecessors(schemes: Iterable[CodeScheme], scheme: CodeScheme) -> list[CodeScheme]:
    """Return the schemes that came before one, the nearest first."""
    by_standard = {other.standard: other for other in schemes if other.subject == scheme.subject}
    found: list[CodeScheme] = []
    previous = by_standard.get(scheme.predecessor)
    while previous is not None and previous not in found:
        found.append(previous)
        previous = by_standard.get(previous.predecessor)
    return found


def translated(
    code: str, old: CodeScheme, new: CodeScheme, replacements: Mapping[str, str | int]
) -> str:
    """Return a code of an older scheme in a newer one.

    replacements : values of the parts that differ (such as the type's newer code); every other part
        is taken over by its name
    raises : InvalidCode, InvalidCodePart where a part has no value or does not fit
    """
    return new.compose({**old.parse(code), **replacements})
