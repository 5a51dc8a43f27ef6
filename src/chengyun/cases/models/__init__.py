"""Tables of the closed loop of a case."""

from chengyun.cases.models.case import Case, Clock, NumberDay, Reporter, Task
from chengyun.cases.models.desk import ExportRun, SavedView
from chengyun.cases.models.record import Attachment, LogEntry
from chengyun.cases.models.standard import (
    DispatchRule,
    DisposalStandard,
    MatterType,
    StandardSet,
)

__all__ = [
    "Attachment",
    "Case",
    "Clock",
    "DispatchRule",
    "DisposalStandard",
    "ExportRun",
    "LogEntry",
    "MatterType",
    "NumberDay",
    "Reporter",
    "SavedView",
    "StandardSet",
    "Task",
]
