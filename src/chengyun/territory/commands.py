"""Command line of the territory."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from chengyun.territory.address_commands import import_addresses_command
from chengyun.territory.grid_commands import borders, export, propose

if TYPE_CHECKING:
    from chengyun.territory.operations.grid_report import GridReport
    from chengyun.territory.rules.squares import Extent

_SHOWN = 50


def _print_json(value: Any) -> None:
    click.echo(orjson.dumps(value, default=str).decode())


@click.group("import")
def import_group() -> None:
    """Import divisions, grids, addresses, the base map, cases and standards."""


import_group.add_command(borders)
import_group.add_command(import_addresses_command)


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


@import_group.command("grids")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--crs", help="EPSG code, GCJ-02 or BD-09 (default: as the file states, or WGS 84).")
@click.option("--standard", help="Standard of the codes (default: the one in force).")
@click.option(
    "--property",
    "properties",
    multiple=True,
    metavar="OURS=THEIRS",
    help="Name of a property in the file: code, community, area_class, land_use, note.",
)
@click.option("--file-layer", default="", help="Layer of a GeoPackage or KML with several.")
@click.option("--encoding", default="", help="Of a Shapefile's texts (as stated, UTF-8, GB 18030).")
@click.option("--valid-from", type=click.DateTime(), help="When the grids begin, UTC (now).")
@click.option("--retire-missing", is_flag=True, help="End grids of the same communities not given.")
@click.option("--make-divisions", is_flag=True, help="Add communities and streets not there.")
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def import_grids(
    context: click.Context, /, file: Path, properties: tuple[str, ...], as_json: bool, **given: Any
) -> None:
    """Import unit grids from FILE: GeoJSON (plain, gzipped), Shapefile (zip), GeoPackage, KML.

    Everything is checked first: form, codes, overlaps. With one fault nothing is written and the
    command ends with 1. Grids in force that differ get a new version.
    """
    from chengyun.territory.adapters.vector_files import open_vector
    from chengyun.territory.operations import grid_import
    from chengyun.territory.rules.scope import COMMAND_LINE

    layer, encoding = given.pop("file_layer"), given.pop("encoding")
    begin = given["valid_from"]
    given["valid_from"] = begin.replace(tzinfo=UTC) if begin else None
    options = grid_import.GridImportOptions(
        properties=grid_import.GridProperties(**_pairs(properties)), **given
    )
    source = open_vector(file.open("rb"), layer=layer, encoding=encoding)
    report = grid_import.import_grids(
        actor=COMMAND_LINE, file=source, name=file.name, options=options
    )
    if as_json:
        _print_json(asdict(report))
    else:
        _print_grid_report(report)
    if report.faults:
        context.exit(1)


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = dict(pair.partition("=")[::2] for pair in given)
    unknown = set(pairs) - {"code", "community", "area_class", "land_use", "note"}
    if unknown or not all(pairs.values()):
        raise click.BadParameter(
            "write OURS=THEIRS, such as code=GRIDCODE", param_hint="--property"
        )
    return pairs


def _print_grid_report(report: GridReport) -> None:
    click.echo(
        f"{report.features} features ({report.crs}, codes by {report.standard}): "
        f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.retired} retired"
    )
    for fault in report.faults[:_SHOWN]:
        click.echo(f"   feature {fault.index} {fault.code}: {fault.reason}: {fault.en}")
    if len(report.faults) > _SHOWN or report.more_faults:
        more = len(report.faults) - _SHOWN + report.more_faults
        click.echo(f"   … and {more} more; --json lists them")
    for warning in report.warnings[:10]:
        click.echo(f"   warning: {warning.en} at {warning.lon}, {warning.lat}")
    click.echo("written" if report.written else "nothing was written")


@click.group()
def grids() -> None:
    """Make and keep unit grids."""


grids.add_command(propose)
grids.add_command(export)


@grids.command("make")
@click.option("--squares", "side_m", type=float, default=100, show_default=True, help="Side [m].")
@click.option("--bbox", help="west,south,east,north in degrees.")
@click.option("--layer", help="Extent of a map layer, or `map` for all of them.")
@click.option("--division", required=True, help="Code of the county, or of the city above it.")
@click.option("--name", default="", help="Name of the county when it has to be made.")
@click.option("--valid-from", type=click.DateTime(), help="When the grids begin, UTC (2000).")
@click.option("--dry-run", is_flag=True, help="Count, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def make(
    side_m: float,
    bbox: str | None,
    layer: str | None,
    division: str,
    name: str,
    valid_from: datetime | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Cover an extent with a simple grid of squares, and make the divisions it needs.

    With a city's code the districts follow the border lines of the base map.
    """
    from chengyun.territory.operations import squares
    from chengyun.territory.rules.scope import COMMAND_LINE

    if bool(bbox) == bool(layer):
        raise click.UsageError("give either --bbox or --layer")
    report = squares.make_squares(
        actor=COMMAND_LINE,
        side_m=side_m,
        extent=squares.extent_of_layer(layer) if layer else _extent(bbox or ""),
        division=division,
        name=name,
        valid_from=valid_from.replace(tzinfo=UTC) if valid_from else None,
        dry_run=dry_run,
    )
    if as_json:
        _print_json(asdict(report))
        return
    districts = ", ".join(f"{zh} {code}" for code, zh in report.districts.items())
    click.echo(
        f"{report.squares} squares in {report.communities} communities, {report.streets} streets: "
        f"{districts}"
    )
    if dry_run:
        click.echo("dry run: nothing was written")


def _extent(bbox: str) -> Extent:
    from chengyun.territory.api.fields import parse_bounds
    from chengyun.territory.rules.squares import Extent

    bounds = parse_bounds(bbox)
    if bounds is None or bounds[0] == bounds[2] or bounds[1] == bounds[3]:
        raise click.BadParameter("write west,south,east,north", param_hint="--bbox")
    west, south, east, north = bounds
    return Extent(west=west, south=south, east=east, north=north)
