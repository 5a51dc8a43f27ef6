"""The same creating request twice: the first answer again, never a second thing.

`begin` and `finish` run inside the caller's transaction. The row of the key is written first, so
that a second request with the key waits at the unique index until the first has committed (and
then gets its answer) or failed (and then does the work itself).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.db import connection, transaction

from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import IdempotencyKeyInvalid, IdempotencyKeyReused
from chengyun.kernel.clock import now

_KEY: Final = re.compile(r"[\x21-\x7e]{1,80}")
_RESERVE: Final = """
INSERT INTO administration_idempotencyrecord (person_id, key, fingerprint, status, answer, at)
VALUES (%s, %s, %s, 0, 'null'::jsonb, %s)
ON CONFLICT (person_id, key) DO NOTHING RETURNING id
"""
_READ: Final = """
SELECT fingerprint, status, answer::text FROM administration_idempotencyrecord
WHERE person_id = %s AND key = %s
"""
_FINISH: Final = """
UPDATE administration_idempotencyrecord SET status = %s, answer = %s::jsonb
WHERE person_id = %s AND key = %s
"""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer: status and JSON body.

    hidden : names in the body that are shown once and never kept (new secrets); None afterwards
    """

    status: int
    body: Any
    hidden: tuple[str, ...] = ()


def fingerprint(*parts: str | bytes) -> str:
    """Return the digest of what makes a request the same: method, path, body."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def begin(*, actor: Actor, key: str | None, fingerprint: str) -> Answer | None:
    """Take the key for this request, or return the answer that it got before.

    Without a key, or without a person, nothing is kept and None is returned.
    raises : IdempotencyKeyInvalid, IdempotencyKeyReused
    """
    if key is None or actor.person_id is None:
        return None
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyInvalid(field="Idempotency-Key")
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, [actor.person_id, key, fingerprint, now()])
        if cursor.fetchone():
            return None
        cursor.execute(_READ, [actor.person_id, key])
        known, status, answer = cursor.fetchone()
    if known != fingerprint:
        raise IdempotencyKeyReused(field="Idempotency-Key")
    return Answer(status=status, body=orjson.loads(answer))


def finish(*, actor: Actor, key: str | None, answer: Answer) -> None:
    """Keep the answer of this request with its key."""
    if key is None or actor.person_id is None:
        return
    kept = {**answer.body, **dict.fromkeys(answer.hidden)} if answer.hidden else answer.body
    body = orjson.dumps(kept, default=str, option=orjson.OPT_UTC_Z).decode()
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [answer.status, body, actor.person_id, key])


def run_once(
    *, actor: Actor, key: str | None, fingerprint: str, act: Callable[[], Answer]
) -> Answer:
    """Do `act` in a transaction and keep its answer, or return the answer kept before.

    raises : IdempotencyKeyInvalid, IdempotencyKeyReused, and what `act` raises (nothing is kept)
    """
    with transaction.atomic():
        kept = begin(actor=actor, key=key, fingerprint=fingerprint)
        if kept is not None:
            return kept
        answer = act()
        finish(actor=actor, key=key, answer=answer)
        return answer
