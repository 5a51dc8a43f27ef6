"""A question asked while rows are sent is refused, not waited for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection, transaction

import chengyun
from chengyun.intake.operations.copying import AskedWhileCopying, copying

_OWN = Path(chengyun.__file__).parent
_RAW = re.compile(r"\bcursor\.copy\b")


@pytest.mark.django_db
def test_rows_come_in_and_the_connection_answers_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE copied (name text)")
        with copying(cursor, "COPY copied FROM STDIN") as copy:
            copy.write_row(("a",))
        cursor.execute("SELECT name FROM copied")
        assert cursor.fetchall() == [("a",)]


@pytest.mark.django_db
def test_a_question_meanwhile_is_refused_and_nothing_is_written() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE copied (name text)")
    with pytest.raises(AskedWhileCopying, match="SELECT 1"):
        _ask_while_copying()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM copied")
        assert cursor.fetchone() == (0,)


def _ask_while_copying() -> None:
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        copying(cursor, "COPY copied FROM STDIN") as copy,
    ):
        copy.write_row(("a",))
        with connection.cursor() as other:
            other.execute("SELECT 1")


def test_every_copy_goes_through_the_guard() -> None:
    found = [
        str(path.relative_to(_OWN))
        for path in _OWN.rglob("*.py")
        if "tests" not in path.parts and _RAW.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["intake/operations/copying.py"]
