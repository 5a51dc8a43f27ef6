"""What a decision on a case looks at, and what it says. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

NEW = ""
"""The state before the first act."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Who has the case: a desk, and where the desk is a department or a collector, which one."""

    desk: str
    organisation_id: int | None = None
    person_id: int | None = None

    def as_data(self) -> dict[str, Any]:
        """Return a JSON object."""
        return {
            "desk": self.desk,
            "organisation_id": self.organisation_id,
            "person_id": self.person_id,
        }


NOBODY = Holder(desk="")


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFacts:
    """The present of a case, as far as the workflow asks.

    pending : kind of the application that waits for a decision, "" for none
    public_source : whether the source is a public one (must be verified before acceptance)
    verified : answer of the last verification, None where there is none
    responsible_organisation_id : the department that has, or last had, the case
    refuse_until : end of the department's refuse window
    supervisions : supervisions that wait for an answer
    """

    state: str = NEW
    pending: str = ""
    holder: Holder = NOBODY
    source: str = ""
    public_source: bool = False
    verified: bool | None = None
    urgent: bool = False
    responsible_organisation_id: int | None = None
    standard_id: int | None = None
    rework_count: int = 0
    return_count: int = 0
    extension_count: int = 0
    appeal_count: int = 0
    supervisions: int = 0
    refuse_until: datetime | None = None
    reopen_until: datetime | None = None
    disposal_overdue: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ActorFacts:
    """Who acts.

    desks : desks whose acts the actor may do *on this case* (permission and data scope)
    in_holder_organisation : whether the actor may act for the organisation that holds the case
    in_responsible_organisation : the same for the responsible one
    """

    person_id: int | None
    desks: frozenset[str]
    in_holder_organisation: bool = False
    in_responsible_organisation: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ActInput:
    """What the actor gave.

    result : answer of a verification or check; True = as it should be
    photos : number of photos given with the act (or lying ready) by phase
    organisation_disposes : whether the chosen organisation is of a kind that disposes of cases
    to_state : only for the import
    """

    opinion: str = ""
    reason: str = ""
    condition: str = ""
    standard_id: int | None = None
    organisation_id: int | None = None
    organisation_disposes: bool = True
    assignee_id: int | None = None
    result: bool | None = None
    photos: Mapping[str, int] = field(default_factory=dict)
    to_state: str = ""


@dataclass(frozen=True, slots=True)
class ClockEffect:
    """What happens to a clock: `op` of `table.CLOCK_OPS`, `stage` of stages.csv or "*"."""

    op: str
    stage: str

    def __str__(self) -> str:
        return f"{self.op}:{self.stage}"


@dataclass(frozen=True, slots=True)
class TaskEffect:
    """A task of a collector opens, is answered or is cancelled; `kind` is verify or check."""

    op: str
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What an act does to a case. `after` holds the case's facts as they become.

    desk : the actor's desk under which the act was done
    phase : phase of the attachments that come with the act
    effects : in the order in which they must be applied (whatever stops comes before what starts)
    ended : whether the case has ended
    """

    act: str
    zh: str
    en: str
    desk: str
    before: CaseFacts
    after: CaseFacts
    effects: tuple[ClockEffect, ...]
    task: TaskEffect | None
    event: str
    phase: str
    given: ActInput
    ended: bool

    @property
    def from_state(self) -> str:
        """The state before."""
        return self.before.state

    @property
    def to_state(self) -> str:
        """The state after."""
        return self.after.state

    @property
    def holder(self) -> Holder:
        """Who has the case afterwards."""
        return self.after.holder

    def as_data(self) -> dict[str, Any]:
        """Return what the log entry keeps (`data`), enough to replay the act."""
        return {
            "desk": self.desk,
            "result": self.given.result,
            "reason": self.given.reason,
            "condition": self.given.condition,
            "standard_id": self.given.standard_id,
            "organisation_id": self.given.organisation_id,
            "assignee_id": self.given.assignee_id,
            "pending": self.after.pending,
            "holder": self.after.holder.as_data(),
            "effects": [str(effect) for effect in self.effects],
        }
