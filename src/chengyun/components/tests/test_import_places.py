"""Rows of an import find their grids alike, from whichever side they are looked up."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from chengyun.components.operations import import_batch
from chengyun.components.operations.import_batch import place_rows
from chengyun.components.tests.builders import City
from chengyun.territory.tests.builders import middle

pytestmark = pytest.mark.django_db


def placed(points: list[tuple[float, float]], *, count: int) -> list[str | None]:
    with connection.cursor() as cursor:
        cursor.execute(import_batch.STAGE)
        cursor.executemany(
            "INSERT INTO components_in (row, position)"
            " VALUES (%s, ST_SetSRID(ST_MakePoint(%s, %s), 4490))",
            [(number, *point) for number, point in enumerate(points)],
        )
        place_rows(cursor, count, timezone.now())
        cursor.execute("SELECT grid_code FROM components_in ORDER BY row")
        found = [row[0] for row in cursor.fetchall()]
        cursor.execute("DROP TABLE components_in")
    return found


def test_few_rows_and_many_find_the_same_grids(city: City) -> None:
    (west, south), (east, north) = middle(0, 0), middle(1, 1)
    border, corner = ((west + east) / 2, south), ((west + east) / 2, (south + north) / 2)
    points = [middle(0, 0), middle(2, 1), border, corner, (0.0, 0.0)]
    codes = sorted(grid.code for grid in city.grids)
    each, by_grid = placed(points, count=1), placed(points, count=1_000)
    assert each == by_grid
    assert each[4] is None
    assert each[2] == each[3] == each[0] == codes[0]  # of several the smallest code
