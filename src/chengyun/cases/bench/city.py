"""The bench's city: a chessboard of districts, streets, communities and unit grids, with desks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Final

from django.db import transaction
from shapely.geometry import box

from chengyun.administration.operations.bulk import (
    OrganisationRow,
    PersonRow,
    insert_organisations,
    insert_people,
)
from chengyun.administration.rules.actor import SYSTEM
from chengyun.territory.operations.bulk import (
    DivisionRow,
    DutyRow,
    GridRow,
    copy_divisions,
    copy_duties,
    copy_grids,
    finish_bulk,
)

CITY: Final = "9901"
DISTRICTS, STREETS, COMMUNITIES, GRIDS = 10, 8, 8, 16
WEST, SOUTH, STEP = 120.10, 30.20, 0.001
SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
PASSWORD: Final = "Chengyun-Bench-2026"
BUILDER: Final = SYSTEM
ACCOUNTS: Final = {
    "leader": "bench_leader",
    "acceptor": "bench_acceptor",
    "district_acceptor": "bench_district_acceptor",
    "hotline_operator": "bench_hotline",
    "shift_leader": "bench_shift_leader",
    "dispatcher": "bench_dispatcher",
    "department": "bench_sanitation_0",
    "collector": "bench_collector_0",
}
DEPARTMENT_KINDS: Final = {
    "municipal": "市政管护中心",
    "sanitation": "环卫中心",
    "landscaping": "园林绿化中心",
    "traffic_police": "交警大队",
    "transport": "交通运输局",
    "water": "水务局",
    "enforcement": "综合执法局",
    "housing": "住房建设局",
    "environment": "生态环境局",
    "market": "市场监管局",
    "civil_affairs": "民政局",
    "power": "供电公司",
    "gas": "燃气公司",
    "heating": "供热公司",
    "telecom": "通信公司",
    "street_office": "街道办",
}
_DISTRICT_NAMES = ["滨江", "东湖", "北关", "学府", "石桥", "新城", "南苑", "西山", "金桥", "紫云"]
_STREET_NAMES = ["望江", "和平", "桃园", "中山", "文昌", "解放", "柳林", "建设"]
_COMMUNITY_NAMES = ["朝阳", "光明", "幸福", "春晖", "紫荆", "翠竹", "锦绣", "安定"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """A unit grid of the bench's city."""

    code: str
    lon: float
    lat: float
    place: str

    @property
    def district(self) -> int:
        """Number of its district, from 0."""
        return int(self.code[4:6]) - 1

    @property
    def street(self) -> int:
        """Number of its street, counted through all districts."""
        return self.district * STREETS + int(self.code[6:9]) - 1


@dataclass(frozen=True, kw_only=True)
class City:
    """Who is there. Lists by district, or by street over all districts.

    departments : organisation by kind and district; handlers : a person of each of them
    collectors : one for each street, whose grids he walks
    """

    departments: dict[str, list[int]]
    names: dict[int, str]
    people: dict[str, int]
    handlers: dict[int, int]
    collectors: list[int]


def grounds() -> list[Ground]:
    """Return every unit grid, west to east and north to south within its community."""
    return list(_grounds())


def _grounds() -> Iterator[Ground]:
    places = product(range(DISTRICTS), range(STREETS), range(COMMUNITIES), range(GRIDS))
    for district, street, community, grid in places:
        column = (district % 5) * 32 + (street % 2) * 16 + (community % 4) * 4
        row = (district // 5) * 32 + (street // 2) * 8 + (community // 4) * 4
        code = f"{CITY}{district + 1:02}{street + 1:03}{community + 1:03}"
        yield Ground(
            code=f"{code}{grid + 1:03}",
            lon=round(WEST + (column + grid % 4) * STEP, 6),
            lat=round(SOUTH + (row + grid // 4) * STEP, 6),
            place=f"{_STREET_NAMES[street]}街道{_COMMUNITY_NAMES[community]}社区",
        )


@transaction.atomic
def make_city() -> City:
    """Make divisions, grids, organisations, people and duties."""
    copy_divisions(_divisions())
    copy_grids(
        GridRow(
            code=ground.code,
            community_code=ground.code[:12],
            geometry=box(ground.lon, ground.lat, ground.lon + STEP, ground.lat + STEP),
            valid_from=SINCE,
            area_m2=10_600.0,
        )
        for ground in _grounds()
    )
    city = _make_desks()
    copy_duties(
        DutyRow(grid_code=ground.code, person_id=city.collectors[ground.street], valid_from=SINCE)
        for ground in _grounds()
    )
    finish_bulk()
    return city


def _divisions() -> Iterator[DivisionRow]:
    yield DivisionRow(code=CITY[:2], zh="云江省", en="Yunjiang")
    yield DivisionRow(code=CITY, zh="临江市", en="Linjiang")
    for district in range(DISTRICTS):
        code = f"{CITY}{district + 1:02}"
        yield DivisionRow(code=code, zh=f"{_DISTRICT_NAMES[district]}区", en=f"District {district}")
        for street in range(STREETS):
            name = f"{_STREET_NAMES[street]}街道"
            yield DivisionRow(code=f"{code}{street + 1:03}", zh=name, en=f"Street {street}")
            for community in range(COMMUNITIES):
                yield DivisionRow(
                    code=f"{code}{street + 1:03}{community + 1:03}",
                    zh=f"{_COMMUNITY_NAMES[community]}社区",
                    en=f"Community {community}",
                )


def _make_desks() -> City:
    organisations = insert_organisations(actor=BUILDER, rows=list(_organisations()))
    people = insert_people(actor=BUILDER, rows=list(_people()), password=PASSWORD)
    return city_of(organisations, people)


def city_of(organisations: dict[str, int], people: dict[str, int]) -> City:
    """Return the city of these organisations (by code) and people (by username)."""
    desks = [(kind, district) for kind in DEPARTMENT_KINDS for district in range(DISTRICTS)]
    made = {(kind, district): organisations[f"{kind}-{district}"] for kind, district in desks}
    return City(
        departments={
            kind: [made[kind, district] for district in range(DISTRICTS)]
            for kind in DEPARTMENT_KINDS
        },
        names={
            key: f"{_DISTRICT_NAMES[district]}区{DEPARTMENT_KINDS[kind]}"
            for (kind, district), key in made.items()
        },
        people={role: people[username] for role, username in ACCOUNTS.items()},
        handlers={
            key: people[f"bench_{kind}_{district}"] for (kind, district), key in made.items()
        },
        collectors=[people[f"bench_collector_{n}"] for n in range(DISTRICTS * STREETS)],
    )


def _organisations() -> Iterator[OrganisationRow]:
    yield _organisation("root", "", "city", "临江市")
    yield _organisation("watch", "root", "supervision_centre", "监督中心")
    yield _organisation("command", "root", "command_centre", "指挥中心")
    for kind, name in DEPARTMENT_KINDS.items():
        yield _organisation(kind, "root", "department", f"市{name}", kind)
        for district, place in enumerate(_DISTRICT_NAMES):
            code = f"{kind}-{district}"
            yield _organisation(code, kind, "department", f"{place}区{name}", kind)


def _organisation(
    code: str, parent: str, kind: str, zh: str, department_kind: str = ""
) -> OrganisationRow:
    return OrganisationRow(
        code=code,
        parent=parent,
        kind=kind,
        zh=zh,
        en=code.replace("-", " "),
        division_code=CITY,
        department_kind=department_kind,
    )


def _people() -> Iterator[PersonRow]:
    for role, username in ACCOUNTS.items():
        if role in {"department", "collector"}:
            continue
        place = "command" if role == "dispatcher" else "watch"
        division = f"{CITY}01" if role == "district_acceptor" else ""
        name = "acceptor" if role == "district_acceptor" else role
        yield _person(username, place, name, division)
    for kind in DEPARTMENT_KINDS:
        for district in range(DISTRICTS):
            code = f"{kind}-{district}"
            yield _person(f"bench_{kind}_{district}", code, "department", own=True)
    for number in range(DISTRICTS * STREETS):
        division = f"{CITY}{number // STREETS + 1:02}"
        yield _person(f"bench_collector_{number}", "watch", "collector", division)


def _person(
    username: str, organisation: str, role: str, division: str = "", *, own: bool = False
) -> PersonRow:
    return PersonRow(
        username=username,
        name=username.removeprefix("bench_"),
        phone="13800001111",
        organisation=organisation,
        role=role,
        division_code=division,
        own_organisation=own,
    )
