"""The whole storm: a platform of its own, clients, kills, calm, proof."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Any, Final

from chengyun.cases.bench.installation import BenchFailed, Installation, own_folder, started
from chengyun.server.chaos.book import Book
from chengyun.server.chaos.city import City, get_to_know
from chengyun.server.chaos.client import Client
from chengyun.server.chaos.killer import Killer, targets
from chengyun.server.chaos.line import Line, Tally
from chengyun.server.chaos.proof import FAULTS

_CALM_S: Final = 120.0


@dataclass(frozen=True, kw_only=True)
class Storm:
    """What to do. `acts` acknowledged ones in all; `kills` of processes, spread over them."""

    acts: int
    clients: int
    kills: int
    seed: int
    port: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One line of the outcome; `good` is None where the value may be anything."""

    name: str
    value: float
    unit: str
    good: bool | None
    note: str = ""


def weather(storm: Storm, *, folder: Path | None, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Carry a storm out and yield what came of it.

    folder : kept for a look afterwards; None = a folder that is thrown away
    raises : BenchFailed when the platform does not start, NoAnswer when it does not come back
    """
    with own_folder(folder) as place, started(place, storm.port, ("--demo", "tiny")) as platform:
        book, tally = Book(wanted=storm.acts), Tally()
        city = get_to_know(storm.port, Line(storm.port, tally))
        killer = Killer(
            folder=place,
            supervisor=platform.process.pid,
            draw=random.Random(storm.seed),  # noqa: S311
        )
        began = time.monotonic()
        tell(f"{storm.acts} acts of {storm.clients} clients, {storm.kills} kills")
        _blow(storm, city, book, tally, killer)
        took_s = time.monotonic() - began
        tell("waiting for the calm")
        calm_s = _calm(platform, book, city, Line(storm.port, tally))
        tell("proving")
        yield from _figures(storm, book, tally, killer, took_s, calm_s)
        for name, value in _proven(platform, storm, book).items():
            good = value == 0 if name in FAULTS else None
            yield Figure(name=name, value=value, unit="", good=good, note=FAULTS.get(name, ""))


def _blow(storm: Storm, city: City, book: Book, tally: Tally, killer: Killer) -> None:
    """Run the clients and the killer side by side until the acts are done."""
    clients = [
        Client(
            number=number,
            city=city,
            book=book,
            line=Line(storm.port, tally),
            draw=random.Random(f"{storm.seed} {number}"),  # noqa: S311 - draws that repeat
            run=str(storm.seed),
        )
        for number in range(storm.clients)
    ]
    threads = [Thread(target=_quietly, args=(one.work,), daemon=True) for one in clients]
    for thread in threads:
        thread.start()
    names = targets(storm.kills, killer.draw)
    # The last kill leaves some acts for what comes after it.
    moments = sorted(killer.draw.randrange(storm.acts * 9 // 10) for _ in names)

    def count() -> int | None:
        return book.acknowledged if any(one.is_alive() for one in threads) else None

    killer.work(list(zip(moments, names, strict=True)), count)
    for thread in threads:
        thread.join()
    if book.fault is not None:
        raise book.fault


def _quietly(work: Callable[[], None]) -> None:
    """Run a client; what ended it stands in the book."""
    try:
        work()
    except Exception:  # noqa: BLE001 - the edge of a thread; the book tells
        return


def _calm(platform: Installation, book: Book, city: City, line: Line) -> float:
    """Wait until every process is back and every export is over; return how long it took [s]."""
    began = time.monotonic()
    while time.monotonic() - began < _CALM_S:
        ready = line.ask("GET", "/health/ready", {}).is_good
        going = [one for one in book.exports if _is_going(line, city, one)]
        if ready and not going and platform.process.poll() is None:
            break
        time.sleep(0.2)
    return time.monotonic() - began


def _is_going(line: Line, city: City, export_id: str) -> bool:
    reply = line.ask("GET", f"/api/v1/cases/export/{export_id}", city.desks["leader"])
    return reply.body is not None and reply.body.get("state") in {"waiting", "running"}


def _figures(
    storm: Storm, book: Book, tally: Tally, killer: Killer, took_s: float, calm_s: float
) -> Iterator[Figure]:
    yield Figure(
        name="acts", value=book.acknowledged, unit="acts", good=book.acknowledged >= storm.acts
    )
    yield Figure(name="refused", value=book.refused, unit="acts", good=None)
    yield Figure(
        name="answered_again",
        value=book.answered_again,
        unit="acts",
        good=None,
        note="acknowledged only after a drop or a 503",
    )
    kills = sum(killer.killed.values())
    told = ", ".join(f"{count} {name}" for name, count in sorted(killer.killed.items()))
    yield Figure(name="kills", value=kills, unit="kills", good=kills == storm.kills, note=told)
    yield Figure(name="dropped", value=tally.dropped, unit="connections", good=None)
    yield Figure(name="unavailable", value=tally.unavailable, unit="answers 503", good=None)
    yield Figure(
        name="without_retry_after",
        value=tally.without_retry_after,
        unit="answers 503",
        good=tally.without_retry_after == 0,
    )
    yield Figure(
        name="unexpected",
        value=tally.unexpected.total(),
        unit="answers 5xx other than 503",
        good=not tally.unexpected,
        note="; ".join(list(tally.unexpected)[:3]),
    )
    yield Figure(name="longest", value=round(tally.longest_s, 2), unit="s", good=None)
    yield Figure(name="took", value=round(took_s, 1), unit="s", good=None)
    yield Figure(name="calm", value=round(calm_s, 1), unit="s", good=calm_s < _CALM_S)


def _proven(platform: Installation, storm: Storm, book: Book) -> dict[str, Any]:
    told = {
        "run": str(storm.seed),
        "entries": [asdict(one) for one in book.entries],
        "exports": book.exports,
    }
    done = subprocess.run(
        [sys.executable, "-m", "chengyun.server.chaos.proof"],
        input=json.dumps(told),
        env=platform.environ,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchFailed(reason="the proof could not be made")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
