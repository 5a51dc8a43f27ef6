"""`chengyun check soak`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from chengyun.server.chaos.run import Figure
from chengyun.server.soak.run import Soak, soak


@click.group("check")
def check() -> None:
    """Prove what the platform has kept."""


@check.command("soak")
@click.option("--minutes", type=click.FloatRange(0.2), default=30.0, show_default=True)
@click.option("--pace", type=click.FloatRange(0.1, 2_000), default=100.0, show_default=True)
@click.option("--size", type=click.Choice(["tiny", "small"]), default="tiny", show_default=True)
@click.option("--seed", type=int, default=2, show_default=True)
@click.option("--people", type=click.IntRange(1, 200), default=16, show_default=True)
@click.option("--per-day", type=click.FloatRange(1), default=1_200.0, show_default=True)
@click.option("--clock", default="07:00", show_default=True, help="City's time at the start.")
@click.option("--port", type=click.IntRange(1, 65535), default=8197, show_default=True)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the platform's data here for a look afterwards; else it is thrown away.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def soak_command(*, folder: Path | None, as_json: bool, **wanted: object) -> None:
    """Let the city live on a platform of its own; prove the log, and that memory stays flat.

    Samples memory, connections, sizes and the time of two pages. Ends with status 1 when an
    acknowledged act is lost, a log is broken, a case has two holders, an answer was an error, or
    memory rises more than noise explains.
    """
    bad = 0
    plan = Soak(**wanted)  # type: ignore[arg-type]
    for figure in soak(plan, folder=folder, tell=lambda text: click.echo(text, err=True)):
        bad += figure.good is False
        click.echo(_line(figure, as_json=as_json))
    sys.exit(1 if bad else 0)


def _line(figure: Figure, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({**asdict(figure), "name": f"soak.{figure.name}"}, ensure_ascii=False)
    mark = {True: "✓", False: "✗", None: " "}[figure.good]
    note = f"  ({figure.note})" if figure.note else ""
    return f"{mark} {figure.name} {figure.value:g} {figure.unit}{note}"
