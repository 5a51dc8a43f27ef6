"""`chengyun bench components`: importing and reading components at any size."""

from __future__ import annotations

import click

from chengyun.demo.address_commands import told
from chengyun.demo.commands import measured_apart


@click.group()
def bench() -> None:
    """Measure the platform; one line per figure."""


@bench.command("components")
@click.option("--rows", type=click.IntRange(1_000, 5_000_000), default=100_000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--here", is_flag=True, help="In the present database, which must be empty.")
def bench_components(rows: int, *, as_json: bool, here: bool) -> None:
    """Import a city's components into a database of its own, read them, and time both."""
    if not here:
        measured_apart("components", "--rows", str(rows), as_json=as_json)
        return
    from chengyun.demo.component_bench import measure

    for figure in measure(rows):
        click.echo(told(figure, as_json=as_json))
