"""Counts of cases for those who lead: each figure with the filter that opens the list behind it.

Three statements: open cases in one scan of the partial index of open ones, reports and closings of
the days asked by the index of their instant. A process keeps an answer while no case changes, at
most KEPT_S; where counting takes long it rests in proportion before it counts anew.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from threading import Lock
from typing import Any, Final

from chengyun.administration.queries import time_zone
from chengyun.administration.queries.freshness import FreshCache
from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.change_mark import change_mark
from chengyun.cases.queries.fetching import fetch_rows
from chengyun.cases.queries.figures import CLOSED, Counts, DayCounts, OpenCounts, answer_of
from chengyun.cases.queries.filters import LIGHTS, CaseFilter, add_filter, parse_filter
from chengyun.cases.queries.lists import narrowed
from chengyun.cases.queries.scope import Conditions, reading_scope
from chengyun.kernel.clock import now

STATISTICS: Final = "statistics.read"
USUAL_DAYS: Final = 30
MOST_DAYS: Final = 92
KEPT_S: Final = 15.0
_REST, _LONGEST_REST_S = 5.0, 10.0

_OPEN = """
SELECT GROUPING(c.state, c.district_code, c.matter_type_id), c.state, c.district_code,
    c.matter_type_id, count(*), {lights}, count(*) FILTER (WHERE c.urgent)
FROM cases_case c WHERE c.is_open AND {conditions}
GROUP BY GROUPING SETS ((), (c.state), (c.district_code), (c.matter_type_id))
"""
# What GROUPING says of each set.
_ALL, _BY_STATE, _BY_DISTRICT, _BY_TYPE = 7, 3, 5, 6
_BY_DAY = """
SELECT (c.{instant} AT TIME ZONE %s)::date, count(*), count(*) FILTER (WHERE {overdue})
FROM cases_case c WHERE c.{instant} >= %s AND c.{instant} < %s AND {conditions} GROUP BY 1
"""


@dataclass(slots=True)
class _Kept:
    lock: Lock = field(default_factory=Lock)
    mark: str = ""
    until: float = 0.0
    rests_until: float = 0.0
    answer: dict[str, Any] = field(default_factory=dict)

    def is_fresh(self, mark: str) -> bool:
        moment = time.monotonic()
        return moment < self.rests_until or (self.mark == mark and moment < self.until)


_kept: FreshCache[tuple[Any, ...], _Kept] = FreshCache("access", ttl_s=60.0)


def case_statistics(*, actor: Actor, words: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures of the cases that the actor may read and that the filter leaves.

    words : a list's filters; `sort` does not matter
    returns : {at, figures, closing, by_state, by_light, by_class, by_district, by_day}; days are
        the platform's, the last USUAL_DAYS unless `reported_from` says more, MOST_DAYS at most
    raises : Forbidden, Invalid
    """
    actor.require(STATISTICS)
    words = {key: text.strip() for key, text in words.items() if text.strip() and key != "sort"}
    wanted = parse_filter(words)
    personal = wanted.queue is not None or wanted.mine is not None
    key = (
        tuple(sorted(words.items())),
        repr(reading_scope(actor)),
        actor.person_id if personal else None,
    )
    kept = _kept.get_or_load(key, _Kept)
    mark = change_mark()
    if not kept.is_fresh(mark):
        with kept.lock:
            if not kept.is_fresh(mark):
                _renew(kept, mark, actor, wanted, words)
    return kept.answer


def _renew(
    kept: _Kept, mark: str, actor: Actor, wanted: CaseFilter, words: Mapping[str, str]
) -> None:
    began = time.monotonic()
    kept.answer = _count(actor, wanted, words)
    ended = time.monotonic()
    kept.mark, kept.until = mark, ended + KEPT_S
    kept.rests_until = ended + min((ended - began) * _REST, _LONGEST_REST_S)


def _count(actor: Actor, wanted: CaseFilter, words: Mapping[str, str]) -> dict[str, Any]:
    at = now()
    conditions, scope = narrowed(actor=actor, wanted=wanted, at=at)
    scope.add_to(conditions)
    counts = Counts(
        at=at,
        today=at.astimezone(time_zone()).date(),
        open=_count_open(conditions, at),
        days=_count_days(conditions, _days_of(wanted, at), at),
    )
    return answer_of(counts, wanted=wanted, words=words)


def _count_open(conditions: Conditions, at: datetime) -> OpenCounts:
    tests = [_test(CaseFilter(lights=(light,)), at) for light in LIGHTS]
    statement = _OPEN.format(
        lights=", ".join(f"count(*) FILTER (WHERE {test.text()})" for test in tests),
        conditions=conditions.text(),
    )
    values = [value for test in tests for value in test.values]
    found = OpenCounts()
    for group, state, district, type_id, count, *rest in fetch_rows(
        statement, [*values, *conditions.values]
    ):
        lights = dict(zip(LIGHTS, rest, strict=False))
        if group == _ALL:
            found.count, found.lights, found.urgent = count, lights, rest[-1]
        elif group == _BY_STATE:
            found.states[state] = count
        elif group == _BY_DISTRICT:
            found.districts[district] = (count, lights["red"])
        elif group == _BY_TYPE:
            found.types[type_id] = count
    return found


def _count_days(conditions: Conditions, days: list[date], at: datetime) -> dict[date, DayCounts]:
    found = {day: DayCounts() for day in days}
    if not days:
        return found
    closed = Conditions(texts=[*conditions.texts], values=[*conditions.values])
    closed.add("c.state = %s", CLOSED)
    for day, count, overdue in _by_day("reported_at", conditions, days, at):
        found[day].reported, found[day].overdue = count, overdue
    for day, count, overdue in _by_day("ended_at", closed, days, at):
        found[day].closed, found[day].closed_on_time = count, count - overdue
    return found


def _by_day(
    instant: str, conditions: Conditions, days: list[date], at: datetime
) -> list[tuple[Any, ...]]:
    overdue = _test(CaseFilter(overdue=True), at)
    statement = _BY_DAY.format(
        instant=instant, overdue=overdue.text(), conditions=conditions.text()
    )
    since, until = _beginning(days[0]), _beginning(days[-1] + timedelta(days=1))
    zone = str(time_zone())
    return fetch_rows(statement, [zone, *overdue.values, since, until, *conditions.values])


def _days_of(wanted: CaseFilter, at: datetime) -> list[date]:
    zone = time_zone()
    last = at.astimezone(zone).date()
    if wanted.reported_to:
        end = wanted.reported_to - timedelta(microseconds=1)
        last = min(last, end.astimezone(zone).date())
    first = last - timedelta(days=USUAL_DAYS - 1)
    if wanted.reported_from:
        asked = wanted.reported_from.astimezone(zone).date()
        first = max(asked, last - timedelta(days=MOST_DAYS - 1))
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def _beginning(day: date) -> datetime:
    return datetime.combine(day, clock_time.min, tzinfo=time_zone()).astimezone(UTC)


def _test(wanted: CaseFilter, at: datetime) -> Conditions:
    test = Conditions()
    add_filter(test, wanted, person_id=None, at=at)
    return test
