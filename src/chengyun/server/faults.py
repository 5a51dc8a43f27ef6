"""Expected errors of the HTTP edge itself: addresses, bodies, the database behind the request."""

from __future__ import annotations

from typing import ClassVar

from chengyun.administration.rules.faults import CsrfRefused, NotSignedIn
from chengyun.kernel.errors import Fault


class NoSuchAddress(Fault):
    """There is nothing at this address."""

    code = "no_such_address"
    status = 404
    zh = "该地址不存在。请核对网址或接口文档 /api/v1/docs。"
    en = "There is nothing at this address. See /api/v1/docs for those that exist."


class NotAllowed(Fault):
    """The actor may not do this."""

    code = "forbidden"
    status = 403
    zh = "您没有此操作的权限。请联系管理员。"
    en = "You may not do this. Ask your administrator."


class MethodNotAllowed(Fault):
    """The address exists, the method does not fit it."""

    code = "method_not_allowed"
    status = 405
    zh = "该地址不支持此请求方法。"
    en = "This address does not take this method."


class BadRequest(Fault):
    """The request cannot be read."""

    code = "bad_request"
    status = 400
    zh = "请求格式错误，无法读取。"
    en = "The request could not be read."


class BodyNotJson(Fault):
    """The body is not JSON."""

    code = "body_not_json"
    status = 400
    zh = "请求体不是有效的 JSON（UTF-8）。"
    en = "The body is not valid JSON in UTF-8."


class FormNotReadable(Fault):
    """The form cannot be read, or has too many parts."""

    code = "form_not_readable"
    status = 400
    zh = "表单数据无法读取，或字段、文件过多。"
    en = "The form could not be read, or has too many fields or files."


class BodyTooBig(Fault):
    """The body is larger than allowed."""

    code = "body_too_big"
    status = 413
    zh = "请求体超过大小上限。请压缩或分批提交。"
    en = "The body is larger than allowed. Compress it or send it in parts."


class BodyTooSlow(Fault):
    """The body stopped coming."""

    code = "body_too_slow"
    status = 408
    zh = "请求体传输中断，请检查网络后重试。"
    en = "The body stopped coming. Check the network and try again."


class TooBusy(Fault):
    """More requests wait than can be answered soon."""

    code = "too_busy"
    status = 503
    zh = "当前请求过多，请稍后重试。"
    en = "Too many requests are waiting. Try again shortly."


class MediaTypeNotSupported(Fault):
    """The body's media type is not the one expected."""

    code = "media_type_not_supported"
    status = 415
    zh = "不支持该内容类型。请使用 application/json 或接口文档注明的类型。"
    en = (
        "This content type is not supported. Use application/json, or what the documentation names."
    )


class TooManyRequests(Fault):
    """Too many requests in a short time."""

    code = "too_many_requests"
    status = 429
    zh = "请求过于频繁，请稍后再试。"
    en = "Too many requests. Try again later."


class RequestInvalid(Fault):
    """One or several values do not fit the schema."""

    code = "request_invalid"
    status = 422
    zh = "请求中有 {count} 处不符合要求。"
    en = "{count} value(s) of the request are not valid."


class ValueNotStorable(Fault):
    """A value cannot be stored: a NUL character, a number out of range."""

    code = "value_not_storable"
    status = 422
    zh = "请求中含有无法保存的值（例如空字符、过大的数）。"
    en = "A value cannot be stored (for example a NUL character, or a number out of range)."


class AlreadyExists(Fault):
    """Another row has the same unique value."""

    code = "already_exists"
    status = 409
    zh = "已存在相同的记录（{constraint}）。请更换后重试。"
    en = "Such a thing exists already ({constraint}). Choose another value."


class StillInUse(Fault):
    """Others still point to it."""

    code = "still_in_use"
    status = 409
    zh = "仍被其他数据引用，不能删除。请改为停用。"
    en = "Other data still refers to it. Deactivate it instead."


class ReferenceMissing(Fault):
    """The request points to something that is not there."""

    code = "reference_missing"
    status = 409
    zh = "引用的对象不存在或仍被引用（{constraint}）。"
    en = "What it refers to does not exist, or it is still referred to ({constraint})."


class RuleBroken(Fault):
    """A rule kept by the database does not hold."""

    code = "rule_broken"
    status = 409
    zh = "数据不满足约束（{constraint}）。"
    en = "The data breaks a rule ({constraint})."


class DatabaseUnavailable(Fault):
    """The database does not answer."""

    code = "database_unavailable"
    status = 503
    zh = "数据库暂时不可用，请稍后重试。"
    en = "The database is not available. Try again shortly."


class DatabaseBusy(Fault):
    """Two changes met, or a lock could not be had in time."""

    code = "database_busy"
    status = 503
    zh = "系统繁忙，请稍后重试。"
    en = "The system is busy. Try again shortly."


class InternalError(Fault):
    """Something we did not expect."""

    code = "internal_error"
    status = 500
    zh = "系统内部错误，编号 {id}。请将编号告知管理员。"
    en = "Something went wrong on our side. Tell your administrator the id {id}."


_BY_STATUS: dict[int, type[Fault]] = {
    400: BadRequest,
    401: NotSignedIn,
    403: NotAllowed,
    404: NoSuchAddress,
    405: MethodNotAllowed,
    413: BodyTooBig,
    415: MediaTypeNotSupported,
    429: TooManyRequests,
    503: DatabaseUnavailable,
}
_BY_MESSAGE: dict[str, type[Fault]] = {
    "Cannot parse request body": BodyNotJson,
    "CSRF check Failed": CsrfRefused,
}
_TITLES: dict[int, tuple[str, str]] = {
    400: ("请求格式错误", "Bad request"),
    401: ("需要登录", "Sign-in required"),
    403: ("没有权限", "Forbidden"),
    404: ("未找到", "Not found"),
    405: ("不支持的方法", "Method not allowed"),
    408: ("请求超时", "Timed out"),
    409: ("状态冲突", "Conflict"),
    412: ("版本已变化", "Stale version"),
    413: ("内容过大", "Too large"),
    415: ("不支持的内容类型", "Unsupported media type"),
    422: ("内容不符合要求", "Not valid"),
    423: ("已锁定", "Locked"),
    429: ("请求过多", "Too many requests"),
    500: ("系统错误", "Internal error"),
    503: ("暂时不可用", "Unavailable"),
}


class _Other(Fault):
    """Any other refusal of the framework."""

    code: ClassVar[str] = "refused"
    zh = "请求被拒绝。"
    en = "The request was refused."


def title_of(status: int, language: str) -> str:
    """Return the short title of a status."""
    zh, en = _TITLES.get(status, ("请求未完成", "Not done"))
    return zh if language.startswith("zh") else en


def for_status(status: int, message: str) -> Fault:
    """Return the fault that stands for a framework's status and message."""
    found = _BY_MESSAGE.get(message) or _BY_STATUS.get(status)
    if found is not None:
        return found()
    other = _Other()
    other.status = status  # type: ignore[misc]
    return other


def _diagnosis(error: Exception) -> tuple[str, str]:
    """Return (sqlstate, constraint) of a database error."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    diagnostics = getattr(cause, "diag", None)
    return state, getattr(diagnostics, "constraint_name", None) or "?"


def for_integrity_error(error: Exception) -> Fault:
    """Translate a broken constraint."""
    state, constraint = _diagnosis(error)
    if state in {"23505", "23P01"}:  # unique, exclusion
        return AlreadyExists(constraint=constraint)
    if state == "23503":  # foreign key
        return ReferenceMissing(constraint=constraint)
    return RuleBroken(constraint=constraint)


def for_operational_error(error: Exception) -> Fault:
    """Translate a database that is away or busy."""
    state, _ = _diagnosis(error)
    busy = {"40001", "40P01", "55P03", "57014"}  # serialisation, deadlock, lock, cancelled
    if state in busy:
        return DatabaseBusy(retry_after_s=1)
    return DatabaseUnavailable(retry_after_s=3)
