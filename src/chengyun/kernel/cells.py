"""Texts as cells of tables that people open in a spreadsheet program."""

from __future__ import annotations

import re
from typing import Final

# A cell that begins so is run as a formula.
_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
# What XML cannot hold: C0 controls but tab, line feed and return, surrogates, two non-characters.
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def without_formula(text: str) -> str:
    """Return text that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(_STARTS) else text


def with_formula(text: str) -> str:
    """Return what `without_formula` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_STARTS) else text


def xml_text(text: str) -> str:
    """Return text without the characters that a workbook cannot hold."""
    return _NOT_IN_XML.sub("", text)
