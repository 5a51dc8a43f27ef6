"""Command line of components."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chengyun.administration.queries import find_actor
from chengyun.administration.rules.actor import Actor
from chengyun.components.adapters.mapping import Mapping, load_mapping, shipped_mappings
from chengyun.components.adapters.writers import ENDINGS
from chengyun.components.models import ComponentImport, ComponentImportFault
from chengyun.components.operations.exports import export_components
from chengyun.components.operations.imports import import_components
from chengyun.components.queries.conditions import ComponentFilter
from chengyun.components.queries.imports import find_person_id, quarantine_lines
from chengyun.components.rules.access import COMMAND_LINE

_SHOWN = 20
_COUNTS = ("read", "made", "changed", "skipped", "faulty")


@click.group("import")
def import_group() -> None:
    """Import components."""


@import_group.command("components")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", required=True, help="A mapping file, or the name of a shipped one.")
@click.option("--user", help="Whose permission counts (default: the command line's own).")
@click.option(
    "--quarantine", type=click.Path(dir_okay=False, path_type=Path), help="CSV for bad rows."
)
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def import_components_command(
    file: Path,
    mapping: str,
    user: str | None,
    quarantine: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import components from CSV, XLSX, GeoJSON, a zipped Shapefile or a GeoPackage.

    A component is known by its code: the same file again changes nothing.
    """
    run = import_components(
        actor=_actor(user), path=file, mapping=_mapping(mapping), dry_run=dry_run
    )
    if quarantine is not None and run.faulty:
        with quarantine.open("w", encoding="utf-8", newline="") as written:
            written.writelines(quarantine_lines(run.pk, run.columns))
    if as_json:
        counts = {name: getattr(run, name) for name in _COUNTS}
        outcome = {"id": str(run.pk), "dry_run": dry_run, **counts}
        click.echo(json.dumps({**outcome, "faults_by_code": run.faults_by_code}))
        return
    _tell(run)


@click.group("export")
def export_group() -> None:
    """Export components."""


@export_group.command("components")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--type", "type_code", default="", help="A type, or a class by two digits.")
@click.option("--division", default="", help="Code of a division of any level.")
@click.option("--retired/--in-use", default=False, help="Retired ones instead of those in use.")
@click.option("--user", help="Whose permission counts (default: the command line's own).")
def export_components_command(
    file: Path, type_code: str, division: str, retired: bool, user: str | None
) -> None:
    """Export components to FILE: .csv, .xlsx, .geojson, .gpkg, or .zip for Shapefiles."""
    forms = {f".{ending}": form for form, ending in ENDINGS.items()}
    form = forms.get(file.suffix.lower())
    if form is None:
        raise click.BadParameter(f"the name ends in one of {', '.join(forms)}")
    wanted = ComponentFilter(type=type_code, division=division, retired=retired)
    export_components(actor=_actor(user), wanted=wanted, form=form, path=file, limited=False)


def _tell(run: ComponentImport) -> None:
    click.echo(", ".join(f"{getattr(run, name)} {name}" for name in _COUNTS))
    for code, count in sorted(run.faults_by_code.items()):
        click.echo(f"  {code}: {count}")
    for bad in ComponentImportFault.objects.filter(run=run).order_by("row")[:_SHOWN]:
        click.echo(f"  row {bad.row}: {bad.fault['zh']} / {bad.fault['en']}")
    if run.dry_run:
        click.echo("dry run: nothing was written")


def _actor(user: str | None) -> Actor:
    if user is None:
        return COMMAND_LINE
    person_id = find_person_id(user)
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
