"""Coherent territory for tests: a chessboard city of squares, and people bound to it.

Other contexts' tests may use these. The city's south-west corner is at (120.0, 30.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.contrib.gis.geos import MultiPolygon, Polygon

from chengyun.administration.models import Person
from chengyun.territory.models import Division, GridDuty, UnitGrid

WEST, SOUTH, STEP = 120.0, 30.0, 0.001
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DISTRICT, STREET, COMMUNITY = "330199", "330199001", "330199001001"


def make_division(code: str, *, zh: str = "", level: str = "") -> Division:
    """Make one division; level and parent follow from the code's length."""
    levels = {2: "province", 4: "city", 6: "county", 9: "street", 12: "community"}
    parents = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}
    division, _ = Division.objects.get_or_create(
        code=code,
        defaults={
            "parent_code": code[: parents[len(code)]],
            "level": level or levels[len(code)],
            "zh": zh or f"区划{code}",
            "en": f"Division {code}",
        },
    )
    return division


def make_divisions(community: str = COMMUNITY) -> None:
    """Make a community with everything above it."""
    for width in (2, 4, 6, 9, 12):
        make_division(community[:width])


def square(column: int, row: int, *, west: float = WEST, south: float = SOUTH) -> MultiPolygon:
    """Return the square at a column and row of the chessboard, EPSG:4490."""
    left, bottom = round(west + column * STEP, 6), round(south + row * STEP, 6)
    right, top = round(left + STEP, 6), round(bottom + STEP, 6)
    return MultiPolygon(Polygon.from_bbox((left, bottom, right, top)), srid=4490)


def middle(column: int, row: int) -> tuple[float, float]:
    """Return longitude and latitude of the middle of a square."""
    return (WEST + (column + 0.5) * STEP, SOUTH + (row + 0.5) * STEP)


def make_grid(
    code: str,
    *,
    column: int = 0,
    row: int = 0,
    valid_from: datetime = LONG_AGO,
    valid_to: datetime | None = None,
    version: int = 1,
    area_class: str = "B",
) -> UnitGrid:
    """Make one version of a unit grid with its divisions."""
    make_divisions(code[:12])
    grid = UnitGrid.objects.create(
        code=code,
        community_code=code[:12],
        street_code=code[:9],
        district_code=code[:6],
        geometry=square(column, row),
        area_m2=10_000.0,
        area_class=area_class,
        version=version,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    grid.refresh_from_db()
    return grid


def make_grids(
    *, columns: int = 3, rows: int = 2, community: str = COMMUNITY, first_row: int = 0
) -> list[UnitGrid]:
    """Make a chessboard of unit grids in one community, numbered from 001, west to east."""
    return [
        make_grid(f"{community}{row * columns + column + 1:03}", column=column, row=first_row + row)
        for row in range(rows)
        for column in range(columns)
    ]


def make_duties(
    person: Person, grids: Sequence[UnitGrid], *, valid_from: datetime = LONG_AGO
) -> list[GridDuty]:
    """Bind a collector to grids."""
    return [
        GridDuty.objects.create(grid_code=grid.code, person=person, valid_from=valid_from)
        for grid in grids
    ]
