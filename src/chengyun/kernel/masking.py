"""Mask personal data for those who may not read it whole."""

from __future__ import annotations

_LONG_NUMBER = 7
_SHORT_NAME = 2
_SHOWN_HEAD, _SHOWN_TAIL = 6, 4


def masked_phone(phone: str) -> str:
    """Return a phone number with its middle hidden: 13812342207 → 138****2207."""
    signs = phone.strip()
    if len(signs) < _LONG_NUMBER:
        return "*" * len(signs)
    kept = 4 if len(signs) > _LONG_NUMBER else 2
    head = min(3, len(signs) - kept - 1)
    return f"{signs[:head]}****{signs[-kept:]}"


def masked_name(name: str) -> str:
    """Return a name of which only the first character (Chinese) or initials (Latin) are shown."""
    words = name.split()
    if not words:
        return ""
    if all(word.isascii() for word in words):
        return " ".join(f"{word[0]}***" for word in words)
    whole = "".join(words)
    if len(whole) <= _SHORT_NAME:
        return whole[0] + "*" * (len(whole) - 1)
    return whole[0] + "*" * (len(whole) - 2) + whole[-1]


def masked_identity(number: str) -> str:
    """Return an identity or credit number with its middle hidden: 110101********1234."""
    signs = number.strip()
    hidden = len(signs) - _SHOWN_HEAD - _SHOWN_TAIL
    if hidden <= 0:
        return "*" * len(signs)
    return signs[:_SHOWN_HEAD] + "*" * hidden + signs[-_SHOWN_TAIL:]
