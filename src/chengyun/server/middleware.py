"""The outermost middleware: security headers, and problems in place of the framework's refusals."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from chengyun.server import faults, problems

_API = ("/api/", "/tiles/", "/live")
# Element Plus and MapLibre place things by style attributes; scripts come from our own files only.
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:{images}; connect-src 'self'{images}; font-src 'self' data:; "
    "worker-src 'self' blob:; media-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def edge(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Wrap every answer."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST and _is_bare(request, response):
            response = _as_problem(request, response)
        protect(response)
        return response

    return handle


def protect(response: HttpResponseBase) -> None:
    """Set the headers that keep a browser from doing more than it should."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers.setdefault("Content-Security-Policy", _POLICY.format(images=""))
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")


def _is_bare(request: HttpRequest, response: HttpResponseBase) -> bool:
    kind = response.headers.get("Content-Type", "")
    return request.path.startswith(_API) and not kind.startswith(problems.CONTENT_TYPE)


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    problem = problems.render_fault(request, faults.for_status(response.status_code, ""))
    if "Allow" in response.headers:
        problem["Allow"] = response.headers["Allow"]
    return problem
