"""The outermost middleware: figures, security headers, problems in place of bare refusals."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from chengyun.kernel.errors import Fault
from chengyun.server import faults, metrics, problems

SLOW_S = 1.0
_LOG_EACH = os.environ.get("CHENGYUN_ACCESS_LOG", "") not in {"", "0"}
_log = structlog.get_logger("chengyun.requests")
_API = ("/api/", "/tiles/", "/live")
# Element Plus and MapLibre place things through the DOM's style objects, which no policy forbids:
# scripts and styles come from our own files only.
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:{images}; connect-src 'self'{images}; font-src 'self' data:; "
    "worker-src 'self' blob:; media-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_NOT_A_PAGE = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_DEVICES = "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=(), serial=()"
# Browsers forget plain HTTP for so long once they came by HTTPS [s]; 0 = they are not told to.
_HSTS_S = int(os.environ.get("CHENGYUN_HSTS_SECONDS", "31536000"))


def edge(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Wrap every answer."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST and _is_bare(request, response):
            response = _as_problem(request, response)
        protect(response)
        if _HSTS_S and request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", f"max-age={_HSTS_S}")
        _record(request, response, time.perf_counter() - started)
        return response

    handle.process_exception = _on_fault  # type: ignore[attr-defined]
    return handle


def _on_fault(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Render an expected error of a view outside the API, such as the tiles."""
    return problems.render_fault(request, error) if isinstance(error, Fault) else None


def _record(request: HttpRequest, response: HttpResponseBase, took_s: float) -> None:
    match = request.resolver_match
    route = match.route if match else "none"
    metrics.REQUESTS.labels(request.method, route, response.status_code).inc()
    metrics.SECONDS.labels(route).observe(took_s)
    if _LOG_EACH:
        _log_request(_log.info, "request", request, response, took_s)
    elif took_s > SLOW_S or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        event = "request.slow" if took_s > SLOW_S else "request.error"
        _log_request(_log.warning, event, request, response, took_s)


def _log_request(
    write: Callable[..., Any],
    event: str,
    request: HttpRequest,
    response: HttpResponseBase,
    took_s: float,
) -> None:
    actor = getattr(request, "actor", None)
    write(
        event,
        method=request.method,
        path=request.path,
        status=response.status_code,
        took_s=round(took_s, 4),
        address=request.META.get("REMOTE_ADDR"),
        person_id=getattr(actor, "person_id", None),
    )


def allow_hosts(response: HttpResponseBase, hosts: list[str]) -> None:
    """Let the page load pictures and tiles from these origins too."""
    extra = "".join(f" {host}" for host in hosts)
    response.headers["Content-Security-Policy"] = _POLICY.format(images=extra)


def protect(response: HttpResponseBase) -> None:
    """Set the headers that keep a browser from doing more than it should."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers.setdefault("Content-Security-Policy", _POLICY.format(images=""))
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", _DEVICES)
    else:
        response.headers.setdefault("Content-Security-Policy", _NOT_A_PAGE)


def _is_bare(request: HttpRequest, response: HttpResponseBase) -> bool:
    kind = response.headers.get("Content-Type", "")
    return request.path.startswith(_API) and not kind.startswith(problems.CONTENT_TYPE)


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    problem = problems.render_fault(request, faults.for_status(response.status_code, ""))
    if "Allow" in response.headers:
        problem["Allow"] = response.headers["Allow"]
    return problem
