"""Shapes of codes, names and numbers that administrators type in."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chengyun.kernel.errors import Invalid

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_USERNAME: Final = re.compile(r"[\w.@-]{2,60}")
_PHONE: Final = re.compile(r"(\+?[0-9][0-9 -]{3,18}[0-9])?")
_DIVISION: Final = re.compile(r"([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})?")


def checked_code(text: str, *, field: str = "code") -> str:
    """Return a code of letters, digits, dot, dash and underscore; raises Invalid."""
    if not _CODE.fullmatch(text):
        raise Invalid(
            field=field,
            reason_zh="须为 1 至 40 位字母、数字、点、横线或下划线",
            reason_en="1 to 40 letters, digits, dots, dashes or underscores",
        )
    return text


def checked_username(text: str) -> str:
    """Return a user name in its one Unicode form; raises Invalid."""
    name = unicodedata.normalize("NFKC", text).strip()
    if not _USERNAME.fullmatch(name):
        raise Invalid(
            field="username",
            reason_zh="须为 2 至 60 位文字、数字或 . _ @ -",
            reason_en="2 to 60 letters, digits or . _ @ -",
        )
    return name


def checked_name(text: str, *, field: str, longest: int, required: bool = True) -> str:
    """Return a name without blanks around it; raises Invalid."""
    name = text.strip()
    unfit = "\x00" in name or len(name) > longest or not name.isprintable()
    if unfit or (required and not name):
        raise Invalid(
            field=field,
            reason_zh=f"须为不超过 {longest} 个字符的文字" + ("，不能为空" if required else ""),
            reason_en=f"a text of at most {longest} characters" + (", not empty" * required),
        )
    return name


def checked_phone(text: str) -> str:
    """Return a telephone number, or ''; raises Invalid."""
    phone = text.strip()
    if not _PHONE.fullmatch(phone):
        raise Invalid(
            field="phone",
            reason_zh="须为 5 至 20 位电话号码",
            reason_en="a number of 5 to 20 digits",
        )
    return phone


def checked_division(text: str) -> str:
    """Return a division code or the prefix of one, or ''; raises Invalid.

    source : GB/T 2260 (6 digits), streets 9, communities 12; 2 and 4 as prefixes
    """
    if not _DIVISION.fullmatch(text):
        raise Invalid(
            field="division_code",
            reason_zh="须为 2、4、6、9 或 12 位数字",
            reason_en="2, 4, 6, 9 or 12 digits",
        )
    return text
