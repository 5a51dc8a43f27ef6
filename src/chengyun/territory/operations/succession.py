"""What follows when unit grids end: who succeeds whom, and the management grids that held them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import connection

from chengyun.territory.operations.group_versions import lock_groups, renew_group, renew_holders
from chengyun.territory.operations.layers import raise_version
from chengyun.territory.queries.group_members import current_facts
from chengyun.territory.rules.grouping import MANAGEMENT

Act = Literal["split", "merged", "retired", "imported"]
_LEAST_SHARE = 0.01

_RECORD = """
INSERT INTO territory_gridsuccession (old_code, new_code, act, at)
SELECT old, new, %s, %s FROM unnest(%s::text[], %s::text[]) AS pairs(old, new)
ON CONFLICT DO NOTHING
"""
# The management grid that held most of the ground of the old ones takes a new grid.
_INHERIT = """
SELECT DISTINCT ON (p.new) p.new, m.group_code
FROM unnest(%s::text[], %s::text[]) AS p(old, new)
JOIN territory_gridgroupmember m
  ON m.kind = 'management' AND m.member_code = p.old AND m.valid_to IS NULL
JOIN LATERAL (SELECT area_m2 FROM territory_unitgrid g WHERE g.code = p.old
              ORDER BY g.version DESC LIMIT 1) g ON true
WHERE p.new <> '' AND NOT EXISTS (
    SELECT 1 FROM territory_gridgroupmember other WHERE other.kind = 'management'
    AND other.member_code = p.new AND other.valid_to IS NULL)
ORDER BY p.new, sum(g.area_m2) OVER (PARTITION BY p.new, m.group_code) DESC, m.group_code
"""
_HOLDING = """
SELECT DISTINCT group_code FROM territory_gridgroupmember
WHERE kind = 'management' AND member_code = ANY(%s) AND valid_to IS NULL ORDER BY group_code
"""
_ADD = """
INSERT INTO territory_gridgroupmember (kind, group_code, member_code, valid_from)
SELECT 'management', holder, code, %s FROM unnest(%s::text[], %s::text[]) AS taken(code, holder)
"""
# What lies in force where the ended grids lay, by at least a hundredth of their ground.
_FOLLOWING = """
SELECT o.code, coalesce(n.code, '')
FROM (SELECT DISTINCT ON (code) code, geometry FROM territory_unitgrid
      WHERE code = ANY(%(codes)s) ORDER BY code, version DESC) o
LEFT JOIN territory_unitgrid n ON n.valid_to IS NULL AND n.code <> o.code
  AND n.geometry && o.geometry AND ST_Intersects(n.geometry, o.geometry)
  AND ST_Area(ST_Intersection(n.geometry, o.geometry)) > %(share)s * ST_Area(o.geometry)
ORDER BY 1, 2
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeirGroup:
    """A management grid whose members change; `stays` is false when none is left."""

    code: str
    zh: str
    stays: bool


def record_succession(followers: Mapping[str, Sequence[str]], act: Act, at: datetime) -> None:
    """Write down who follows whom; [] = nobody."""
    pairs = [(old, new) for old, news in followers.items() for new in (news or [""])]
    _run(_RECORD, [act, at, [old for old, _ in pairs], [new for _, new in pairs]])


def carry_groups(followers: Mapping[str, Sequence[str]], at: datetime) -> list[HeirGroup]:
    """Let the followers take the places of ended unit grids in their management grids.

    Call after the grids are written, in the caller's transaction. A follower that belongs to a
    management grid already stays there.
    """
    lock_groups()
    olds = sorted(followers)
    pairs = [(old, new) for old in olds for new in followers[old]]
    heirs = _run(_INHERIT, [[old for old, _ in pairs], [new for _, new in pairs]])
    holding = [row[0] for row in _run(_HOLDING, [olds])]
    _run(_ADD, [at, [row[0] for row in heirs], [row[1] for row in heirs]])
    return renew_groups(sorted({*holding, *(row[1] for row in heirs)}), at)


def renew_groups(codes: Sequence[str], at: datetime) -> list[HeirGroup]:
    """Begin new versions of management grids from their members, and of what holds them."""
    found = []
    for code in codes:
        facts = current_facts(MANAGEMENT, code)
        stays = renew_group(MANAGEMENT, code, at)
        found.append(HeirGroup(code=code, zh=facts["zh"] if facts else code, stays=stays))
    if found:
        renew_holders(codes, at)
        for layer in ("management_grids", "evaluation_grids"):
            raise_version(layer)
    return found


def groups_holding(codes: Sequence[str]) -> list[str]:
    """Return the management grids that hold any of the unit grids at present."""
    return [row[0] for row in _run(_HOLDING, [list(codes)])]


def followers_by_ground(codes: Sequence[str]) -> dict[str, list[str]]:
    """Return by ended grid the grids in force that lie on its ground."""
    found: dict[str, list[str]] = {code: [] for code in codes}
    values = {"codes": list(codes), "share": _LEAST_SHARE}
    for old, new in _run(_FOLLOWING, values) if codes else []:
        if new:
            found[old].append(new)
    return found


def _run(statement: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
