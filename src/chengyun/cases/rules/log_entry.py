"""What a log entry says, and its hash in the chain of its case.

One definition for writing (one act, or history in bulk) and for proving.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chengyun.kernel.hash_chain import link


@dataclass(frozen=True, kw_only=True, slots=True)
class LogContent:
    """One act on a case, as it is written to the log.

    at : aware UTC, microseconds
    actor_id : None = the system
    lon, lat : EPSG:4490 [degrees], None = no position
    data : JSON values only; holder after, clock effects, choices
    """

    act: str
    at: datetime
    to_state: str
    from_state: str = ""
    actor_id: int | None = None
    actor_name: str = ""
    role: str = ""
    organisation_id: int | None = None
    organisation_name: str = ""
    opinion: str = ""
    receiver: str = ""
    attachment_ids: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None
    data: dict[str, Any] = field(default_factory=dict)


def entry_hash(previous: bytes, *, case_id: int, seq: int, content: LogContent) -> bytes:
    """Return the entry's hash: SHA-256 over the previous hash and the entry in canonical JSON.

    previous : hash of entry seq − 1, empty for the first (seq 1)
    returns : 32 bytes
    source : ours
    """
    record = {
        "case": case_id,
        "seq": seq,
        "act": content.act,
        "at": content.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "from": content.from_state,
        "to": content.to_state,
        "actor": [content.actor_id, content.actor_name, content.role],
        "organisation": [content.organisation_id, content.organisation_name],
        "opinion": content.opinion,
        "receiver": content.receiver,
        "attachments": list(content.attachment_ids),
        "position": [content.lon, content.lat],
        "data": content.data,
    }
    return link(previous, record)
