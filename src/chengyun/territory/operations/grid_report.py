"""What the import of grids works on and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from chengyun.territory.operations.bulk import GridRow
from chengyun.territory.rules.grid_faults import GridFault

_MOST_FAULTS = 5_000
_MOST_SHAPES = 500


@dataclass(kw_only=True)
class GridReport:
    """How the import went; with a fault nothing was written. Gaps are warnings."""

    file: str
    crs: str = ""
    standard: str = ""
    features: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    divisions_added: int = 0
    dry_run: bool = False
    written: bool = False
    more_faults: int = 0
    faults: list[GridFault] = field(default_factory=list)
    warnings: list[GridFault] = field(default_factory=list)

    def add(self, fault: GridFault) -> None:
        """Keep a fault; beyond some thousands they are only counted."""
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(fault if len(self.faults) < _MOST_SHAPES else _bare(fault))
        else:
            self.more_faults += 1

    def warn(self, fault: GridFault) -> None:
        """Keep a warning, which hinders nothing."""
        if len(self.warnings) < _MOST_FAULTS:
            self.warnings.append(fault if len(self.warnings) < _MOST_SHAPES else _bare(fault))


def _bare(fault: GridFault) -> GridFault:
    """Return the fault with its point but without its shape, so that no answer grows too long."""
    return replace(fault, geometry=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A grid of the file whose form, geometry and code are right."""

    index: int
    row: GridRow
