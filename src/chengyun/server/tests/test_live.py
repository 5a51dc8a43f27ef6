from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError

from chengyun.administration.rules.actor import Actor, Grant
from chengyun.administration.rules.faults import NotSignedIn
from chengyun.journal.queries import Cursor, JournalEvent
from chengyun.kernel.errors import Fault
from chengyun.server import live, live_http
from chengyun.server.live import Hub, as_text, may_see, parse_id
from chengyun.server.tests.serving import fetch, serving, wait_until

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def an_event(place: int, kind: str = "case.filed", **fields: Any) -> JournalEvent:
    return JournalEvent(
        **{
            "cursor": Cursor(xid=100 + place, seq=place),
            "at": NOW,
            "kind": kind,
            "subject": "case:1",
            "actor_id": None,
            "division_code": "440305001",
            "organisation_ids": (7,),
            "case_kind": "event",
            "payload": {"case_id": place},
            **fields,
        }
    )


def an_actor(*permissions: str, **scope: Any) -> Actor:
    grant = Grant(role_code="r", permissions=frozenset(permissions), **scope)
    return Actor(person_id=1, name="张三", grants=(grant,))


class Journal:
    """A journal in memory."""

    def __init__(self) -> None:
        self.events: list[JournalEvent] = []
        self.broken = False

    def add(self, *kinds: str, **fields: Any) -> None:
        for kind in kinds:
            self.events.append(an_event(len(self.events) + 1, kind, **fields))

    def after(self, place: Cursor, limit: int) -> list[JournalEvent]:
        if self.broken:
            raise OperationalError("the database is away")
        return [e for e in self.events if live.is_after(e.cursor, place)][:limit]

    def end(self) -> Cursor:
        return self.events[-1].cursor if self.events else Cursor()


class Listener:
    """A client of /live, reading in a thread."""

    def __init__(self, port: int, last_id: str = "") -> None:
        self.text = ""
        self.ended = threading.Event()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        headers = {"Last-Event-ID": last_id} if last_id else {}
        self.connection.request("GET", "/live", headers=headers)
        self.response = self.connection.getresponse()
        self.socket: socket.socket = self.connection.sock
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self) -> None:
        try:
            while part := self.response.read1(65536):
                self.text += part.decode()
        except (OSError, ValueError, http.client.HTTPException):
            pass
        self.ended.set()

    def wait_for(self, text: str) -> str:
        wait_until(lambda: text in self.text)
        return self.text

    def close(self) -> None:
        if not self.ended.is_set():
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.response.close()
        self.connection.close()


class World:
    """A server with a journal, and whoever asks."""

    def __init__(self, port: int, journal: Journal, hub: Hub) -> None:
        self.port = port
        self.journal = journal
        self.hub = hub
        self.listeners: list[Listener] = []

    def listen(self, last_id: str = "") -> Listener:
        one = Listener(self.port, last_id)
        self.listeners.append(one)
        return one


@pytest.fixture
def who(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    answers: dict[str, Any] = {"actor": an_actor("case.read")}

    def authenticate(_scope: Any) -> Actor:
        if isinstance(answers["actor"], Fault):
            raise answers["actor"]
        found: Actor = answers["actor"]
        return found

    monkeypatch.setattr(live_http, "_authenticate", authenticate)
    return answers


@contextmanager
def a_world(**options: Any) -> Iterator[World]:
    journal = Journal()
    hub = Hub(
        read_after=journal.after,
        read_end=journal.end,
        poll_s=0.02,
        most_lines=options.pop("most_lines", 50),
    )
    with serving(None, hub=hub, **options) as port:
        world = World(port, journal, hub)
        try:
            yield world
        finally:
            for one in world.listeners:
                one.close()


def test_an_event_arrives_with_its_id_kind_and_data(who: dict[str, Any]) -> None:
    with a_world() as world:
        listener = world.listen()
        assert listener.response.getheader("content-type") == "text/event-stream; charset=utf-8"
        listener.wait_for("id: 0-0\n\n")
        world.journal.add("case.filed")
        text = listener.wait_for("case.filed")
    assert (
        'id: 101-1\nevent: case.filed\ndata: {"at":"2026-11-23T08:00:00Z","case_id":1}\n\n' in text
    )


def test_a_line_starts_at_the_present(who: dict[str, Any]) -> None:
    with a_world() as world:
        world.journal.add("case.old")
        listener = world.listen()
        listener.wait_for("id: 101-1\n\n")
        world.journal.add("case.new")
        assert "case.old" not in listener.wait_for("case.new")


def test_a_returning_line_gets_what_it_missed_once(who: dict[str, Any]) -> None:
    with a_world() as world:
        world.listen().wait_for("id: 0-0")  # the hub reads along
        world.journal.add("case.a", "case.b", "case.c")
        listener = world.listen(last_id="101-1")
        listener.wait_for("case.c")
        world.journal.add("case.d")
        text = listener.wait_for("case.d")
    assert [text.count(f"case.{name}\n") for name in "abcd"] == [0, 1, 1, 1]


@pytest.mark.parametrize("last_id", ["nonsense", "9-", "-", "1-2-3", "999999-1", "٣-٤"])
def test_an_unknown_place_starts_afresh(who: dict[str, Any], last_id: str) -> None:
    with a_world() as world:
        world.journal.add("case.a")
        listener = Listener.__new__(Listener)
        try:
            listener = world.listen(last_id=last_id)
        except UnicodeEncodeError:
            return
        text = listener.wait_for("event: reset")
    assert "case.a" not in text


def test_too_much_missed_starts_afresh(
    who: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BACKFILL", 2)
    with a_world() as world:
        world.journal.add("case.a", "case.b", "case.c", "case.d")
        assert "case.b" not in world.listen(last_id="101-1").wait_for("event: reset")


def test_only_events_in_scope_arrive(who: dict[str, Any]) -> None:
    who["actor"] = an_actor("case.read", division_code="4403")
    with a_world() as world:
        listener = world.listen()
        listener.wait_for("id: 0-0")
        world.journal.add("case.elsewhere", division_code="110101001")
        world.journal.add("case.here", division_code="440305002")
        assert "case.elsewhere" not in listener.wait_for("case.here")


def test_who_is_not_signed_in_is_refused(who: dict[str, Any]) -> None:
    who["actor"] = NotSignedIn()
    with a_world() as world:
        status, headers, body = fetch(world.port, "/live")
    assert status == 401
    assert headers["content-type"] == "application/problem+json"
    assert b"sign_in_required" in body


def test_other_methods_are_refused(who: dict[str, Any]) -> None:
    with a_world() as world:
        assert fetch(world.port, "/live", method="POST")[0] == 405


def test_too_many_lines_are_refused(who: dict[str, Any]) -> None:
    with a_world(most_lines=1) as world:
        world.listen().wait_for("id:")
        assert fetch(world.port, "/live")[0] == 503


def test_a_line_ends_with_its_session(who: dict[str, Any]) -> None:
    with a_world(recheck_s=0.1) as world:
        listener = world.listen()
        listener.wait_for("id:")
        who["actor"] = NotSignedIn()
        assert listener.ended.wait(5)
        wait_until(lambda: not world.hub.lines)


def test_changed_grants_are_taken_over(who: dict[str, Any]) -> None:
    with a_world(recheck_s=0.1) as world:
        listener = world.listen()
        listener.wait_for("id:")
        who["actor"] = an_actor("territory.read")
        wait_until(lambda: not next(iter(world.hub.lines)).actor.can("case.read"))
        world.journal.add("case.hidden", "territory.changed")
        assert "case.hidden" not in listener.wait_for("territory.changed")


def test_a_silent_line_is_kept_alive(who: dict[str, Any]) -> None:
    with a_world(heartbeat_s=0.05) as world:
        world.listen().wait_for(": beat\n\n: beat")


def test_a_slow_line_is_dropped_and_others_go_on(
    who: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "QUEUE", 5)
    with a_world() as world:
        good = world.listen()
        good.wait_for("id:")
        # More than one batch may hold at once: the queue of five overflows.
        world.journal.add(*["case.many"] * 200)
        assert good.ended.wait(5)
        wait_until(lambda: not world.hub.lines)


def test_a_line_that_leaves_is_forgotten_and_reading_stops(who: dict[str, Any]) -> None:
    with a_world() as world:
        listener = world.listen()
        listener.wait_for("id:")
        listener.close()
        wait_until(lambda: not world.hub.lines)
        assert world.hub.cursor is None


def test_lines_outlive_a_database_that_is_away_for_a_while(who: dict[str, Any]) -> None:
    with a_world() as world:
        listener = world.listen()
        listener.wait_for("id:")
        world.journal.broken = True
        world.journal.add("case.meanwhile")
        time.sleep(0.2)
        world.journal.broken = False
        listener.wait_for("case.meanwhile")


def test_the_server_stops_in_spite_of_open_lines(who: dict[str, Any]) -> None:
    started = time.monotonic()
    with a_world() as world:
        listener = world.listen()
        listener.wait_for("id:")
        world.listeners.clear()
    assert time.monotonic() - started < 5
    assert listener.ended.wait(5)
    listener.close()


@pytest.mark.parametrize(
    ("actor", "event", "seen"),
    [
        (an_actor("case.read"), an_event(1), True),
        (an_actor("case.report"), an_event(1), False),
        (an_actor("case.read", division_code="440305"), an_event(1), True),
        (an_actor("case.read", division_code="4404"), an_event(1), False),
        (an_actor("case.read", organisation_id=7, organisation_ids=(7,)), an_event(1), True),
        (an_actor("case.read", organisation_id=8, organisation_ids=(8,)), an_event(1), False),
        (an_actor("case.read", case_kinds=("component",)), an_event(1), False),
        (an_actor("case.read"), an_event(1, "administration.setting_changed"), False),
        (
            an_actor("administration.people"),
            an_event(1, "administration.setting_changed"),
            True,
        ),
        (an_actor("territory.read"), an_event(1, "territory.grids_imported"), True),
        (an_actor("case.read"), an_event(1, "unheard.of"), False),
        (an_actor("components.read"), an_event(1, "component.moved"), True),
        (an_actor("case.read"), an_event(1, "component.moved"), False),
        (
            an_actor("components.read", division_code="440306"),
            an_event(1, "component.moved"),
            False,
        ),
        (an_actor("components.census.accept"), an_event(1, "census.submitted"), True),
        (an_actor("components.read"), an_event(1, "census.submitted"), False),
        (
            an_actor("components.census.collect", division_code="440306"),
            an_event(1, "census.returned", payload={"person_ids": [1]}),
            True,
        ),
    ],
)
def test_may_see(actor: Actor, event: JournalEvent, seen: bool) -> None:
    assert may_see(actor, event) is seen


def test_an_id_names_a_place() -> None:
    assert parse_id("12-34") == Cursor(xid=12, seq=34)
    assert parse_id(f"{2**63}-1") is None
    assert as_text(an_event(1)).startswith(b"id: 101-1\n")
