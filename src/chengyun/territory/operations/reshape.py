"""Splitting a unit grid, joining several, ending some, from now on.

The old grids end and keep their codes for good: cases reported in them stay there, with their
people, whose bindings to the old grids go on. New grids begin with numbers never used before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import shapely
from django.db import connection, transaction
from shapely.geometry import LineString, MultiPolygon, Polygon, mapping
from shapely.geometry.base import BaseGeometry

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now
from chengyun.territory.faults import (
    GridNotCut,
    GridsNotAdjacent,
    GridsOfSeveralCommunities,
    TooManyNumbers,
    UnknownGrids,
)
from chengyun.territory.operations.areas import rebuild_areas
from chengyun.territory.operations.bulk import GridRow, load_grids
from chengyun.territory.operations.dependents import Dependent, dependents_of
from chengyun.territory.operations.layers import GRIDS, raise_version
from chengyun.territory.operations.succession import (
    Act,
    HeirGroup,
    carry_groups,
    record_succession,
)
from chengyun.territory.queries.code_schemes import UNIT_GRID, scheme_for
from chengyun.territory.rules.reshaping import LEAST_PART_M2, is_proper, joined_area, parts_along
from chengyun.territory.rules.scope import MANAGE, require_codes
from chengyun.territory.rules.topology import area_m2

_GRIDS = """
SELECT code, community_code, ST_AsBinary(geometry), area_class, land_use, valid_from
FROM territory_unitgrid WHERE code = ANY(%s) AND valid_to IS NULL ORDER BY area_m2 DESC, code
"""
_HIGHEST = "SELECT max(code) FROM territory_unitgrid WHERE code LIKE %s"
_END = "UPDATE territory_unitgrid SET valid_to = %s WHERE code = ANY(%s) AND valid_to IS NULL"
_ADD = """
INSERT INTO territory_unitgrid (code, community_code, street_code, district_code, geometry,
    area_m2, area_class, land_use, note, version, valid_from)
SELECT code, community, left(community, 9), left(community, 6), geometry, area_m2, area_class,
    land_use, note, 1, valid_from FROM grids_in
"""
_PEOPLE = """
SELECT DISTINCT p.id, p.name, d.duty, d.shift_id FROM territory_gridduty d
JOIN administration_person p ON p.id = d.person_id
WHERE d.grid_code = ANY(%s) AND d.valid_to IS NULL AND p.is_active
ORDER BY p.id, d.duty, d.shift_id
"""
_CARRY = """
INSERT INTO territory_gridduty (grid_code, person_id, duty, shift_id, valid_from)
SELECT code, person, duty, shift, %s FROM unnest(%s::text[]) AS code,
    unnest(%s::bigint[], %s::text[], %s::bigint[]) AS held(person, duty, shift)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewGrid:
    """A grid that begins; geometry as GeoJSON, EPSG:4490."""

    code: str
    area_m2: float
    geometry: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Somebody bound to one of the old grids."""

    id: int
    name: str
    duty: str
    shift_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reshaped:
    """What ends, what begins, and who was or would be bound to the new grids.

    groups : management grids whose members change
    dependents : what lies in the old grids and stays there
    """

    retired: list[str]
    made: list[NewGrid]
    people: list[Holder]
    carried: bool
    written: bool
    at: datetime
    groups: list[HeirGroup] = field(default_factory=list)
    dependents: list[Dependent] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Old:
    code: str
    community: str
    shape: BaseGeometry
    area_class: str
    land_use: str
    valid_from: datetime


@transaction.atomic
def split_grid(
    *, actor: Actor, code: str, line: LineString, carry_duties: bool, dry_run: bool = False
) -> Reshaped:
    """Split the grid in force along a line [EPSG:4490], which reaches across it, from now on.

    carry_duties : bind its people to each of the new grids; else nobody answers for them yet
    raises : GridNotCut, UnknownGrids, TooManyNumbers, OutsideScope, Forbidden
    """
    [old] = _old_grids(actor, [code])
    parts = parts_along(old.shape, line)
    if not is_proper(parts):
        raise GridNotCut(field="line", code=code, least=f"{LEAST_PART_M2:.0f}")
    return _reshape(actor, "split", [old], parts, carry_duties=carry_duties, dry_run=dry_run)


@transaction.atomic
def merge_grids(
    *, actor: Actor, codes: Sequence[str], carry_duties: bool, dry_run: bool = False
) -> Reshaped:
    """Join adjacent grids in force of one community to one with a new code, from now on.

    It takes area class and land use of the largest, and the people of all when `carry_duties`.

    raises : GridsNotAdjacent, GridsOfSeveralCommunities, UnknownGrids, TooManyNumbers,
        OutsideScope, Forbidden
    """
    olds = _old_grids(actor, sorted(set(codes)))
    if len({old.community for old in olds}) > 1:
        raise GridsOfSeveralCommunities(field="codes")
    whole = joined_area([old.shape for old in olds])
    if whole is None or len(olds) == 1:
        raise GridsNotAdjacent(field="codes")
    return _reshape(actor, "merged", olds, [whole], carry_duties=carry_duties, dry_run=dry_run)


@transaction.atomic
def retire_grids(*, actor: Actor, codes: Sequence[str], dry_run: bool = False) -> Reshaped:
    """End grids in force with nothing in their place, from now on.

    raises : UnknownGrids, OutsideScope, Forbidden
    """
    olds = _old_grids(actor, sorted(set(codes)))
    return _reshape(actor, "retired", olds, [], carry_duties=False, dry_run=dry_run)


def _old_grids(actor: Actor, codes: list[str]) -> list[_Old]:
    """Return the grids, the largest first, held against others who would change grids."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE territory_unitgrid IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_GRIDS, [codes])
        rows = cursor.fetchall()
    missing = sorted(set(codes) - {row[0] for row in rows})
    if missing:
        raise UnknownGrids(field="codes", codes=", ".join(missing[:20]))
    require_codes(actor, MANAGE, [row[1] for row in rows])
    return [
        _Old(
            code=row[0],
            community=row[1],
            shape=shapely.from_wkb(bytes(row[2])),
            area_class=row[3],
            land_use=row[4],
            valid_from=row[5],
        )
        for row in rows
    ]


def _reshape(
    actor: Actor,
    act: Act,
    olds: list[_Old],
    shapes: Sequence[BaseGeometry],
    *,
    carry_duties: bool,
    dry_run: bool,
) -> Reshaped:
    moment = max([now(), *(old.valid_from for old in olds)])
    retired = sorted(old.code for old in olds)
    codes = _new_codes(olds[0].community, len(shapes), moment) if shapes else []
    people = _people(retired)
    found = Reshaped(
        retired=retired,
        made=[
            NewGrid(code=code, area_m2=round(area_m2(shape), 1), geometry=mapping(shape))
            for code, shape in zip(codes, shapes, strict=True)
        ],
        people=people,
        carried=carry_duties and bool(people),
        written=not dry_run,
        at=moment,
        dependents=dependents_of(retired),
    )
    found = _written(found, act, olds, shapes, people if carry_duties else [])
    if dry_run:
        transaction.set_rollback(True)
        return found
    _tell(actor, act, found)
    return found


def _written(
    found: Reshaped,
    act: Act,
    olds: list[_Old],
    shapes: Sequence[BaseGeometry],
    people: list[Holder],
) -> Reshaped:
    """Write all; a trial is written too, to tell what would come of it, and taken back."""
    codes = [grid.code for grid in found.made]
    _write(olds, codes, shapes, found.at, people)
    followers = {old.code: codes for old in olds}
    record_succession(followers, act, found.at)
    return replace(found, groups=carry_groups(followers, found.at))


def _new_codes(community: str, count: int, moment: datetime) -> list[str]:
    scheme = scheme_for(UNIT_GRID, moment.date())
    width = scheme.parts[-1].width
    with connection.cursor() as cursor:
        cursor.execute(_HIGHEST, [f"{community}{'_' * width}"])
        (highest,) = cursor.fetchone()
    first = int(highest[len(community) :]) + 1 if highest else 1
    if first + count > 10**width:
        raise TooManyNumbers(
            field="codes", above=community, count=first + count - 1, most=10**width - 1
        )
    return [f"{community}{number:0{width}}" for number in range(first, first + count)]


def _people(codes: list[str]) -> list[Holder]:
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [codes])
        rows = cursor.fetchall()
    return [Holder(id=row[0], name=row[1], duty=row[2], shift_id=row[3]) for row in rows]


def _write(
    olds: list[_Old],
    codes: list[str],
    shapes: Sequence[BaseGeometry],
    moment: datetime,
    people: list[Holder],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_END, [moment, [old.code for old in olds]])
        if codes:
            _begin(olds[0], codes, shapes, moment)
        ids, duties = [one.id for one in people], [one.duty for one in people]
        shifts = [one.shift_id for one in people]
        cursor.execute(_CARRY, [moment, codes, ids, duties, shifts])
    rebuild_areas(sorted({old.community for old in olds}))


def _begin(first: _Old, codes: list[str], shapes: Sequence[BaseGeometry], moment: datetime) -> None:
    with connection.cursor() as cursor:
        load_grids(
            GridRow(
                code=code,
                community_code=first.community,
                geometry=shape,
                valid_from=moment,
                area_class=first.area_class,
                land_use=first.land_use,
            )
            for code, shape in zip(codes, shapes, strict=True)
            if isinstance(shape, Polygon | MultiPolygon)
        )
        cursor.execute(_ADD)
        cursor.execute("DROP TABLE grids_in")


def _tell(actor: Actor, act: str, found: Reshaped) -> None:
    detail = {
        "retired": found.retired,
        "made": [grid.code for grid in found.made],
        "people": len(found.people) if found.carried else 0,
        "management_grids": [one.code for one in found.groups],
        "version": raise_version(GRIDS),
    }
    record_audit(actor, f"grids.{act}", f"grid:{found.retired[0]}", detail)
    record_event(
        at=found.at,
        kind="territory.grids_changed",
        subject=f"grid:{found.retired[0]}",
        actor_id=actor.person_id,
        payload=detail,
    )
