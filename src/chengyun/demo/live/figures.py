"""What a run counts: acts, refusals, errors, times, and the receipts of what was acknowledged."""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import IO, Any

_STEP = 1.15  # a figure of a time is true to 15 %


@dataclass(slots=True)
class Times:
    """Times of answers in a fixed number of steps, whatever their count."""

    counts: Counter[int] = field(default_factory=Counter)
    longest_ms: float = 0.0

    def add(self, seconds: float) -> None:
        """Count an answer."""
        took_ms = seconds * 1_000
        step = 0
        while _STEP**step < took_ms:
            step += 1
        self.counts[step] += 1
        self.longest_ms = max(self.longest_ms, took_ms)

    def share_ms(self, share: float) -> float:
        """Return the time within which a share of the answers came [ms]; 0 without answers."""
        left = share * self.counts.total()
        for step in sorted(self.counts):
            left -= self.counts[step]
            if left <= 0:
                return round(min(_STEP**step, self.longest_ms), 1)
        return 0.0

    def as_data(self) -> dict[str, float]:
        """Return count, p50, p95 and the longest."""
        return {
            "count": self.counts.total(),
            "p50_ms": self.share_ms(0.5),
            "p95_ms": self.share_ms(0.95),
            "longest_ms": round(self.longest_ms, 1),
        }


@dataclass(slots=True, kw_only=True)
class Figures:
    """Counts of a run.

    ended : by state
    refused : by code, of what the platform may refuse; errors : what must not happen
    unsettled : writes whose answer never came before the end
    """

    acts: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    reads: Times = field(default_factory=Times)
    writes: Times = field(default_factory=Times)
    reported: int = 0
    known: int = 0
    unheard: int = 0
    retries: int = 0
    away: int = 0
    away_s: float = 0.0
    unsettled: int = 0
    live_events: int = 0
    lines_broken: int = 0
    receipts: IO[str] | None = None
    began: float = field(default_factory=time.monotonic)

    def acknowledge(self, key: str, act: str, case: dict[str, Any]) -> None:
        """Count an act that the platform has acknowledged, and write its receipt."""
        self.acts[act] += 1
        if act in {"report", "report_self_handled"}:
            self.reported += 1
        if not case["is_open"]:
            self.ended[case["state"]] += 1
        if self.receipts is not None:
            told = {"key": key, "act": act, "case_id": case["id"], "number": case["number"]}
            self.receipts.write(json.dumps(told) + "\n")
            self.receipts.flush()

    def as_data(self) -> dict[str, Any]:
        """Return everything for a program."""
        seconds = time.monotonic() - self.began
        return {
            "seconds": round(seconds, 1),
            "acts": self.acts.total(),
            "acts_s": round(self.acts.total() / seconds, 2),
            "by_act": dict(self.acts.most_common()),
            "reported": self.reported,
            "known_already": self.known,
            "unheard": self.unheard,
            "ended": dict(self.ended),
            "refused": dict(self.refused.most_common()),
            "errors": dict(self.errors.most_common()),
            "server": {
                "away": self.away,
                "away_s": round(self.away_s, 1),
                "retries": self.retries,
                "unsettled": self.unsettled,
            },
            "reads": self.reads.as_data(),
            "writes": self.writes.as_data(),
            "live": {"events": self.live_events, "lines_broken": self.lines_broken},
        }
