"""What the stories need of the platform: its rules and limits, and the numbers of things."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chengyun.cases.rules.clocks import DISPOSAL, StageLimit
from chengyun.cases.rules.workflow import Workflow
from chengyun.demo.outlines import Outlines
from chengyun.demo.quick_clocks import Tempo
from chengyun.demo.rules.pictures import Picture
from chengyun.demo.rules.timing import Timekeeper
from chengyun.kernel.units import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRow:
    """A matter type of the platform."""

    id: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardRow:
    """A filing condition of the platform."""

    id: int
    limit: Limit
    department_kind: str
    closing_condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person as the platform knows him."""

    id: int
    name: str
    organisation_id: int
    organisation_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GridPlace:
    """Where a cell lies for the platform."""

    grid_id: int
    grid_code: str
    area_class: str


@dataclass(slots=True, kw_only=True)
class Platform:
    """What the stories need of the platform: rules, limits, and the numbers of things.

    people : by username; organisations : id and name by code
    pictures : by scene and whether they show it after the work
    guarded : whether every act is asked for permission and decided by itself; slower
    tempos : by filing condition and stage; frames : kept by the quick way for each beat
    """

    workflow: Workflow
    timekeeper: Timekeeper
    limits: Mapping[str, StageLimit]
    now: datetime
    guarded: bool = False
    people: dict[str, PersonRow] = field(default_factory=dict)
    organisations: dict[str, tuple[int, str]] = field(default_factory=dict)
    pictures: dict[tuple[str, bool], list[Picture]] = field(default_factory=dict)
    outlines: Outlines = field(init=False)
    limits_by_standard: dict[int, Mapping[str, StageLimit]] = field(default_factory=dict)
    tempos: dict[tuple[int, str], Tempo] = field(default_factory=dict)
    frames: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.outlines = Outlines(self.workflow, self.timekeeper.calendar, self.limits)

    def limits_of(self, standard: StandardRow) -> Mapping[str, StageLimit]:
        """Return each stage's limit for a case of this filing condition."""
        found = self.limits_by_standard.get(standard.id)
        if found is None:
            disposal = replace(self.limits[DISPOSAL], limit=standard.limit)
            found = self.limits_by_standard[standard.id] = {**self.limits, DISPOSAL: disposal}
        return found

    def tempo(self, standard: StandardRow, stage: str) -> Tempo:
        """Return a stage's limit for a case of this filing condition, worked out once."""
        found = self.tempos.get((standard.id, stage))
        if found is None:
            rule = self.limits_of(standard)[stage]
            found = Tempo.of(rule, self.timekeeper.calendar)
            self.tempos[standard.id, stage] = found
        return found
