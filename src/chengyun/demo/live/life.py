"""A run of the living city: people, their consoles, what happens; until told to stop."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx

from chengyun.demo.live.agenda import Agenda
from chengyun.demo.live.city import City, CityClock
from chengyun.demo.live.desks import Desks
from chengyun.demo.live.door import Door, Stopped
from chengyun.demo.live.figures import Figures
from chengyun.demo.live.lines import follow
from chengyun.demo.live.people import NoDemoAccounts, Person, Signing, read_roster
from chengyun.demo.live.photos import Album
from chengyun.demo.live.places import Places
from chengyun.demo.live.reporting import Reporting
from chengyun.demo.rules.living.ground import Ground
from chengyun.demo.rules.living.matters import SQUARE
from chengyun.demo.rules.living.weather import Season
from chengyun.kernel.errors import Fault

LEADER, ACCEPTOR = "leader1", "acceptor1"
_GRACE_S, _SIGN_OUT_S = 15.0, 8.0
_TOLD_S = 5.0
_OFFICES = ("hotline", "acceptor", "shift_leader", "dispatcher", "inspector")
_UNDER_WAY = "verifying,checking,dispatched,handling"
_UNDER_WAY_MOST = 200
Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is asked of a run.

    pace : how many times as fast as real life
    seconds : how long it lasts, None = until stopped
    people : how many act at once at most
    per_day : matters on an ordinary dry day of the city
    start : city's time of day at the start [minutes since midnight], None = the present
    """

    url: str
    pace: float
    seconds: float | None
    seed: int
    people: int
    per_day: float
    weather: str = "seed"
    festival: bool = False
    start: int | None = None


@dataclass(kw_only=True)
class Life:
    """One run."""

    wishes: Wishes
    tell: Tell
    receipts: IO[str] | None = None
    transport: httpx.AsyncBaseTransport | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> dict[str, Any]:
        """Live until the time is over or `stopping` is set; return what was counted.

        raises : PlatformNotReached, NoDemoAccounts, CityHasNoCases
        """
        self.figures = Figures(receipts=self.receipts)
        self.door = Door(
            url=self.wishes.url,
            figures=self.figures,
            tell=self.tell,
            connections=self.wishes.people + 4,
            transport=self.transport,
            stopping=self.stopping,
        )
        try:
            city = await self._settle()
            await self._live(city)
        finally:
            await self.door.close()
        return {**self._conditions(city), **self.figures.as_data()}

    async def _settle(self) -> City:
        """Get to know the platform, its people and places."""
        node = await self.door.knock()
        wishes = self.wishes
        signing = Signing(door=self.door, seed=wishes.seed)
        leader = signing.stranger(LEADER, "leader")
        places = Places(signing=signing, leader=leader)
        roster = await read_roster(signing)
        await places.learn()
        agenda = Agenda(wishes.people, self.stopping, self._on_fault)
        return City(
            clock=CityClock(start=self._start(ZoneInfo(node["time_zone"])), pace=wishes.pace),
            season=Season(seed=wishes.seed, weather=wishes.weather, festival=wishes.festival),
            signing=signing,
            roster=roster,
            places=places,
            album=Album(wishes.seed),
            ground=Ground(wishes.seed),
            agenda=agenda,
            figures=self.figures,
            draw=random.Random(),  # noqa: S311
            run=uuid4().hex[:4].upper(),
        )

    def _start(self, zone: ZoneInfo) -> datetime:
        present = datetime.now(zone)
        if self.wishes.start is None:
            return present
        midnight = present.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(minutes=self.wishes.start)

    async def _live(self, city: City) -> None:
        desks = Desks(city)
        reporting = Reporting(city, desks, self.wishes.per_day)
        city.happen_again = reporting.happen

        async def look(person: Person) -> None:
            if not person.headers and city.signing.is_crowded:
                city.wake(person, city.draw.uniform(0.5, 2.0))
                return
            hotline = person.role == "hotline_operator"
            await (reporting.answer_call(person) if hotline else desks.look(person))

        city.look = look
        self._greet(city)
        await self._wake_all(city)
        city.agenda.after(0, reporting.begin_slot)
        viewers = [city.places.leader, city.signing.stranger(ACCEPTOR, "acceptor")]
        beside = [asyncio.create_task(follow(city, viewer)) for viewer in viewers]
        beside.append(asyncio.create_task(self._report(city)))
        if self.wishes.seconds is not None:
            beside.append(asyncio.create_task(self._end_after(self.wishes.seconds)))
        try:
            await city.agenda.run()
            self.tell("正在收工 …", "finishing what is under way")
            await city.agenda.finish(_GRACE_S)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._sign_out(city, viewers)

    async def _wake_all(self, city: City) -> None:
        """Wake the offices, one of each desk in turn; on site whoever has a case in hand."""
        offices = [one for desk in _OFFICES for one in enumerate(city.roster.by_desk.get(desk, []))]
        offices.sort(key=lambda one: one[0])
        for place, (_, person) in enumerate(offices):
            city.wake(person, 0.4 * place)
        query = {"state": _UNDER_WAY, "limit": _UNDER_WAY_MOST}
        answer = await city.signing.ask(city.places.leader, "GET", "/api/v1/cases", params=query)
        for number, row in enumerate(answer.data["items"] if answer.is_good else []):
            city.agenda.after(0.3 * number, _telling(city, row))

    async def _report(self, city: City) -> None:
        """Tell every few seconds what goes on."""
        before, at = 0, time.monotonic()
        while True:
            await asyncio.sleep(_TOLD_S)
            queues = await city.signing.ask(city.places.leader, "GET", "/api/v1/cases/queues")
            found = queues.data if queues.is_good else []
            still_open = next((one["count"] for one in found if one["code"] == "open"), 0)
            acts, now = self.figures.acts.total(), time.monotonic()
            self._tell_line(city, (acts - before) / (now - at), still_open)
            before, at = acts, now

    def _tell_line(self, city: City, rate: float, still_open: int) -> None:
        figures, now = self.figures, city.clock.now()
        sky, closed = city.season.sky(now), figures.ended["closed"]
        refused, errors = figures.refused.total(), figures.errors.total()
        self.tell(
            f"城市时间 {now:%m-%d %H:%M} {sky.zh} | 办理 {rate:.1f} 次/秒 | 上报 {figures.reported}"
            f" 结案 {closed} 被拒 {refused} 错误 {errors} | 在办 {still_open}",
            f"city time {now:%m-%d %H:%M} {sky.en} | {rate:.1f} acts/s | {figures.reported}"
            f" reported, {closed} closed, {refused} refused, {errors} errors | {still_open} open",
        )

    def _greet(self, city: City) -> None:
        wishes, people = self.wishes, len(city.roster.people)
        square = city.places.spot(SQUARE).address
        self.tell(
            f"{wishes.url} 上的城市活起来了：{people} 人，{wishes.pace:g} 倍速，节庆广场：{square}",
            f"the city at {wishes.url} is alive: {people} people, {wishes.pace:g} times as fast as"
            f" life, festivals near {square}",
        )

    async def _end_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.stopping.set()

    async def _sign_out(self, city: City, viewers: list[Person]) -> None:
        """End every session that this run opened."""
        people = [one for one in (*city.roster.people, *viewers) if one.headers]
        with suppress(TimeoutError, Stopped):
            async with asyncio.timeout(_SIGN_OUT_S):
                await asyncio.gather(*(city.signing.sign_out(one) for one in people))

    def _on_fault(self, fault: Fault) -> None:
        name = fault.values.get("username", "") if isinstance(fault, NoDemoAccounts) else ""
        self.figures.errors[f"{fault.code} {name}".strip()] += 1

    def _conditions(self, city: City) -> dict[str, Any]:
        return {
            "url": self.wishes.url,
            "seed": self.wishes.seed,
            "pace": self.wishes.pace,
            "city_time": [f"{city.clock.start:%Y-%m-%d %H:%M}", f"{city.clock.now():%m-%d %H:%M}"],
            "people": len(city.roster.people),
        }


def _telling(city: City, row: dict[str, Any]) -> Callable[[], Any]:
    async def tell() -> None:
        city.tell_holder(row)

    return tell
