"""Django's WSGI application and the built front end, called by `bridge.py` in its threads."""

from __future__ import annotations

import os
import re
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import resolve
from whitenoise import WhiteNoise

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.server.settings")

_HASHED = re.compile(r"^/assets/.+-[\w-]{8,}\.\w+$")
_SHORT_S = 300


def build() -> Any:
    """Return the application: front end files first, then Django.

    The routes are imported now: a fault in them ends the start, and the first request is quick.
    """
    django_application = get_wsgi_application()
    import_module(settings.ROOT_URLCONF)
    resolve("/api/v1/openapi.json")
    application = WhiteNoise(
        django_application,
        max_age=_SHORT_S,
        allow_all_origins=False,
        immutable_file_test=lambda _path, url: bool(_HASHED.match(url)),
        add_headers_function=_protect,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a front end that is not built yet has its own page
        application.add_files(str(settings.WEB_DIST), prefix="/")
        application.add_files(str(_documentation_files()), prefix="/static/ninja/")
    for page in ("/index.html", "/"):
        application.files.pop(page, None)  # pages.console serves it, with its policy
    return application


def _documentation_files() -> Path:
    import ninja

    return Path(ninja.__file__).parent / "static" / "ninja"


def _protect(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
