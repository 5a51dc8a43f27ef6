"""What management and evaluation grids ask of their members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shapely.geometry.base import BaseGeometry

from chengyun.territory.rules.adjacency import pieces_of

Kind = Literal["management", "evaluation"]
MANAGEMENT: Kind = "management"
EVALUATION: Kind = "evaluation"
MEMBERS_OF: dict[Kind, str] = {MANAGEMENT: "unit_grid", EVALUATION: MANAGEMENT}
_WIDTHS = (12, 9, 6, 4, 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A unit grid, or a management grid of an evaluation grid.

    division : community of a unit grid; the smallest division that holds a management grid
    area_class : of a management grid, '' = not classed
    """

    code: str
    division: str
    area_m2: float
    shape: BaseGeometry
    unit_grids: int = 1
    area_class: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A member that another grid of the kind holds."""

    code: str
    holder: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupCheck:
    """What is wrong with the members of a group.

    apart : codes of the pieces that do not hang together with the largest
    classes : codes of the members of another class
    """

    apart: list[list[str]]
    taken: list[Taken]
    classes: list[str]

    @property
    def is_good(self) -> bool:
        """Tell whether the group may be saved."""
        return not (self.apart or self.taken or self.classes)


def check_members(
    kind: Kind, members: Sequence[Member], taken: Sequence[Taken], area_class: str
) -> GroupCheck:
    """Return what is wrong: management grids must hang together, evaluation be of one class."""
    apart: list[list[str]] = []
    classes: list[str] = []
    if kind == MANAGEMENT:
        pieces = pieces_of([member.shape for member in members])
        apart = [[members[place].code for place in piece] for piece in pieces[1:]]
    else:
        classes = [one.code for one in members if one.area_class not in {"", area_class}]
    return GroupCheck(apart=apart, taken=list(taken), classes=classes)


def common_division(codes: Sequence[str]) -> str:
    """Return the smallest division that holds all of them, '' when there is none."""
    if not codes:
        return ""
    first, last = min(codes), max(codes)
    shared = (first[:width] for width in _WIDTHS if len(first) >= width)
    return next((prefix for prefix in shared if last.startswith(prefix)), "")
