"""Routes. A context's `api` may also expose `urlpatterns`, mounted at the root (tiles)."""

from __future__ import annotations

import importlib
import importlib.util

from django.urls import URLPattern, URLResolver, path, re_path

from chengyun.server import health, metrics, pages
from chengyun.server.api import CONTEXTS, api
from chengyun.server.resolving import SegmentResolver

# Addresses of programs and files; every other one is a page of the console.
_NOT_PAGES = "api|tiles|live|health|metrics|static|assets|open311|ogc|sta|exchange"

urlpatterns: list[URLPattern | URLResolver] = [
    SegmentResolver("api/v1/", api.urls),
    path("health/ready", health.ready),
    path("metrics", metrics.metrics),
]

for _context in CONTEXTS:
    if importlib.util.find_spec(f"chengyun.{_context}.api") is not None:
        _module = importlib.import_module(f"chengyun.{_context}.api")
        urlpatterns += getattr(_module, "urlpatterns", [])

urlpatterns.append(re_path(rf"^(?!(?:{_NOT_PAGES})(?:/|$))[^.]*$", pages.console, name="console"))

handler400 = "chengyun.server.pages.bad_request"
handler403 = "chengyun.server.pages.forbidden"
handler404 = "chengyun.server.pages.not_found"
handler500 = "chengyun.server.pages.server_error"
