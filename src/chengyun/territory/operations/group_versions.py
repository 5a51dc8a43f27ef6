"""Versions of management and evaluation grids: written, ended, renewed when members change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import shapely
from django.db import connection

from chengyun.territory.models import STORAGE_SRID
from chengyun.territory.queries.group_members import (
    current_facts,
    current_members,
    holders_of_members,
    members_by_code,
)
from chengyun.territory.rules.adjacency import dissolved
from chengyun.territory.rules.grouping import EVALUATION, Kind, Member, common_division

_LOCK = "LOCK TABLE territory_gridgroup, territory_gridgroupmember IN SHARE ROW EXCLUSIVE MODE"
_BEGUN = (
    "SELECT valid_from FROM territory_gridgroup WHERE kind = %s AND code = %s AND valid_to IS NULL"
)
_END = """
UPDATE territory_gridgroup SET valid_to = greatest(%s, valid_from)
WHERE kind = %s AND code = %s AND valid_to IS NULL
"""
_END_MEMBERS = """
UPDATE territory_gridgroupmember SET valid_to = greatest(%s, valid_from)
WHERE kind = %s AND group_code = %s AND valid_to IS NULL AND NOT member_code = ANY(%s)
"""
_ADD_MEMBERS = """
INSERT INTO territory_gridgroupmember (kind, group_code, member_code, valid_from)
SELECT %(kind)s, %(code)s, member, %(at)s FROM unnest(%(members)s::text[]) AS member
WHERE NOT EXISTS (SELECT 1 FROM territory_gridgroupmember m WHERE m.kind = %(kind)s
    AND m.group_code = %(code)s AND m.member_code = member AND m.valid_to IS NULL)
"""
_ADD = """
INSERT INTO territory_gridgroup (kind, code, zh, en, organisation_id, area_class, note,
    division_code, unit_grids, area_m2, geometry, valid_from, version)
SELECT %(kind)s, %(code)s, %(zh)s, %(en)s, %(organisation_id)s, %(area_class)s, %(note)s,
    %(division)s, %(unit_grids)s, %(area_m2)s, ST_GeomFromEWKB(%(geometry)s), %(at)s,
    1 + coalesce(max(version), 0)
FROM territory_gridgroup WHERE kind = %(kind)s AND code = %(code)s
RETURNING version
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What a version tells beside its members."""

    kind: Kind
    code: str
    zh: str
    en: str
    organisation_id: int | None
    area_class: str
    note: str


def lock_groups() -> None:
    """Let nobody else change groups, nor the grids they hold, until the transaction ends.

    Grids first: whoever reshapes grids locks them in this order too.
    """
    _run("LOCK TABLE territory_unitgrid IN SHARE ROW EXCLUSIVE MODE", [])
    _run(_LOCK, [])


def write_version(facts: Facts, members: Sequence[Member], at: datetime) -> int:
    """End the version in force, begin one with these members; return its number."""
    begun = _run(_BEGUN, [facts.kind, facts.code])
    moment = max([at, *(row[0] for row in begun)])
    end_group(facts.kind, facts.code, moment, but=[one.code for one in members])
    ground = shapely.set_srid(dissolved([one.shape for one in members]), STORAGE_SRID)
    values = {
        **asdict(facts),
        "division": common_division([one.division for one in members]),
        "unit_grids": sum(one.unit_grids for one in members),
        "area_m2": sum(one.area_m2 for one in members),
        "geometry": shapely.to_wkb(ground, include_srid=True),
        "at": moment,
        "members": [one.code for one in members],
    }
    _run(_ADD_MEMBERS, values)
    [(version,)] = _run(_ADD, values)
    return int(version)


def end_group(kind: Kind, code: str, at: datetime, but: Sequence[str] = ()) -> None:
    """End the version in force, and what it holds except the members that stay."""
    _run(_END, [at, kind, code])
    _run(_END_MEMBERS, [at, kind, code, list(but)])


def renew_group(kind: Kind, code: str, at: datetime) -> bool:
    """Begin a version from the present members; end the group when none is left.

    returns : whether it goes on
    """
    found = current_facts(kind, code)
    if found is None:
        return False
    members = members_by_code(kind, current_members(kind, code))
    if not members:
        end_group(kind, code, at)
        return False
    write_version(Facts(**found), members, at)
    return True


def renew_holders(codes: Sequence[str], at: datetime) -> None:
    """Renew the evaluation grids that hold these management grids."""
    for holder in sorted(set(holders_of_members(EVALUATION, codes).values())):
        renew_group(EVALUATION, holder, at)


def _run(statement: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
