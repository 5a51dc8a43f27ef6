"""Which passwords are good enough."""

from __future__ import annotations

from dataclasses import dataclass

from chengyun.administration.rules.faults import PasswordUnfit

LONGEST = 128


@dataclass(frozen=True, kw_only=True)
class PasswordPolicy:
    """What a new password must satisfy.

    min_classes : of upper case, lower case, digits, other signs
    """

    min_length: int
    min_classes: int


def check_password(password: str, *, policy: PasswordPolicy, username: str, name: str) -> None:
    """Raise PasswordUnfit unless the password satisfies the policy.

    source : classes and length after GB/T 22239 practice; the rule about names is ours
    """
    if "\x00" in password or len(password) > LONGEST:
        raise _unfit(f"不超过 {LONGEST} 个字符", f"at most {LONGEST} characters")
    if len(password) < policy.min_length:
        raise _unfit(f"至少 {policy.min_length} 个字符", f"at least {policy.min_length} characters")
    if _classes(password) < policy.min_classes:
        raise _unfit(
            f"大写、小写、数字、符号中至少 {policy.min_classes} 种",
            f"at least {policy.min_classes} of upper case, lower case, digits and signs",
        )
    lowered = password.lower()
    names = {username.lower(), username.lower()[::-1], name.lower()}
    if any(len(part) > 1 and part in lowered for part in names):
        raise _unfit("不得包含用户名或姓名", "it must not contain the user name or the name")
    if len(set(password)) < policy.min_length // 2:
        raise _unfit("重复字符过多", "too few different characters")


def _classes(password: str) -> int:
    tests = (str.isupper, str.islower, str.isdigit, lambda sign: not sign.isalnum())
    return sum(any(test(sign) for sign in password) for test in tests)


def _unfit(reason_zh: str, reason_en: str) -> PasswordUnfit:
    return PasswordUnfit(field="new", reason_zh=reason_zh, reason_en=reason_en)
