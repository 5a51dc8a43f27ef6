"""`chengyun bench addresses`: search, location and import at any size."""

from __future__ import annotations

import json
from typing import Any

import click

from chengyun.demo.commands import measured_apart


@click.group()
def bench() -> None:
    """Measure the platform; one line per figure."""


@bench.command("addresses")
@click.option("--rows", type=click.IntRange(1_000, 5_000_000), default=100_000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--here", is_flag=True, help="In the present database, which must be empty.")
def bench_addresses(rows: int, *, as_json: bool, here: bool) -> None:
    """Make a city's addresses in a database of its own and time what is asked of them."""
    if not here:
        measured_apart("addresses", "--rows", str(rows), as_json=as_json)
        return
    from chengyun.demo.address_bench import measure

    for figure in measure(rows):
        click.echo(told(figure, as_json=as_json))


def told(figure: dict[str, Any], *, as_json: bool) -> str:
    """Return the line of a figure."""
    if as_json:
        return json.dumps(figure, ensure_ascii=False)
    shown = f"{figure['value']} {figure['unit']}"
    return f"{figure['name']} {shown}: {figure['rows']} rows, {figure['note']}"
