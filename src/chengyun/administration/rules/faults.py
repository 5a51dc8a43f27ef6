"""What administration refuses, each with a stable code."""

from __future__ import annotations

from chengyun.kernel.errors import Conflict, Fault, NotFound


class OrganisationNotFound(NotFound):
    """No such organisation in scope."""

    zh = "找不到该机构，或不在您的管理范围内。"
    en = "There is no such organisation in your scope."


class PersonNotFound(NotFound):
    """No such person in scope."""

    zh = "找不到该人员，或不在您的管理范围内。"
    en = "There is no such person in your scope."


class RoleNotFound(NotFound):
    """No such role."""

    zh = "找不到该角色。"
    en = "There is no such role."


class PostNotFound(NotFound):
    """No such post."""

    zh = "找不到该岗位。"
    en = "There is no such post."


class GrantNotFound(NotFound):
    """No such grant in scope."""

    zh = "找不到该授权，或不在您的管理范围内。"
    en = "There is no such grant in your scope."


class TokenNotFound(NotFound):
    """No such token in scope."""

    zh = "找不到该令牌，或不在您的管理范围内。"
    en = "There is no such token in your scope."


class SessionNotFound(NotFound):
    """No such session in scope."""

    zh = "找不到该会话，或不在您的管理范围内。"
    en = "There is no such session in your scope."


class DictionaryNotFound(NotFound):
    """No such dictionary or item."""

    zh = "找不到该字典或字典项。"
    en = "There is no such dictionary or item."


class CalendarEntryNotFound(NotFound):
    """No such day, year or day scheme in the working calendar."""

    zh = "工作日历中没有该日期、年份或作息方案。"
    en = "The working calendar holds no such day, year or day scheme."


class NotSignedIn(Fault):
    """No living session and no valid token came with the request."""

    code = "sign_in_required"
    status = 401
    zh = "请先登录。"
    en = "Sign in first."


class SessionOver(Fault):
    """The session ended: idle, too old, signed out elsewhere, or ended by an administrator."""

    code = "session_over"
    status = 401
    zh = "登录已失效，请重新登录。"
    en = "The session has ended. Sign in again."


class TokenRefused(Fault):
    """The bearer token is unknown, revoked or expired."""

    code = "token_refused"
    status = 401
    zh = "接口令牌无效、已吊销或已过期。"
    en = "The API token is unknown, revoked or expired."


class CsrfRefused(Fault):
    """A write with the session cookie came without the page's token."""

    code = "csrf_failed"
    status = 403
    zh = "请求校验失败，请刷新页面后重试。"
    en = "The request lacks a valid X-CSRFToken header. Reload the page and try again."


class PasswordChangeRequired(Fault):
    """The person must change his password before anything else."""

    code = "password_change_required"
    status = 403
    zh = "请先修改密码。"
    en = "Change your password first."


class SignInFailed(Fault):
    """The name or the password is wrong, or the account may not sign in; which, is not told."""

    code = "sign_in_failed"
    status = 401
    zh = "用户名或密码错误。"
    en = "The user name or the password is wrong."


class SignInThrottled(Fault):
    """Too many failures by this name or from this address."""

    code = "sign_in_throttled"
    status = 429
    zh = "登录尝试过于频繁，请在 {minutes} 分钟后重试。"
    en = "Too many attempts to sign in. Try again in {minutes} minutes."


class AccountLocked(Fault):
    """Failures in a row have locked the name for a while; told for unknown names as well."""

    code = "account_locked"
    status = 429
    zh = "连续登录失败次数过多，已锁定，请在 {minutes} 分钟后重试或联系管理员。"
    en = "Locked after too many failures. Try again in {minutes} minutes or ask your administrator."


class PasswordWrong(Fault):
    """The present password was not given rightly."""

    code = "password_wrong"
    zh = "原密码错误。"
    en = "The present password is wrong."


class PasswordUnfit(Fault):
    """A new password does not satisfy the policy."""

    code = "password_unfit"
    zh = "新密码不符合要求：{reason_zh}。"
    en = "The new password does not satisfy the policy: {reason_en}."


class CodeTaken(Fault):
    """The code or name is already used by another."""

    code = "code_taken"
    status = 409
    zh = "“{value}”已被使用。"
    en = "“{value}” is already in use."


class StillInUse(Conflict):
    """The thing cannot be switched off while others depend on it."""

    code = "still_in_use"
    zh = "仍在使用中：{reason_zh}"
    en = "Still in use: {reason_en}"


class AxesConflict(Conflict):
    """One person may not judge the work and do or direct it as well."""

    code = "axes_conflict"
    zh = "监督轴与指挥处置轴的权限不能授予同一人（{first}、{second}）。"
    en = "One person may not act on both the supervision and the command side ({first}, {second})."


class GrantTooWide(Fault):
    """An administrator may not give more than he has."""

    code = "grant_too_wide"
    status = 403
    zh = "不能授予超出您自身范围的权限（{what}）。"
    en = "You cannot grant more than you have yourself ({what})."


class BuiltinProtected(Conflict):
    """A built-in role stays as it is."""

    code = "builtin_protected"
    zh = "内置角色不可修改，请复制为新角色。"
    en = "A built-in role cannot be changed. Copy it to a new one."


class IdempotencyKeyReused(Conflict):
    """The key came before with another request."""

    code = "idempotency_key_reused"
    zh = "Idempotency-Key 已用于另一个请求，请更换。"
    en = "This Idempotency-Key was used for another request. Use a fresh one."


class IdempotencyKeyInvalid(Fault):
    """The header is empty, too long or not plain text."""

    code = "idempotency_key_invalid"
    zh = "Idempotency-Key 须为 1 至 80 个可见 ASCII 字符。"
    en = "The Idempotency-Key must have 1 to 80 visible ASCII characters."


class NotOnOneself(Conflict):
    """One does not do this to oneself."""

    code = "not_on_oneself"
    zh = "不能对自己执行此操作，请由其他管理员办理。"
    en = "You cannot do this to yourself. Ask another administrator."


class LastAdministrator(Conflict):
    """Somebody must remain who can give access to others."""

    code = "last_administrator"
    zh = "至少须保留一名管理全平台人员的管理员。"
    en = "At least one administrator of the whole platform must remain."
