"""Bearer secrets: session keys and API tokens. Only their digests are stored."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

MARK: Final = "cy_"
PREFIX_LENGTH: Final = 10
_SESSION_DIGEST_LENGTH: Final = 40
LONGEST: Final = 200


def new_session_key() -> str:
    """Return a fresh session key (256 bits) for the cookie."""
    return secrets.token_urlsafe(32)


def new_token() -> str:
    """Return a fresh API token; the mark lets secret scanners know it."""
    return MARK + secrets.token_urlsafe(32)


def session_digest(key: str) -> str:
    """Return what is stored of a session key: 160 bits of SHA-256, hex."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:_SESSION_DIGEST_LENGTH]


def name_digest(username: str) -> str:
    """Return what the sign-in throttle keeps of a name: what is typed there may be a password."""
    return hashlib.sha256(f"attempt:{username}".encode("utf-8", "replace")).hexdigest()[:40]


def token_digest(token: str) -> str:
    """Return what is stored of a token: SHA-256, hex."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
