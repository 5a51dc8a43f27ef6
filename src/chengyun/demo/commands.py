"""`chengyun demo`: a generated city in an empty database, and how long that takes."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from chengyun.demo.live.commands import live_options, run_live
from chengyun.demo.operations import Built, build_city
from chengyun.demo.queries.city import first_collectors, usernames_among
from chengyun.demo.queries.taken import database_is_taken
from chengyun.demo.rules.accounts import SIGN_IN_WORD
from chengyun.demo.rules.sizes import SIZES
from chengyun.kernel.clock import now as present

_SHOWN = (
    ("admin", "系统管理员 administrator"),
    ("leader1", "领导 leader"),
    ("hotline1", "热线受理员 hotline operator"),
    ("acceptor1", "受理员 acceptor, whole city"),
    ("shiftleader1", "值班长 shift leader"),
    ("dispatcher1", "派遣员 dispatcher"),
    ("inspector1", "督查员 inspector"),
    ("sanitation1", "环卫 sanitation department"),
    ("municipal1", "市政 municipal department"),
    ("enforcement1", "城管执法 enforcement department"),
    ("integrator1", "接口用户 another system"),
)


@click.command()
@click.option("--size", type=click.Choice([*SIZES]), default="small", show_default=True)
@click.option("--seed", type=int, default=2, show_default=True, help="Same seed, same city.")
@click.option("--months", type=click.IntRange(1, 60), help="How far back cases reach.")
@click.option(
    "--now",
    "anchor",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S"]),
    help="Anchor of time (UTC) instead of the present moment, for a city that is always the same.",
)
@click.option("--if-empty", is_flag=True, help="Do nothing when the database is not empty.")
@click.option("--add", is_flag=True, help="Go on although the database is not empty.")
@click.option("--accounts", "only_accounts", is_flag=True, help="Only print the accounts.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@live_options
def demo(
    size: str,
    seed: int,
    months: int | None,
    anchor: datetime | None,
    if_empty: bool,
    add: bool,
    only_accounts: bool,
    as_json: bool,
    live: bool,
    **wishes: Any,
) -> None:
    """Make a fictional city: map, grids, organisations, people, months of cases.

    With --live let the people of the one that is there act on the running platform.
    """
    if live:
        run_live(seed=seed, as_json=as_json, wishes=wishes)
        return
    if only_accounts:
        _print_accounts()
        return
    if database_is_taken() and not add:
        if if_empty:
            return
        raise click.ClickException(
            "The database holds a city already. Use an empty one (another --data-dir), or --add."
        )
    begun = time.monotonic()

    def tell(what: str) -> None:
        click.echo(f"  {time.monotonic() - begun:5.1f} s  {what}", err=True)

    moment = anchor.replace(tzinfo=UTC) if anchor else present().replace(microsecond=0)
    built = build_city(
        size=SIZES[size],
        seed=seed,
        now=moment,
        months=months,
        processes=os.cpu_count() or 1,
        tell=tell,
    )
    taken = time.monotonic() - begun
    if as_json:
        click.echo(json.dumps(_figures(built, taken), ensure_ascii=False))
    else:
        _print(built, taken)


def _figures(built: Built, taken: float) -> dict[str, object]:
    return {
        "grids": built.grids,
        "map_features": built.features,
        "addresses": built.addresses,
        "organisations": built.organisations,
        "people": built.people,
        "cases": built.cases,
        "open_cases": built.open_cases,
        "seconds": round(taken, 1),
        "password": SIGN_IN_WORD,
        "accounts": [username for username, _ in _accounts()],
    }


def _accounts() -> list[tuple[str, str]]:
    """Return the accounts to show: one of every role that the city has."""
    shown = [*_SHOWN, *((name, "监督员 collector") for name in first_collectors())]
    there = usernames_among([username for username, _ in shown])
    return [(username, role) for username, role in shown if username in there]


def _print(built: Built, taken: float) -> None:
    click.echo(
        f"临江市 Linjiang: {built.grids:,} unit grids, {built.features:,} map features,"
        f" {built.addresses:,} addresses,"
        f" {built.organisations} organisations, {built.people} people,"
        f" {built.cases:,} cases ({built.open_cases:,} open), in {taken:.1f} s"
    )
    _print_accounts()


def _print_accounts() -> None:
    click.echo(f"Accounts (password of all: {SIGN_IN_WORD})")
    for username, role in _accounts():
        click.echo(f"  {username:<14} {role}")


@click.group()
def bench() -> None:
    """Measure the platform; one line per figure."""


@bench.command("demo")
@click.option("--size", type=click.Choice([*SIZES]), default="small", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def bench_demo(size: str, as_json: bool) -> None:
    """Make a demo city in a database of its own and say how long it took."""
    with (
        tempfile.TemporaryDirectory(prefix="cyd") as folder,
        own_database(Path(folder)) as environ,
    ):
        chengyun = [sys.executable, "-m", "chengyun.server.command"]
        subprocess.run([*chengyun, "migrate"], env=environ, check=True)
        made = subprocess.run(
            [*chengyun, "demo", "--size", size, "--json"],
            env=environ,
            check=True,
            capture_output=True,
        )
    figures = json.loads(made.stdout)
    line = {
        "name": f"demo.{size}.s",
        "value": figures["seconds"],
        "unit": "s",
        "rows": figures["cases"],
        "note": f"{figures['grids']} grids, {figures['map_features']} map features, full logs",
    }
    shown = f"{line['name']} {line['value']} {line['unit']}: {line['rows']} cases, {line['note']}"
    click.echo(json.dumps(line) if as_json else shown)


def measured_apart(subject: str, *options: str, as_json: bool) -> None:
    """Let `chengyun bench` measure a subject in a database of its own, which is thrown away."""
    with (
        tempfile.TemporaryDirectory(prefix="cyb") as folder,
        own_database(Path(folder)) as environ,
    ):
        chengyun = [sys.executable, "-m", "chengyun.server.command"]
        subprocess.run([*chengyun, "migrate"], env=environ, check=True, stdout=sys.stderr)
        measuring = [*chengyun, "bench", subject, "--here", *options]
        subprocess.run([*measuring, *(["--json"] if as_json else [])], env=environ, check=True)


@contextmanager
def own_database(folder: Path) -> Iterator[dict[str, str]]:
    """Run a private cluster in a folder; yield the environment that points to it."""
    from chengyun.server.cluster import Cluster

    folder.chmod(0o755)
    run = folder / "run"
    cluster = Cluster(data=folder / "pg", socket_dir=run, log=folder / "log" / "pg.log")
    cluster.ensure()
    process = cluster.start()
    try:
        cluster.create_database()
        yield os.environ | {
            "CHENGYUN_DATABASE_URL": f"postgresql://chengyun@/chengyun?host={run}",
            "CHENGYUN_DATA_DIR": str(folder / "data"),
        }
    finally:
        process.terminate()
        process.wait(30)
