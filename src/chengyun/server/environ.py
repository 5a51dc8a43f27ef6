"""The WSGI environment of an ASGI request."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from django.conf import settings

_FIXED: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.errors": sys.stderr,
}
_HOP_BY_HOP = {b"connection", b"transfer-encoding", b"te", b"upgrade", b"keep-alive", b"trailer"}


def build(scope: dict[str, Any], body: IO[bytes] | None, length: int) -> dict[str, Any]:
    """Return the environment.

    A HEAD is asked as a GET, whose body the server then drops: every GET route answers HEAD. A
    header whose name holds an underscore is left out, since it could pass for another.
    """
    method = scope["method"]
    client = scope.get("client") or ("", 0)
    server = scope.get("server") or ("127.0.0.1", 80)
    values: dict[str, Any] = {
        **_FIXED,
        "REQUEST_METHOD": "GET" if method == "HEAD" else method,
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": client[0],
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "wsgi.url_scheme": _outer_scheme(scope, client[0]),
        "wsgi.input": BytesIO() if body is None else body,
    }
    if length:
        values["CONTENT_LENGTH"] = str(length)
    _add_headers(values, scope["headers"])
    return values


def _outer_scheme(scope: dict[str, Any], peer: str) -> str:
    """Return the scheme that the browser used: of a forwarded one only a trusted proxy may tell."""
    own: str = scope.get("scheme", "http")
    if peer not in settings.TRUSTED_PROXIES:
        return own
    told = header(scope, b"x-forwarded-proto").strip().lower()
    return told if told in {"http", "https"} else own


def _add_headers(values: dict[str, Any], headers: list[tuple[bytes, bytes]]) -> None:
    for name, raw in headers:
        if name in _HOP_BY_HOP or name == b"content-length" or b"_" in name:
            continue
        value = raw.decode("latin-1")
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        if key not in values:
            values[key] = value
        else:
            values[key] += ("; " if key == "HTTP_COOKIE" else ",") + value


def header(scope: dict[str, Any], name: bytes) -> str:
    """Return the first value of a header, '' without one."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
