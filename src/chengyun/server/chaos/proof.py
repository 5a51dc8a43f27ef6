"""The proof after the storm: `python -m chengyun.server.chaos.proof`, beside the platform.

Reads what the clients were told as one JSON object from standard input, looks at the database and
the files, and prints what it counted. Every count of `FAULTS` must be nought.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

FAULTS: Final = {
    "lost": "acknowledged acts that are not in the log",
    "twice": "acts that are in the log more than once",
    "refused_but_done": "acts that were refused, and are in the log",
    "unasked": "marked log entries that no client asked for",
    "won_twice": "acts acknowledged on a version that another act had already changed",
    "chains_broken": "cases whose log is not whole or does not lead to the case",
    "two_holders": "cases with two open tasks, or two running clocks",
    "journal_gaps": "log entries without exactly one event of their own",
    "keys_open": "idempotency keys without an answer",
    "files_missing": "acknowledged attachments whose row or file is missing or changed",
    "clocks_negative": "clocks with negative times",
    "exports_lost": "acknowledged exports that were never done",
    "jobs_left": "jobs that failed, or hang at a dead worker",
}
_MARKS = "SELECT opinion, case_id FROM cases_logentry WHERE opinion LIKE %s"
_TWO_HOLDERS = """
SELECT count(*) FROM (
    SELECT case_id FROM cases_task WHERE answered_at IS NULL
    GROUP BY 1 HAVING count(*) > 1
    UNION
    SELECT case_id FROM cases_clock
    WHERE finished_at IS NULL AND paused_at IS NULL AND stage <> 'whole'
    GROUP BY 1 HAVING count(*) > 1
) found
"""
# An act and its event are written at the same instant of the case's clock.
_JOURNAL = """
SELECT count(*) FROM (
    SELECT case_id, act, at, count(*) AS entries FROM cases_logentry
    WHERE case_id = ANY(%(ids)s) GROUP BY 1, 2, 3
) log FULL JOIN (
    SELECT (payload->>'case_id')::bigint AS case_id, payload->>'act' AS act, at, count(*) AS events
    FROM journal_event
    WHERE subject = ANY(SELECT 'case:' || id FROM unnest(%(ids)s) id) GROUP BY 1, 2, 3
) told USING (case_id, act, at)
WHERE entries IS DISTINCT FROM events
"""
_KEYS = "SELECT count(*) FROM administration_idempotencyrecord WHERE status = 0"
_CLOCKS = "SELECT count(*) FROM cases_clock WHERE used_s < 0 OR paused_s < 0 OR limit_s < 0"
_EXPORTS = "SELECT count(*) FROM cases_exportrun WHERE id = ANY(%s::uuid[]) AND state = 'done'"
# A timer that failed comes again by itself.
_JOBS = """
SELECT count(*) FROM procrastinate_jobs j WHERE (
    j.status IN ('failed', 'aborted') AND NOT j.args ? 'timestamp'
) OR (
    j.status = 'doing' AND NOT EXISTS (
        SELECT 1 FROM procrastinate_workers w
        WHERE w.id = j.worker_id AND w.last_heartbeat > now() - interval '60 s'))
"""
_FILES = """
SELECT id::text, case_id, storage_key, thumbnail_key, sha256 FROM cases_attachment
WHERE id = ANY(%s::uuid[])
"""
_UNUSED = "SELECT count(*) FROM cases_attachment WHERE case_id IS NULL"


def prove(told: dict[str, Any]) -> dict[str, int]:
    """Return every count of FAULTS, and some figures that may be anything.

    told : run, entries (mark, act, case_id, version, status, attachments), exports
    """
    entries = told["entries"]
    good = [one for one in entries if one["status"] < 400]  # noqa: PLR2004 - refusals begin here
    cases = sorted({one["case_id"] for one in good})
    entries_seen, broken = _chains()
    return {
        **_marks(told["run"], entries, good),
        "won_twice": _won_twice(good),
        "chains_broken": broken,
        "two_holders": _number(_TWO_HOLDERS),
        "journal_gaps": _number(_JOURNAL, {"ids": cases}),
        "keys_open": _number(_KEYS),
        "files_missing": _files_missing(good),
        "clocks_negative": _number(_CLOCKS),
        "exports_lost": len(told["exports"]) - _number(_EXPORTS, [told["exports"]]),
        "jobs_left": _number(_JOBS),
        "log_entries": entries_seen,
        "cases": len(cases),
        "exports": len(told["exports"]),
        "unused_uploads": _number(_UNUSED),
    }


def _marks(run: str, entries: list[dict[str, Any]], good: list[dict[str, Any]]) -> dict[str, int]:
    found = Counter((mark, case_id) for mark, case_id in _rows(_MARKS, [f"chaos {run} %"]))
    marks: Counter[str] = Counter()
    for (mark, _case_id), count in found.items():
        marks[mark] += count
    refused = {one["mark"] for one in entries} - {one["mark"] for one in good}
    return {
        "lost": sum((one["mark"], one["case_id"]) not in found for one in good),
        "twice": sum(count > 1 for count in marks.values()),
        "refused_but_done": len(refused & set(marks)),
        "unasked": len(set(marks) - {one["mark"] for one in entries}),
    }


def _won_twice(good: list[dict[str, Any]]) -> int:
    """Count the acts beyond the first on one version of a case; words change no version."""
    won = Counter(
        (one["case_id"], one["version"])
        for one in good
        if one["version"] is not None and one["act"] != "comment"
    )
    return sum(count - 1 for count in won.values())


def _chains() -> tuple[int, int]:
    from chengyun.cases.queries.chain import every_proof

    length = broken = 0
    for proof in every_proof():
        length += proof.length
        broken += not proof.ok
    return length, broken


def _files_missing(good: list[dict[str, Any]]) -> int:
    wanted = {file: one["case_id"] for one in good for file in one["attachments"]}
    rows = {row[0]: row for row in _rows(_FILES, [list(wanted)])}
    return sum(
        file not in rows or rows[file][1] != case_id or not _is_whole(*rows[file][2:])
        for file, case_id in wanted.items()
    )


def _is_whole(key: str, thumbnail: str, sha256: str) -> bool:
    from chengyun.files.queries import file_store
    from chengyun.files.rules.storage import StoredFileMissing

    digest, store = hashlib.sha256(), file_store()
    try:
        for chunk in store.read(key):
            digest.update(chunk)
        small = b"".join(store.read(thumbnail)) if thumbnail else b"-"
    except StoredFileMissing:
        return False
    return digest.hexdigest() == sha256 and bool(small)


def _number(query: str, values: Any = None) -> int:
    return int(next(iter(_rows(query, values)))[0])


def _rows(query: str, values: Any = None) -> Iterable[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def main() -> None:
    """Read what was told, prove it, print the counts."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.server.settings")
    django.setup()
    json.dump(prove(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
