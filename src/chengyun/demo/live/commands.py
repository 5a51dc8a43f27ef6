"""`chengyun demo --live`: the demo city comes alive on a running platform."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

import click
import psutil

from chengyun.demo.live.life import Life, Wishes

_MOST_PEOPLE = 200
_CLOCK: Final = click.DateTime(["%H:%M"])

_SUMMARY_ZH: Final = (
    "{seconds} 秒办理 {acts} 次（每秒 {acts_s} 次）：上报 {reported}，结案 {closed}，"
    "被拒 {refused}，错误 {errors}，已知重复 {known_already}；"
    "平台中断 {server[away]} 次共 {server[away_s]} 秒，未确认 {server[unsettled]} 次"
)
_SUMMARY_EN: Final = (
    "{acts} acts in {seconds} s ({acts_s} a second): {reported} reported, {closed} closed,"
    " {refused} refused, {errors} errors, {known_already} known already; the platform was away"
    " {server[away]} times, {server[away_s]} s, {server[unsettled]} acts unsettled"
)

OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--live", is_flag=True, help="Let people act on the running platform."),
    click.option(
        "--pace",
        type=click.FloatRange(0.1, 2_000),
        default=1.0,
        show_default=True,
        help="With --live: how many times as fast as real life.",
    ),
    click.option(
        "--minutes", type=click.FloatRange(0.01), help="With --live: stop after so many minutes."
    ),
    click.option("--url", help="With --live: a platform elsewhere, as http://host:port."),
    click.option(
        "--people",
        type=click.IntRange(1, _MOST_PEOPLE),
        default=16,
        show_default=True,
        help="With --live: how many act at once at most.",
    ),
    click.option(
        "--per-day",
        type=click.FloatRange(1, 1_000_000),
        default=1_200,
        show_default=True,
        help="With --live: matters on an ordinary day of the city.",
    ),
    click.option(
        "--weather",
        type=click.Choice(["seed", "rain", "dry"]),
        default="seed",
        show_default=True,
        help="With --live: as the seed has it, or always so.",
    ),
    click.option("--festival", is_flag=True, help="With --live: a festival every evening."),
    click.option("--clock", type=_CLOCK, help="With --live: the city's time of day at the start."),
    click.option(
        "--receipts",
        type=click.Path(dir_okay=False, path_type=Path),
        help="With --live: a file for every acknowledged act, one JSON object a line.",
    ),
)


def live_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of the living city; it takes them as **wishes."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def run_live(*, seed: int, as_json: bool, wishes: dict[str, Any]) -> None:
    """Let the city live until the time is over or a signal comes; print what was counted."""
    minutes, clock = wishes["minutes"], wishes["clock"]
    wanted = Wishes(
        url=(wishes["url"] or address_of_data_dir()).rstrip("/"),
        pace=wishes["pace"],
        seconds=None if minutes is None else minutes * 60,
        seed=seed,
        people=wishes["people"],
        per_day=wishes["per_day"],
        weather=wishes["weather"],
        festival=wishes["festival"],
        start=None if clock is None else clock.hour * 60 + clock.minute,
    )
    path: Path | None = wishes["receipts"]
    receipts = path.open("a", encoding="utf-8") if path else None
    try:
        counted = asyncio.run(_live(wanted, receipts))
    finally:
        if receipts is not None:
            receipts.close()
    click.echo(json.dumps(counted, ensure_ascii=False) if as_json else _summary(counted))


def address_of_data_dir() -> str:
    """Return the address of the platform that runs in this data folder, else the usual one."""
    folder = Path(os.environ.get("CHENGYUN_DATA_DIR", "var"))
    try:
        pid = int(json.loads((folder / "processes.json").read_text())["supervisor"])
        lines = psutil.Process(pid).net_connections("tcp")
        ports = [one.laddr.port for one in lines if one.status == psutil.CONN_LISTEN]
    except (OSError, ValueError, KeyError, psutil.Error):
        ports = []
    port = ports[0] if ports else os.environ.get("CHENGYUN_PORT", "8000")
    return f"http://127.0.0.1:{port}"


async def _live(wanted: Wishes, receipts: IO[str] | None) -> dict[str, Any]:
    life = Life(wishes=wanted, tell=_tell, receipts=receipts)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, life.stopping.set)
    return await life.run()


def _tell(zh: str, en: str) -> None:
    click.echo(zh if _is_chinese() else en, err=True)


def _is_chinese() -> bool:
    return os.environ.get("LANG", "").lower().startswith("zh")


def _summary(counted: dict[str, Any]) -> str:
    values = {
        **counted,
        "closed": counted["ended"].get("closed", 0),
        "refused": sum(counted["refused"].values()),
        "errors": sum(counted["errors"].values()),
    }
    return (_SUMMARY_ZH if _is_chinese() else _SUMMARY_EN).format(**values)
