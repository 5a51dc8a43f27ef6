"""Who sends a request: session cookie or bearer token, as an Actor."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac
from ninja.security import APIKeyCookie, HttpBearer

from chengyun.administration.queries.actors import (
    Access,
    find_access_by_session,
    find_access_by_token,
)
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import (
    CsrfRefused,
    NotSignedIn,
    PasswordChangeRequired,
    SessionOver,
    TokenRefused,
)

SESSION_COOKIE: Final = "sessionid"
CSRF_COOKIE: Final = "csrftoken"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_ALLOWED_BEFORE_CHANGE: Final = "/api/v1/session"


class ActorRequest(HttpRequest):
    """A request whose sender is known; every signed-in route receives it."""

    actor: Actor
    access: Access


class SessionAuth(APIKeyCookie):
    """The session cookie; a write must bring the page's token in X-CSRFToken."""

    param_name = SESSION_COOKIE

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Access | None:
        """Return the access, None without a cookie; a dead session or a missing token raises."""
        if not key or "Authorization" in request.headers:
            return None
        access = find_access_by_session(key=key, address=address_of(request))
        if access is None:
            raise SessionOver
        check_csrf(request, key)
        if access.must_change_password and not request.path.startswith(_ALLOWED_BEFORE_CHANGE):
            raise PasswordChangeRequired
        return _attach(request, access)


class TokenAuth(HttpBearer):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: HttpRequest, token: str) -> Access:
        """Return the access of the token; an invalid one raises."""
        access = find_access_by_token(token=token.strip(), address=address_of(request))
        if access is None:
            raise TokenRefused
        return _attach(request, access)


def actor_of(request: HttpRequest) -> Actor:
    """Return who sends the request, as the authentication of the route found."""
    return cast(ActorRequest, request).actor


def authenticate(request: HttpRequest) -> Actor:
    """Return who sends the request, for routes outside the API (tiles, live).

    raises : NotSignedIn, SessionOver, TokenRefused, CsrfRefused
    """
    access = TokenAuth()(request) or SessionAuth()(request)
    if access is None:
        raise NotSignedIn
    return cast(Access, access).actor


def address_of(request: HttpRequest) -> str | None:
    """Return the client's address; a forwarded one only from the proxies named in the settings."""
    peer: str = request.META.get("REMOTE_ADDR", "")
    trusted: frozenset[str] = getattr(settings, "TRUSTED_PROXIES", frozenset())
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = [*(hop.strip() for hop in forwarded.split(",") if hop.strip()), peer]
    while len(hops) > 1 and hops[-1] in trusted:
        hops.pop()
    return _plain_address(hops[-1])


def csrf_token(session_key: str) -> str:
    """Return the token that a page must send with writes of this session."""
    return salted_hmac("chengyun.csrf", session_key, algorithm="sha256").hexdigest()


def check_csrf(request: HttpRequest, session_key: str) -> None:
    """Raise CsrfRefused when a write lacks the token of its session.

    The token is bound to the session by the platform's key, so a page of another site can neither
    read nor plant it.
    """
    if request.method in _SAFE or getattr(request, "_dont_enforce_csrf_checks", False):
        return
    given = request.headers.get("X-CSRFToken", "")
    if not constant_time_compare(given, csrf_token(session_key)):
        raise CsrfRefused


def check_same_site(request: HttpRequest) -> None:
    """Raise CsrfRefused when a browser says that another site's page sent this (sign-in)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CsrfRefused
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.get_host():
        raise CsrfRefused


def set_session_cookies(request: HttpRequest, response: HttpResponse, session_key: str) -> None:
    """Give the browser its session and the page its token."""
    _set_cookie(request, response, SESSION_COOKIE, session_key, readable=False)
    set_csrf_cookie(request, response, session_key)


def set_csrf_cookie(request: HttpRequest, response: HttpResponse, session_key: str) -> None:
    """Give the page the token of its session."""
    _set_cookie(request, response, CSRF_COOKIE, csrf_token(session_key), readable=True)


def drop_session_cookies(response: HttpResponse) -> None:
    """Take the cookies back."""
    response.delete_cookie(SESSION_COOKIE, samesite="Lax")
    response.delete_cookie(CSRF_COOKIE, samesite="Lax")


def _set_cookie(
    request: HttpRequest, response: HttpResponse, name: str, value: str, *, readable: bool
) -> None:
    response.set_cookie(
        name, value, httponly=not readable, secure=request.is_secure(), samesite="Lax"
    )


def _attach(request: HttpRequest, access: Access) -> Access:
    known = cast(ActorRequest, request)
    known.access, known.actor = access, access.actor
    return access


def _plain_address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None
