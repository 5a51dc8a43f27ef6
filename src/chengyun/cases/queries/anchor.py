"""The head of all heads: one line that stands for the logs of all cases, to be kept elsewhere.

Who can write to the database can make a whole chain anew. He cannot change what was printed on
paper, mailed or signed: the head of heads of then is made again from the entries of then.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from django.db import connection, transaction

from chengyun.kernel.errors import Invalid

_FORM = re.compile(r"([0-9a-f]{64})@(\d{1,18})")
_FETCH = 10_000
# Entries whose transaction is still open have lower ids than the last one: wait for them.
_QUIET = "SET LOCAL lock_timeout = '10s'; LOCK TABLE cases_logentry IN SHARE MODE"
_LAST = "SELECT coalesce(max(id), 0) FROM cases_logentry"
_HEADS = """
SELECT DISTINCT ON (case_id) case_id, seq, hash FROM cases_logentry WHERE id <= %s
ORDER BY case_id, seq DESC
"""


@dataclass(frozen=True, slots=True)
class Anchor:
    """SHA-256 over the heads of all chains, with the last entry that they include."""

    digest: str
    entry_id: int

    def __str__(self) -> str:
        """Return the line that is kept."""
        return f"{self.digest}@{self.entry_id}"


def parse_anchor(text: str) -> Anchor:
    """Return the anchor of a line that was kept; raise Invalid."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise Invalid(
            field="expect",
            reason_zh="应为 <64 位十六进制>@<条目编号>",
            reason_en="write <64 hexadecimal digits>@<number of the entry>",
        )
    return Anchor(match.group(1), int(match.group(2)))


def last_entry() -> int:
    """Return the id of the last entry of all logs, once those before it are committed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_QUIET)
        cursor.execute(_LAST)
        row: tuple[int] = cursor.fetchone()
    return row[0]


def anchor_up_to(entry_id: int) -> Anchor:
    """Return the head of heads over the entries up to `entry_id`, by case.

    returns : SHA-256 over a line `<case>:<seq>:<hash>` for each case; `source` ours
    """
    digest = hashlib.sha256()
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_HEADS, [entry_id])
        while rows := cursor.fetchmany(_FETCH):
            for case_id, seq, head in rows:
                digest.update(f"{case_id}:{seq}:{bytes(head).hex()}\n".encode())
    return Anchor(digest.hexdigest(), entry_id)
