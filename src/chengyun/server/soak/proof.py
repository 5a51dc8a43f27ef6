"""The proof after the soak: `python -m chengyun.server.soak.proof`, beside the platform.

Reads {since, receipts} as one JSON object from standard input: every act that the platform
acknowledged must be in the log as often as it was acknowledged, and no other act.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from typing import Any, Final

from chengyun.server.chaos.proof import FAULTS as OF_CHAOS
from chengyun.server.chaos.proof import prove as prove_chains

_SHARED: Final = (
    "chains_broken",
    "two_holders",
    "journal_gaps",
    "keys_open",
    "clocks_negative",
    "jobs_left",
)
FAULTS: Final = {
    "lost": "acknowledged acts that are not in the log",
    "unasked": "acts in the log beyond those acknowledged or left unsettled",
    **{name: OF_CHAOS[name] for name in _SHARED},
}
_REPORTS: Final = ("report", "report_self_handled")
_ACTS: Final = """
SELECT case_id, act, count(*) FROM cases_logentry
WHERE at >= %s AND actor_id IS NOT NULL GROUP BY 1, 2
"""


def compare(
    receipts: Counter[tuple[int, str]], log: Counter[tuple[int, str]], unsettled: int
) -> dict[str, int]:
    """Return how many acts are lost, and how many are in the log without being asked for.

    receipts, log : how often each act was acknowledged and written, by (case, act)
    """
    return {
        "lost": (receipts - log).total(),
        "unasked": max(0, (log - receipts).total() - unsettled),
    }


def prove(told: dict[str, Any]) -> dict[str, int]:
    """Return every count of FAULTS, and how much there was to look at.

    told : since (instant), receipts ([case_id, act] of each acknowledged act), unsettled
    """
    from django.db import connection

    receipts = Counter((one[0], one[1]) for one in told["receipts"])
    with connection.cursor() as cursor:
        cursor.execute(_ACTS, [told["since"]])
        log = Counter({(row[0], row[1]): int(row[2]) for row in cursor.fetchall()})
    entries = [
        {"mark": "", "act": act, "case_id": case_id, "version": None, "status": 200}
        | {"attachments": []}
        for case_id, act in receipts
        if act in _REPORTS  # what the generated city's cases went through was told to nobody
    ]
    chains = prove_chains({"run": "soak", "entries": entries, "exports": []})
    shared = {name: int(chains[name]) for name in (*_SHARED, "log_entries", "cases")}
    return {**compare(receipts, log, told["unsettled"]), **shared}


def main() -> None:
    """Read what was told, prove it, print the counts."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.server.settings")
    django.setup()
    json.dump(prove(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
