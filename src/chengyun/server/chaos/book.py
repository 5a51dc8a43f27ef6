"""What the clients share: the cases under way, and the book of every act that was asked for."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An act that was answered for good.

    mark : its idempotency key, and the words that its log entry must hold
    version : of the case that the client had seen, None for a report
    status : of the answer; below 400 the act is acknowledged
    attachments : ids that the act brought
    """

    mark: str
    act: str
    case_id: int | None
    version: int | None
    status: int
    attachments: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Book:
    """Counts towards `wanted` acknowledged acts; shared by all clients."""

    wanted: int
    entries: list[Entry] = field(default_factory=list)
    acknowledged: int = 0
    refused: int = 0
    answered_again: int = 0
    exports: list[str] = field(default_factory=list)
    fault: BaseException | None = None
    _under_way: int = 0
    _cases: dict[int, dict[str, Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Take a ticket for an act; False when enough are done or under way, or one failed."""
        with self._lock:
            if self.fault or self.acknowledged + self._under_way >= self.wanted:
                return False
            self._under_way += 1
            return True

    def note(self, entry: Entry, *, tries: int) -> None:
        """Write an answered act down and give the ticket back."""
        with self._lock:
            self._under_way -= 1
            self.entries.append(entry)
            good = entry.status < 400  # noqa: PLR2004 - refusals begin here
            self.acknowledged += good
            self.refused += not good
            self.answered_again += good and tries > 1

    def fail(self, fault: BaseException) -> None:
        """Have every client stop."""
        with self._lock:
            self.fault = self.fault or fault

    def pick(self, draw: random.Random) -> dict[str, Any] | None:
        """Return a case under way as somebody last saw it; others may pick the same."""
        with self._lock:
            if not self._cases:
                return None
            return self._cases[draw.choice(list(self._cases))]

    def keep(self, case: dict[str, Any]) -> None:
        """Remember a case as an answer showed it; one that ended is let go."""
        with self._lock:
            known = self._cases.get(case["id"])
            if not case["is_open"]:
                self._cases.pop(case["id"], None)
            elif known is None or known["version"] <= case["version"]:
                self._cases[case["id"]] = case

    @property
    def under_way(self) -> int:
        """How many cases are open."""
        return len(self._cases)
