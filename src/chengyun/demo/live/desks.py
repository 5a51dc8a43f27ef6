"""People at their desks and on site: look, choose, take the time it takes, act."""

from http import HTTPStatus
from typing import Any
from uuid import uuid4

from chengyun.demo.live.city import City
from chengyun.demo.live.door import Answer
from chengyun.demo.live.people import Person
from chengyun.demo.rules.living.choices import Choice, Situation, choose, wants_proposals
from chengyun.demo.rules.living.matters import comes_back
from chengyun.demo.rules.living.tempers import sets_aside
from chengyun.demo.rules.reports import matter_patterns

REFUSALS = frozenset(
    {
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.PRECONDITION_FAILED,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
_PAUSE_MIN = 0.5
_PASSED_MIN = 60.0
_MOST_JOBS = 4
_ROWS = 20
_FIRST_ROWS = 3
_RED_ONLY = frozenset({"verifying", "checking"})  # others do them; only what is late is recalled
_SCENES = {one.code: one.scene for one in matter_patterns()}


class Desks:
    """The work on cases."""

    def __init__(self, city: City) -> None:
        """Work in `city`."""
        self.city = city

    async def look(self, person: Person) -> None:
        """Look for a case and take it in hand; rest when there is none."""
        if person.busy or person.jobs >= _MOST_JOBS:
            return
        if not self.city.is_on_duty(person):
            self.city.sleep(person)
            return
        case = await self._find_case(person)
        if case is None:
            self.city.rest(person)
            return
        await self._take_up(person, case)

    async def _find_case(self, person: Person) -> dict[str, Any] | None:
        """Return a case to work on: one that he was told of, else from his queues."""
        while person.inbox:
            case_id = person.inbox.popleft()
            if case_id not in self.city.claims:
                return await self._open(person, case_id)
        if person.role == "inspector":
            return await self._from_queue(person, "overdue")
        answer = await self.city.signing.ask(person, "GET", "/api/v1/cases/queues")
        if not answer.is_good:
            self._refused(answer, "queues")
            return None
        waiting = {one["code"]: _pull(one) for one in answer.data if one["group"] == "mine"}
        waiting = {code: pull for code, pull in waiting.items() if pull > 0}
        if not waiting:
            return None
        queue = self.city.draw.choices([*waiting], [*waiting.values()])[0]
        return await self._from_queue(person, queue)

    async def _from_queue(self, person: Person, queue: str) -> dict[str, Any] | None:
        wanted = {"queue": queue, "limit": _ROWS}
        answer = await self.city.signing.ask(person, "GET", "/api/v1/cases", params=wanted)
        if not answer.is_good:
            self._refused(answer, "list")
            return None
        rows = [row for row in answer.data["items"] if self._would_take(person, row, queue)]
        if not rows:
            return None
        first = rows if person.temper.name == "careless" else rows[:_FIRST_ROWS]
        return await self._open(person, self.city.draw.choice(first)["id"])

    def _would_take(self, person: Person, row: dict[str, Any], queue: str) -> bool:
        if row["id"] in self.city.claims or self.city.has_passed(person, row["id"]):
            return False
        if queue in _RED_ONLY and person.role == "acceptor":
            return bool(row["light"] == "red")
        seed, light = self.city.season.seed, row["light"]
        return not sets_aside(seed, person.username, person.temper, row["id"], light)

    async def _open(self, person: Person, case_id: int) -> dict[str, Any] | None:
        """Take a case in hand and read it."""
        self.city.claims.add(case_id)
        answer = await self.city.signing.ask(person, "GET", f"/api/v1/cases/{case_id}")
        if answer.is_good:
            return dict(answer.data)
        self.city.claims.discard(case_id)
        self._refused(answer, "case")
        return None

    async def _take_up(self, person: Person, case: dict[str, Any]) -> None:
        """Choose what to do with a case, and do it when its time has passed."""
        city = self.city
        choice = choose(await self._situation(person, case))
        if choice is None:
            city.claims.discard(case["id"])
            city.pass_by(person, case["id"], city.clock.real_s(_PASSED_MIN))
            city.wake(person, city.clock.real_s(_PAUSE_MIN))
            return

        async def carry_out() -> None:
            await self._carry_out(person, case, choice)

        if choice.act == "hand_back":
            person.jobs += 1
            city.wake(person, city.clock.real_s(_PAUSE_MIN))
        else:
            person.busy = True
        city.agenda.after(city.clock.real_s(choice.minutes), carry_out)

    async def _situation(self, person: Person, case: dict[str, Any]) -> Situation:
        proposals: dict[str, Any] = {"standards": [], "departments": [], "collectors": []}
        if wants_proposals(case):
            path = f"/api/v1/cases/{case['id']}/proposals"
            answer = await self.city.signing.ask(person, "GET", path)
            if answer.is_good:
                proposals = answer.data
            else:
                self._refused(answer, "proposals")
        return Situation(
            case=case,
            proposals=proposals,
            temper=person.temper,
            ground=self.city.ground,
            draw=self.city.draw,
            departments=self.city.roster.departments,
            chases=person.role == "inspector",
        )

    async def _carry_out(self, person: Person, case: dict[str, Any], choice: Choice) -> None:
        city = self.city
        try:
            await self._act(person, case, choice)
        finally:
            city.claims.discard(case["id"])
            if choice.act == "hand_back":
                person.jobs -= 1
            else:
                person.busy = False
            city.wake(person, city.clock.real_s(_PAUSE_MIN * person.temper.tempo))

    async def _act(self, person: Person, case: dict[str, Any], choice: Choice) -> None:
        body = {**choice.body, "version": case["version"]}
        if choice.photos:
            photos = [await self._photo(person, case, choice) for _ in range(choice.photos)]
            body["attachments"] = [one for one in photos if one]
            body["location"] = {"lon": case["lon"], "lat": case["lat"]}
        path, key = f"/api/v1/cases/{case['id']}/acts", uuid4().hex
        answer = await self.city.signing.ask(person, "POST", path, json=body, key=key)
        if not answer.is_good:
            self._refused(answer, choice.act)
            return
        self._settled(key, choice, answer.data)
        if self.city.draw.random() < person.temper.twice:
            again = await self.city.signing.ask(person, "POST", path, json=body, key=key)
            if not again.is_good:
                self.city.figures.errors[f"the same again: {again.code}"] += 1

    async def _photo(self, person: Person, case: dict[str, Any], choice: Choice) -> str | None:
        scene = _SCENES.get(case["type"]["code"], "garbage")
        place = case["lon"], case["lat"]
        return await self.upload(person, scene, choice.phase, place, after=choice.after)

    async def upload(
        self, person: Person, scene: str, phase: str, place: tuple[float, float], *, after: bool
    ) -> str | None:
        """Send a photo of a scene at a place (EPSG:4490) and return its id."""
        lon, lat = place
        city = self.city
        taken = city.album.photo(
            scene,
            after=after,
            number=city.draw.randrange(100),
            lon=lon,
            lat=lat,
            at=city.clock.taken_at(),
        )
        answer = await city.signing.ask(
            person,
            "POST",
            "/api/v1/attachments",
            files={"file": (f"{scene}.jpg", taken, "image/jpeg")},
            data={"phase": phase},
        )
        if answer.is_good:
            return str(answer.data["id"])
        self._refused(answer, "upload")
        return None

    def _settled(self, key: str, choice: Choice, case: dict[str, Any]) -> None:
        """Let an acknowledged act have its consequences in the city."""
        city = self.city
        city.figures.acknowledge(key, choice.act, case)
        city.own.append((case["id"], case["version"]))
        if choice.act == "hand_back":
            city.ground.work(case["id"], poor=choice.poor)
        if case["is_open"]:
            city.tell_holder(case)
            return
        poor = city.ground.leave(case["id"])
        matter = city.matters.pop(case["id"], None)
        if matter is not None and case["state"] == "closed" and city.happen_again is not None:
            again = comes_back(matter, city.draw, poor=poor)
            if again is not None:
                city.happen_again(again)

    def _refused(self, answer: Answer, what: str) -> None:
        note_refusal(self.city, answer, what)


def note_refusal(city: City, answer: Answer, what: str) -> None:
    """Count a refusal; what no rule of the trade explains is an error."""
    if answer.status in REFUSALS:
        city.figures.refused[f"{what}: {answer.code}"] += 1
    else:
        city.figures.errors[f"{what}: {answer.status} {answer.code}"] += 1


def _pull(queue: dict[str, Any]) -> float:
    """Return how much a queue draws somebody: by what waits there, and how late it is."""
    if queue["code"] in _RED_ONLY:
        return 0.3 * float(queue["red"])
    return float(queue["count"] + 2 * queue["yellow"] + 3 * queue["red"])
