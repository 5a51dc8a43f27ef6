"""Codes of components: made by the scheme in force, checked against type and place.

No width stands here: schemes are data of the territory, and a city's own may hold other parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chengyun.components.rules.faults import ComponentCodeMismatch
from chengyun.kernel.codes import CodeScheme, InvalidCode, InvalidCodePart, schemes_that_fit

SUBJECT = "component"
_SEQUENCE = "sequence"
_DISTRICT, _STREET, _COMMUNITY = 6, 9, 12


@dataclass(frozen=True, kw_only=True, slots=True)
class CodedPlace:
    """Where a component stands, as far as its code can tell: the community's 12 digits."""

    community_code: str

    def parts(self) -> dict[str, str]:
        """Return the parts of a code that follow from the place."""
        code = self.community_code
        return {
            "district": code[:_DISTRICT],
            "street": code[_DISTRICT:_STREET],
            "community": code[_STREET:_COMMUNITY],
        }


def code_prefix(scheme: CodeScheme, *, type_code: str, place: CodedPlace) -> str:
    """Return the code of a component up to its sequence number.

    raises : InvalidCodePart where type or place do not fit the scheme
    """
    return scheme.compose({**_parts(scheme, type_code, place), _SEQUENCE: 0})[: -_width(scheme)]


def numbered(scheme: CodeScheme, prefix: str, sequence: int) -> str:
    """Return a whole code; raise InvalidCodePart when the sequence has run out."""
    width = _width(scheme)
    text = str(sequence).zfill(width)
    if len(text) > width:
        raise InvalidCodePart(field=_SEQUENCE, part=_SEQUENCE, value=text, width=width)
    return prefix + text


def check_code(
    code: str, schemes: Iterable[CodeScheme], *, type_codes: frozenset[str], place: CodedPlace
) -> CodeScheme:
    """Return the scheme that a given code follows; older schemes count too.

    type_codes : the type's present code and its older ones
    raises : InvalidCode, ComponentCodeMismatch
    """
    scheme = check_type(code, schemes, type_codes=type_codes)
    expected = place.parts()
    for name, text in scheme.parse(code).items():
        if expected.get(name, text) != text:
            raise ComponentCodeMismatch(
                field="code", value=code, part=name, part_zh="区划", expected=expected[name]
            )
    return scheme


def check_type(
    code: str, schemes: Iterable[CodeScheme], *, type_codes: frozenset[str]
) -> CodeScheme:
    """Return the scheme that a given code follows, when it tells one of the type's codes.

    raises : InvalidCode, ComponentCodeMismatch
    """
    scheme = scheme_of(code, [scheme for scheme in schemes if scheme.subject == SUBJECT])
    if type_in(scheme.parse(code)) not in type_codes:
        expected = ", ".join(sorted(type_codes, key=len, reverse=True))
        raise ComponentCodeMismatch(
            field="code", value=code, part="type", part_zh="类型", expected=expected
        )
    return scheme


def place_in(scheme: CodeScheme, code: str) -> str:
    """Return the digits of a code that tell its place: the beginning of a community's code."""
    parts = scheme.parse(code)
    return "".join(parts.get(name, "") for name in ("district", "street", "community"))


def scheme_of(code: str, schemes: Iterable[CodeScheme]) -> CodeScheme:
    """Return the newest of the component schemes that a code has the shape of.

    raises : InvalidCode, naming the newest scheme
    """
    known = sorted(
        schemes, key=lambda one: (one.valid_from is not None, one.valid_from), reverse=True
    )
    fitting = schemes_that_fit(known, SUBJECT, code)
    if fitting:
        return fitting[0]
    if not known:
        raise InvalidCode(field="code", value=code, standard="-", length=0, shape="-", shape_zh="-")
    known[0].parse(code)
    raise InvalidCode(field="code", value=code, standard="-", length=0, shape="-", shape_zh="-")


def type_in(parts: dict[str, str]) -> str:
    """Return the type's code that the parts of a component's code hold."""
    return parts.get("class", "") + parts.get("type", "")


def sequence_of(scheme: CodeScheme, code: str) -> tuple[str, int]:
    """Return the beginning of a code and its sequence number."""
    width = _width(scheme)
    return code[:-width], int(code[-width:])


def _parts(scheme: CodeScheme, type_code: str, place: CodedPlace) -> dict[str, str]:
    width = next((part.width for part in scheme.parts if part.name == "class"), 0)
    return {**place.parts(), "class": type_code[:width], "type": type_code[width:]}


def _width(scheme: CodeScheme) -> int:
    return scheme.parts[-1].width
