"""Answers outside the API: the framework's own refusals, rendered as problems."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse

from chengyun.server import faults, problems


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read."""
    return problems.render(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a refusal raised outside the API."""
    return problems.render_fault(request, faults.NotAllowed())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that does not exist."""
    return problems.render_fault(request, faults.NoSuchAddress())


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error outside the API."""
    error = sys.exc_info()[1]
    if isinstance(error, Exception):
        return problems.render(request, error)
    return problems.render_unexpected(request, error)
