"""What waits at the actor's desks: counts and lights of every queue, counted in one scan each.

Everybody with equal grants sees equal counts of all that is not his own, so a process keeps them
for KEPT_S while no case changes: a live event makes every console ask again, and one of them pays.
Among very many cases there is always one that changes: their counts may be old by LAG_S for each
case counted, which bounds what counting costs, and nobody waits for a count that is being renewed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, Final

from chengyun.administration.queries.freshness import FreshCache
from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.change_mark import change_mark
from chengyun.cases.queries.fetching import fetch_rows
from chengyun.cases.queries.queue_conditions import queue_reach, values_key
from chengyun.cases.queries.scope import Conditions
from chengyun.cases.rules.access import READ
from chengyun.cases.rules.queues import Queue, all_queues
from chengyun.kernel.clock import now

KEPT_S: Final = 1.0
MANY: Final = 2_000
LAG_S: Final = 0.000_125  # for each case counted
LONGEST_LAG_S: Final = 3.0
Key = tuple[Any, ...]

_COUNT = """SELECT {part}, c.state, c.pending, c.urgent, count(*),
    count(*) FILTER (WHERE c.due_at >= %s AND c.yellow_at <= %s),
    count(*) FILTER (WHERE c.due_at < %s)
FROM cases_case c WHERE {reach} GROUP BY c.state, c.pending, c.urgent"""


@dataclass(frozen=True, slots=True)
class Counted:
    """Cases of one reach with equal state, application and urgency."""

    state: str
    pending: str
    urgent: bool
    count: int
    yellow: int
    red: int


@dataclass(slots=True)
class _Kept:
    lock: Lock = field(default_factory=Lock)
    mark: str = ""
    at: float = -KEPT_S
    counted: list[Counted] = field(default_factory=list)

    def is_fresh(self, mark: str) -> bool:
        age_s = time.monotonic() - self.at
        lag_s = self.lag_s
        return age_s < (max(KEPT_S, lag_s) if self.mark == mark else lag_s)

    @property
    def lag_s(self) -> float:
        """How old the counts may be while cases change [s]."""
        count = sum(one.count for one in self.counted)
        return min(count * LAG_S, LONGEST_LAG_S) if count > MANY else 0.0

    def is_usable(self) -> bool:
        """Tell whether it will do while another thread counts anew."""
        lag_s = self.lag_s
        return lag_s > 0 and time.monotonic() - self.at < lag_s + KEPT_S

    def renew(self, counted: list[Counted], mark: str) -> None:
        self.counted, self.mark, self.at = counted, mark, time.monotonic()


_kept: FreshCache[Key, _Kept] = FreshCache("access", ttl_s=60.0)


def queues_of(actor: Actor) -> list[Queue]:
    """Return the queues of the actor's desks, in order."""
    return [one for one in all_queues().values() if actor.can(one.permission or READ)]


def count_queues(*, actor: Actor) -> list[dict[str, Any]]:
    """Return [{code, zh, en, group, count, yellow, red}] for the actor's desks.

    raises : Forbidden without `case.read`
    """
    actor.require(READ)
    at = now()
    mine = queues_of(actor)
    reaches = {queue.code: queue_reach(actor, queue, at) for queue in mine}
    keys = {code: values_key(reach) for code, reach in reaches.items()}
    counted = _count_kept({keys[code]: reach for code, reach in reaches.items()}, change_mark(), at)
    return [_shown(queue, counted[keys[queue.code]]) for queue in mine]


def _count_kept(
    reaches: dict[Key, Conditions], mark: str, at: datetime
) -> dict[Key, list[Counted]]:
    """Return the counts of each reach, kept ones where no case has changed."""
    kept = {key: _kept.get_or_load(key, _Kept) for key in reaches}
    stale = sorted((key for key, one in kept.items() if not one.is_fresh(mark)), key=str)
    if stale:
        _renew(stale, kept, reaches, mark, at)
    return {key: one.counted for key, one in kept.items()}


def _renew(
    stale: list[Key],
    kept: dict[Key, _Kept],
    reaches: dict[Key, Conditions],
    mark: str,
    at: datetime,
) -> None:
    """Count anew; of several threads that need a count one counts, the others wait if they must."""
    ours = [key for key in stale if kept[key].lock.acquire(blocking=not kept[key].is_usable())]
    try:
        left = [key for key in ours if not kept[key].is_fresh(mark)]
        if not left:
            return
        counted = _counts([reaches[key] for key in left], at)
        for key, rows in zip(left, counted, strict=True):
            kept[key].renew(rows, mark)
    finally:
        for key in ours:
            kept[key].lock.release()


def _counts(reaches: Sequence[Conditions], at: datetime) -> list[list[Counted]]:
    texts, values = [], list[Any]()
    for part, reach in enumerate(reaches):
        texts.append(_COUNT.format(part=part, reach=reach.text()))
        values += [at, at, at, *reach.values]
    found: list[list[Counted]] = [[] for _ in reaches]
    for part, state, pending, urgent, *figures in fetch_rows(" UNION ALL ".join(texts), values):
        found[part].append(Counted(state, pending, urgent, *figures))
    return found


def _shown(queue: Queue, counted: Iterable[Counted]) -> dict[str, Any]:
    fitting = [
        one
        for one in counted
        if queue.fits(state=one.state, pending=one.pending, urgent=one.urgent)
    ]
    red = sum(one.red for one in fitting)
    only_red = queue.light == "red"
    return {
        "code": queue.code,
        "zh": queue.zh,
        "en": queue.en,
        "group": queue.group,
        "count": red if only_red else sum(one.count for one in fitting),
        "yellow": 0 if only_red else sum(one.yellow for one in fitting),
        "red": red,
    }
