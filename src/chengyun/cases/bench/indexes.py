"""Set the indexes of the case tables aside while much is written, and build them afterwards.

Only for the bench's own platform. What was set aside is kept in a table, so that a run that was
killed in between is mended by the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

WORTHWHILE: Final = 20_000
_TABLES: Final = ("cases_case", "cases_logentry", "cases_clock", "cases_task", "cases_reporter")
_KEEP: Final = "CREATE TABLE IF NOT EXISTS bench_index (name text PRIMARY KEY, definition text)"
_SECONDARY: Final = """
INSERT INTO bench_index
SELECT i.relname, pg_get_indexdef(i.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE t.relname = ANY(%s) AND NOT x.indisunique
ON CONFLICT DO NOTHING
"""


@contextmanager
def set_aside(count: int) -> Iterator[None]:
    """Write `count` cases without the secondary indexes, if that is worth while."""
    if count >= WORTHWHILE:
        _drop()
    yield
    rebuild()


def rebuild() -> None:
    """Build every index that was set aside."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP)
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("SELECT name, definition FROM bench_index ORDER BY name")
        for name, definition in cursor.fetchall():
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone()[0] is None:
                cursor.execute(definition)
            cursor.execute("DELETE FROM bench_index WHERE name = %s", [name])


def _drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_KEEP)
        cursor.execute(_SECONDARY, [list(_TABLES)])
        cursor.execute("SELECT name FROM bench_index")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX IF EXISTS "{name}"')
