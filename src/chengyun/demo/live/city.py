"""What everybody in the living city shares: its clock, the ground, who has what in hand."""

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Any

from chengyun.demo.live.agenda import Agenda
from chengyun.demo.live.figures import Figures
from chengyun.demo.live.people import FIELD, Person, Roster, Signing
from chengyun.demo.live.photos import Album
from chengyun.demo.live.places import Places
from chengyun.demo.rules.living.ground import Ground
from chengyun.demo.rules.living.matters import Matter
from chengyun.demo.rules.living.tempers import is_on_duty
from chengyun.demo.rules.living.weather import Season

_IDLE_S, _IDLE_MIN = 12.0, 4.0
_LOOKS_A_S = 4.0
_OWN_KEPT = 2_000
_PASSED_KEPT = 5_000
_REACTION_MIN = (0.5, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CityClock:
    """The city's time: `pace` times as fast as the real one, from `start` (local) on."""

    start: datetime
    pace: float
    began: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """Return the local time in the city."""
        return self.start + timedelta(seconds=(time.monotonic() - self.began) * self.pace)

    def taken_at(self) -> datetime:
        """Return the real moment in the city's zone, as a telephone shows it."""
        return datetime.now(self.start.tzinfo)

    def real_s(self, minutes: float) -> float:
        """Return how long so many minutes of the city last [s]."""
        return minutes * 60 / self.pace

    def until_s(self, moment: datetime) -> float:
        """Return how long it is until a moment of the city [s], negative once it is past."""
        return (moment - self.now()).total_seconds() / self.pace


@dataclass(kw_only=True)
class City:
    """The living city.

    claims : cases that somebody has in hand, so that neighbours leave them alone
    passed : cases with which a person had nothing to do, by (person, case), until when
    own : (case, version) of the acts of this run, to tell those of others
    look : what a person does when he wakes, set by whoever runs the life
    """

    clock: CityClock
    season: Season
    signing: Signing
    roster: Roster
    places: Places
    album: Album
    ground: Ground
    agenda: Agenda
    figures: Figures
    draw: random.Random
    run: str
    claims: set[int] = field(default_factory=set)
    passed: dict[tuple[int, int], float] = field(default_factory=dict)
    own: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=_OWN_KEPT))
    matters: dict[int, Matter] = field(default_factory=dict)
    look: Callable[[Person], Any] | None = None
    happen_again: Callable[[Matter], None] | None = None

    def is_on_duty(self, person: Person) -> bool:
        """Tell whether somebody works just now."""
        return is_on_duty(self.season.seed, person.username, person.role, self.clock.now())

    def wake(self, person: Person, after_s: float) -> None:
        """Have somebody look at his desk in so many seconds, unless he does sooner."""
        at = time.monotonic() + after_s
        if person.wakes_at <= at:
            return

        async def look() -> None:
            if person.wakes_at == person_wakes_at and self.look is not None:
                person.wakes_at = inf
                await self.look(person)

        person_wakes_at = person.wakes_at = self.agenda.after(after_s, look)

    def rest(self, person: Person) -> None:
        """Let somebody who has nothing to do look again by and by."""
        signed_in = sum(bool(one.headers) for one in self.roster.people)
        idle_s = max(_IDLE_S, self.clock.real_s(_IDLE_MIN), signed_in / _LOOKS_A_S)
        self.wake(person, idle_s * self.draw.uniform(0.7, 1.3))

    def sleep(self, person: Person) -> None:
        """Let somebody off duty look at the clock when the next hour begins."""
        now = self.clock.now()
        hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        self.wake(person, self.clock.until_s(hour) + self.clock.real_s(self.draw.uniform(0, 20)))

    def tell_holder(self, case: dict[str, Any]) -> None:
        """Let whoever has the case now hear of it: by name, in his organisation or at his desk."""
        holder = case["holder"]
        if holder["person"] is not None:
            person = self.roster.by_id.get(holder["person"]["id"])
        elif holder["organisation"] is not None:
            person = self._one_of(self.roster.by_organisation.get(holder["organisation"]["id"], []))
        else:
            place = (case["district"] or {}).get("code", "")
            desk = self.roster.by_desk.get(holder["desk"], [])
            person = self._one_of([one for one in desk if one.covers(place)])
        if person is not None:
            self.tell(person, case["id"])

    def tell(self, person: Person, case_id: int) -> None:
        """Tell somebody of a case; he looks at it when he comes to it."""
        if person.role in FIELD:
            person.inbox.append(case_id)
        low, high = _REACTION_MIN
        reaction = self.draw.uniform(low, high) * person.temper.tempo
        self.wake(person, self.clock.real_s(reaction))

    def pass_by(self, person: Person, case_id: int, for_s: float) -> None:
        """Remember that somebody has nothing to do with a case for a while."""
        if len(self.passed) > _PASSED_KEPT:
            self.passed.clear()
        self.passed[person.id, case_id] = time.monotonic() + for_s

    def has_passed(self, person: Person, case_id: int) -> bool:
        """Tell whether somebody has lately had nothing to do with a case."""
        return self.passed.get((person.id, case_id), 0.0) > time.monotonic()

    def _one_of(self, people: list[Person]) -> Person | None:
        """Return one of several people, somebody at work if there is any."""
        working = [one for one in people if self.is_on_duty(one)] or people
        return self.draw.choice(working) if working else None
