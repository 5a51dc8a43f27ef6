"""The bench's city: a chessboard of districts, streets, communities and unit grids, with desks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Final

from django.db import transaction
from shapely.geometry import box

from chengyun.administration.operations.grants import grant_role
from chengyun.administration.operations.organisations import create_organisation
from chengyun.administration.operations.people import create_person
from chengyun.administration.rules.actor import Actor, Grant
from chengyun.administration.rules.definitions import permission_definitions
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
DEPARTMENT_KINDS: Final = (
    "municipal",
    "sanitation",
    "landscaping",
    "traffic_police",
    "transport",
    "water",
    "enforcement",
    "housing",
    "environment",
    "market",
    "civil_affairs",
    "power",
    "gas",
    "heating",
    "telecom",
    "street_office",
)
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


@dataclass(frozen=True, kw_only=True)
class City:
    """Who is there. `departments[kind][district]` is an organisation's id."""

    departments: dict[str, list[int]]
    department_names: dict[int, str]
    people: dict[str, int]
    collectors: list[int]


def builder() -> Actor:
    """Return the actor that makes the city: every permission, everywhere."""
    every = frozenset(permission_definitions())
    grant = Grant(role_code="bench", permissions=every)
    return Actor(person_id=None, name="bench", grants=(grant,))


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
    city = _make_desks(builder())
    copy_duties(
        DutyRow(grid_code=ground.code, person_id=city.collectors[ground.district], valid_from=SINCE)
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


def _make_desks(actor: Actor) -> City:
    root = _organisation(actor, None, "city", "临江市", "city")
    supervision = _organisation(actor, root, "sc", "监督中心", "supervision_centre")
    command = _organisation(actor, root, "cc", "指挥中心", "command_centre")
    departments: dict[str, list[int]] = {}
    names: dict[int, str] = {}
    for kind in DEPARTMENT_KINDS:
        top = _organisation(actor, root, f"d-{kind}", f"市{kind}局", "department", kind)
        departments[kind] = []
        for district, name in enumerate(_DISTRICT_NAMES):
            made = _organisation(
                actor, top, f"d-{kind}-{district}", f"{name}区{kind}局", "department", kind
            )
            departments[kind].append(made)
            names[made] = f"{name}区{kind}局"
    first = departments["sanitation"][0]
    first_district = f"{CITY}01"
    people = {
        "leader": _person(actor, "bench_leader", supervision, "leader"),
        "acceptor": _person(actor, "bench_acceptor", supervision, "acceptor", first_district),
        "city_acceptor": _person(actor, "bench_city_acceptor", supervision, "acceptor"),
        "hotline": _person(actor, "bench_hotline", supervision, "hotline_operator"),
        "shift_leader": _person(actor, "bench_shift_leader", supervision, "shift_leader"),
        "dispatcher": _person(actor, "bench_dispatcher", command, "dispatcher"),
        "department": _person(actor, "bench_department", first, "department", "", first),
    }
    collectors = [
        _person(actor, f"bench_collector_{n + 1}", supervision, "collector", f"{CITY}{n + 1:02}")
        for n in range(DISTRICTS)
    ]
    return City(
        departments=departments, department_names=names, people=people, collectors=collectors
    )


def _organisation(
    actor: Actor, parent: int | None, code: str, name: str, kind: str, department_kind: str = ""
) -> int:
    values = {"code": code, "zh": name, "kind": kind, "department_kind": department_kind}
    if parent is None:
        values["division_code"] = CITY
    return create_organisation(actor=actor, parent_id=parent, values=values).pk


def _person(
    actor: Actor,
    username: str,
    organisation: int,
    role: str,
    division: str = "",
    scope_organisation: int | None = None,
) -> int:
    values = {"username": username, "name": username, "organisation_id": organisation}
    made = create_person(actor=actor, values=values, password=PASSWORD).person
    grant_role(
        actor=actor,
        person_id=made.pk,
        role_code=role,
        division_code=division,
        organisation_id=scope_organisation,
    )
    return made.pk
