"""The kinds of rows that cases import."""

from __future__ import annotations

from typing import Final

KINDS: Final = ("cases", "standards")
