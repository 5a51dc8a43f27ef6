"""Which passwords are good enough."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 128


@dataclass(frozen=True, kw_only=True)
class PasswordPolicy:
    """What a new password must satisfy.

    min_classes : of upper case, lower case, digits, other signs
    """

    min_length: int
    min_classes: int


def problem_of_password(
    password: str, *, policy: PasswordPolicy, username: str, name: str
) -> tuple[str, str] | None:
    """Return what the password lacks (Chinese, English), or None when it satisfies the policy.

    source : classes and length after GB/T 22239 practice; the rule about names is ours
    """
    least, kinds = policy.min_length, policy.min_classes
    lowered = password.lower()
    names = {username.lower(), username.lower()[::-1], name.lower()}
    problems = [
        ("\x00" in password, "含有不允许的字符", "a character is not allowed"),
        (len(password) > LONGEST, f"不超过 {LONGEST} 个字符", f"at most {LONGEST} characters"),
        (len(password) < least, f"至少 {least} 个字符", f"at least {least} characters"),
        (
            _classes(password) < kinds,
            f"大写、小写、数字、符号中至少 {kinds} 种",
            f"at least {kinds} of upper case, lower case, digits and signs",
        ),
        (
            any(len(part) > 1 and part in lowered for part in names),
            "不得包含用户名或姓名",
            "it must not contain the user name or the name",
        ),
        (len(set(password)) < least // 2, "重复字符过多", "too few different characters"),
    ]
    return next(((zh, en) for is_bad, zh, en in problems if is_bad), None)


def _classes(password: str) -> int:
    tests = (str.isupper, str.islower, str.isdigit, lambda sign: not sign.isalnum())
    return sum(any(test(sign) for sign in password) for test in tests)
