"""Command line of unit grids: proposing them from the map."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

if TYPE_CHECKING:
    from chengyun.territory.operations.grid_proposal import ProposalReport
    from chengyun.territory.rules.blocks.city import CityProposal
    from chengyun.territory.rules.squares import Extent

_SHOWN = 20


@click.command("propose")
@click.option("--division", required=True, help="Code of the county, or of the city above it.")
@click.option("--bbox", help="west,south,east,north in degrees: only what lies within.")
@click.option("--layer", help="Extent of a map layer, or `map` for all of them.")
@click.option("--area", "grid_m2", type=float, default=10_000, show_default=True, help="[m²]")
@click.option(
    "--community-area",
    "community_m2",
    type=float,
    default=400_000,
    show_default=True,
    help="Area of a proposed community where none has a border [m²].",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the grids as GeoJSON, for drawing on or for `import grids`.",
)
@click.option("--save", is_flag=True, help="Write them into the platform as the grids in force.")
@click.option("--valid-from", type=click.DateTime(), help="When the grids begin, UTC (now).")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_context
def propose(
    context: click.Context,
    /,
    division: str,
    bbox: str | None,
    layer: str | None,
    output: Path | None,
    save: bool,
    valid_from: datetime | None,
    as_json: bool,
    **areas: float,
) -> None:
    """Propose unit grids from roads, waters and the borders of communities.

    The finest borders known are kept (community, street, county); where only a county's is known,
    or a city's districts from the lines of the base map, streets and communities are proposed too.
    Without --output and --save only the figures are printed. Ends with 1 when nothing was saved.
    """
    from chengyun.territory.operations import grid_proposal
    from chengyun.territory.rules.blocks.city import CitySizes
    from chengyun.territory.rules.scope import COMMAND_LINE

    sizes = CitySizes(**areas)
    proposal = grid_proposal.propose_grids(
        actor=COMMAND_LINE,
        division=division,
        extent=_extent(bbox, layer),
        sizes=sizes,
        progress=_tell_progress,
    )
    report = grid_proposal.report_of(proposal, sizes)
    if as_json:
        click.echo(orjson.dumps(asdict(report)).decode())
    else:
        _print_figures(report)
    if output:
        output.write_bytes(grid_proposal.as_geojson(proposal))
        click.echo(f"written: {output}", err=True)
    if save and not _save(proposal, valid_from):
        context.exit(1)


def _save(proposal: CityProposal, valid_from: datetime | None) -> bool:
    from chengyun.territory.operations.grid_proposal import save_proposal
    from chengyun.territory.rules.scope import COMMAND_LINE

    begin = valid_from.replace(tzinfo=UTC) if valid_from else None
    saved = save_proposal(actor=COMMAND_LINE, proposal=proposal, valid_from=begin)
    for fault in saved.faults[:_SHOWN]:
        click.echo(f"   {fault.code}: {fault.reason}: {fault.en}", err=True)
    told = f"saved: {saved.added} grids" if saved.written else "nothing was saved"
    click.echo(told, err=True)
    return saved.written


def _print_figures(report: ProposalReport) -> None:
    least, middle, most = report.area_min, report.area_median, report.area_max
    sizes = f"min {least:,.0f}  median {middle:,.0f}  max {most:,.0f}"
    proof = "0, proven exactly" if report.is_exact else f"{report.gaps_or_overlaps} edges"
    figures: list[tuple[str, Any]] = [
        ("grids", report.grids),
        ("communities", f"{report.communities} ({report.divisions_made} divisions proposed)"),
        ("area [m²]", f"{sizes}  out of bounds {report.out_of_bounds}"),
        ("coverage", f"{report.coverage:.4%} of {report.region_m2 / 1e6:.3f} km²"),
        ("gaps, overlaps", proof),
    ]
    for name, value in figures:
        click.echo(f"{name:<15} {value}")


def _tell_progress(step: str, done: int, total: int) -> None:
    if done == total or done % 10 == 0:
        click.echo(f"· {step} {done}/{total}", err=True)


def _extent(bbox: str | None, layer: str | None) -> Extent | None:
    from chengyun.territory.api.fields import parse_bounds
    from chengyun.territory.operations.squares import extent_of_layer
    from chengyun.territory.rules.squares import Extent

    if bbox and layer:
        raise click.UsageError("give either --bbox or --layer")
    if layer:
        return extent_of_layer(layer)
    bounds = parse_bounds(bbox)
    if bounds is None:
        return None
    west, south, east, north = bounds
    if west == east or south == north:
        raise click.BadParameter("write west,south,east,north", param_hint="--bbox")
    return Extent(west=west, south=south, east=east, north=north)


@click.command("borders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--crs", help="EPSG code, GCJ-02 or BD-09 (default: as the file states, or WGS 84).")
@click.option("--code-property", default="code", show_default=True)
@click.option("--file-layer", default="", help="Layer of a GeoPackage or KML with several.")
@click.option("--encoding", default="", help="Of a Shapefile's texts.")
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.pass_context
def borders(
    context: click.Context,
    /,
    file: Path,
    crs: str | None,
    code_property: str,
    file_layer: str,
    encoding: str,
    dry_run: bool,
) -> None:
    """Give divisions their borders from FILE: GeoJSON, Shapefile (zip), GeoPackage, KML.

    Features name a division by its code. With one fault nothing is written.
    """
    from chengyun.territory.adapters.vector_files import open_vector
    from chengyun.territory.operations.borders import import_borders
    from chengyun.territory.rules.scope import COMMAND_LINE

    source = open_vector(file.open("rb"), layer=file_layer, encoding=encoding)
    report = import_borders(
        actor=COMMAND_LINE, file=source, code_property=code_property, crs=crs, dry_run=dry_run
    )
    click.echo(f"{report.features} features ({report.crs}): {report.changed} borders changed")
    for fault in report.faults[:_SHOWN]:
        click.echo(f"   {fault.code}: {fault.reason}: {fault.en}")
    if not report.written:
        click.echo("nothing was written")
    if report.faults:
        context.exit(1)


_KINDS = {".geojson": "geojson", ".zip": "shapefile", ".gpkg": "geopackage", ".kml": "kml"}


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--crs",
    type=click.Choice(["EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09"]),
    default="EPSG:4490",
    show_default=True,
)
@click.option("--division", default="", help="Only the grids of this division.")
@click.option("--at", type=click.DateTime(), help="In force at this moment, UTC (now).")
def export(file: Path, crs: str, division: str, at: datetime | None) -> None:
    """Write the unit grids to FILE: .geojson, .zip (Shapefile), .gpkg or .kml."""
    from chengyun.kernel.clock import now
    from chengyun.territory.operations.grid_export import export_grids
    from chengyun.territory.rules.scope import COMMAND_LINE

    kind = _KINDS.get(file.suffix.lower())
    if kind is None:
        raise click.BadParameter(f"use one of {', '.join(_KINDS)}", param_hint="FILE")
    moment = at.replace(tzinfo=UTC) if at else now()
    made = export_grids(actor=COMMAND_LINE, kind=kind, crs=crs, division=division, at=moment)
    file.write_bytes(made.content)
    click.echo(f"{made.grids} grids ({crs}) written to {file.name}")
