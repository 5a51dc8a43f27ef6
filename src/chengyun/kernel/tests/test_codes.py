from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengyun.kernel.codes import (
    CodePart,
    CodeScheme,
    InvalidCode,
    InvalidCodePart,
    InvalidCodeScheme,
    UnknownCodeScheme,
    predecessors,
    scheme_on,
    schemes_that_fit,
    translated,
)


def _scheme(standard: str, begins: date, follows: str, **widths: int) -> CodeScheme:
    parts = tuple(CodePart(name=name, width=width) for name, width in widths.items())
    return CodeScheme(
        subject="component",
        standard=standard,
        parts=parts,
        valid_from=begins,
        predecessor=follows,
    )


S2007 = _scheme("CJ/T 214-2007", date(2007, 8, 1), "", district=6, class_code=2, type=2, sequence=6)
S2013 = _scheme(
    "GB/T 30428.2-2013",
    date(2014, 8, 1),
    S2007.standard,
    district=6,
    class_code=2,
    type=2,
    sequence=6,
)
S2026 = _scheme(
    "GB/T 47678.5-2026",
    date(2026, 7, 1),
    S2013.standard,
    district=6,
    class_code=2,
    type=3,
    sequence=6,
)
SCHEMES = [S2013, S2026, S2007]


def test_parse_and_compose() -> None:
    code = "99010201004000217"
    parsed = S2026.parse(code)
    assert parsed == {"district": "990102", "class_code": "01", "type": "004", "sequence": "000217"}
    assert S2026.compose(parsed) == code
    assert S2026.compose({**parsed, "sequence": 217}) == code
    assert S2026.prefix(code, "type") == "99010201004"
    assert S2026.length == 17
    assert S2026.shape == "6 district + 2 class_code + 3 type + 6 sequence"


@given(st.integers(0, 999_999), st.integers(0, 99), st.integers(0, 999), st.integers(0, 999_999))
def test_what_is_composed_can_be_parsed(
    district: int, klass: int, kind: int, sequence: int
) -> None:
    values = {"district": district, "class_code": klass, "type": kind, "sequence": sequence}
    parsed = S2026.parse(S2026.compose(values))
    assert {name: int(text) for name, text in parsed.items()} == values


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("", id="empty"),
        pytest.param("9901020100400021", id="too short"),
        pytest.param("990102010040002177", id="too long"),
        pytest.param("9901020100400021x", id="letter"),
        pytest.param("9901020100400021７", id="full-width digit"),
    ],
)
def test_a_wrong_code_is_refused(code: str) -> None:
    with pytest.raises(InvalidCode) as caught:
        S2026.check(code)
    assert "17" in caught.value.text("en")


def test_blanks_around_a_code_are_cut() -> None:
    assert S2026.check(" 99010201004000217\n") == "99010201004000217"


@pytest.mark.parametrize(
    "values",
    [
        {"district": "990102", "class_code": "01", "type": "004"},
        {"district": "990102", "class_code": "01", "type": 4000, "sequence": 1},
        {"district": "99010", "class_code": "01", "type": "004", "sequence": 1},
    ],
)
def test_a_wrong_part_is_refused(values: dict[str, str | int]) -> None:
    with pytest.raises(InvalidCodePart):
        S2026.compose(values)


def test_letters_where_the_scheme_allows_them() -> None:
    part: dict[str, Any] = {"name": "serial", "width": 3, "charset": "alphanumeric"}
    scheme = CodeScheme.from_row({"subject": "local", "standard": "ours", "parts": [part]})
    assert scheme.parse("A1b") == {"serial": "A1b"}


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="none"),
        pytest.param([{"name": "a", "width": 0}], id="no width"),
        pytest.param([{"name": "a", "width": 1}, {"name": "a", "width": 2}], id="same name"),
    ],
)
def test_a_wrong_scheme_is_refused(parts: list[dict[str, Any]]) -> None:
    with pytest.raises(InvalidCodeScheme):
        CodeScheme.from_row({"subject": "x", "standard": "y", "parts": parts})


@pytest.mark.parametrize(
    ("day", "scheme"),
    [(date(2010, 1, 1), S2007), (date(2026, 6, 30), S2013), (date(2026, 7, 1), S2026)],
)
def test_the_scheme_in_force_on_a_day(day: date, scheme: CodeScheme) -> None:
    assert scheme_on(SCHEMES, "component", day) == scheme


def test_no_scheme_on_a_day_or_for_a_subject() -> None:
    with pytest.raises(UnknownCodeScheme):
        scheme_on(SCHEMES, "component", date(2000, 1, 1))
    with pytest.raises(UnknownCodeScheme):
        scheme_on(SCHEMES, "cloud", date(2026, 7, 1))


def test_which_schemes_a_code_fits() -> None:
    assert schemes_that_fit(SCHEMES, "component", "9901020104000217") == [S2013, S2007]
    assert schemes_that_fit(SCHEMES, "component", "99010201004000217") == [S2026]
    assert schemes_that_fit(SCHEMES, "component", "1") == []


def test_predecessors_nearest_first() -> None:
    assert predecessors(SCHEMES, S2026) == [S2013, S2007]
    assert predecessors(SCHEMES, S2007) == []


def test_an_old_code_in_the_new_scheme() -> None:
    new = translated("9901020104000217", S2013, S2026, {"type": 4})
    assert new == "99010201004000217"
    with pytest.raises(InvalidCodePart):
        translated("9901020104000217", S2013, S2026, {})
