"""Finding Chinese names by what is typed on a keyboard."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 400


def pinyin_keys(text: str) -> str:
    """Return the reading without tones and its initials: 张三 → "zhangsan zs".

    Of several readings the usual one in the word is taken (重庆 → chongqing); letters and digits
    stay. The reading table is loaded at first use: 35 MB.
    """
    from pypinyin import lazy_pinyin

    syllables = [part.lower() for part in lazy_pinyin(text) if part.strip()]
    initials = "".join(part[0] for part in syllables)
    return f"{''.join(syllables)} {initials}".strip()[:LONGEST]
