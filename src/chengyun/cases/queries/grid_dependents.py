"""What the territory is told of cases before unit grids end."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection


def count_open_cases(grid_codes: Sequence[str]) -> int:
    """Return how many open cases lie in the grids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM cases_case WHERE is_open AND grid_code = ANY(%s)",
            [list(grid_codes)],
        )
        (count,) = cursor.fetchone()
    return int(count)
