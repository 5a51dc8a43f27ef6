"""What the commands of imports share: whose permission, which mapping, what is told in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from chengyun.administration.queries import find_actor
from chengyun.administration.rules.actor import Actor
from chengyun.intake.models import ImportRun
from chengyun.intake.operations.local import import_file
from chengyun.intake.queries.opening import open_source
from chengyun.intake.queries.runs import first_faults, person_id_of, quarantine_lines
from chengyun.intake.queries.shipped import load_mapping, shipped_mappings
from chengyun.intake.rules.kinds import kind_of
from chengyun.intake.rules.mapping import Mapping

_SHOWN = 20
_COUNTS = ("read", "made", "changed", "skipped", "faulty")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
Command = TypeVar("Command", bound=Callable[..., Any])


def import_options(command: Command) -> Command:
    """Add the argument and the options that every command of an import has."""
    for part in (
        click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON."),
        click.option("--dry-run", is_flag=True, help="Try everything and write nothing."),
        click.option("--quarantine", type=OUT, help="CSV for the bad rows."),
        click.option(
            "--mapping", required=True, help="A mapping file, or the name of a shipped one."
        ),
        click.argument("file", type=FILE),
    ):
        command = part(command)
    return command


def actor_named(user: str) -> Actor:
    """Return the person of an active account; a bad parameter without one."""
    person_id = person_id_of(user)
    found = find_actor(person_id) if person_id is not None else None
    if found is None:
        raise click.BadParameter(f"no active account {user}", param_hint="--user")
    return found


def mapping_named(name: str, *, kinds: tuple[str, ...]) -> Mapping:
    """Return the mapping in a file, or the shipped one of the name."""
    path = Path(name)
    if path.is_file():
        return load_mapping(path, kinds=kinds)
    found = shipped_mappings(kinds).get(name)
    if found is None:
        known = ", ".join(shipped_mappings(kinds))
        raise click.BadParameter(
            f"{name} is neither a file nor a shipped mapping ({known})", param_hint="--mapping"
        )
    return found


def imported(
    *,
    actor: Actor,
    file: Path,
    mapping: Mapping,
    dry_run: bool,
    quarantine: Path | None,
    quiet: bool,
) -> ImportRun:
    """Import a file of this machine with a bar of progress; write the bad rows where asked."""
    total = None if quiet else open_source(file, mapping.table.layout()).counted()
    with click.progressbar(length=total or 0, label=file.name, hidden=not total) as bar:
        run = import_file(
            actor=actor,
            path=file,
            mapping=mapping,
            dry_run=dry_run,
            keeps_quarantine=True,
            progress=lambda done: bar.update(done - bar.pos),
        )
    if quarantine is not None and run.faulty:
        with quarantine.open("w", encoding="utf-8", newline="") as written:
            written.writelines(quarantine_lines(run.pk, run.columns))
    return run


def outcome_of(run: ImportRun) -> dict[str, Any]:
    """Return what a run did, for programs."""
    counts = {name: getattr(run, name) for name in _COUNTS}
    return {
        "id": str(run.pk),
        "dry_run": run.dry_run,
        **counts,
        "faults_by_code": run.faults_by_code,
        "quarantine": run.quarantine_key,
        **kind_of(run.kind).extras,
        **run.outcome,
    }


def told_of(run: ImportRun, *, made: str, notes: Iterable[str] = ()) -> list[str]:
    """Return lines that tell what a run did.

    made : what the kind calls its rows, with their number
    notes : what the kind tells besides
    """
    done = f"{run.read} rows read: {made}"
    done += f", {run.changed} changed" if run.changed else ""
    lines = [f"{done}, {run.skipped} here already, {run.faulty} faulty"]
    lines += notes
    lines += [f"  {code}: {count}" for code, count in sorted(run.faults_by_code.items())]
    for bad in first_faults(run.pk, most=_SHOWN):
        lines.append(f"  row {bad['row']}: {bad['zh']} / {bad['en']}")
    if run.quarantine_key:
        lines.append(f"faulty rows: {run.quarantine_key}")
    if run.dry_run:
        lines.append("dry run: nothing was written")
    return lines
