"""Writing many management and evaluation grids and shifts at once by COPY: for the demo city.

The caller has decided that the rows are right: codes, adjacency and classes are not checked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import shapely
from django.db import connection, transaction
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from chengyun.intake.operations.copying import copying
from chengyun.territory.models import STORAGE_SRID, Shift
from chengyun.territory.operations.grid_groups import tell_layers_changed
from chengyun.territory.rules.grouping import Kind

_GROUPS = (
    "COPY territory_gridgroup (kind, code, zh, en, organisation_id, area_class, note,"
    " division_code, unit_grids, area_m2, geometry, version, valid_from) FROM STDIN"
)
_MEMBERS = "COPY territory_gridgroupmember (kind, group_code, member_code, valid_from) FROM STDIN"


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupRow:
    """A management or evaluation grid, first version."""

    kind: Kind
    code: str
    zh: str
    en: str
    division_code: str
    area_class: str
    members: Sequence[str]
    unit_grids: int
    area_m2: float
    geometry: BaseGeometry
    valid_from: datetime
    organisation_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftRow:
    """A shift; `ends` not after `starts` = on the next day."""

    code: str
    zh: str
    en: str
    weekdays: Sequence[int]
    starts: time
    ends: time


def _copy_members(copy: Any, row: GroupRow) -> None:
    """Send the members of a grid to a COPY."""
    for member in row.members:
        copy.write_row((row.kind, row.code, member, row.valid_from))


@transaction.atomic
def copy_groups(rows: Sequence[GroupRow]) -> int:
    """Write management and evaluation grids with their members; return how many."""
    shapes = [MultiPolygon(shapely.get_parts(row.geometry).tolist()) for row in rows]
    written = shapely.to_wkb(shapely.set_srid(shapes, STORAGE_SRID), hex=True, include_srid=True)
    with connection.cursor() as cursor:
        with copying(cursor, _GROUPS) as copy:
            for row, shape in zip(rows, written, strict=True):
                words = (row.kind, row.code, row.zh, row.en, row.organisation_id, row.area_class)
                ground = (row.division_code, row.unit_grids, row.area_m2, shape)
                copy.write_row((*words, "", *ground, 1, row.valid_from))
        with copying(cursor, _MEMBERS) as copy:
            for row in rows:
                _copy_members(copy, row)
        cursor.execute("ANALYZE territory_gridgroup, territory_gridgroupmember")
    tell_layers_changed()
    return len(rows)


def insert_shifts(rows: Iterable[ShiftRow]) -> dict[str, int]:
    """Write shifts and return their ids by code."""
    made = Shift.objects.bulk_create(
        Shift(
            code=row.code,
            zh=row.zh,
            en=row.en,
            weekdays=list(row.weekdays),
            starts=row.starts,
            ends=row.ends,
        )
        for row in rows
    )
    return {shift.code: shift.pk for shift in made}
