"""Commands of the server itself."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path))
@click.option("--host", envvar="CHENGYUN_HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="CHENGYUN_PORT", type=click.IntRange(1, 65535), default=8000)
@click.option(
    "--web-processes", envvar="CHENGYUN_WEB_PROCESSES", type=click.IntRange(1, 64), default=2
)
@click.option("--web-threads", envvar="CHENGYUN_WEB_THREADS", type=click.IntRange(1, 64), default=5)
@click.option("--demo", metavar="SIZE", help="Make a demo city first, if there is no case yet.")
def up(
    data_dir: Path | None,
    host: str,
    port: int,
    web_processes: int,
    web_threads: int,
    demo: str | None,
) -> None:
    """Run the platform: database, web, worker. Ctrl-C stops all of it."""
    if data_dir is not None:
        os.environ["CHENGYUN_DATA_DIR"] = str(data_dir.resolve())
    from chengyun.server.supervisor import Plan, Supervisor

    plan = Plan(
        host=host, port=port, web_processes=web_processes, web_threads=web_threads, demo=demo
    )
    Supervisor(plan).run()


@click.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
def openapi(output: Path | None) -> None:
    """Print the OpenAPI file of the API."""
    from chengyun.server import openapi as snapshot

    text = snapshot.render()
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


@click.command()
def migrate() -> None:
    """Bring the tables and the reference data up to date."""
    from chengyun.server.prepare import prepare

    prepare()
