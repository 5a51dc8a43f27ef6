"""Pages outside the API: the console's shell, and the framework's own refusals as problems."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chengyun.administration.queries.node import node
from chengyun.server import faults, middleware, problems
from chengyun.territory.queries.thematic_layers import service_origins

_NOT_BUILT = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><title>城运 Chengyun</title>
<h1>城运 Chengyun</h1>
<p>前端尚未构建。请运行 <code>make web</code>，然后刷新本页。</p>
<p lang="en">The front end is not built. Run <code>make web</code> and reload this page.</p>
<p><a href="/api/v1/docs">/api/v1/docs</a></p></html>
"""


@require_safe
def console(request: HttpRequest) -> HttpResponse:
    """Answer every address of the console with its shell; the router inside does the rest."""
    index = Path(settings.WEB_DIST) / "index.html"
    if not index.is_file():
        return HttpResponse(_NOT_BUILT, status=503, headers={"Retry-After": "30"})
    response = HttpResponse(index.read_bytes(), headers={"Cache-Control": "no-cache"})
    middleware.allow_hosts(response, _base_map_hosts())
    return response


def _base_map_hosts() -> list[str]:
    """Return the origins of base maps and layers that browsers ask for tiles themselves."""
    try:
        addresses = [str(base_map.get("url", "")) for base_map in node()["base_maps"]]
        addresses += service_origins()
    except DatabaseError:
        return []
    parts = [urlsplit(address.replace("{s}", "*")) for address in addresses]
    return sorted({f"{p.scheme}://{p.netloc}" for p in parts if p.scheme == "https" and p.netloc})


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
