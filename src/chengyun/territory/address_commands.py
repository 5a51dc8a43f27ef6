"""Command line of addresses."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chengyun.administration.rules.actor import Actor
from chengyun.intake.command import (
    actor_named,
    import_options,
    imported,
    mapping_named,
    outcome_of,
    told_of,
)
from chengyun.territory.adapters.address_files import PIECES
from chengyun.territory.operations.address_export import export_addresses
from chengyun.territory.queries.addresses import AddressFilter
from chengyun.territory.rules.addresses.kinds import KINDS
from chengyun.territory.rules.scope import COMMAND_LINE


@click.command("addresses")
@import_options
@click.option("--user", help="Whose permission counts (default: the command line's own).")
def import_addresses_command(
    file: Path,
    mapping: str,
    user: str | None,
    *,
    quarantine: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import addresses from CSV, XLSX, GeoJSON, a zipped Shapefile or a GeoPackage.

    An address is known by its code, else by its number below its parent, or its name there: the
    same file again changes nothing. A changed name is kept as a former one.
    """
    run = imported(
        actor=_actor(user),
        file=file,
        mapping=mapping_named(mapping, kinds=("addresses",)),
        dry_run=dry_run,
        quarantine=quarantine,
        quiet=as_json,
    )
    if as_json:
        click.echo(json.dumps(outcome_of(run)))
        return
    parents = run.outcome.get("parents_made", 0)
    notes = [f"{parents} streets, tracts and plates made that rows name"] if parents else []
    click.echo("\n".join(told_of(run, made=f"{run.made} addresses made", notes=notes)))


@click.group("export")
def export_group() -> None:
    """Export addresses."""


@export_group.command("addresses")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--division", default="", help="Code of a division of any level.")
@click.option("--kind", type=click.Choice(KINDS), help="Only of a kind.")
@click.option(
    "--state",
    type=click.Choice(["in_force", "retired", "all"]),
    default="in_force",
    show_default=True,
)
@click.option("--user", help="Whose permission counts (default: the command line's own).")
def export_addresses_command(
    file: Path, division: str, kind: str | None, state: str, user: str | None
) -> None:
    """Export addresses to FILE, .csv or .geojson; the mapping `chengyun` reads it back."""
    form = file.suffix.lower().removeprefix(".")
    if form not in PIECES:
        raise click.BadParameter(f"the name ends in one of .{', .'.join(PIECES)}")
    in_force = {"in_force": True, "retired": False}.get(state)
    wanted = AddressFilter(division=division, kind=kind or "", in_force=in_force)
    pieces = export_addresses(actor=_actor(user), wanted=wanted, form=form)
    with file.open("wb") as written:
        written.writelines(pieces)


def _actor(user: str | None) -> Actor:
    return COMMAND_LINE if user is None else actor_named(user)
