"""Patterns of mappings: what they find, what is refused, and that none takes for ever."""

from __future__ import annotations

import pytest

from chengyun.intake.rules.patterns import compiled


def test_a_pattern_finds_what_it_says() -> None:
    found = compiled("([0-9]+)号").search("朝阳路12号院")
    assert (found[0], found[1]) == ("12号", "12")
    assert compiled("[0-9]+").search("无") is None


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*b"])
def test_a_hostile_pattern_ends(pattern: str) -> None:
    text = "a" * 1_999 + "!"
    assert compiled(pattern).search(text) is None


@pytest.mark.parametrize("pattern", ["(", "[a", "(?=a)", r"(a)\1", "((a{99}){99}){99}"])
def test_what_is_no_pattern_is_refused_with_the_reason(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"^not a regular expression: .+"):
        compiled(pattern)
