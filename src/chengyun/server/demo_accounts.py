"""One account of each role of a demo city, for the console: written by `prepare`, shown by `up`."""

from __future__ import annotations

import json
from pathlib import Path

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
    from django.contrib.auth.hashers import check_password
    from django.db import connection

    from chengyun.demo.operations import SIGN_IN_WORD

    with connection.cursor() as cursor:
        cursor.execute(_FIRST_OF_EACH_ROLE)
        rows = cursor.fetchall()
    path().unlink(missing_ok=True)
    if rows and check_password(SIGN_IN_WORD, rows[0][3]):
        lines = [f"{username:<16}{zh} {en}" for username, zh, en, _ in rows]
        lines.append(f"密码 password: {SIGN_IN_WORD}")
        path().write_text(json.dumps(lines, ensure_ascii=False), encoding="utf-8")


def read() -> list[str]:
    """Return the lines to show; none without a demo city."""
    try:
        found = json.loads(path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [str(line) for line in found]
