"""Keyset page tokens: the sort key of the last row, opaque to clients."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from chengyun.kernel.errors import Fault

_MAX_PART = 200  # characters; longer than any sort key


class PageTokenInvalid(Fault):
    """The page token was not made by this list."""

    code = "page_token_invalid"
    zh = "分页标记无效。请去掉 after 参数，从第一页重新开始。"
    en = "The page token is not valid. Drop the `after` parameter and start from the first page."


def encode_token(kind: str, key: list[Any]) -> str:
    """Return the token of a list `kind` (its name and order) after the row with sort `key`."""
    raw = json.dumps([kind, *key], separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode_token(kind: str, token: str | None, types: tuple[type, ...]) -> list[Any] | None:
    """Return the sort key in `token`, or None without a token.

    types : expected type of each part; a wrong kind, length or type raises PageTokenInvalid
    """
    if not token:
        return None
    try:
        padded = token + "=" * (-len(token) % 4)
        parts = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise PageTokenInvalid(field="after") from error
    if not isinstance(parts, list) or len(parts) != len(types) + 1 or parts[0] != kind:
        raise PageTokenInvalid(field="after")
    for part, kind_of_part in zip(parts[1:], types, strict=True):
        if not _fits(part, kind_of_part):
            raise PageTokenInvalid(field="after")
    return parts[1:]


def _fits(part: object, expected: type) -> bool:
    if expected is int:
        return isinstance(part, int) and not isinstance(part, bool) and abs(part) < 2**63
    if expected is str:
        return isinstance(part, str) and "\x00" not in part and len(part) <= _MAX_PART
    return isinstance(part, expected)
