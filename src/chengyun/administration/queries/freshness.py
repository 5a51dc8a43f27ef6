"""In-process copies of rows that every request needs, kept true across processes.

A change of access (people, roles, grants, sessions, tokens) or of reference data (settings,
calendar, dictionaries) advances a database sequence after its commit. Readers look at the sequences
at most every CHECK_EVERY_S and drop their copies when one has moved; whatever happens, a copy lives
no longer than TTL_S. A sequence takes no row lock, so announcing can neither wait nor deadlock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, Final, Generic, Literal, TypeVar

from django.db import connection

Topic = Literal["access", "reference"]
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

TTL_S: Final = 5.0
MOST_ENTRIES: Final = 20_000
SEQUENCES: Final[dict[Topic, str]] = {
    "access": "administration_access_change",
    "reference": "administration_reference_change",
}
_READ = (
    f"SELECT a.last_value, r.last_value FROM {SEQUENCES['access']} a, {SEQUENCES['reference']} r"
)


class FreshCache(Generic[Key, Value]):
    """Values of one topic by key."""

    def __init__(self, topic: Topic, *, ttl_s: float = TTL_S) -> None:
        self._ttl_s = ttl_s
        self._entries: dict[Key, tuple[float, Value]] = {}
        self._generation = 0
        _watch.caches[topic].append(self)

    def get_or_load(self, key: Key, load: Callable[[], Value]) -> Value:
        """Return the copy at `key`, or load, keep and return it.

        A value read while a change was announced is returned but not kept; nor is None, so that
        made-up keys cannot crowd out real ones.
        """
        _watch.look()
        found = self._entries.get(key)
        now = time.monotonic()
        if found is not None and found[0] > now:
            return found[1]
        generation = self._generation
        value = load()
        if value is not None and generation == self._generation:
            if len(self._entries) >= MOST_ENTRIES:
                self._entries.clear()
            self._entries[key] = (now + self._ttl_s, value)
        return value

    def forget(self) -> None:
        """Drop every copy."""
        self._generation += 1
        self._entries = {}


class Watch:
    """The values of the sequences when this process last looked."""

    def __init__(self) -> None:
        self.check_every_s = 0.5
        self.caches: dict[Topic, list[FreshCache[Any, Any]]] = {"access": [], "reference": []}
        self._seen: dict[Topic, int] = {}
        self._next_look = 0.0

    def look(self) -> None:
        """Drop the copies whose sequence has moved, if it is time to look again."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + self.check_every_s
        with connection.cursor() as cursor:
            cursor.execute(_READ)
            access, reference = cursor.fetchone()
        self._compare("access", access)
        self._compare("reference", reference)

    def _compare(self, topic: Topic, value: int) -> None:
        if self._seen.get(topic) != value:
            self._seen[topic] = value
            self.forget(topic)

    def forget(self, topic: Topic) -> None:
        """Drop this process's copies of a topic."""
        for cache in self.caches[topic]:
            cache.forget()

    def start_afresh(self, *, check_every_s: float = 0.5) -> None:
        """Drop all copies and look again after `check_every_s`; tests do so before each test."""
        self.check_every_s = check_every_s
        self._next_look = time.monotonic() + check_every_s
        for topic in self.caches:
            self.forget(topic)


_watch = Watch()


def watch() -> Watch:
    """Return the process's watch."""
    return _watch
