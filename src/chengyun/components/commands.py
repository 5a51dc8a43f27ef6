"""Command line of components."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chengyun.administration.rules.actor import Actor
from chengyun.components.adapters.writers import ENDINGS
from chengyun.components.operations.exports import export_components
from chengyun.components.queries.conditions import ComponentFilter
from chengyun.components.rules.access import COMMAND_LINE
from chengyun.intake.command import (
    actor_named,
    import_options,
    imported,
    mapping_named,
    outcome_of,
    told_of,
)


@click.group("import")
def import_group() -> None:
    """Import components."""


@import_group.command("components")
@import_options
@click.option("--user", help="Whose permission counts (default: the command line's own).")
def import_components_command(
    file: Path,
    mapping: str,
    user: str | None,
    *,
    quarantine: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import components from CSV, XLSX, GeoJSON, a zipped Shapefile or a GeoPackage.

    A component is known by its code: the same file again changes nothing.
    """
    run = imported(
        actor=_actor(user),
        file=file,
        mapping=mapping_named(mapping, kinds=("components",)),
        dry_run=dry_run,
        quarantine=quarantine,
        quiet=as_json,
    )
    if as_json:
        click.echo(json.dumps(outcome_of(run)))
        return
    click.echo("\n".join(told_of(run, made=f"{run.made} components made")))


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


def _actor(user: str | None) -> Actor:
    return COMMAND_LINE if user is None else actor_named(user)
