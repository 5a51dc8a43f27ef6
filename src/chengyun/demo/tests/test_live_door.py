"""The way to the platform: asked again with the same key, told when it is away and back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from chengyun.demo.live import door as doors
from chengyun.demo.live.agenda import Agenda
from chengyun.demo.live.door import Answer, Door, PlatformNotReached, Stopped
from chengyun.demo.live.figures import Figures, Times
from chengyun.demo.live.people import NoDemoAccounts, Signing
from chengyun.kernel.errors import Fault, NotFound

Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "_FIRST_WAIT_S", 0.0)
    monkeypatch.setattr(doors, "_LONGEST_WAIT_S", 0.0)


def through(
    handler: Handler, talk: Callable[[Door], Coroutine[Any, Any, Any]]
) -> tuple[Any, Figures, list[str]]:
    """Talk through a door to a handler; return what came of it, the figures, what was told."""
    told: list[str] = []
    figures = Figures()

    async def run() -> Any:
        door = Door(
            url="http://city",
            figures=figures,
            tell=lambda _zh, en: told.append(en),
            transport=httpx.MockTransport(handler),
        )
        try:
            return await talk(door)
        finally:
            await door.close()

    return asyncio.run(run()), figures, told


async def report(door: Door) -> Answer:
    return await door.ask("POST", "/api/v1/cases", {"Cookie": "a=b"}, key="k1", json={"type": "1"})


def test_a_dropped_answer_is_asked_for_again_with_the_same_key() -> None:
    seen: list[str] = []

    def drops_twice(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Idempotency-Key"])
        if len(seen) < 3:
            raise httpx.RemoteProtocolError("dropped")
        return httpx.Response(201, json={"id": 7})

    answer, figures, told = through(drops_twice, report)
    assert (answer.status, answer.data) == (201, {"id": 7})
    assert seen == ["k1"] * 3
    assert (figures.away, figures.retries, figures.writes.counts.total()) == (1, 2, 1)
    assert told[0] == "the platform is away (RemoteProtocolError), asking again"
    assert told[1].startswith("the platform is back after ")
    assert len(told) == 2
    assert not figures.errors


def test_a_platform_without_its_database_is_waited_for() -> None:
    answers = [503, 503, 200]

    def handler(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(answers.pop(0), json={"code": "database_unavailable"})

    answer, figures, told = through(handler, lambda door: door.ask("GET", "/api/v1/cases", {}))
    assert answer.is_good
    assert told[0] == "the platform is away (503), asking again"
    assert (figures.away, figures.retries) == (1, 2)


def test_a_failure_is_counted_and_given_up_after_some_tries() -> None:
    def fails(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(500, json={"code": "internal"})

    answer, figures, told = through(fails, lambda door: door.ask("GET", "/api/v1/cases/12", {}))
    assert (answer.status, answer.code) == (500, "internal")
    assert dict(figures.errors) == {"500 GET /api/v1/cases/{id}": 5}
    assert not told


def test_a_refusal_is_not_asked_again() -> None:
    def refuses(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(409, json={"code": "case_changed"})

    answer, figures, _ = through(refuses, report)
    assert (answer.is_good, answer.code, figures.retries) == (False, "case_changed", 0)


def test_the_end_of_the_run_ends_the_asking() -> None:
    tries = 0

    def away(_request: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        raise httpx.ConnectError("refused")

    async def talk(door: Door) -> None:
        door.stopping.set()
        with pytest.raises(Stopped):
            await report(door)

    _, figures, _ = through(away, talk)
    assert tries == 5
    assert (figures.away, figures.unsettled) == (1, 1)


def test_cookies_of_one_person_do_not_reach_another() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Cookie", ""))
        return httpx.Response(204, headers={"Set-Cookie": "sessionid=secret; Path=/"})

    async def talk(door: Door) -> Answer:
        first = await door.ask("GET", "/a", {"Cookie": "sessionid=mine"})
        await door.ask("GET", "/b", {})
        return first

    answer, _, _ = through(handler, talk)
    assert seen == ["sessionid=mine", ""]
    assert answer.cookies == {"sessionid": "secret"}
    assert answer.data is None


def test_nothing_at_the_address_is_said_so() -> None:
    def away(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(PlatformNotReached) as caught:
        through(away, lambda door: door.knock())
    assert "http://city" in caught.value.text("en")


def sign_in_answer(request: httpx.Request) -> httpx.Response:
    name = json.loads(request.content)["username"]
    cookies = [("Set-Cookie", f"sessionid={name}"), ("Set-Cookie", "csrftoken=t")]
    return httpx.Response(200, headers=cookies, json={"grants": [{"division_code": "990102"}]})


def test_an_ended_session_is_opened_again() -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path}")
        if request.url.path == "/api/v1/session":
            return sign_in_answer(request)
        ended = asked.count("GET /api/v1/cases") == 1
        return httpx.Response(401 if ended else 200, json={"code": "not_signed_in"})

    async def talk(door: Door) -> tuple[Answer, bool, bool]:
        signing = Signing(door=door, seed=2)
        person = signing.stranger("acceptor1", "acceptor")
        answer = await signing.ask(person, "GET", "/api/v1/cases")
        return answer, person.covers("990102001"), person.covers("990103001")

    (answer, inside, outside), _, _ = through(handler, talk)
    assert answer.is_good
    assert asked == ["POST /api/v1/session", "GET /api/v1/cases"] * 2
    assert (inside, outside) == (True, False)


def test_a_platform_without_the_demo_accounts_is_said_so() -> None:
    def refuses(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"code": "sign_in_failed"})

    async def talk(door: Door) -> None:
        signing = Signing(door=door, seed=2)
        await signing.sign_in(signing.stranger("admin", "administrator"))

    with pytest.raises(NoDemoAccounts) as caught:
        through(refuses, talk)
    assert "sign_in_failed" in caught.value.text("en")


def test_times_are_kept_in_steps() -> None:
    times = Times()
    for took_ms in [10] * 90 + [100] * 9 + [1_000]:
        times.add(took_ms / 1_000)
    told = times.as_data()
    assert told["count"] == 100
    assert told["p50_ms"] == pytest.approx(10, rel=0.16)
    assert told["p95_ms"] == pytest.approx(100, rel=0.16)
    assert told["longest_ms"] == pytest.approx(1_000)
    assert Times().as_data()["p95_ms"] == 0


def agenda_of(most: int, duties: list[tuple[float, Any]]) -> tuple[list[Fault], float]:
    """Run duties, each after so many seconds, until none is left."""
    faults: list[Fault] = []

    async def run() -> None:
        stopping = asyncio.Event()
        agenda = Agenda(most, stopping, faults.append)
        left = len(duties)

        def counted(duty: Any) -> Any:
            async def do() -> None:
                nonlocal left
                left -= 1
                try:
                    await duty()
                finally:
                    if not left:
                        stopping.set()

            return do

        for after_s, duty in duties:
            agenda.after(after_s, counted(duty))
        await agenda.run()
        await agenda.finish(5)

    began = time.monotonic()
    asyncio.run(run())
    return faults, time.monotonic() - began


def test_duties_are_done_in_order_and_no_more_at_once_than_allowed() -> None:
    begun: list[int] = []
    running, highest = 0, 0

    def duty(number: int) -> Any:
        async def do() -> None:
            nonlocal running, highest
            begun.append(number)
            running += 1
            for _ in range(100):
                highest = max(highest, running)
                await asyncio.sleep(0)
            running -= 1

        return do

    # All are due when the agenda first looks; each takes many turns of the loop,
    # so a second one is begun before the first has ended, however slow the machine.
    agenda_of(2, [(0, duty(number)) for number in range(10)])
    assert begun == [*range(10)]
    assert highest == 2


def test_a_duty_due_earlier_is_done_earlier() -> None:
    begun: list[int] = []

    def duty(number: int) -> Any:
        async def do() -> None:
            begun.append(number)

        return do

    agenda_of(1, [(0.03 - number / 100, duty(number)) for number in range(4)])
    assert begun == [3, 2, 1, 0]


def test_an_expected_error_ends_a_duty_and_another_error_the_run() -> None:
    async def refused() -> None:
        raise NotFound(what="case 1")

    async def unanswered() -> None:
        raise Stopped

    async def broken() -> None:
        raise RuntimeError("a mistake")

    faults, _ = agenda_of(4, [(0, refused), (0, unanswered)])
    assert [one.code for one in faults] == ["not_found"]
    with pytest.raises(RuntimeError, match="a mistake"):
        agenda_of(4, [(0, broken)])
