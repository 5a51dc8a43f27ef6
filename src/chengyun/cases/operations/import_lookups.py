"""What an import's names mean here: matter types, divisions, departments.

What is not known is made where the mapping allows it (local types, divisions, departments), else
the row is refused. Everything made is counted in the outcome.
"""

from __future__ import annotations

from chengyun.administration.operations.changes import announce_change
from chengyun.administration.operations.organisations import create_organisation
from chengyun.administration.queries import setting
from chengyun.administration.rules.actor import Actor
from chengyun.cases.adapters.foreign_case import ForeignCase
from chengyun.cases.adapters.mapping import CaseMapping
from chengyun.cases.models import MatterType
from chengyun.cases.queries.import_names import (
    TypeName,
    divisions_below,
    matter_type_names,
    organisations_by_name,
    root_organisation,
)
from chengyun.cases.queries.types import TypeUnknown
from chengyun.kernel.errors import Fault
from chengyun.territory.operations.bulk import DivisionRow, copy_divisions

_CITY_WIDTH = 4
_DISTRICT_LENGTH, _COMMUNITY_LENGTH = 6, 12
_LOCAL_CODE_WIDTH = 5


class DivisionUnknown(Fault):
    """The row's division is not one of the city's."""

    code = "division_unknown"
    zh = "行政区划“{value}”不在本平台中。请先导入区划，或在映射中设 create_divisions。"
    en = "The division “{value}” is not here. Import it, or set create_divisions in the mapping."


class DepartmentUnknown(Fault):
    """The row's department is not one of the organisations."""

    code = "department_unknown"
    zh = "部门“{value}”不在本平台中。请补充别名，或在映射中设 create_departments。"
    en = "The department “{value}” is not here. Add an alias, or set create_departments."


class TooManyDivisions(Fault):
    """No code is left for another division."""

    code = "division_codes_used_up"
    zh = "“{parent}”之下的区划代码已用尽。"
    en = "No division code is left below “{parent}”."


class Lookups:
    """Names of one import run, looked up once and kept."""

    def __init__(self, actor: Actor, mapping: CaseMapping) -> None:
        self._actor = actor
        self._mapping = mapping
        self._types = matter_type_names()
        self._city = str(setting("node.division_code"))[:_CITY_WIDTH]
        divisions = divisions_below(self._city)
        self._codes = set(divisions)
        self._divisions = {(_parent(code), zh): code for code, zh in divisions.items()}
        self._communities: dict[tuple[str, str], list[str]] = {}
        for code, zh in divisions.items():
            self._know_community(code, zh)
        self._organisations = organisations_by_name()
        self.made_types: list[str] = []
        self.made_divisions: list[str] = []
        self.made_departments: list[str] = []

    def take_made(self) -> dict[str, list[str]]:
        """Return the names made since this was last asked."""
        made = {
            "made_types": self.made_types,
            "made_divisions": self.made_divisions,
            "made_departments": self.made_departments,
        }
        self.made_types, self.made_divisions, self.made_departments = [], [], []
        return {name: values for name, values in made.items() if values}

    def resolve(self, case: ForeignCase) -> None:
        """Check that every name of the case is known, or make it.

        raises : TypeUnknown, DivisionUnknown, DepartmentUnknown
        """
        self.type_of(case)
        if case.position is None:
            self.division_of(case)
        self.organisation_of(case)

    def type_of(self, case: ForeignCase) -> TypeName:
        """Return the matter type."""
        found = self._types.get(case.type_text)
        return found or self._make_type(case.type_text)

    def division_of(self, case: ForeignCase) -> str:
        """Return the code of the smallest division that the row names, '' when it names none."""
        if not (case.street or case.community or case.district):
            return ""
        code = self._division(self._city, case.district, 2) if case.district else ""
        code = code or self._only_district()
        if case.street:
            street = self._division(code, case.street, 3)
            return self._division(street, case.community, 3) if case.community else street
        return self._only_community(code, case.community) or code

    def organisation_of(self, case: ForeignCase) -> int | None:
        """Return the organisation's id, None when the row names none."""
        if not case.department:
            return None
        found = self._organisations.get(case.department)
        return found if found is not None else self._make_department(case.department)

    def _make_type(self, text: str) -> TypeName:
        local = self._mapping.local_types
        if local is None or ":" in text:
            raise TypeUnknown(field="type", value=text)
        taken = {
            name.code for name in self._types.values() if name.code.startswith(local.class_code)
        }
        number = len(taken) + 1
        code = local.class_code + str(number).zfill(_LOCAL_CODE_WIDTH - len(local.class_code))
        row = MatterType.objects.create(
            standard="local",
            kind="matter",
            code=code,
            class_code=local.class_code,
            class_zh=local.class_zh,
            class_en=local.class_en,
            zh=text[:80],
            en=text[:160],
            local=True,
        )
        announce_change("reference")
        made = self._types[text] = TypeName(id=row.pk, kind="matter", code=code, zh=row.zh)
        self.made_types.append(f"{code} {text}")
        return made

    def _only_district(self) -> str:
        """Return the city's first district: for rows that name a street but no district."""
        districts = sorted(code for code in self._codes if _parent(code) == self._city)
        return districts[0] if districts else self._make_division(self._city, "默认区", 2)

    def _only_community(self, district: str, name: str) -> str:
        """Return the district's only community of this name: for rows that name no street."""
        if not name:
            return ""
        found = self._communities.get((district, name), [])
        return found[0] if len(found) == 1 else ""

    def _division(self, parent: str, name: str, width: int) -> str:
        found = self._divisions.get((parent, name))
        if found is not None:
            return found
        if not self._mapping.create_divisions:
            raise DivisionUnknown(field="division", value=name)
        return self._make_division(parent, name, width)

    def _make_division(self, parent: str, name: str, width: int) -> str:
        for number in range(1, 10**width):
            code = parent + str(number).zfill(width)
            if code not in self._codes:
                break
        else:
            raise TooManyDivisions(field="division", parent=parent)
        copy_divisions([DivisionRow(code=code, zh=name, source=self._mapping.name)])
        self._codes.add(code)
        self._divisions[parent, name] = code
        self._know_community(code, name)
        self.made_divisions.append(f"{code} {name}")
        return code

    def _know_community(self, code: str, name: str) -> None:
        if len(code) == _COMMUNITY_LENGTH:
            self._communities.setdefault((code[:_DISTRICT_LENGTH], name), []).append(code)

    def _make_department(self, name: str) -> int:
        if not self._mapping.create_departments:
            raise DepartmentUnknown(field="department", value=name)
        made = create_organisation(
            actor=self._actor,
            parent_id=root_organisation(),
            values={
                "code": f"IM{len(self._organisations) + 1:05d}",
                "kind": "department",
                "zh": name,
            },
        ).pk
        self._organisations[name] = made
        self.made_departments.append(name)
        return made


def _parent(code: str) -> str:
    widths = {4: 2, 6: 4, 9: 6, 12: 9}
    return code[: widths.get(len(code), 0)]
