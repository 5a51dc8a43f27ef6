"""Patterns that people write into mappings: searched in linear time, whatever they say.

Python's own engine may take for ever over thirty characters with a pattern such as `(a+)+$`. RE2
knows no look-around and no references to groups; what needs them is refused with its own words.
"""

from __future__ import annotations

from typing import Any

import re2

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 2**22  # [bytes] of a compiled pattern: `((a{99}){99}){99}` is refused


def compiled(pattern: str) -> Any:
    """Return the pattern, to be searched like Python's own; raise ValueError saying why not."""
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ValueError(f"not a regular expression: {text}") from error
