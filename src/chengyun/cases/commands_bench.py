"""`chengyun bench cases`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from chengyun.cases.bench.figures import SUBJECTS
from chengyun.cases.bench.run import measure


@click.group()
def bench() -> None:
    """Measure the platform; one line per figure."""


@bench.command("cases")
@click.option("--rows", type=click.IntRange(1_000, 20_000_000), default=100_000, show_default=True)
@click.option("--seconds", type=click.FloatRange(0.5, 600), default=10, show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8199, show_default=True)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the filled platform here and use it again; else it is thrown away.",
)
@click.option(
    "--only", "subjects", multiple=True, type=click.Choice([*SUBJECTS]), help="Only this subject."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def bench_cases(
    *,
    rows: int,
    seconds: float,
    port: int,
    folder: Path | None,
    subjects: tuple[str, ...],
    as_json: bool,
) -> None:
    """Start a platform of its own, fill it with cases, and load it over HTTP.

    Eight persistent connections from a process of their own, signed in, with data scope and full
    JSON, on the same machine.
    """
    figures = measure(
        rows=rows,
        seconds=seconds,
        port=port,
        folder=folder,
        subjects=subjects,
        tell=lambda text: click.echo(text, err=True),
    )
    for figure in figures:
        shown = f"{figure.name} {figure.value} {figure.unit} ({figure.rows} cases; {figure.note})"
        click.echo(json.dumps(asdict(figure), ensure_ascii=False) if as_json else shown)
