"""Errors as `application/problem+json`: one handler for everything that an HTTP request meets.

source : RFC 9457
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models.deletion import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja.errors import HttpError, ValidationError

from chengyun.kernel.errors import Fault, SeveralFaults
from chengyun.server import faults, validation

CONTENT_TYPE = "application/problem+json"
# values of a fault that a header repeats
_HEADERS = {"retry_after_s": "Retry-After", "content_range": "Content-Range"}
_log = structlog.get_logger("chengyun.problems")


@dataclass(frozen=True, kw_only=True)
class Detail:
    """One thing that is wrong: where, a stable code and a text."""

    field: str | None
    code: str
    message: str


def language_of(request: HttpRequest) -> str:
    """Return "zh" or "en": by Accept-Language, else the person's language, else Chinese."""
    actor = getattr(request, "actor", None)
    preferred = getattr(actor, "language", "zh")
    return language_of_header(request.headers.get("Accept-Language", ""), preferred)


def language_of_header(accepted: str, preferred: str = "zh") -> str:
    """Return the first of Chinese and English that the header names, else the preferred one."""
    for tag, _quality in parse_accept_lang_header(accepted):
        if tag.startswith(("zh", "en")):
            return tag[:2]
    return "en" if preferred.startswith("en") else "zh"


def render_fault(request: HttpRequest, fault: Fault) -> HttpResponse:
    """Render an expected error."""
    language = language_of(request)
    several = fault.faults if isinstance(fault, SeveralFaults) else [fault]
    details = [
        Detail(field=one.field, code=one.code, message=one.text(language))
        for one in several
        if one.field or isinstance(fault, SeveralFaults)
    ]
    response = _problem(
        request, status=fault.status, code=fault.code, detail=fault.text(language), errors=details
    )
    for name, header in _HEADERS.items():
        if fault.values.get(name) is not None:
            response[header] = str(fault.values[name])
    return response


def render(request: HttpRequest, error: Exception) -> HttpResponse:
    """Render any error. What is not expected becomes a 500 with an id that the log repeats."""
    if isinstance(error, Fault):
        return render_fault(request, error)
    if isinstance(error, ValidationError):
        return _render_validation(request, error.errors)
    if isinstance(error, HttpError):
        return render_fault(request, faults.for_status(error.status_code, str(error)))
    for types, translate in _EXPECTED:
        if isinstance(error, types):
            return render_fault(request, translate(error))
    return render_unexpected(request, error)


def render_unexpected(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """Render a 500 with an id; the trace goes to the log, never to the client."""
    return render_fault(request, note_unexpected(error, request.method or "", request.path))


def note_unexpected(error: BaseException | None, method: str, path: str) -> Fault:
    """Write what happened to the log; return the fault that names the log entry's id."""
    incident = secrets.token_hex(6)
    _log.error(
        "request.failed", incident=incident, method=method, path=path, exc_info=error or True
    )
    return faults.InternalError(id=incident)


def _render_validation(request: HttpRequest, errors: Sequence[dict[str, Any]]) -> HttpResponse:
    language = language_of(request)
    details = [
        Detail(
            field=validation.field_of(error),
            code=str(error.get("type", "invalid")),
            message=validation.message_of(error, language),
        )
        for error in errors
    ]
    fault = faults.RequestInvalid(count=len(details))
    return _problem(
        request, status=422, code=fault.code, detail=fault.text(language), errors=details
    )


def body_of(fault: Fault, language: str, path: str) -> bytes:
    """Return the body of a problem, for answers made without Django."""
    detail = fault.text(language)
    return _dump(_shape(fault.status, fault.code, detail, language=language, path=path))


def _shape(status: int, code: str, detail: str, *, language: str, path: str) -> dict[str, Any]:
    return {
        "type": f"urn:chengyun:problem:{code}",
        "title": faults.title_of(status, language),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": path,
    }


def _problem(
    request: HttpRequest, *, status: int, code: str, detail: str, errors: Iterable[Detail]
) -> HttpResponse:
    body = _shape(status, code, detail, language=language_of(request), path=request.path)
    listed = [{"field": e.field, "code": e.code, "message": e.message} for e in errors]
    if listed:
        body["errors"] = listed
    response = HttpResponse(_dump(body), status=status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="chengyun"'
    return response


def _dump(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # a lone surrogate that the client sent comes back in a message
        text = {key: _clean(value) for key, value in body.items()}
        return orjson.dumps(text)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {key: _clean(one) for key, one in value.items()}
    return value


_EXPECTED: list[tuple[tuple[type[Exception], ...], Callable[[Any], Fault]]] = [
    ((Http404,), lambda _: faults.NoSuchAddress()),
    ((PermissionDenied,), lambda _: faults.for_status(403, "")),
    ((RequestDataTooBig,), lambda _: faults.BodyTooBig()),
    (
        (TooManyFieldsSent, TooManyFilesSent, MultiPartParserError),
        lambda _: faults.FormNotReadable(),
    ),
    ((UnreadablePostError, SuspiciousOperation), lambda _: faults.BadRequest()),
    ((ProtectedError, RestrictedError), lambda _: faults.StillInUse()),
    ((IntegrityError,), faults.for_integrity_error),
    ((DataError, UnicodeError), lambda _: faults.ValueNotStorable()),
    ((OperationalError, InterfaceError), faults.for_operational_error),
]
