"""A chain of hashes: each link is SHA-256 over the one before it and a record in canonical JSON.

Whoever changes, removes or inserts a record breaks every later link.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

CHAIN_START = b"\x00" * 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What checking a chain found. `broken_at` is the index (from 0) of the first wrong link."""

    length: int
    head: bytes
    broken_at: int | None

    @property
    def ok(self) -> bool:
        """Whether every link holds."""
        return self.broken_at is None


def link(previous: bytes, record: Mapping[str, Any]) -> bytes:
    """Return the hash [32 bytes] of a record that follows `previous` (empty = the start).

    record : JSON values and whatever orjson writes (aware datetimes, UUIDs); keys in any order
    """
    return link_canonical(previous, orjson.dumps(record, option=orjson.OPT_SORT_KEYS))


def link_canonical(previous: bytes, canonical: bytes) -> bytes:
    """Return the hash [32 bytes] of a record that is canonical JSON already."""
    return hashlib.sha256((previous or CHAIN_START) + canonical).digest()


def verify(
    links: Iterable[tuple[Mapping[str, Any], bytes]], *, expected_head: bytes | None = None
) -> Proof:
    """Check a chain from its start.

    links : each record with its stored hash, in order
    expected_head : the last hash as kept elsewhere; a chain that was cut short does not end in it,
        and is then broken just after its last link
    """
    head, length = CHAIN_START, 0
    for record, stored in links:
        if link(head, record) != bytes(stored):
            return Proof(length=length, head=head, broken_at=length)
        head, length = bytes(stored), length + 1
    cut = expected_head is not None and (bytes(expected_head) or CHAIN_START) != head
    return Proof(length=length, head=head, broken_at=length if cut else None)
