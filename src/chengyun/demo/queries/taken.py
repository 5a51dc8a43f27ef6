"""Whether there is something already."""

from __future__ import annotations

from django.db import connection

_TAKEN = """
SELECT EXISTS (SELECT FROM cases_case) OR EXISTS (SELECT FROM administration_organisation)
    OR EXISTS (SELECT FROM territory_unitgrid) OR EXISTS (SELECT FROM territory_mapfeature)
"""


def database_is_taken() -> bool:
    """Tell whether there is anything that a demo city would mix with."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN)
        return bool(cursor.fetchone()[0])
