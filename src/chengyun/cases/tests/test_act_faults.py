from __future__ import annotations

from chengyun.cases.operations.advance import StaleVersion
from chengyun.cases.operations.choices import (
    AssigneeNotFitting,
    OrganisationUnknown,
    StandardNotFitting,
)
from chengyun.kernel.errors import Fault


def test_every_fault_speaks_both_languages() -> None:
    for fault in (StaleVersion, StandardNotFitting, OrganisationUnknown, AssigneeNotFitting):
        assert issubclass(fault, Fault)
        assert fault.zh != fault.en
