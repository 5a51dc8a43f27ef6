"""How much of what costs much one sender may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from chengyun.kernel.errors import Fault

Reading = Literal["search", "geocode", "export"]
WINDOW: Final = timedelta(minutes=1)
SETTINGS: Final[dict[Reading, str]] = {
    "search": "administration.searches_per_minute",
    "geocode": "administration.geocodes_per_minute",
    "export": "administration.exports_per_minute",
}


class ReadingThrottled(Fault):
    """The sender has asked for more of what costs much than the settings allow."""

    code = "reading_throttled"
    status = 429
    zh = "{what_zh}过于频繁（上限为每分钟 {limit} 次），请在 {retry_after_s} 秒后重试。"
    en = "Too many {what_en} (at most {limit} a minute). Try again in {retry_after_s} seconds."


_WORDS: Final[dict[Reading, tuple[str, str]]] = {
    "search": ("检索", "searches"),
    "geocode": ("地址定位", "places looked up"),
    "export": ("导出", "exports"),
}


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What one request takes of an allowance that fills up evenly.

    An allowance is kept as the one instant at which it is full again: taking moves that instant
    into the future, and what would move it further than a window ahead is refused.
    """

    reading: Reading
    limit: int  # of a window; more than 0
    count: int

    @property
    def takes(self) -> timedelta:
        """Return by how much the instant moves; what asks for more than all asks for all."""
        return WINDOW * min(self.count, self.limit) / self.limit

    def refusal(self, full_at: datetime, present: datetime) -> ReadingThrottled:
        """Return what a sender is told whose allowance is full again at `full_at`."""
        wait = full_at + self.takes - WINDOW - present
        zh, en = _WORDS[self.reading]
        return ReadingThrottled(
            what_zh=zh,
            what_en=en,
            limit=self.limit,
            retry_after_s=max(1, -(-wait // timedelta(seconds=1))),
        )
