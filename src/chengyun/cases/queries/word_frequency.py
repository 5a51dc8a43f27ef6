"""How frequent a search term is, and how far to look for it, by the database's own statistics.

The words of a phrase come together, which the planner does not know: it takes the shares of its
terms times each other, finds the phrase rare, and then fetches and sorts a tenth of all cases.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from chengyun.administration.queries.freshness import FreshCache
from chengyun.cases.queries.fetching import fetch_row, fetch_rows
from chengyun.kernel.text import term_keys

# Walking the cases in order finds one with a term of share s after 1/s rows; the index of words
# fetches all s·N. A row costs about three quarters as much on the walk, so a page of p is found
# sooner by the walk where s² > 0.75·p/N (measured at half a million cases).
WALK_COST: Final = 0.75
LEAST_SHARE: Final = 0.004
_KEPT_S: Final = 300.0
_SHARES: Final = """
SELECT most_common_elems::text::int[], most_common_elem_freqs FROM pg_stats
WHERE schemaname = current_schema() AND tablename = 'cases_case' AND attname = 'search'
"""
_ROWS: Final = "SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'cases_case'::regclass"
_INSTANTS: Final = """
SELECT attname, histogram_bounds::text::timestamptz[] FROM pg_stats
WHERE schemaname = current_schema() AND tablename = 'cases_case'
  AND attname IN ('reported_at', 'updated_at') AND histogram_bounds IS NOT NULL
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseSample:
    """What the database noted when it last looked at the cases.

    rows : how many there are; shares : of all cases, by the key of a term
    instants : by column, ascending, an equal number of cases between each and the next
    """

    rows: float = 0.0
    shares: Mapping[int, float] = field(default_factory=dict)
    instants: Mapping[str, Sequence[datetime]] = field(default_factory=dict)

    def share(self, terms: Iterable[str]) -> float:
        """Return the share of the rarest of the terms, 0 where it is not known."""
        return min((self.shares.get(key, 0.0) for key in term_keys(terms)), default=0.0)

    def are_frequent(self, terms: Iterable[str], count: int) -> bool:
        """Tell whether a walk finds `count` cases with all of the terms sooner than the index."""
        share = self.share(terms)
        needed = math.sqrt(WALK_COST * count / self.rows) if self.rows else 1.0
        return share >= max(needed, LEAST_SHARE)

    def horizon(
        self, column: str, start: datetime | None, rows: int, *, descending: bool
    ) -> datetime | None:
        """Return the instant `rows` cases, and up to a step more, beyond `start` in an order.

        start : None = the beginning of the order; returns None where that is beyond all cases
        """
        bounds = self.instants.get(column, ())
        step = self.rows / (len(bounds) - 1) if len(bounds) > 1 else 0.0
        if not step:
            return None
        steps = math.ceil(rows / step)
        if descending:
            at = (len(bounds) if start is None else bisect_left(bounds, start)) - 1 - steps
        else:
            at = (0 if start is None else bisect_right(bounds, start)) + steps
        return bounds[at] if 0 < at < len(bounds) - 1 else None


_kept: FreshCache[str, CaseSample] = FreshCache("reference", ttl_s=_KEPT_S)


def case_sample() -> CaseSample:
    """Return what is known of the cases, some minutes old."""
    return _kept.get_or_load("sample", _load)


def _load() -> CaseSample:
    found = fetch_row(_ROWS)
    row = fetch_row(_SHARES)
    known = bool(row and row[0] and row[1])
    return CaseSample(
        rows=float(found[0]) if found else 0.0,
        # The shares end with those of the extremes, which belong to no term.
        shares=dict(zip(row[0], row[1], strict=False)) if row and known else {},
        instants={name: tuple(bounds) for name, bounds in fetch_rows(_INSTANTS)},
    )
