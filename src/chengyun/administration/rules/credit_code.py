"""The unified social credit code (统一社会信用代码): 18 signs, the last a check digit.

source : GB 32100-2015
"""

from __future__ import annotations

from typing import Final

from chengyun.kernel.errors import Fault

SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH: Final = 18
_DIVISION: Final = slice(2, 8)


class CreditCodeInvalid(Fault):
    """The text is not a unified social credit code."""

    code = "credit_code_invalid"
    zh = "统一社会信用代码有误：{reason_zh}。"
    en = "The unified social credit code is not valid: {reason_en}."


def check_sign(body: str) -> str:
    """Return the check sign of the first 17 signs.

    source : GB 32100-2015, weights 3^(i-1) mod 31
    """
    total = sum(SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return SIGNS[-total % 31]


def checked_credit_code(text: str) -> str:
    """Return the code in upper case without blanks.

    raises : CreditCodeInvalid
    """
    code = "".join(text.split()).upper()
    if len(code) != LENGTH:
        raise _invalid("应为 18 位", "it has 18 signs")
    if any(sign not in SIGNS for sign in code):
        raise _invalid(
            "只含数字和大写字母（不含 I、O、S、V、Z）", "digits and capitals but I O S V Z"
        )
    if not code[_DIVISION].isdigit():
        raise _invalid("第 3 至 8 位应为行政区划代码", "signs 3 to 8 are a division code")
    if check_sign(code[:-1]) != code[-1]:
        raise _invalid("校验位不符", "the check digit does not fit")
    return code


def _invalid(reason_zh: str, reason_en: str) -> CreditCodeInvalid:
    return CreditCodeInvalid(field="credit_code", reason_zh=reason_zh, reason_en=reason_en)
