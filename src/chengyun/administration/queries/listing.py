"""Keyset pages over raw SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from django.db import connection

from chengyun.administration.rules.actor import Grant
from chengyun.kernel.paging import decode_token, encode_token

_JSONB: Final = 3802  # the type's number in PostgreSQL
PINYIN: Final = 'COLLATE "zh-x-icu"'


@dataclass(kw_only=True)
class Listing:
    """A list being put together: where it reads from, under which conditions, in which order.

    kind : name of the list and its order, kept in page tokens
    keys : (expression, type) of each part of the order; the last is unique
    """

    kind: str
    columns: str
    source: str
    keys: Sequence[tuple[str, type]]
    descending: bool = False
    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def where(self, condition: str, *values: Any) -> None:
        """Add a condition."""
        self.conditions.append(condition)
        self.values.extend(values)

    def where_contains(self, expressions: Sequence[str], text: str) -> None:
        """Keep rows of which one expression contains the text, whatever its case."""
        wanted = text.strip()
        if wanted:
            tests = [f"strpos(lower({expression}), lower(%s)) > 0" for expression in expressions]
            self.where(f"({' OR '.join(tests)})", *([wanted] * len(tests)))

    def where_in_scope(self, grants: Sequence[Grant], *, division: str, path: str) -> None:
        """Keep rows of organisations that one of the grants covers."""
        tests: list[str] = []
        values: list[Any] = []
        for grant in grants:
            parts = ["TRUE"]
            if grant.division_code:
                parts.append(f"starts_with({division}, %s)")
                values.append(grant.division_code)
            if grant.organisation_path is not None:
                parts.append(f"starts_with({path}, %s)")
                values.append(grant.organisation_path)
            tests.append(f"({' AND '.join(parts)})")
        self.where(f"({' OR '.join(tests) or 'FALSE'})", *values)

    def page(self, *, limit: int, after: str | None) -> tuple[list[dict[str, Any]], str | None]:
        """Return the rows of a page as dicts, and the token of the next page if there is one.

        raises : PageTokenInvalid
        """
        self._continue_after(after)
        statement = self._statement()
        with connection.cursor() as cursor:
            cursor.execute(statement, [*self.values, limit + 1])
            columns = [(c.name, c.type_code == _JSONB) for c in cursor.description or ()]
            rows = [_as_dict(columns, row) for row in cursor.fetchall()]
        token = None
        if len(rows) > limit:
            rows = rows[:limit]
            token = encode_token(self.kind, [rows[-1][f"_k{i}"] for i in range(len(self.keys))])
        for row in rows:
            for i in range(len(self.keys)):
                del row[f"_k{i}"]
        return rows, token

    def _continue_after(self, after: str | None) -> None:
        last = decode_token(self.kind, after, tuple(kind for _, kind in self.keys))
        if last is not None:
            expressions = ", ".join(expression for expression, _ in self.keys)
            places = ", ".join("%s" for _ in self.keys)
            sign = "<" if self.descending else ">"
            self.where(f"({expressions}) {sign} ({places})", *last)

    def _statement(self) -> str:
        direction = "DESC" if self.descending else "ASC"
        keys = ", ".join(f"{expression} AS _k{i}" for i, (expression, _) in enumerate(self.keys))
        order = ", ".join(f"{expression} {direction}" for expression, _ in self.keys)
        condition = " AND ".join(self.conditions) or "TRUE"
        return (  # every part is text of this program; values travel apart
            f"SELECT {self.columns}, {keys} FROM {self.source}"
            f" WHERE {condition} ORDER BY {order} LIMIT %s"
        )


def _as_dict(columns: Sequence[tuple[str, bool]], row: tuple[Any, ...]) -> dict[str, Any]:
    # Django hands jsonb over as text.
    return {
        name: orjson.loads(value) if is_json and isinstance(value, str) else value
        for (name, is_json), value in zip(columns, row, strict=True)
    }
