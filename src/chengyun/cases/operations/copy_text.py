"""Values as PostgreSQL's COPY text, made without a connection, so that any process can make it.

source : PostgreSQL manual, COPY, text format; arrays and bytea as their input functions read them
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_QUOTES = str.maketrans({"\\": "\\\\", '"': '\\"'})
NULL = "\\N"


def copy_line(row: Sequence[Any]) -> str:
    """Return a row as a line of COPY text, without its end.

    Values are None, str, bool, int, float, Decimal, aware datetime, bytes, and lists of str or int.
    """
    writers = _WRITERS
    return "\t".join(
        [writers[kind](value) if (kind := type(value)) in writers else _odd(value) for value in row]
    )


def _odd(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else escaped(str(value))


def escaped(text: str) -> str:
    """Return a text as a field."""
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        return text.translate(_ESCAPES)
    return text


def _array(values: Sequence[Any]) -> str:
    if not values:
        return "{}"
    if type(values[0]) is int:
        return f"{{{','.join(map(str, values))}}}"
    if type(values[0]) is str:
        joined = '","'.join(values)
        if "\\" not in joined and joined.count('"') == 2 * (len(values) - 1):
            return f'{{"{joined}"}}'
    if type(values[0]) is datetime:
        return "{" + ",".join([f'"{value}"' for value in values]) + "}"
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: Any) -> str:
    if type(value) is int:
        return str(value)
    text = str(value)
    if '"' in text or "\\" in text:
        text = text.translate(_QUOTES)
    return f'"{text}"'


_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: NULL,
    str: escaped,
    int: repr,
    float: repr,
    bool: lambda value: "t" if value else "f",
    datetime: datetime.isoformat,
    bytes: lambda value: f"\\\\x{value.hex()}",
    list: lambda value: escaped(_array(value)),
    tuple: lambda value: escaped(_array(value)),
}
