"""gzip for text answers, at the level that costs least."""

from __future__ import annotations

import zlib

LEAST = 1024  # [bytes]; smaller answers gain nothing
LEVEL = 1
_GZIP = 16 + zlib.MAX_WBITS
_KINDS = (b"application/json", b"application/problem+json", b"application/geo+json", b"text/")

Headers = list[tuple[bytes, bytes]]


def compress(body: bytes, headers: Headers, accepted: str) -> bytes:
    """Return the body, packed when the client takes gzip and it pays; adjust the headers.

    headers : lower-case names; changed in place
    """
    if len(body) < LEAST or not _is_text(headers):
        return body
    headers.append((b"vary", b"Accept-Encoding"))
    if "gzip" not in accepted:
        return body
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    packed = packer.compress(body) + packer.flush()
    headers.append((b"content-encoding", b"gzip"))
    _weaken_etag(headers)
    return packed


def _is_text(headers: Headers) -> bool:
    kind = b""
    for name, value in headers:
        if name == b"content-encoding":
            return False
        if name == b"content-type":
            kind = value
    return kind.startswith(_KINDS)


def _weaken_etag(headers: Headers) -> None:
    for place, (name, value) in enumerate(headers):
        if name == b"etag" and not value.startswith(b"W/"):
            headers[place] = (name, b"W/" + value)
