"""One account of each role of a demo city, for the console: written by `prepare`, shown by `up`."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from chengyun.server import environment

_FIRST_OF_EACH_ROLE = """
SELECT DISTINCT ON (r.id) p.username, r.zh, r.en, p.password
FROM administration_role r
JOIN administration_rolegrant g ON g.role_id = r.id
JOIN administration_person p ON p.id = g.person_id AND p.is_active
WHERE r.builtin ORDER BY r.id, g.id
"""


def path() -> Path:
    """Return where they are kept."""
    return environment.data_dir() / "demo_accounts.json"


def write() -> None:
    """Keep the accounts, as long as they still have the demo's password (one is tried)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_FIRST_OF_EACH_ROLE)
        rows = cursor.fetchall()
    stored = rows[0][3] if rows else ""
    tried = sha256(stored.encode()).hexdigest()
    if _kept().get("tried") == tried:
        return  # a try costs half a second at every start
    word = _word_of(stored)
    lines = [f"{username:<16}{zh} {en}" for username, zh, en, _ in rows]
    kept = {"tried": tried, "lines": [*lines, f"密码 password: {word}"] if word else []}
    path().write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def read() -> list[str]:
    """Return the lines to show; none without a demo city."""
    return [str(line) for line in _kept().get("lines", [])]


def _word_of(stored: str) -> str:
    """Return the demo's password if `stored` was made of it, else ''."""
    from django.contrib.auth.hashers import check_password

    from chengyun.demo.rules.accounts import SIGN_IN_WORD

    return SIGN_IN_WORD if stored and check_password(SIGN_IN_WORD, stored) else ""


def _kept() -> dict[str, Any]:
    try:
        found = json.loads(path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
