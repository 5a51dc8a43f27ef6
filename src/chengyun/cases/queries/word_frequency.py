"""How frequent a search term is, by the database's own statistics.

The words of a phrase come together, which the planner does not know: it takes the shares of its
terms times each other, finds the phrase rare, and then fetches and sorts a tenth of all cases.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chengyun.administration.queries.freshness import FreshCache
from chengyun.cases.queries.fetching import fetch_row

FREQUENT: Final = 0.015
_KEPT_S: Final = 300.0
_SHARES: Final = """
SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats
WHERE schemaname = current_schema() AND tablename = 'cases_case' AND attname = 'search'
"""
_shares: FreshCache[str, dict[str, float]] = FreshCache("reference", ttl_s=_KEPT_S)


def are_frequent(terms: Iterable[str]) -> bool:
    """Tell whether each of the terms stands in at least a share FREQUENT of all cases."""
    shares = _shares.get_or_load("search", _load)
    return all(shares.get(term, 0.0) >= FREQUENT for term in terms)


def _load() -> dict[str, float]:
    row = fetch_row(_SHARES)
    if row is None or not row[0] or not row[1]:
        return {}
    return dict(zip(row[0], row[1], strict=False))  # the shares end with those of the extremes
