"""`chengyun import cases` and `chengyun import standards`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chengyun.administration.queries import find_actor
from chengyun.administration.rules.actor import Actor
from chengyun.cases.adapters.mapping import Mapping, load_mapping
from chengyun.cases.adapters.shipped_mappings import shipped_mappings
from chengyun.cases.adapters.tables import count_rows
from chengyun.cases.operations.import_file import ImportOutcome, import_cases
from chengyun.cases.operations.standards_import import import_standards
from chengyun.cases.queries.import_names import person_id_of

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("cases")
@click.argument("file", type=_FILE)
@click.option("--mapping", required=True, help="A mapping file, or the name of a shipped one.")
@click.option("--user", required=True, help="Account in whose name the cases are imported.")
@click.option("--dry-run", is_flag=True, help="Try everything and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one line of JSON.")
def import_cases_command(
    file: Path, mapping: str, user: str, *, dry_run: bool, as_json: bool
) -> None:
    """Import cases that another system exported (CSV, gzip, zip, XLSX) through a mapping.

    Goes on where a killed run stopped; rows that are here already are passed over; bad rows are
    written to a quarantine file with what is wrong.
    """
    chosen = _mapping(mapping)
    total = count_rows(file, chosen.table.layout())
    with click.progressbar(length=total, label=file.name, hidden=as_json) as bar:
        outcome = import_cases(
            actor=_actor(user),
            path=file,
            mapping=chosen,
            dry_run=dry_run,
            progress=lambda done: bar.update(done - bar.pos),
        )
    click.echo(json.dumps(outcome.as_data(), ensure_ascii=False) if as_json else _told(outcome))


@click.command("standards")
@click.argument("file", type=_FILE)
@click.option("--mapping", required=True, help="A mapping file, or the name of a shipped one.")
@click.option("--user", required=True, help="Account that may manage standards.")
@click.option("--dry-run", is_flag=True, help="Try everything and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as one line of JSON.")
def import_standards_command(
    file: Path, mapping: str, user: str, *, dry_run: bool, as_json: bool
) -> None:
    """Import a city's manual of filing, disposal and closing standards through a mapping."""
    outcome = import_standards(
        actor=_actor(user), path=file, mapping=_mapping(mapping), dry_run=dry_run
    )
    if as_json:
        click.echo(json.dumps(outcome.as_data(), ensure_ascii=False))
        return
    click.echo(
        f"{outcome.read} rows read, {outcome.made} made, {outcome.changed} changed,"
        f" {outcome.unchanged} unchanged, {outcome.faulty} faulty"
        + (" (dry run: nothing written)" if dry_run else "")
    )
    for fault in outcome.faults[:20]:
        click.echo(f"  row {fault['row']}: {fault['zh']} / {fault['en']}")


def _actor(user: str) -> Actor:
    person_id = person_id_of(user)
    found = find_actor(person_id) if person_id is not None else None
    if found is None:
        raise click.BadParameter(f"no active account {user}", param_hint="--user")
    return found


def _mapping(name: str) -> Mapping:
    path = Path(name)
    if path.is_file():
        return load_mapping(path)
    found = shipped_mappings().get(name)
    if found is None:
        known = ", ".join(shipped_mappings())
        raise click.BadParameter(
            f"{name} is neither a file nor a shipped mapping ({known})", param_hint="--mapping"
        )
    return found


def _told(outcome: ImportOutcome) -> str:
    lines = [
        (
            f"{outcome.read} rows read: {outcome.made} cases made ({outcome.open} open),"
            f" {outcome.skipped} here already, {outcome.faulty} faulty"
        ),
        f"{outcome.without_position} without a position, {outcome.outside_grids} outside the grids",
    ]
    for what, names in (
        ("types", outcome.made_types),
        ("divisions", outcome.made_divisions),
        ("departments", outcome.made_departments),
    ):
        if names:
            lines.append(f"{len(names)} {what} made: {', '.join(names[:8])}")
    lines += [f"  {code}: {count}" for code, count in outcome.faults_by_code.items()]
    if outcome.quarantine:
        lines.append(f"faulty rows: {outcome.quarantine}")
    if outcome.dry_run:
        lines.append("dry run: nothing was written")
    return "\n".join(lines)
