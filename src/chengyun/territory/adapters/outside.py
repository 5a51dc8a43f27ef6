"""Fetching from addresses that people have entered: never inside by accident, never without end."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from urllib.parse import urlsplit

import httpx

from chengyun.territory.layer_faults import (
    PrivateAddress,
    ServiceAddressInvalid,
    ServiceNotAnswering,
)

_READ_S = 8.0
_WAIT_S = 2.0
_LONGEST_ADDRESS = 1_000
_slots = BoundedSemaphore(4)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """How far a fetch goes.

    private : whether addresses of private networks are allowed
    media_types : allowed kinds of content, empty = any
    """

    most_bytes: int
    most_s: float
    private: bool = False
    media_types: Collection[str] = ()


def require_address(text: str, *, field: str = "url") -> str:
    """Return the address of a service; raise ServiceAddressInvalid."""
    more = ""
    try:
        parts = urlsplit(text.replace("{s}", "a"))
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
        parts = urlsplit("")
    clean = text.isascii() and text.isprintable() and " " not in text
    good = parts.scheme in {"http", "https"} and host and clean and len(text) <= _LONGEST_ADDRESS
    if not good or "@" in parts.netloc or port == 0 or "{" in parts.netloc:
        raise ServiceAddressInvalid(field=field, more=more)
    return text


def fetch(address: str, bounds: Bounds, take: Callable[[bytes], object]) -> str:
    """Hand the content of an address to `take` in parts; return its media type.

    The host's address is looked up once and held, so that a second look-up cannot lead elsewhere.
    Redirections are not followed, proxies not used.
    raises : ServiceAddressInvalid, PrivateAddress, ServiceNotAnswering
    """
    require_address(address)
    until = time.monotonic() + bounds.most_s
    with _slot():
        request = _pinned(address, bounds)
        try:
            answer = client().send(request, stream=True)
            try:
                return _taken(answer, bounds, until, take)
            finally:
                answer.close()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise ServiceNotAnswering(field="url", reason=type(error).__name__) from error


@cache
def client() -> httpx.Client:
    """Return this process's client."""
    return httpx.Client(timeout=_READ_S, follow_redirects=False, trust_env=False)


@contextmanager
def _slot() -> Iterator[None]:
    """A slow server outside must not take every thread that answers requests."""
    if not _slots.acquire(timeout=_WAIT_S):
        raise ServiceNotAnswering(field="url", reason="too many requests wait")
    try:
        yield
    finally:
        _slots.release()


def _pinned(address: str, bounds: Bounds) -> httpx.Request:
    try:
        url = httpx.URL(address)
        host, port = url.host, url.port or (443 if url.scheme == "https" else 80)
        found = looked_up(host, port)
    except (httpx.InvalidURL, OSError, UnicodeError) as error:
        raise ServiceNotAnswering(field="url", reason="host not found") from error
    if not bounds.private and any(not ipaddress.ip_address(one).is_global for one in found):
        raise PrivateAddress(field="url", host=host)
    return client().build_request(
        "GET",
        url.copy_with(host=found[0]),
        headers={"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"},
        extensions={"sni_hostname": host},
    )


def looked_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]).partition("%")[0] for entry in found]


def _taken(
    answer: httpx.Response, bounds: Bounds, until: float, take: Callable[[bytes], object]
) -> str:
    kind: str = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status_code != httpx.codes.OK:
        raise ServiceNotAnswering(field="url", reason=f"HTTP {answer.status_code}")
    if bounds.media_types and kind not in bounds.media_types:
        raise ServiceNotAnswering(field="url", reason=f"content {kind[:40] or '?'}")
    total = 0
    for part in answer.iter_raw():
        total += len(part)
        if total > bounds.most_bytes:
            raise ServiceNotAnswering(field="url", reason=f"more than {bounds.most_bytes} bytes")
        if time.monotonic() > until:
            raise ServiceNotAnswering(field="url", reason=f"longer than {bounds.most_s:.0f} s")
        take(part)
    return kind
