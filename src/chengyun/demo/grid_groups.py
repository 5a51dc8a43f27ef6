"""Writing management and evaluation grids and shifts of the generated city."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any

from chengyun.demo.rules.grid_groups import (
    DAY,
    EVENING,
    DemoGroup,
    bound_grids,
    evaluation_grids,
    management_grids,
)
from chengyun.demo.rules.projection import geometries_to_lonlat
from chengyun.demo.rules.shapes import dissolved
from chengyun.demo.rules.society import Society
from chengyun.demo.rules.town import Town
from chengyun.territory.operations.bulk import DutyRow, copy_duties
from chengyun.territory.operations.group_bulk import (
    GroupRow,
    ShiftRow,
    copy_groups,
    insert_shifts,
)
from chengyun.territory.rules.grouping import EVALUATION, MANAGEMENT

_EVERY_DAY = range(1, 8)
_SHIFTS = (
    ShiftRow(code=DAY, zh="日班", en="Day", weekdays=_EVERY_DAY, starts=time(7), ends=time(15)),
    ShiftRow(
        code=EVENING, zh="晚班", en="Evening", weekdays=_EVERY_DAY, starts=time(15), ends=time(23)
    ),
)


def write_grid_groups(town: Town, organisations: Mapping[str, int], since: datetime) -> int:
    """Write management and evaluation grids and return how many; unit grids must be there."""
    managed = management_grids(town)
    return copy_groups(list(_rows(town, managed, organisations, since)))


def write_duties(society: Society, ids: Mapping[str, int], since: datetime) -> int:
    """Bind collectors to unit grids, some of them in shifts; return the number of bindings."""
    shifts = insert_shifts(_SHIFTS)
    return copy_duties(
        DutyRow(
            grid_code=code, person_id=ids[username], valid_from=since, shift_id=shifts.get(shift)
        )
        for username, code, shift in bound_grids(society.of_role("collector"))
    )


def _rows(
    town: Town, managed: list[DemoGroup], organisations: Mapping[str, int], since: datetime
) -> Iterator[GroupRow]:
    divisions = town.divisions
    grounds = geometries_to_lonlat(town.fabric.polygons(town.fabric.cells))
    areas: list[float] = []
    for one in managed:
        areas.append(sum(divisions.areas_m2[cell] for cell in one.members))
        yield GroupRow(
            **_words(one, since),
            kind=MANAGEMENT,
            organisation_id=organisations.get(f"{one.code[:9]}-street_office"),
            members=[divisions.grid_codes[cell] for cell in one.members],
            unit_grids=len(one.members),
            area_m2=areas[-1],
            geometry=dissolved(grounds[list(one.members)]),
        )
    for one in evaluation_grids(divisions, managed):
        cells = [cell for place in one.members for cell in managed[place].members]
        yield GroupRow(
            **_words(one, since),
            kind=EVALUATION,
            members=[managed[place].code for place in one.members],
            unit_grids=len(cells),
            area_m2=sum(areas[place] for place in one.members),
            geometry=dissolved(grounds[cells]),
        )


def _words(one: DemoGroup, since: datetime) -> dict[str, Any]:
    return {
        "code": one.code,
        "zh": one.zh,
        "en": one.en,
        "division_code": one.division_code,
        "area_class": one.area_class,
        "valid_from": since,
    }
