"""What the bench measures, one generator per subject: each yields figures."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from chengyun.cases.bench import pages
from chengyun.cases.bench.installation import HOST, BenchFailed, Installation
from chengyun.territory.rules.tiles import tile_at

PAGE: Final = 50
PAGES: Final = 8
_CREATED: Final = 20_000
_TILES: Final = 400
_OPENINGS: Final = 6
_ZOOMS: Final = (9, 10, 11, 12, 13, 14, 15, 16)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured figure."""

    name: str
    value: float
    unit: str
    rows: int
    note: str = ""


@dataclass(kw_only=True)
class Bench:
    """A filled platform with its people signed in.

    seconds : length of each measurement
    """

    platform: Installation
    facts: dict[str, Any]
    seconds: float
    people: dict[str, dict[str, str]]
    draw: random.Random
    tell: Callable[[str], None] = print

    @property
    def rows(self) -> int:
        """Cases at the start."""
        return int(self.facts["rows"])

    def figure(self, name: str, value: float, unit: str, note: str = "") -> Figure:
        """Return a figure at this number of rows."""
        return Figure(name=name, value=round(value, 2), unit=unit, rows=self.rows, note=note)

    def request(self, who: str, method: str, path: str, body: Any = None) -> str:
        """Return the text of a request of somebody."""
        content = "" if body is None else json.dumps(body, ensure_ascii=True)
        headers = {
            "Host": HOST,
            "Accept": "application/json",
            "Accept-Language": "zh-CN",
            **self.people[who],
        }
        if body is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
        lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        return "\r\n".join(lines) + content

    def load(self, requests: Sequence[str], **more: Any) -> dict[str, Any]:
        """Put load on it with 8 connections; raise BenchFailed when an answer was an error."""
        before = self.platform.cpu_s()
        done: dict[str, Any] = self.platform.load(
            list(requests), seconds=more.pop("seconds", self.seconds), **more
        )
        done["cost"] = _cost(before, self.platform.cpu_s(), done["count"])
        refused = {code: n for code, n in done["statuses"].items() if not code.startswith("2")}
        if refused or done["fault"] or not done["count"]:
            raise BenchFailed(reason=f"{refused or 'no answer'} {done['fault']}")
        return done


def _cost(before: dict[str, float], after: dict[str, float], count: int) -> str:
    """Return the processor time of one request, in words."""
    parts = (f"{name} {(after[name] - before[name]) / max(count, 1) * 1000:.2f}" for name in before)
    return f"CPU ms a request: {', '.join(parts)}"


def lists(bench: Bench) -> Iterator[Figure]:
    """Measure the list of 50 for a leader, a district's acceptor and a department."""
    worst_rps, worst_p95, notes = float("inf"), 0.0, []
    for who in ("leader", "district_acceptor", "department"):
        requests = [bench.request(who, "GET", path) for path in _page_paths(bench, who)]
        bench.load(requests, seconds=1)
        done = bench.load(requests)
        worst_rps, worst_p95 = min(worst_rps, done["rps"]), max(worst_p95, done["p95_ms"])
        notes.append(f"{who} {done['rps']:.0f}/s p50 {done['p50_ms']} p95 {done['p95_ms']} ms")
        yield bench.figure(f"case.list50.{who}.rps", done["rps"], "req/s", done["cost"])
    yield bench.figure("case.list50.rps", worst_rps, "req/s", f"lowest of: {'; '.join(notes)}")
    yield bench.figure("case.list50.p95_ms", worst_p95, "ms", "highest of the three")


def _page_paths(bench: Bench, who: str) -> list[str]:
    """Return the addresses of the first full pages of a person's list."""
    path = f"/api/v1/cases?limit={PAGE}"
    paths = []
    after = None
    for _ in range(PAGES):
        asked = path + (f"&after={after}" if after else "")
        page = bench.platform.get(asked, bench.people[who])
        if len(page["items"]) < PAGE:
            break
        paths.append(asked)
        after = page["next"]
        if after is None:
            break
    if not paths:
        raise BenchFailed(reason=f"{who} has no {PAGE} cases; ask for more rows")
    return paths


def details(bench: Bench) -> Iterator[Figure]:
    """Measure the page of a case, any case, read by the leader."""
    requests = [
        bench.request("leader", "GET", f"/api/v1/cases/{case_id}")
        for case_id in bench.facts["case_ids"]
    ]
    bench.load(requests, seconds=1)
    done = bench.load(requests)
    note = f"p50 {done['p50_ms']} p95 {done['p95_ms']} ms; {done['cost']}"
    yield bench.figure("case.detail.rps", done["rps"], "req/s", note)


def searches(bench: Bench) -> Iterator[Figure]:
    """Measure full-text search, by a leader and a district's acceptor."""
    requests = [
        bench.request(who, "GET", f"/api/v1/cases?{urlencode({'q': words, 'limit': PAGE})}")
        for words in bench.facts["words"]
        for who in ("leader", "district_acceptor")
    ]
    bench.load(requests, seconds=1)
    done = bench.load(requests)
    note = f"{done['rps']:.0f}/s p50 {done['p50_ms']} max {done['max_ms']} ms; {done['cost']}"
    yield bench.figure("case.search.p95_ms", done["p95_ms"], "ms", note)


def queues(bench: Bench) -> Iterator[Figure]:
    """Measure the counts of the queues while cases are reported, so that no count lasts."""
    people = ("leader", "acceptor", "district_acceptor", "shift_leader", "dispatcher", "department")
    requests = [bench.request(who, "GET", "/api/v1/cases/queues") for who in people]
    writes = [_report(bench) for _ in range(2_000)]
    bench.load(requests, seconds=1)
    writing = bench.platform.start_load(
        writes, seconds=bench.seconds, connections=1, once=True, keep_bodies=False
    )
    with writing as finish:
        done = bench.load(requests, connections=7)
        written = finish()
    rate = written["count"] / bench.seconds
    note = f"{done['rps']:.0f}/s p50 {done['p50_ms']} ms while {rate:.0f} cases/s are reported; "
    note += done["cost"]
    yield bench.figure("queue.counts.p95_ms", done["p95_ms"], "ms", note)


def writes(bench: Bench) -> Iterator[Figure]:
    """Measure reporting a case, then accepting, filing and dispatching what was reported."""
    made = bench.load([_report(bench) for _ in range(_CREATED)], once=True, keep_bodies=True)
    note = f"p50 {made['p50_ms']} p95 {made['p95_ms']} ms, grid, clocks, log, event, durable;"
    note += f" {made['cost']}"
    yield bench.figure("case.create.rps", made["rps"], "req/s", note)
    cases = [json.loads(body) for body in made["bodies"]]
    acts = [request for act in _ACTS for request in _acts(bench, cases, act)]
    done = bench.load(acts, once=True)
    note = f"p50 {done['p50_ms']} p95 {done['p95_ms']} ms; accept, file, dispatch; {done['cost']}"
    yield bench.figure("case.advance.rps", done["rps"], "req/s", note)


_ACTS: Final = ("accept", "file", "dispatch")


def _report(bench: Bench) -> str:
    west, south, east, north = bench.facts["bounds"]
    kind, code = bench.draw.choice(bench.facts["types"])
    body = {
        "source": "other",
        "type": code,
        "kind": kind,
        "description": "路面有积水，夜间看不清，请尽快处理",
        "address": "和平街道朝阳社区桥头",
        "location": {
            "lon": round(bench.draw.uniform(west, east), 6),
            "lat": round(bench.draw.uniform(south, north), 6),
            "crs": "EPSG:4490",
        },
    }
    return bench.request("acceptor", "POST", "/api/v1/cases", body)


def _acts(bench: Bench, cases: list[dict[str, Any]], act: str) -> Iterator[str]:
    for case in cases:
        path = f"/api/v1/cases/{case['id']}/acts"
        if act == "accept":
            yield bench.request("acceptor", "POST", path, {"act": act})
        elif act == "file":
            standard = bench.facts["standards"][f"{case['kind']}:{case['type']['code']}"]
            body = {"act": act, "standard_id": standard}
            yield bench.request("shift_leader", "POST", path, body)
        else:
            body = {"act": act, "organisation_id": bench.facts["department"]}
            yield bench.request("dispatcher", "POST", path, body)


def tiles(bench: Bench) -> Iterator[Figure]:
    """Measure tiles, none of them kept: grids and cases at zoom 14, and cases at every zoom."""
    for layer in ("grids", "cases"):
        done = bench.load([_tile(bench, layer, 14) for _ in range(_TILES)])
        note = f"{layer}: p50 {done['p50_ms']} p95 {done['p95_ms']} ms; {done['cost']}"
        name = "tile.z14.rps" if layer == "grids" else "tile.cases.z14.rps"
        yield bench.figure(name, done["rps"], "req/s", note)
    for zoom in _ZOOMS:
        requests = [_tile(bench, "cases", zoom) for _ in range(60)]
        done = bench.load(requests, once=True, connections=1, seconds=30)
        largest = f"{done['bytes'] / done['count'] / 1000:.0f} kB on average"
        yield bench.figure(f"tile.cases.z{zoom}.max_ms", done["max_ms"], "ms", largest)


def _tile(bench: Bench, layer: str, zoom: int) -> str:
    west, south, east, north = bench.facts["bounds"]
    place = tile_at(zoom, bench.draw.uniform(west, east), bench.draw.uniform(south, north))
    path = f"/tiles/{layer}/{place.z}/{place.x}/{place.y}.mvt"
    return bench.request("leader", "GET", path)


def statistics(bench: Bench) -> Iterator[Figure]:
    """Measure the leader's overview, the first time and when it is kept."""
    requests = [bench.request("leader", "GET", "/api/v1/cases/statistics")]
    first = bench.load(requests, once=True, connections=1)
    done = bench.load(requests, seconds=2)
    note = f"first {first['max_ms']} ms, then {done['rps']:.0f}/s"
    yield bench.figure("case.statistics.p95_ms", done["p95_ms"], "ms", note)


def opened_pages(bench: Bench) -> Iterator[Figure]:
    """Measure how long the workbench takes to open in Chromium, nothing else at work."""
    if not pages.browser():
        bench.tell("no Chromium, or no Playwright to drive it: pages are left out")
        return
    cookie = bench.people["leader"]["Cookie"]
    first, *later = pages.opened("/cases", port=bench.platform.port, cookie=cookie, times=_OPENINGS)
    later.sort()
    note = f"to a usable list; again, from the cache, {later[len(later) // 2]:.2f} s in the middle"
    yield bench.figure("page.open.s", first, "s", f"empty cache, {note}")


def memory(bench: Bench) -> Iterator[Figure]:
    """Measure the memory of all processes, after the load."""
    found = bench.platform.memory_mib()
    parts = ", ".join(f"{name} {size:.0f}" for name, size in found.items() if name != "all")
    yield bench.figure("memory.mib", found["all"], "MiB", parts)


SUBJECTS: Final = {
    "lists": lists,
    "details": details,
    "searches": searches,
    "statistics": statistics,
    "tiles": tiles,
    "queues": queues,
    "writes": writes,
    "pages": opened_pages,
    "memory": memory,
}
