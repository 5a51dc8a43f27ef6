"""Loading very many cases leaves indexes and keys as they were, and no row with a wrong key."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from chengyun.cases.operations import loading
from chengyun.cases.operations.loading import TABLES, much_at_once

pytestmark = pytest.mark.django_db
_DEFINED = """
SELECT indexdef FROM pg_indexes WHERE tablename = ANY(%(tables)s)
UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid = ANY(%(tables)s::regclass[]) ORDER BY 1
"""
_LOST_TASK = """
INSERT INTO cases_task (case_id, kind, assignee_id, sent_at, opinion)
VALUES (-1, 'check', -1, now(), '')
"""


def defined() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_DEFINED, {"tables": list(TABLES)})
        return [row[0] for row in cursor.fetchall()]


def test_indexes_and_keys_are_back_after_a_load() -> None:
    before = defined()
    with much_at_once(loading.WORTHWHILE):
        between = defined()
    assert defined() == before
    gone = set(before) - set(between)
    assert any("case_search" in one for one in gone)
    assert any("FOREIGN KEY" in one for one in gone)
    assert not any("PRIMARY KEY" in one for one in gone)


def test_few_cases_are_written_with_everything_in_place() -> None:
    before = defined()
    with much_at_once(loading.WORTHWHILE - 1):
        assert defined() == before


def test_a_row_with_a_wrong_key_ends_the_load() -> None:
    before = defined()
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        much_at_once(loading.WORTHWHILE),
        connection.cursor() as cursor,
    ):
        cursor.execute(_LOST_TASK)
    assert defined() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_task")
        assert cursor.fetchone() == (0,)
