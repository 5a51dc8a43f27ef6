"""Writing one entry of a case's log: append only, chained by hash."""

from __future__ import annotations

import orjson

from chengyun.cases.rules.log_entry import LogContent, entry_hash
from chengyun.cases.writes import Writes

_INSERT = """
INSERT INTO cases_logentry (case_id, seq, at, act, actor_id, actor_name, role, organisation_id,
       organisation_name, opinion, receiver, from_state, to_state, attachment_ids, position, data,
       hash)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::uuid[],
        ST_SetSRID(ST_MakePoint(%s, %s), 4490), %s::jsonb, %s)
"""


def append_entry(
    writes: Writes, *, case_id: int, length: int, head: bytes, content: LogContent
) -> bytes:
    """Add the next entry to what is written and return its hash, the new head.

    length, head : entries so far and the hash of the last one; the case's row must be locked
    """
    seq = length + 1
    made = entry_hash(head, case_id=case_id, seq=seq, content=content)
    writes.add(
        _INSERT,
        case_id,
        seq,
        content.at,
        content.act,
        content.actor_id,
        content.actor_name,
        content.role,
        content.organisation_id,
        content.organisation_name,
        content.opinion,
        content.receiver,
        content.from_state,
        content.to_state,
        list(content.attachment_ids),
        content.lon,
        content.lat,
        orjson.dumps(content.data).decode(),
        made,
    )
    return made
