"""Organisations and people of the generated city, and who looks after which grids."""

import csv
import random
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from chengyun.demo.rules.codes import CITY, CITY_EN, CITY_ZH, credit_code
from chengyun.demo.rules.divisions import Divisions
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.naming import person_name, romanised
from chengyun.demo.rules.town import Town

_GRIDS_A_COLLECTOR = 10
_PEOPLE_A_SHIFT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOrganisation:
    """An organisation; `parent` is the code of the one above it, empty for the root."""

    code: str
    parent: str
    kind: str
    zh: str
    en: str
    division_code: str
    credit_code: str
    department_kind: str = ""
    sort: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """A person with one role in one scope.

    division_code : scope of the role, empty = everywhere
    own_organisation : whether the role reaches only the person's own organisation
    grids : unit grids for which a collector answers
    """

    username: str
    name: str
    phone: str
    organisation: str
    role: str
    post: str
    division_code: str = ""
    own_organisation: bool = False
    grids: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Society:
    """Everyone.

    collector_of : username by grid code
    """

    organisations: list[DemoOrganisation] = field(default_factory=list)
    people: list[DemoPerson] = field(default_factory=list)
    collector_of: dict[str, str] = field(default_factory=dict)

    def of_role(self, role: str) -> list[DemoPerson]:
        """Return the people with a role, in the order they were made."""
        return [person for person in self.people if person.role == role]


def people_city(town: Town) -> Society:
    """Return organisations and people for a town."""
    maker = _Maker(town)
    maker.organisations()
    maker.office_people()
    maker.department_people()
    maker.collectors()
    return maker.society


@dataclass(frozen=True, slots=True, kw_only=True)
class _DepartmentRow:
    department_kind: str
    level: str
    kind: str
    zh: str
    en: str
    handlers: int


@cache
def _departments() -> tuple[_DepartmentRow, ...]:
    text = resources.files("chengyun.demo").joinpath("data/departments.csv").read_text("utf-8")
    return tuple(
        _DepartmentRow(
            department_kind=row["department_kind"],
            level=row["level"],
            kind=row["kind"],
            zh=row["zh"],
            en=row["en"],
            handlers=int(row["handlers"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


class _Maker:
    """Makes organisations and people step by step."""

    def __init__(self, town: Town) -> None:
        self.society = Society()
        self._divisions: Divisions = town.divisions
        self._draw: random.Random = scalar_draws(town.seed, "society")
        self._size = town.size
        self._numbers: dict[str, int] = {}
        self._districts = sorted(town.divisions.districts, key=lambda district: district.code)
        self._streets = sorted(town.divisions.streets, key=lambda street: street.code)

    def organisations(self) -> None:
        self._organise("", "city", f"{CITY_ZH}人民政府", f"{CITY_EN} Municipal Government", CITY)
        self._organise(
            CITY,
            "supervision_centre",
            f"{CITY_ZH}城市管理监督中心",
            f"{CITY_EN} Supervision Centre",
            CITY,
        )
        self._organise(
            CITY, "command_centre", f"{CITY_ZH}城市管理指挥中心", f"{CITY_EN} Command Centre", CITY
        )
        for row in _departments():
            if row.level == "city":
                self._department(row, CITY, f"{CITY_ZH}{row.zh}", f"{CITY_EN} {row.en}", CITY)
        for district in self._districts:
            stem = romanised(district.zh[:-1])
            zh, code = district.zh, district.code
            self._organise(CITY, "district", f"{zh}人民政府", f"{stem} District Government", code)
            self._organise(
                code,
                "supervision_centre",
                f"{zh}监督分中心",
                f"{stem} Supervision Sub-centre",
                code,
            )
            self._organise(
                code, "command_centre", f"{zh}指挥分中心", f"{stem} Command Sub-centre", code
            )
            for row in _departments():
                if row.level == "district":
                    self._department(row, code, f"{zh}{row.zh}", f"{stem} {row.en}", code)
        office = next(row for row in _departments() if row.level == "street")
        for street in self._streets:
            name = street.zh + "办事处" if street.zh.endswith("街道") else street.zh + "人民政府"
            stem = romanised(street.zh.removesuffix("街道").removesuffix("镇"))
            self._department(office, street.code[:6], name, f"{stem} {office.en}", street.code)

    def _organise(
        self,
        parent: str,
        kind: str,
        zh: str,
        en: str,
        division: str,
        department_kind: str = "",
    ) -> None:
        suffix = {"supervision_centre": "S", "command_centre": "C"}.get(kind, "")
        code = division + (suffix or (f"-{department_kind}" if department_kind else ""))
        count = len(self.society.organisations)
        self.society.organisations.append(
            DemoOrganisation(
                code=code,
                parent=parent,
                kind=kind,
                zh=zh,
                en=en,
                division_code=division,
                credit_code=credit_code(10_000_000 + count, enterprise=kind == "enterprise"),
                department_kind=department_kind,
                sort=count,
            )
        )

    def _department(
        self, row: _DepartmentRow, parent: str, zh: str, en: str, division: str
    ) -> None:
        self._organise(parent, row.kind, zh, en, division, row.department_kind)

    def office_people(self) -> None:
        self._hire("admin", "administrator", f"{CITY}S", numbered=False)
        self._hire("integrator", "integrator", f"{CITY}S")
        shifts = max(2, round(self._size.grids / 1_000))
        for _ in range(2):
            self._hire("leader", "leader", CITY)
        for _ in range(max(1, shifts // 2)):
            self._hire("inspector", "inspector", f"{CITY}C")
        for _ in range(shifts + 1):
            self._hire("hotline", "hotline_operator", f"{CITY}S")
        for _ in range(shifts + 1):
            self._hire("acceptor", "acceptor", f"{CITY}S")
        for _ in range(shifts):
            self._hire("shiftleader", "shift_leader", f"{CITY}S")
        for _ in range(shifts):
            self._hire("dispatcher", "dispatcher", f"{CITY}C")
        for district in self._districts:
            code = district.code
            self._hire("leader", "leader", code, division=code)
            self._hire("inspector", "inspector", f"{code}C", division=code)
            for _ in range(2):
                self._hire("acceptor", "acceptor", f"{code}S", division=code)
            self._hire("shiftleader", "shift_leader", f"{code}S", division=code)
            self._hire("dispatcher", "dispatcher", f"{code}C", division=code)

    def department_people(self) -> None:
        handlers = {row.department_kind: row.handlers for row in _departments()}
        for organisation in self.society.organisations:
            kind = organisation.department_kind
            for _ in range(handlers.get(kind, 0)):
                stem = kind.replace("_", "")
                self._hire(stem, "department", organisation.code, own=True)

    def collectors(self) -> None:
        cells: list[tuple[str, list[str]]] = []
        for street in self._streets:
            for index in sorted(
                street.communities, key=lambda i: self._divisions.communities[i].code
            ):
                community = self._divisions.communities[index]
                codes = [self._divisions.grid_codes[cell] for cell in community.cells]
                parts = max(1, round(len(codes) / _GRIDS_A_COLLECTOR))
                for k in range(parts):
                    low, high = k * len(codes) // parts, (k + 1) * len(codes) // parts
                    cells.append((street.code, codes[low:high]))
        for number, (street_code, codes) in enumerate(cells, start=1):
            username = f"collector{number:02d}"
            self._add(username, "collector", f"{street_code[:6]}S", street_code, grids=tuple(codes))
            for code in codes:
                self.society.collector_of[code] = username

    def _hire(
        self,
        stem: str,
        role: str,
        organisation: str,
        *,
        division: str = "",
        own: bool = False,
        numbered: bool = True,
    ) -> None:
        self._numbers[stem] = self._numbers.get(stem, 0) + 1
        username = f"{stem}{self._numbers[stem]}" if numbered else stem
        self._add(username, role, organisation, division, own=own)

    def _add(
        self,
        username: str,
        role: str,
        organisation: str,
        division: str,
        *,
        own: bool = False,
        grids: tuple[str, ...] = (),
    ) -> None:
        name, _ = person_name(self._draw)
        self.society.people.append(
            DemoPerson(
                username=username,
                name=name,
                phone=f"1380000{len(self.society.people) % 10_000:04d}",
                organisation=organisation,
                role=role,
                post={"department": "handler", "integrator": ""}.get(role, role),
                division_code=division,
                own_organisation=own,
                grids=grids,
            )
        )
