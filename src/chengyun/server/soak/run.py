"""The whole soak: a platform of its own, the living city, a watch, the proof."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from chengyun.cases.bench.installation import BenchFailed, Installation, own_folder, started
from chengyun.demo.rules.accounts import SIGN_IN_WORD
from chengyun.server.chaos.run import Figure
from chengyun.server.soak.proof import FAULTS
from chengyun.server.soak.trend import after_warm_up, is_flat, slope_per_hour
from chengyun.server.soak.watch import Watch

_SAMPLE_S: Final = 10.0
_PROVEN_S: Final = 600.0
_LEADER: Final = "leader1"
# What may rise [MiB an hour, and MiB however short the run]: measured, with room for noise.
_ALLOWED: Final = {"web": (24.0, 6.0), "worker": (12.0, 4.0), "database": (36.0, 10.0)}
_CONNECTIONS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Soak:
    """What to do; `clock` is the city's time of day at the start."""

    minutes: float
    pace: float
    size: str
    seed: int
    people: int
    per_day: float
    clock: str
    port: int


def soak(wanted: Soak, *, folder: Path | None, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Let the city live on a platform of its own and yield what was measured and proven.

    folder : kept for a look afterwards; None = a folder that is thrown away
    raises : BenchFailed when the platform or the city does not start
    """
    with (
        own_folder(folder) as place,
        started(place, wanted.port, ("--demo", wanted.size)) as platform,
    ):
        headers = platform.sign_in(_LEADER, SIGN_IN_WORD)
        watch = Watch(platform=platform, headers=headers)
        since = datetime.now(UTC).isoformat()
        counted = _live(wanted, platform, watch)
        (place / "series.json").write_text(json.dumps(watch.series))
        tell("proving")
        yield from _counts(counted, watch)
        yield from _trends(watch)
        receipts = [json.loads(line) for line in _receipts(place).read_text().splitlines()]
        told = {
            "since": since,
            "receipts": [(one["case_id"], one["act"]) for one in receipts],
            "unsettled": counted["server"]["unsettled"],
        }
        for name, value in _proven(platform, told).items():
            good = value == 0 if name in FAULTS else None
            yield Figure(name=name, value=value, unit="", good=good, note=FAULTS.get(name, ""))


def _live(wanted: Soak, platform: Installation, watch: Watch) -> dict[str, Any]:
    """Run the living city in a process of its own, measuring beside it; return its summary."""
    command = [
        *(sys.executable, "-m", "chengyun.server.command", "demo", "--live", "--json"),
        *("--url", f"http://127.0.0.1:{wanted.port}", "--pace", str(wanted.pace)),
        *("--minutes", str(wanted.minutes), "--seed", str(wanted.seed)),
        *("--people", str(wanted.people), "--per-day", str(wanted.per_day)),
        *("--clock", wanted.clock, "--receipts", str(_receipts(platform.folder))),
    ]
    with subprocess.Popen(command, env=platform.environ, stdout=subprocess.PIPE) as city:
        try:
            while city.poll() is None:
                watch.sample()
                _wait(city, _SAMPLE_S)
            printed = city.stdout.read() if city.stdout else b""
        finally:
            if city.poll() is None:
                city.terminate()
    if city.returncode:
        raise BenchFailed(reason="the living city failed")
    counted: dict[str, Any] = json.loads(printed)
    return counted


def _wait(city: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait until the next sample, or the end of the city."""
    end = time.monotonic() + seconds
    while city.poll() is None and time.monotonic() < end:
        time.sleep(0.2)


def _counts(counted: dict[str, Any], watch: Watch) -> Iterator[Figure]:
    server, errors = counted["server"], counted["errors"]
    closed = counted["ended"].get("closed", 0)
    yield Figure(name="acts", value=counted["acts"], unit="acts", good=counted["acts"] > 0)
    yield Figure(name="acts_s", value=counted["acts_s"], unit="acts/s", good=None)
    yield Figure(name="reported", value=counted["reported"], unit="cases", good=None)
    yield Figure(name="closed", value=closed, unit="cases", good=None)
    refused = sum(counted["refused"].values())
    yield Figure(name="refused", value=refused, unit="acts", good=None, note=_first(counted))
    yield Figure(
        name="errors",
        value=sum(errors.values()),
        unit="answers",
        good=not errors,
        note="; ".join(list(errors)[:3]),
    )
    yield Figure(name="away", value=server["away"], unit="times", good=server["away"] == 0)
    yield Figure(name="unsettled", value=server["unsettled"], unit="acts", good=None)
    for name in ("reads", "writes"):
        times = counted[name]
        yield Figure(name=f"{name}_p50", value=times["p50_ms"], unit="ms", good=None)
        yield Figure(name=f"{name}_p95", value=times["p95_ms"], unit="ms", good=None)
    missed = watch.unanswered
    yield Figure(name="samples_missed", value=missed, unit="samples", good=missed == 0)


def _first(counted: dict[str, Any]) -> str:
    return "; ".join(f"{count} {code}" for code, count in list(counted["refused"].items())[:4])


def _trends(watch: Watch) -> Iterator[Figure]:
    """Yield level and slope of every series after the warm-up; some must be flat."""
    for name, whole in sorted(watch.series.items()):
        series = after_warm_up(whole)
        level = median(value for _, value in series)
        unit = _unit(name)
        most = max(value for _, value in series)
        good = most <= _CONNECTIONS if name == "connections" else None
        note = f"at most {most:.1f}, {len(series)} samples"
        yield Figure(name=name, value=round(level, 1), unit=unit, good=good, note=note)
        slope, flat = slope_per_hour(series), None
        if name in _ALLOWED:
            per_hour, anyhow = _ALLOWED[name]
            flat = is_flat(series, allowed_per_hour=per_hour, allowed=anyhow)
        value = round(slope, 1)
        yield Figure(name=f"{name}_slope", value=value, unit=f"{unit} an hour", good=flat)


def _unit(name: str) -> str:
    if name.endswith("_ms"):
        return "ms"
    return "lines" if name in {"connections", "live_lines"} else "MiB"


def _proven(platform: Installation, told: dict[str, Any]) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "chengyun.server.soak.proof"],
        input=json.dumps(told),
        env=platform.environ,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_PROVEN_S,
        check=False,
    )
    if done.returncode:
        raise BenchFailed(reason="the proof could not be made")
    found: dict[str, int] = json.loads(done.stdout)
    return found


def _receipts(place: Path) -> Path:
    return place / "receipts.jsonl"
