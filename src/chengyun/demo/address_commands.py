"""`chengyun bench addresses`: search, location and import at any size."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import click


@click.group()
def bench() -> None:
    """Measure the platform; one line per figure."""


@bench.command("addresses")
@click.option("--rows", type=click.IntRange(1_000, 5_000_000), default=100_000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--here", is_flag=True, help="In the present database, which must be empty.")
def bench_addresses(rows: int, as_json: bool, here: bool) -> None:
    """Make a city's addresses in a database of its own and time what is asked of them."""
    if here:
        _measure(rows, as_json)
        return
    from chengyun.demo.commands import own_database

    with (
        tempfile.TemporaryDirectory(prefix="cya") as folder,
        own_database(Path(folder)) as environ,
    ):
        chengyun = [sys.executable, "-m", "chengyun.server.command"]
        subprocess.run([*chengyun, "migrate"], env=environ, check=True, stdout=sys.stderr)
        again = [*chengyun, "bench", "addresses", "--here", "--rows", str(rows)]
        subprocess.run([*again, *(["--json"] if as_json else [])], env=environ, check=True)


def _measure(rows: int, as_json: bool) -> None:
    from chengyun.demo.address_bench import measure

    for figure in measure(rows):
        if as_json:
            click.echo(json.dumps(figure, ensure_ascii=False))
        else:
            shown = f"{figure['value']} {figure['unit']}"
            click.echo(f"{figure['name']} {shown}: {figure['rows']} rows, {figure['note']}")
