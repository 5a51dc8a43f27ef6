"""Command line of the territory."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import orjson


def _print_json(value: Any) -> None:
    click.echo(orjson.dumps(value, default=str).decode())


@click.group("import")
def import_group() -> None:
    """Import divisions, grids, the base map, cases and standards."""


@import_group.command("map")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--crs", help="CRS of the files: EPSG code, GCJ-02, BD-09 (default: as stated).")
@click.option("--attribution", help="Who must be named on the map (default: as the files say).")
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_map(
    folder: Path, crs: str | None, attribution: str | None, dry_run: bool, as_json: bool
) -> None:
    """Import GeoJSON layers (plain or gzipped) from FOLDER; each replaces its layer.

    Files are named after their layer: water, landuse, boundaries, roads, transit, buildings,
    places, pois.
    """
    from chengyun.territory.operations.map_import import import_map as run
    from chengyun.territory.rules.scope import COMMAND_LINE

    report = run(
        actor=COMMAND_LINE, folder=folder, crs=crs, attribution=attribution, dry_run=dry_run
    )
    if as_json:
        _print_json(asdict(report))
        return
    for layer in report.layers:
        click.echo(
            f"{layer.layer:<11} {layer.features:>8} features  {layer.repaired} repaired  "
            f"{layer.joined} joined  {layer.rejected} rejected  ({layer.crs})"
        )
        for fault in layer.faults[:5]:
            click.echo(f"   feature {fault.index} {fault.id}: {fault.reason} {fault.detail}")
    for name in report.skipped:
        click.echo(f"skipped {name}: not a known layer", err=True)
    if dry_run:
        click.echo("dry run: nothing was written")


@import_group.command("divisions")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--code-column", default="code", show_default=True)
@click.option("--name-column", default="name", show_default=True)
@click.option("--english-column", default="name_en", show_default=True)
@click.option("--source", default="", help="Where the list is from; kept with every row.")
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_divisions(
    path: Path,
    code_column: str,
    name_column: str,
    english_column: str,
    source: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import divisions from PATH: a CSV file (plain or gzipped), or a folder of them.

    Codes have 2, 4, 6, 9 or 12 digits (filling zeros are dropped); levels and parents follow.
    """
    from chengyun.territory.adapters.division_csv import DivisionColumns
    from chengyun.territory.operations.divisions import import_divisions as run
    from chengyun.territory.rules.scope import COMMAND_LINE

    columns = DivisionColumns(code=code_column, zh=name_column, en=english_column)
    report = run(actor=COMMAND_LINE, path=path, columns=columns, source=source, dry_run=dry_run)
    if as_json:
        _print_json(asdict(report))
        return
    click.echo(
        f"{report.rows} rows: {report.added} added, {report.changed} changed, "
        f"{report.unchanged} unchanged, {report.rejected} rejected"
    )
    click.echo("  ".join(f"{level} {count}" for level, count in report.levels.items()))
    for fault in report.faults[:10]:
        click.echo(f"   {fault.file}:{fault.line}: {fault.reason} {fault.value}")
    if report.parentless:
        click.echo(f"without a parent: {', '.join(report.parentless[:10])} …", err=True)
    if dry_run:
        click.echo("dry run: nothing was written")
