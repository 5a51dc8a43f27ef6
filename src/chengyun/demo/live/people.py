"""The people of the city as the platform lists them, and how they sign in."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from math import inf
from typing import Any

from chengyun.demo.live.door import Answer, Door, Stopped
from chengyun.demo.rules.accounts import SIGN_IN_WORD
from chengyun.demo.rules.living.tempers import Temper, temper_of
from chengyun.kernel.errors import Fault

ROLES = {
    "hotline_operator": "hotline",
    "acceptor": "acceptor",
    "shift_leader": "shift_leader",
    "dispatcher": "dispatcher",
    "department": "department",
    "collector": "collector",
    "inspector": "inspector",
}
FIELD = frozenset({"collector", "department"})  # woken by what they are told of
_INBOX = 50


class NoDemoAccounts(Fault):
    """The platform has no accounts of a demo city."""

    code = "no_demo_accounts"
    status = 409
    zh = "{url} 没有演示城市的账号（{username}：{reason}）。请先执行 chengyun demo。"
    en = "{url} has no accounts of a demo city ({username}: {reason}). Run `chengyun demo` first."


@dataclass(slots=True, kw_only=True, eq=False)
class Person:
    """Somebody with a desk.

    inbox : cases that somebody told him of
    divisions : codes of the areas of his role, known once he has signed in; "" = everywhere
    jobs : works under way on site
    """

    id: int
    username: str
    name: str
    role: str
    desk: str
    organisation_id: int
    temper: Temper
    headers: dict[str, str] = field(default_factory=dict)
    divisions: tuple[str, ...] = ("",)
    inbox: deque[int] = field(default_factory=lambda: deque(maxlen=_INBOX))
    busy: bool = False
    jobs: int = 0
    wakes_at: float = inf

    def covers(self, division_code: str) -> bool:
        """Tell whether a place may lie in his area."""
        return any(division_code.startswith(one) for one in self.divisions)


@dataclass(kw_only=True)
class Signing:
    """Signs people in, two at a time: each costs the platform a good part of a second."""

    door: Door
    seed: int
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    @property
    def is_crowded(self) -> bool:
        """Whether one would have to wait to sign in."""
        return self._gate.locked()

    async def sign_in(self, person: Person) -> None:
        """Open a session for a person; raises NoDemoAccounts, and Stopped at the end of the run."""
        word = {"username": person.username, "password": SIGN_IN_WORD}
        async with self._gate:
            if self.door.stopping.is_set():
                raise Stopped
            answer = await self.door.ask("POST", "/api/v1/session", {}, json=word)
        if not answer.is_good:
            raise NoDemoAccounts(url=self.door.url, username=person.username, reason=answer.code)
        person.headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in answer.cookies.items()),
            "X-CSRFToken": answer.cookies["csrftoken"],
        }
        person.divisions = tuple({one["division_code"] for one in answer.data["grants"]})

    async def ask(self, person: Person, method: str, path: str, **more: Any) -> Answer:
        """Ask as a person: signed in when need be, again when the session has ended."""
        if not person.headers:
            await self.sign_in(person)
        answer = await self.door.ask(method, path, person.headers, **more)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            await self.sign_in(person)
            answer = await self.door.ask(method, path, person.headers, **more)
        return answer

    async def sign_out(self, person: Person) -> None:
        """End the session of a person, if there is one."""
        if person.headers:
            headers, person.headers = person.headers, {}
            await self.door.ask("DELETE", "/api/v1/session", headers)

    def stranger(self, username: str, role: str) -> Person:
        """Return somebody of whom only the name is known."""
        return Person(
            id=0,
            username=username,
            name="",
            role=role,
            desk="",
            organisation_id=0,
            temper=temper_of(self.seed, username),
        )


@dataclass(kw_only=True)
class Roster:
    """Everybody with a desk, found by role, organisation and number."""

    people: list[Person]

    def __post_init__(self) -> None:
        """Index them."""
        self.by_id = {one.id: one for one in self.people}
        self.by_desk: dict[str, list[Person]] = {}
        self.by_organisation: dict[int, list[Person]] = {}
        for one in self.people:
            self.by_desk.setdefault(one.desk, []).append(one)
            if one.role == "department":
                self.by_organisation.setdefault(one.organisation_id, []).append(one)
        self.departments = tuple(sorted(self.by_organisation))


async def read_roster(signing: Signing) -> Roster:
    """Return everybody, as an administrator sees them."""
    admin = signing.stranger("admin", "administrator")
    people, after = [], None
    while True:
        wanted = {"limit": 200, "active": True, **({"after": after} if after else {})}
        page = await signing.ask(admin, "GET", "/api/v1/administration/people", params=wanted)
        people += [_person(row, signing.seed) for row in page.data["items"] if _role(row)]
        after = page.data["next"]
        if after is None:
            break
    await signing.sign_out(admin)
    people.sort(key=lambda one: one.username)
    return Roster(people=people)


def _role(row: dict[str, Any]) -> str:
    return next((one["code"] for one in row["roles"] if one["code"] in ROLES), "")


def _person(row: dict[str, Any], seed: int) -> Person:
    role = _role(row)
    return Person(
        id=row["id"],
        username=row["username"],
        name=row["name"],
        role=role,
        desk=ROLES[role],
        organisation_id=row["organisation"]["id"],
        temper=temper_of(seed, row["username"]),
    )
