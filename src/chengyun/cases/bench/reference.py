"""What the bench looks up: the standards in use, its own city, and what the load may ask for.

Reads tables of administration and territory directly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from chengyun.cases.bench import city as plan

_STANDARDS = """
SELECT s.id, t.id, t.kind, t.code, t.zh, s.department_kind
FROM cases_disposalstandard s
JOIN cases_standardset e ON e.id = s.set_id AND e.active
JOIN cases_mattertype t ON t.id = s.matter_type_id AND t.active
WHERE s.active AND s.condition_no = 1 ORDER BY s.id
"""
_RANDOM = """
SELECT c.id FROM cases_case c WHERE c.id = ANY(
    SELECT (random() * (SELECT max(id) FROM cases_case))::bigint FROM generate_series(1, %s))
"""
_WORDS = (
    *("垃圾", "井盖", "绿化", "路灯", "桥头", "异味", "破损", "小学", "施工", "广告"),
    *("和平街道", "菜市场门前", "夜间看不清", "公园入口", "幸福社区 医院", "街道 垃圾"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class StandardInUse:
    """A filing condition with its type."""

    id: int
    matter_type_id: int
    kind: str
    code: str
    zh: str
    department_kind: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the load asks for.

    types : (kind, code) of types to report; standards : filing condition by type code
    department : an organisation that disposes, for a dispatch
    """

    accounts: dict[str, str]
    password: str
    rows: int
    case_ids: list[int]
    words: list[str]
    types: list[tuple[str, str]]
    standards: dict[str, int]
    department: int
    bounds: tuple[float, float, float, float]


def standards_in_use() -> list[StandardInUse]:
    """Return the first condition of each type in use."""
    return [
        StandardInUse(
            id=row[0],
            matter_type_id=row[1],
            kind=row[2],
            code=row[3],
            zh=row[4],
            department_kind=row[5],
        )
        for row in _rows(_STANDARDS)
    ]


def grid_ids() -> dict[str, int]:
    """Return code → id of the grids in force."""
    return dict(_rows("SELECT code, id FROM territory_unitgrid WHERE valid_to IS NULL"))


def count_cases() -> int:
    """Return how many cases there are."""
    return int(_rows("SELECT count(*) FROM cases_case")[0][0])


def find_city() -> plan.City | None:
    """Return the city that an earlier run made, None where there is none."""
    people = dict(_rows("SELECT username, id FROM administration_person"))
    if plan.ACCOUNTS["leader"] not in people:
        return None
    return plan.city_of(dict(_rows("SELECT code, id FROM administration_organisation")), people)


def load_facts(city: plan.City) -> Facts:
    """Return what the load asks for, of the cases that are there now."""
    standards = standards_in_use()
    rows = count_cases()
    east = plan.WEST + 160 * plan.STEP
    return Facts(
        accounts=dict(plan.ACCOUNTS),
        password=plan.PASSWORD,
        rows=rows,
        case_ids=[row[0] for row in _rows(_RANDOM, [4_000])],
        words=list(_WORDS),
        types=[(one.kind, one.code) for one in standards],
        standards={f"{one.kind}:{one.code}": one.id for one in standards},
        department=city.departments["sanitation"][0],
        bounds=(plan.WEST, plan.SOUTH, east, plan.SOUTH + 64 * plan.STEP),
    )


def _rows(statement: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
