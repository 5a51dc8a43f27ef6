"""Writing the audit log, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.kernel.clock import now

_INSERT = """
INSERT INTO administration_auditentry (at, actor_id, actor_name, act, subject, address, detail)
VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb)
"""


def record_audit(
    actor: Actor, act: str, subject: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Append who did what to which thing, in the present transaction.

    act : dotted, past tense or what was read, such as `person.changed`, `person.private_read`
    subject : `noun:id`, such as `person:12`
    detail : small and free of secrets and of personal data in clear
    """
    row = [
        now(),
        actor.person_id,
        actor.name[:60],
        act[:60],
        subject[:80],
        actor.address,
        orjson.dumps(dict(detail or {}), default=str).decode(),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)
