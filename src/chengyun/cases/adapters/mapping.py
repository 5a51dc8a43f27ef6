"""What a mapping of cases or of standards says beyond what every mapping does."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chengyun.cases.adapters.import_fields import import_fields
from chengyun.intake.rules.mapping import Mapping, Strict, mistake
from chengyun.intake.rules.row_reader import RowReader


class Outcome(Strict):
    """What became of a row: the first whose `when` matches decides.

    when : column → one text or several; an empty text stands for a null mark, "*" for any value
    """

    when: dict[str, str | list[str]] = Field(default_factory=dict)
    state: Literal["open", "closed", "not_accepted", "not_filed", "voided"]
    overdue: bool | None = None


class LocalTypes(Strict):
    """Where types that no alias knows are made: a class of local extensions."""

    class_code: str = Field(min_length=2, max_length=2, pattern=r"^[0-9]+$")
    class_zh: str = Field(min_length=1, max_length=60)
    class_en: str = Field("", max_length=100)


class Place(Strict):
    """A position that stands for "not known" [degrees]."""

    lon: float
    lat: float


class CaseMapping(Mapping):
    """A mapping of cases or of standards.

    name : with the external id it makes a case unique
    """

    purpose: Literal["cases", "standards"]
    crs: str = Field("EPSG:4326", max_length=20)
    outcomes: tuple[Outcome, ...] = ()
    without_position: Literal["keep", "quarantine"] = "keep"
    no_position: tuple[Place, ...] = ()
    local_types: LocalTypes | None = None
    number_prefix: str = Field("IM", max_length=8, pattern=r"^[A-Za-z0-9]*$")
    create_divisions: bool = False
    create_departments: bool = False
    standard_set: str = Field("", max_length=40, pattern=r"^[A-Za-z0-9._-]*$")

    def used_columns(self) -> set[str]:
        """Return every column that the mapping reads."""
        return super().used_columns() | {name for one in self.outcomes for name in one.when}

    def check(self) -> None:
        """Raise MappingInvalid for a field that there is not, or that is needed."""
        known = import_fields(self.purpose)
        self.check_fields(list(known))
        for name, one in known.items():
            if one.required and name not in self.fields:
                raise mistake(f"fields.{name}", "this field is needed")
        if self.purpose == "standards" and not self.standard_set:
            raise mistake("standard_set", "name the set that the standards go into")


class CaseReader(RowReader):
    """Reads rows of cases, and what became of them."""

    def __init__(self, mapping: CaseMapping) -> None:
        super().__init__(mapping)
        self.mapping = mapping
        self._outcomes = [
            (outcome, [(k, [v] if isinstance(v, str) else v) for k, v in outcome.when.items()])
            for outcome in mapping.outcomes
        ]
        self._open = Outcome(state="open")

    def outcome(self, row: dict[str, str]) -> Outcome:
        """Return what became of the row; open when no rule matches."""
        for outcome, when in self._outcomes:
            if all(self._matches(row.get(column, ""), wanted) for column, wanted in when):
                return outcome
        return self._open

    def _matches(self, text: str, wanted: list[str]) -> bool:
        value = self.clean(text)
        return any(value == one or (one == "*" and value != "") for one in wanted)
