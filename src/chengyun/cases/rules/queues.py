"""Queues: what waits at a desk, read from `cases/data/queues.csv`. Data, so that a city may differ.

rule : whose cases a queue holds
    desk          any that the desk's permission reaches
    organisation  those that an organisation of the actor's grants holds
    responsible   those for which such an organisation is responsible
    person        those that the actor holds himself
    created       those that he reported within REPORTS_DAYS
    handled       those on which he acted today
    open          every open one that he may read
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

REPORTS_DAYS: Final = 30
NO_PENDING, ANY_PENDING, SOME_PENDING = "none", "any", "some"


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """One queue.

    permission : that of the desk, "" = everybody who may read cases
    states : empty = every state
    pending : none, any, some, or the kind of the application that waits
    light : only this light, "" for all; urgent : only urgent ones
    """

    code: str
    zh: str
    en: str
    group: str
    permission: str
    rule: str
    states: tuple[str, ...]
    pending: str
    light: str
    urgent: bool
    sort: str

    @property
    def open_only(self) -> bool:
        """Whether it holds open cases only."""
        return self.rule not in {"created", "handled"}

    def fits(self, *, state: str, pending: str, urgent: bool) -> bool:
        """Tell whether a case with these facts belongs into it, its holder and light aside."""
        if self.states and state not in self.states:
            return False
        if self.urgent and not urgent:
            return False
        match self.pending:
            case "any":
                return True
            case "none":
                return not pending
            case "some":
                return bool(pending)
            case kind:
                return pending == kind


@cache
def all_queues() -> dict[str, Queue]:
    """Return the queues by code, in the order in which they are shown."""
    text = files("chengyun.cases").joinpath("data/queues.csv").read_text(encoding="utf-8")
    return {row["code"]: _queue(row) for row in csv.DictReader(text.splitlines())}


def _queue(row: dict[str, str]) -> Queue:
    return Queue(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        group=row["group"],
        permission=row["permission"],
        rule=row["rule"],
        states=tuple(part for part in row["states"].split("|") if part),
        pending=row["pending"],
        light=row["light"],
        urgent=row["urgent"] == "yes",
        sort=row["sort"],
    )
