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


def _actor(user: str | None) -> Actor:
    return COMMAND_LINE if user is None else actor_named(user)
