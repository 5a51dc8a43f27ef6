"""`chengyun check chaos`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from chengyun.server.chaos.run import Figure, Storm, weather


@click.group("check")
def check() -> None:
    """Prove what the platform has kept."""


@check.command("chaos")
@click.option("--acts", type=click.IntRange(20, 10_000_000), default=10_000, show_default=True)
@click.option("--clients", type=click.IntRange(1, 64), default=16, show_default=True)
@click.option("--kills", type=click.IntRange(0, 10_000), default=40, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same draws.")
@click.option("--port", type=click.IntRange(1, 65535), default=8198, show_default=True)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the platform's data here for a look afterwards; else it is thrown away.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def chaos(
    *,
    acts: int,
    clients: int,
    kills: int,
    seed: int,
    port: int,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Kill web, worker and database of a platform of its own while clients act; prove the rest.

    Every acknowledged act must be there exactly once, every chain whole. Ends with status 1 when
    anything is not as it must be.
    """
    storm = Storm(acts=acts, clients=clients, kills=kills, seed=seed, port=port)
    bad = 0
    for figure in weather(storm, folder=folder, tell=lambda text: click.echo(text, err=True)):
        bad += figure.good is False
        click.echo(_line(figure, as_json=as_json))
    sys.exit(1 if bad else 0)


def _line(figure: Figure, *, as_json: bool) -> str:
    if as_json:
        told = {**asdict(figure), "name": f"chaos.{figure.name}"}
        return json.dumps(told, ensure_ascii=False)
    mark = {True: "✓", False: "✗", None: " "}[figure.good]
    note = f"  ({figure.note})" if figure.note else ""
    return f"{mark} {figure.name} {figure.value:g} {figure.unit}{note}"
