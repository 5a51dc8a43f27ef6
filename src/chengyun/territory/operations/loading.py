"""Writing very many rows in one transaction: without indexes and keys, which are built afterwards.

Who rolls back has everything as it was. Other writers of the tables wait meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import connection

_INDEXES: Final = """
SELECT i.oid::regclass::text, pg_get_indexdef(i.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = ANY(%s::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.oid AND contype IN ('p', 'u'))
ORDER BY i.relname
"""
_KEYS: Final = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype = 'f' ORDER BY conname
"""
_BESIDE: Final = """
SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND confrelid = ANY(%s::regclass[])
"""


@contextmanager
def without_indexes(names: Sequence[str]) -> Iterator[None]:
    """Write to tables in the caller's transaction while they have no indexes but primary keys.

    Indexes and foreign keys are dropped before, built and checked after.
    """
    tables = list(names)
    with connection.cursor() as cursor:
        # Nothing is altered while checks of rows wait for the commit.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    keys = _asked(_KEYS, tables)
    indexes = _asked(_INDEXES, tables)
    _run(f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, _ in keys)
    _begin_files_anew(tables)
    _run(f"DROP INDEX {name}" for name, _ in indexes)
    yield
    _run(("SET LOCAL maintenance_work_mem = '512MB'", "SET CONSTRAINTS ALL IMMEDIATE"))
    _run(definition for _, definition in indexes)
    # The planner knows the sizes before the keys are checked by joins.
    _run(f"ANALYZE {table}" for table in tables)
    _run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}" for table, name, text in keys)
    _run(("SET CONSTRAINTS ALL DEFERRED",))


def _begin_files_anew(tables: list[str]) -> None:
    """Empty tables that are empty: what is copied into them need then not be logged twice.

    source : PostgreSQL manual, populating a database, wal_level minimal
    """
    if _asked(_BESIDE, tables) or any(_asked(f"SELECT 1 FROM {one} LIMIT 1") for one in tables):
        return
    _run((f"TRUNCATE {', '.join(tables)}",))


def _asked(statement: str, tables: list[str] | None = None) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, None if tables is None else [tables])
        return list(cursor.fetchall())


def _run(statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
