"""`chengyun import cases` and `chengyun import standards`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from chengyun.cases.operations.case_import import NOTHING_MADE
from chengyun.cases.rules.import_kinds import KINDS
from chengyun.intake.command import (
    actor_named,
    import_options,
    imported,
    mapping_named,
    outcome_of,
    told_of,
)


@click.command("cases")
@import_options
@click.option("--user", required=True, help="Account in whose name the cases are imported.")
def import_cases_command(
    file: Path, mapping: str, user: str, *, quarantine: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Import cases that another system exported (CSV, gzip, zip, XLSX) through a mapping.

    Goes on where a killed run stopped; rows that are here already are passed over; bad rows are
    written to a quarantine file with what is wrong.
    """
    _import("cases", file, mapping, user, quarantine, dry_run=dry_run, as_json=as_json)


@click.command("standards")
@import_options
@click.option("--user", required=True, help="Account that may manage standards.")
def import_standards_command(
    file: Path, mapping: str, user: str, *, quarantine: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Import a city's manual of filing, disposal and closing standards through a mapping."""
    _import("standards", file, mapping, user, quarantine, dry_run=dry_run, as_json=as_json)


def _import(
    kind: str,
    file: Path,
    mapping: str,
    user: str,
    quarantine: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    chosen = mapping_named(mapping, kinds=KINDS)
    if chosen.purpose != kind:
        raise click.BadParameter(f"its purpose is {chosen.purpose}", param_hint="--mapping")
    run = imported(
        actor=actor_named(user),
        file=file,
        mapping=chosen,
        dry_run=dry_run,
        quarantine=quarantine,
        quiet=as_json,
    )
    if as_json:
        click.echo(json.dumps(outcome_of(run), ensure_ascii=False))
        return
    made, notes = f"{run.made} {kind} made", list[str]()
    if kind == "cases":
        made += f" ({run.outcome.get('open', 0)} open)"
        notes = _notes({**NOTHING_MADE, **run.outcome})
    elif name := run.outcome.get("standard_set"):
        notes = [f"in the set {name}"]
    click.echo("\n".join(told_of(run, made=made, notes=notes)))


def _notes(outcome: dict[str, Any]) -> list[str]:
    nowhere, outside = outcome["without_position"], outcome["outside_grids"]
    made = {what: outcome[f"made_{what}"] for what in ("types", "divisions", "departments")}
    return [
        f"{nowhere} without a position, {outside} outside the grids",
        *(f"{len(some)} {what} made: {', '.join(some[:8])}" for what, some in made.items() if some),
    ]
