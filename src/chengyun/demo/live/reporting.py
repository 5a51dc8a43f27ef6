"""What happens becomes a report: citizens call, collectors find it, acceptors enter the rest."""

from collections import deque
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from chengyun.demo.live.city import City
from chengyun.demo.live.desks import Desks, note_refusal
from chengyun.demo.live.people import Person
from chengyun.demo.live.places import Place
from chengyun.demo.rules.living.matters import SLOT_S, Matter, matters_in_slot, slot_of
from chengyun.demo.rules.living.words import describe
from chengyun.demo.rules.naming import person_name

_CALLS = frozenset({"hotline", "public", "letter"})
_MOST_CALLS = 300
_CALL_MIN, _FIND_MIN = 3.0, 6.0
_AGAIN_MIN = (2.0, 25.0)
_TRIES = 3
_METRES = 3.0
_METRE_DEG = 1 / 111_320


class Reporting:
    """The way from what happens to a case."""

    def __init__(self, city: City, desks: Desks, per_day: float) -> None:
        """Have `per_day` matters happen on an ordinary dry day of the city."""
        self.city = city
        self.desks = desks
        self.per_day = per_day
        self._calls: deque[Matter] = deque()
        self._collectors: dict[str, list[Person]] = {}
        self._orders = count(1)

    async def begin_slot(self) -> None:
        """Put what happens in the present slot on the agenda, then the next slot."""
        city, now = self.city, self.city.clock.now()
        slot = slot_of(now)
        zone = now.tzinfo
        if zone is None:
            raise ValueError("the city's clock has no zone")
        matters = matters_in_slot(slot, season=city.season, per_day=self.per_day, zone=zone)
        for matter in matters:
            if matter.at >= now:
                self.happen(matter)
        left_s = (slot + 1) * SLOT_S - now.timestamp()
        city.agenda.after(left_s / city.clock.pace + 0.001, self.begin_slot)

    def happen(self, matter: Matter) -> None:
        """Have a matter noticed at its time."""

        async def notice() -> None:
            await self._notice(matter)

        self.city.agenda.after(self.city.clock.until_s(matter.at), notice)

    async def answer_call(self, operator: Person) -> None:
        """Have a hotline operator take the next call; rest when nobody calls."""
        if operator.busy:
            return
        if not self.city.is_on_duty(operator):
            self.city.sleep(operator)
        elif not self._calls:
            self.city.rest(operator)
        else:
            self._begin(operator, self._calls.popleft(), _CALL_MIN)

    async def _notice(self, matter: Matter) -> None:
        if matter.source in _CALLS:
            self._call(matter)
            return
        finder = await self._finder(matter)
        if finder is not None and not finder.busy and self.city.is_on_duty(finder):
            self._begin(finder, matter, _FIND_MIN)
        else:
            self._later(matter)

    def _call(self, matter: Matter) -> None:
        if len(self._calls) >= _MOST_CALLS:
            self.city.figures.unheard += 1
            return
        self._calls.append(matter)
        if matter.twice:
            self._repeat(matter)
        operators = self.city.roster.by_desk.get("hotline", [])
        working = [one for one in operators if self.city.is_on_duty(one)] or operators
        if working:
            self.city.wake(self.city.draw.choice(working), self.city.clock.real_s(0.2))

    def _repeat(self, matter: Matter) -> None:
        """Have a second citizen call about the same."""
        low, high = _AGAIN_MIN
        delay = timedelta(minutes=self.city.draw.uniform(low, high))
        self.happen(replace(matter, at=matter.at + delay, key=f"{matter.key}b", twice=False))

    def _later(self, matter: Matter) -> None:
        """Let a matter that nobody is there to see be found some hours later, or never."""
        if matter.key.count("l") >= _TRIES:
            self.city.figures.unheard += 1
            return
        delay = timedelta(minutes=self.city.draw.uniform(30, 120))
        self.happen(replace(matter, at=self.city.clock.now() + delay, key=f"{matter.key}l"))

    async def _finder(self, matter: Matter) -> Person | None:
        if matter.source == "collector":
            place = await self.city.places.of(matter)
            people = await self._collectors_of(place.grid_code)
        else:
            people = self.city.roster.by_desk.get("acceptor", [])  # they enter what comes in
        return self.city.draw.choice(people) if people else None

    async def _collectors_of(self, grid_code: str) -> list[Person]:
        if grid_code not in self._collectors:
            answer = await self.city.signing.ask(
                self.city.places.leader, "GET", f"/api/v1/territory/grids/{grid_code}/duties"
            )
            rows = answer.data["items"] if answer.is_good else []
            ids = [row["person"]["id"] for row in rows if row["duty"] == "collector"]
            by_id = self.city.roster.by_id
            self._collectors[grid_code] = [by_id[one] for one in ids if one in by_id]
        return self._collectors[grid_code]

    def _begin(self, person: Person, matter: Matter, minutes: float) -> None:
        person.busy = True

        async def report() -> None:
            await self._report(person, matter)

        took = minutes * person.temper.tempo * self.city.draw.uniform(0.6, 1.6)
        self.city.agenda.after(self.city.clock.real_s(took), report)

    async def _report(self, person: Person, matter: Matter) -> None:
        city = self.city
        try:
            place = await city.places.of(matter)
            body = self._body(person, matter, place)
            if await self._is_known(person, matter, body):
                city.figures.known += 1
                return
            await self._send(person, matter, body)
        finally:
            person.busy = False
            city.wake(person, city.clock.real_s(0.5 * person.temper.tempo))

    async def _is_known(self, person: Person, matter: Matter, body: dict[str, Any]) -> bool:
        """Look for the same among the open cases, as careful people do."""
        if self.city.draw.random() < person.temper.lenient:
            return False
        asked = {name: body[name] for name in ("location", "type", "kind")}
        answer = await self.city.signing.ask(person, "POST", "/api/v1/cases/suggest", json=asked)
        if not answer.is_good:
            note_refusal(self.city, answer, "suggest")
            return False
        return bool(answer.data["duplicates"])

    def _body(self, person: Person, matter: Matter, place: Place) -> dict[str, Any]:
        draw, hour = self.city.draw, self.city.clock.now().hour
        words = describe(matter.pattern.code, place.address, hour, matter.returned, draw)
        body: dict[str, Any] = {
            "type": matter.pattern.code,
            "kind": matter.pattern.kind,
            "title": words["title"],
            "description": words["description"],
            "address": place.address,
            "location": {
                "lon": round(place.lon + draw.uniform(-1, 1) * _METRES * _METRE_DEG, 7),
                "lat": round(place.lat + draw.uniform(-1, 1) * _METRES * _METRE_DEG, 7),
            },
            "source": matter.source,
            "urgent": matter.urgent,
        }
        if matter.source in _CALLS:
            order = f"{self.city.run}-{next(self._orders):05d}"
            body["description"] += f"（来电工单 {order}）"
            phone = f"1390000{draw.randrange(10_000):04d}"
            body["reporter"] = {"name": person_name(draw)[0], "phone": phone}
        return body

    async def _send(self, person: Person, matter: Matter, body: dict[str, Any]) -> None:
        city = self.city
        is_handled = matter.self_handled and matter.source == "collector"
        if person.role == "collector":
            phases = [("report", False), *([("disposal", True)] if is_handled else [])]
            place = body["location"]["lon"], body["location"]["lat"]
            scene = matter.pattern.scene
            sent = [
                await self.desks.upload(person, scene, phase, place, after=after)
                for phase, after in phases
            ]
            body = {**body, "attachments": [one for one in sent if one]}
            body["self_handled"] = is_handled
        key = uuid4().hex
        answer = await city.signing.ask(person, "POST", "/api/v1/cases", json=body, key=key)
        if not answer.is_good:
            note_refusal(city, answer, "report")
            return
        case = answer.data
        act = "report_self_handled" if is_handled else "report"
        city.figures.acknowledge(key, act, case)
        city.own.append((case["id"], case["version"]))
        if case["is_open"]:
            city.matters[case["id"]] = matter
            city.ground.report(case["id"], real=matter.real)
            city.tell_holder(case)
