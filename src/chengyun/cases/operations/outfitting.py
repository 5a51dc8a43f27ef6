"""What a loaded city needs beside its cases: shared files, and numbers that go on."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date

from django.db import connection

from chengyun.files.queries import file_store

_GO_ON = """
INSERT INTO cases_numberday ("on", base) VALUES (%s, nextval('cases_case_number') - %s)
ON CONFLICT ("on") DO NOTHING
"""


def store_files(files: Mapping[str, bytes]) -> None:
    """Keep files under keys of the attachment storage; what is there already is replaced."""
    store = file_store()
    for key, content in files.items():
        store.delete(key)
        store.put(key, io.BytesIO(content))


def go_on_numbering(on: date, taken: int) -> None:
    """Let the day's next case number follow the `taken` ones that a load has used.

    on : day in the platform's time zone; nothing happens when the day has numbers already
    """
    with connection.cursor() as cursor:
        cursor.execute(_GO_ON, [on, taken])


def refresh_statistics() -> None:
    """Let the planner know the sizes of the tables after a load."""
    tables = ("case", "logentry", "clock", "task", "reporter", "attachment")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(f"cases_{table}" for table in tables))
