"""What COPY reads back is what was written."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection

from chengyun.cases.operations.copy_text import copy_line

ROWS = [
    ("plain 文字", 1, True, 2.5, Decimal("3.25"), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)),
    ("tab\tline\nreturn\rback\\slash \\N \\.", -1, False, 1e-9, Decimal(0), None),
    ("", 2**40, None, None, None, datetime(1999, 12, 31, tzinfo=UTC)),
]
LISTS = [
    ([], b"", []),
    (
        ["a", 'quo"te', "back\\slash", "com,ma", "{brace}", "NULL", "", "新\n行"],
        b"\x00\xff\\",
        [1, -2],
    ),
    (None, None, None),
]


@pytest.mark.django_db
def test_scalars_and_lists_survive() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE one"
            " (a text, b bigint, c bool, d float8, e numeric, f timestamptz)"
        )
        cursor.execute("CREATE TEMPORARY TABLE two (a text[], b bytea, c bigint[])")
        for table, rows in (("one", ROWS), ("two", LISTS)):
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write("".join(f"{copy_line(row)}\n" for row in rows))
        cursor.execute("SELECT * FROM one")
        assert cursor.fetchall() == ROWS
        cursor.execute("SELECT * FROM two")
        assert [(a, None if b is None else bytes(b), c) for a, b, c in cursor.fetchall()] == LISTS
