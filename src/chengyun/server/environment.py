"""Settings that come from the environment, in one place."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

_LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432.lock")


@dataclass(frozen=True, kw_only=True)
class DatabaseAddress:
    """Where PostgreSQL is: host may be the folder of a unix socket."""

    name: str
    user: str
    password: str
    host: str
    port: str
    options: dict[str, str]


def is_web_process() -> bool:
    """Tell whether this process answers requests (the supervisor names its children)."""
    return os.environ.get("CHENGYUN_PROCESS", "").startswith("web")


def data_dir() -> Path:
    """Return the folder that holds everything a run writes."""
    return Path(os.environ.get("CHENGYUN_DATA_DIR", "var")).resolve()


def socket_dir() -> Path:
    """Return the folder of the private cluster's socket.

    A socket's path has at most 107 bytes: below a deep data folder it moves to the system's
    temporary folder, under a name that follows from the data folder.
    """
    folder = data_dir() / "run"
    if len(str(folder).encode()) <= _LONGEST_SOCKET_DIR:
        return folder
    mark = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"chengyun-{os.geteuid()}-{mark}"


def database_address() -> DatabaseAddress:
    """Return the database named by CHENGYUN_DATABASE_URL, else the private cluster."""
    url = os.environ.get("CHENGYUN_DATABASE_URL")
    if not url:
        return DatabaseAddress(
            name="chengyun",
            user="chengyun",
            password="",
            host=str(socket_dir()),
            port="5432",
            options={},
        )
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return DatabaseAddress(
        name=unquote(parts.path.lstrip("/")) or "chengyun",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=options.pop("host", "") or unquote(parts.hostname or ""),
        port=str(parts.port or options.pop("port", "5432")),
        options=options,
    )


def secret_key() -> str:
    """Return the signing key: given, or made once and kept in the data folder."""
    given = os.environ.get("CHENGYUN_SECRET_KEY")
    if given:
        return given
    path = data_dir() / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
