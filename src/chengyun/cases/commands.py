"""Commands of cases."""

from __future__ import annotations

import click

from chengyun.cases.check_commands import check_log_command
from chengyun.cases.import_commands import import_cases_command, import_standards_command


@click.group("import")
def import_group() -> None:
    """Import divisions, grids, the base map, cases and standards."""


import_group.add_command(import_cases_command)
import_group.add_command(import_standards_command)


@click.group("check")
def check() -> None:
    """Prove what the platform has kept."""


check.add_command(check_log_command)
