"""Statements that go to the database together: one round trip for all that an act writes."""

from __future__ import annotations

from typing import Any

from django.db import connection


class Writes:
    """Statements in their order, sent at once by `send`.

    Values are bound by the driver on this side, so several statements make one message; within it
    they run one after another. Each is bound by itself: the driver remembers how short ones fall
    into parts, and takes a long one to pieces anew each time.
    """

    def __init__(self) -> None:
        self._statements: list[tuple[str, tuple[Any, ...]]] = []

    def add(self, statement: str, *values: Any) -> None:
        """Add a statement with a `%s` for each value."""
        self._statements.append((statement, values))

    def insert(self, table: str, columns: dict[str, Any]) -> None:
        """Add the insertion of a row; names come from the program, never from a request."""
        marks = ", ".join(["%s"] * len(columns))
        self.add(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", *columns.values())

    def update(self, table: str, row_id: int, columns: dict[str, Any]) -> None:
        """Add the change of a row by its id."""
        changes = ", ".join(f"{name} = %s" for name in columns)
        self.add(f"UPDATE {table} SET {changes} WHERE id = %s", *columns.values(), row_id)

    def send(self) -> None:
        """Run the statements and forget them."""
        statements, self._statements = self._statements, []
        if not statements:
            return
        with connection.cursor() as cursor:
            bind = cursor.cursor.mogrify
            cursor.execute(";\n".join(bind(text, values) for text, values in statements))
