"""Showing personal data without giving it away."""

from __future__ import annotations

from typing import Final

_FEW: Final = 4
_MANY: Final = 7


def masked_phone(phone: str) -> str:
    """Return a telephone number with its middle hidden: 138****1111, 021****78, **12."""
    if len(phone) <= _FEW:
        return "*" * len(phone)
    tail = 4 if len(phone) > _MANY + 1 else 2
    head = 3 if len(phone) > _MANY else 0
    return phone[:head] + "*" * (len(phone) - head - tail) + phone[-tail:]


def masked_name(name: str) -> str:
    """Return a person's name with all but the first sign hidden: 张**."""
    return name[:1] + "*" * (len(name) - 1)
