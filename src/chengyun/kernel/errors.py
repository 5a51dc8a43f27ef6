"""Expected errors: each is a type with a stable code, a status and a text in both languages."""

from __future__ import annotations

from typing import Any, ClassVar


class Fault(Exception):
    """Say what could not be done and what to do next.

    Subclasses set `code` (stable, snake case), `status` (HTTP) and the templates `zh` and `en`,
    which may name the keyword values given to the constructor.
    """

    code: ClassVar[str] = "fault"
    status: ClassVar[int] = 422
    zh: ClassVar[str] = "请求无法完成。"
    en: ClassVar[str] = "The request could not be completed."

    def __init__(self, *, field: str | None = None, **values: Any) -> None:
        self.field = field
        self.values = values
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """Return the message in `language` ("zh…" or anything else for English)."""
        template = self.zh if language.lower().startswith("zh") else self.en
        return template.format_map(_Lenient(self.values))


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class NotFound(Fault):
    """There is no such thing, or it lies outside the actor's scope.

    what : in Chinese, or a code; who reads English is told `what_en`, a code, or nothing nearer
    """

    code = "not_found"
    status = 404
    zh = "找不到{what}，或您无权查看。"
    en = "{what_en} was not found, or lies outside your scope."

    def __init__(self, *, field: str | None = None, what: str = "", **values: Any) -> None:
        told = what if what and what.isascii() else "What you asked for"
        super().__init__(field=field, **{"what": what, "what_en": told, **values})


class Forbidden(Fault):
    """The actor lacks the permission."""

    code = "forbidden"
    status = 403
    zh = "您没有此操作的权限（{permission}）。请联系管理员。"
    en = "You lack the permission {permission}. Ask your administrator."


class Invalid(Fault):
    """A value is not acceptable; `field` names it."""

    code = "invalid"
    status = 422
    zh = "{field_name}无效：{reason_zh}"
    en = "{field_name} is not valid: {reason_en}"

    def __init__(self, *, field: str, reason_zh: str, reason_en: str, **values: Any) -> None:
        super().__init__(
            field=field,
            field_name=field,
            reason_zh=reason_zh,
            reason_en=reason_en,
            **values,
        )


class Conflict(Fault):
    """The thing is no longer in the state that the act needs."""

    code = "conflict"
    status = 409
    zh = "当前状态不允许此操作。请刷新后重试。"
    en = "The present state does not allow this. Reload and try again."


class SeveralFaults(Fault):
    """Several faults of one request, reported together."""

    code = "invalid"
    status = 422
    zh = "有 {count} 处需要修改。"
    en = "{count} things need to be corrected."

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(count=len(faults))
