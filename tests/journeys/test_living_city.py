"""The demo city comes alive on a running platform, loses answers and the server, loses no act."""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from platform_under_test import Platform

from chengyun.demo.live.life import Life, Wishes

KILLED_AFTER_ACTS, ENOUGH_ACTS, ENOUGH_KINDS = 8, 30, 4
MOST_S, BACK_S = 240.0, 60.0
DROPS = 0.12

pytestmark = pytest.mark.journey


class DropsAnswers(httpx.AsyncBaseTransport):
    """Lets requests through and loses some answers after the platform has done its work."""

    def __init__(self) -> None:
        self.real = httpx.AsyncHTTPTransport()
        self.chance = random.Random(1)
        self.dropped = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.real.handle_async_request(request)
        if request.method == "POST" and self.chance.random() < DROPS:
            await answer.aread()
            await answer.aclose()
            self.dropped += 1
            raise httpx.ReadError("dropped by the test")
        return answer

    async def aclose(self) -> None:
        await self.real.aclose()


def web_processes(city: Platform) -> dict[str, int]:
    roster = json.loads((city.data_dir / "processes.json").read_text())
    return {name: pid for name, pid in roster.items() if name.startswith("web")}


class Receipts(io.StringIO):
    """Receipts that tell when it is time to kill, and when enough of every kind is done."""

    def __init__(self) -> None:
        super().__init__()
        self.acts: Counter[str] = Counter()
        self.begun, self.enough = asyncio.Event(), asyncio.Event()

    def write(self, text: str) -> int:
        self.acts[json.loads(text)["act"]] += 1
        if self.acts.total() >= KILLED_AFTER_ACTS:
            self.begun.set()
        if self.acts.total() >= ENOUGH_ACTS and len(self.acts) >= ENOUGH_KINDS:
            self.enough.set()
        return super().write(text)


async def kill_once(city: Platform, life: Life, receipts: Receipts) -> None:
    """Kill every web process in the midst of it; end it when enough has been done."""
    await receipts.begun.wait()
    for pid in web_processes(city).values():
        os.kill(pid, signal.SIGKILL)
    await receipts.enough.wait()
    life.stopping.set()


async def live(city: Platform, receipts: Receipts) -> tuple[dict[str, Any], int, list[str]]:
    told: list[str] = []
    wishes = Wishes(
        url=city.url,
        pace=600,
        seconds=MOST_S,
        seed=2,
        people=12,
        per_day=1_500,
        weather="rain",
        festival=True,
        start=9 * 60,
    )
    transport = DropsAnswers()
    life = Life(
        wishes=wishes,
        tell=lambda _zh, en: told.append(en),
        receipts=receipts,
        transport=transport,
    )
    killing = asyncio.create_task(kill_once(city, life, receipts))
    try:
        counted = await life.run()
    finally:
        killing.cancel()
    return counted, transport.dropped, told


def wait_until_ready(city: Platform) -> None:
    end = time.monotonic() + BACK_S
    while time.monotonic() < end:
        try:
            if httpx.get(f"{city.url}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError("the platform did not come back")


def reported_since(city: Platform, since: datetime) -> list[dict[str, Any]]:
    """Return every case reported since a moment, as the leader lists them."""
    with httpx.Client(base_url=city.url, timeout=30) as client:
        word = {"username": "leader1", "password": "Linjiang-2026"}
        client.post("/api/v1/session", json=word).raise_for_status()
        query = {"reported_from": since.isoformat(), "limit": "200"}
        found: list[dict[str, Any]] = []
        while query.get("after") != "":
            page = client.get("/api/v1/cases", params=query).json()
            found += page["items"]
            query["after"] = page["next"] or ""
        client.delete("/api/v1/session")
    return found


def test_a_living_city_loses_no_act_when_answers_and_the_server_drop(city: Platform) -> None:
    if city.process is None:
        pytest.skip("the platform is shared with others: its server may not be killed")
    since, receipts = datetime.now(UTC).replace(microsecond=0), Receipts()
    before = web_processes(city)
    with ThreadPoolExecutor(1) as thread:  # a browser's test may hold this thread's event loop
        counted, dropped, told = thread.submit(asyncio.run, live(city, receipts)).result()
    wait_until_ready(city)
    assert set(web_processes(city).values()).isdisjoint(before.values())

    acknowledged = [json.loads(line) for line in receipts.getvalue().splitlines()]
    assert len(acknowledged) == counted["acts"] >= ENOUGH_ACTS
    acts = Counter(one["act"] for one in acknowledged)
    assert len(acts) >= ENOUGH_KINDS, acts
    assert dropped > 0
    assert counted["server"]["retries"] >= dropped
    assert any(line.startswith("the platform is back after") for line in told)
    assert counted["errors"] == {}

    numbers = [one["number"] for one in acknowledged if one["act"].startswith("report")]
    assert len(set(numbers)) == len(numbers) == counted["reported"] > 0
    there = [row["number"] for row in reported_since(city, since)]
    assert Counter(there) >= Counter(numbers)
    assert len(there) - len(numbers) <= counted["server"]["unsettled"]

    proof = json.loads(city.chengyun("check", "log", "--json"))
    assert proof["broken"] == []
    assert proof["entries"] > len(acknowledged)
