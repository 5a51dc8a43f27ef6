"""A short text that changes whenever what readers see of the cases may have changed."""

from __future__ import annotations

from chengyun.cases.queries.fetching import fetch_row

# The greatest event seen changes when a transaction commits, the last settled one when a slower
# one that wrote earlier does. A sequence would move before its event can be seen.
MARK = """
(SELECT coalesce(max(seq), 0)::text FROM journal_event) || '-' || coalesce((
    SELECT xid::text || '.' || seq FROM journal_event
    WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid DESC, seq DESC LIMIT 1
), '0')
"""


def change_mark() -> str:
    """Return the mark of the journal's end as this statement sees it. Reads journal_event."""
    row = fetch_row(f"SELECT {MARK}")
    return str(row[0]) if row else ""
