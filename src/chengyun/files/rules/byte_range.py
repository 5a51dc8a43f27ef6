"""Which bytes a `Range` header asks for.

source : RFC 9110, section 14
"""

from __future__ import annotations

import re

from chengyun.kernel.errors import Fault

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class RangeNotSatisfiable(Fault):
    """The range begins after the end of the file; `content_range` tells the header's value."""

    code = "range_not_satisfiable"
    status = 416
    zh = "请求的范围超出文件大小（{size} 字节）。"
    en = "The range lies outside the file ({size} bytes)."


def bytes_asked(header: str, size: int) -> tuple[int, int] | None:
    """Return the first byte and the number of bytes, or None to send the whole file.

    Several ranges at once, and what cannot be read, are answered with the whole file.
    raises : RangeNotSatisfiable
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < int(first):
            return None
    if start >= size or start > end:
        raise RangeNotSatisfiable(size=size, content_range=f"bytes */{size}")
    return start, end - start + 1
